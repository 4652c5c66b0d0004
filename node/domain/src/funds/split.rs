//! A cost split: every share a whole number of fen, and their sum the total. The
//! remainder of a division goes fen by fen to those with the smallest numbers.

use std::collections::BTreeMap;

use crate::process::Refusal;

/// Lines of one split.
pub const MOST_SHARES: usize = 20_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// The same for everybody.
    Equal(Vec<u64>),
    /// By weight: a floor area, a floor's number.
    ByWeight(Vec<(u64, u64)>),
    /// As the owners negotiated it.
    Given(Vec<(u64, i64)>),
}

/// Entry and share in fen, ascending by entry; the sum is `total`.
pub fn shares(total: i64, split: &Split) -> Result<Vec<(u64, i64)>, Refusal> {
    let weights: Vec<(u64, u64)> = match split {
        Split::Equal(entries) => entries.iter().map(|entry| (*entry, 1)).collect(),
        Split::ByWeight(weights) => weights.clone(),
        Split::Given(given) => return negotiated(total, given),
    };
    let weights = each_once(&weights)?;
    let sum: u128 = weights.values().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        let (zh, en) = ("权重之和应大于零", "want weights whose sum is above 0");
        return Err(Refusal::input("shares", "NO_WEIGHT", zh, en));
    }
    let whole = u128::from(total.unsigned_abs());
    let part = |weight: u64| (whole * u128::from(weight) / sum) as i64;
    let mut shares: Vec<(u64, i64)> = weights
        .iter()
        .map(|(entry, weight)| (*entry, part(*weight)))
        .collect();
    let mut left = total - shares.iter().map(|(_, fen)| fen).sum::<i64>();
    // Who has no weight has no part in the remainder either.
    for ((_, fen), weight) in shares.iter_mut().zip(weights.values()) {
        if left > 0 && *weight > 0 {
            *fen += 1;
            left -= 1;
        }
    }
    Ok(shares)
}

fn negotiated(total: i64, given: &[(u64, i64)]) -> Result<Vec<(u64, i64)>, Refusal> {
    let shares = each_once(given)?;
    let sum: i128 = shares.values().map(|fen| i128::from(*fen)).sum();
    if shares.values().any(|fen| *fen < 0) || sum != i128::from(total) {
        let zh = format!("各户分摊之和应等于总额 {total} 分，现为 {sum} 分");
        let en = format!("want shares whose sum is the total, {total} fen; it is {sum}");
        return Err(Refusal::input("shares", "SUM_DIFFERS", zh, en).with("sum", sum));
    }
    Ok(shares.into_iter().collect())
}

fn each_once<T: Copy>(lines: &[(u64, T)]) -> Result<BTreeMap<u64, T>, Refusal> {
    let map: BTreeMap<u64, T> = lines.iter().copied().collect();
    if map.len() != lines.len() || lines.is_empty() || lines.len() > MOST_SHARES {
        let zh = format!("应有 1 到 {MOST_SHARES} 户，每户一次");
        let en = format!("want 1 to {MOST_SHARES} owners, each once");
        return Err(Refusal::input("shares", "OWNERS_EACH_ONCE", zh, en));
    }
    Ok(map)
}
