//! A made-up district's year: 300 indicators, half counts, half ratios, by six
//! members, over the twelve months before this one. The same numbers for our
//! hub, for its peer, and for whoever checks an answer.

use jiff::{Timestamp, tz::TimeZone};
use proto::{
    digest::Digest,
    indicator::{
        accumulator::Accumulator,
        catalogue::{Catalogue, Item},
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
    },
    period::{Grain, Period},
    place::Place,
    sync::uplink::Checkpoint,
};

pub const ZONE: &str = "Asia/Shanghai";
pub const INDICATORS: u32 = 300;
pub const MONTHS: u32 = 12;
pub const MEMBERS: u16 = 6;
pub const STREETS: usize = 9;
/// Cells of one community.
pub const PER_NODE: u64 = MONTHS as u64 * INDICATORS as u64 * MEMBERS as u64;

pub fn community(at: usize) -> Place {
    // A street has three digits for its communities; what is more goes next door.
    let (county, at) = (at / (STREETS * 999), at % (STREETS * 999));
    let (street, number) = (1 + at % STREETS, 1 + at / STREETS);
    let code = format!("510{:03}{street:03}{number:03}", 115 + county);
    code.parse().expect("a community")
}

/// The months of the load, the oldest first.
pub fn months() -> Vec<Period> {
    let zone = TimeZone::get(ZONE).expect("a bundled zone");
    let today = zone.to_datetime(Timestamp::now()).date();
    let mut month = Period::containing(today, Grain::Month).expect("this month");
    let mut months = Vec::new();
    for _ in 0..MONTHS {
        month = month.previous().expect("the month before");
        months.push(month);
    }
    months.reverse();
    months
}

pub fn code(indicator: u32) -> String {
    format!("BE.R{indicator:03}")
}

/// Odd ones are ratios, even ones counts.
pub fn catalogue() -> anyhow::Result<Vec<Item>> {
    let mut text = String::from(
        "[[dimension]]\ncode = \"category\"\nname_zh = \"类\"\nname_en = \"C\"\nmembers = [\n",
    );
    for member in 1..=MEMBERS {
        text += &format!(
            "{{ id = {member}, code = \"m{member}\", name_zh = \"类{member}\", name_en = \"M{member}\" }},\n"
        );
    }
    text += "]\n";
    for id in 1..=INDICATORS {
        let fold = match id % 2 {
            1 => {
                "{ kind = \"ratio\", of = { fact_type = \"case.fell_due\", filter = 'on_time == \"yes\"' }, denominator = { fact_type = \"case.fell_due\" } }"
            }
            _ => "{ kind = \"count\", of = { fact_type = \"case.reported\" } }",
        };
        text += &format!(
            "[[indicator]]\nid = {id}\ncode = \"{}\"\nrevision = 1\nname_zh = \"指标\"\nname_en = \"I\"\nunit = \"x\"\n\
             accumulator = {fold}\nbase_grain = \"month\"\ncoarser_grains = [\"year\"]\nbreakdowns = [\"category\"]\n\
             protection = \"A\"\ndirection = \"higher\"\nowner = \"o\"\nreason = \"r\"\n",
            code(id)
        );
    }
    let catalogue = Catalogue::from_toml(&text)
        .map_err(|mistakes| anyhow::anyhow!("catalogue: {mistakes:?}"))?;
    Ok(catalogue.items().collect())
}

/// A cell as plain numbers. A count has no denominator.
#[derive(Clone, Copy)]
pub struct Number {
    pub month: u32,
    pub indicator: u32,
    pub member: u16,
    pub seq: u64,
    pub numerator: u64,
    pub denominator: u64,
}

/// A number below `bound` that shows no pattern; always the same one.
pub fn mixed(node: usize, seq: u64, bound: u64) -> u64 {
    let mut bits = seq ^ (node as u64) << 40;
    for _ in 0..2 {
        bits = (bits ^ bits >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (bits >> 32) % bound
}

/// What community `node` writes as its `seq`th cell: all of its cells in the
/// order of month, indicator and member, then all again with other numbers.
pub fn number(node: usize, seq: u64) -> Number {
    let at = (seq - 1) % PER_NODE;
    let member = (at % u64::from(MEMBERS)) as u16 + 1;
    let at = at / u64::from(MEMBERS);
    let indicator = (at % u64::from(INDICATORS)) as u32 + 1;
    let month = (at / u64::from(INDICATORS)) as u32;
    // Few large and many small, as a community's numbers are.
    let value = mixed(node, seq, 60).min(mixed(node + 1, seq, 60)) + 1;
    let (numerator, denominator) = match indicator % 2 {
        1 => (value - mixed(node + 2, seq, 3).min(value), value),
        _ => (value, 0),
    };
    Number {
        month,
        indicator,
        member,
        seq,
        numerator,
        denominator,
    }
}

/// The same as a node keeps it.
pub fn cell(months: &[Period], node: usize, seq: u64) -> Cell {
    let number = number(node, seq);
    let state = match number.denominator {
        0 => Accumulator::Count(number.numerator.into()),
        denominator => Accumulator::Ratio {
            numerator: number.numerator.into(),
            denominator: denominator.into(),
        },
    };
    Cell {
        key: CellKey {
            indicator: IndicatorId(number.indicator),
            revision: Revision(1),
            period: months[number.month as usize],
            breakdown: Breakdown::new([number.member]),
        },
        order: Order { lineage: 1, seq },
        state: state.encode(),
    }
}

/// What both ends must hold after so many passes.
pub fn checkpoint(months: &[Period], node: usize, passes: u64) -> Checkpoint {
    let mut digest = Digest::default();
    for seq in passes.saturating_sub(1) * PER_NODE + 1..=passes * PER_NODE {
        digest.add(&cell(months, node, seq));
    }
    Checkpoint {
        count: digest.count(),
        root: digest.root(),
    }
}
