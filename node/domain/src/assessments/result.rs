//! What scores come to: a weighted average of the parts' averages, kept as a
//! fraction so that a cut-off is met exactly or not at all.

use serde::{Deserialize, Serialize};

use super::{Rules, Score};
use crate::code::Code;

/// `points` of `of`: the average is the quotient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Average {
    pub points: u128,
    pub of: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listing {
    Red,
    Neither,
    Black,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Scored { average: Average, listing: Listing },
    Surveyed { satisfied: u32, valid: u32 },
    Suitable,
    Unsuitable { reason: Code },
}

impl Average {
    /// In hundredths of a point, rounded down; for people.
    pub fn centipoints(self) -> i64 {
        let centi = (self.points * 100).checked_div(self.of);
        centi.map_or(0, |centi| i64::try_from(centi).unwrap_or(i64::MAX))
    }

    /// Whether the average is at least so many whole points.
    pub fn reaches(self, points: u16) -> bool {
        self.points >= u128::from(points) * self.of
    }
}

impl Listing {
    pub fn of(average: Average, rules: &Rules) -> Listing {
        if rules.red_from > 0 && average.reaches(rules.red_from) {
            Listing::Red
        } else if rules.black_below > 0 && !average.reaches(rules.black_below) {
            Listing::Black
        } else {
            Listing::Neither
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Listing::Red => "red",
            Listing::Neither => "neither",
            Listing::Black => "black",
        }
    }
}

/// Each part's average by its weight; the part that has no score, if one has none.
pub fn weighted(rules: &Rules, scores: &[Score]) -> Result<Average, Code> {
    let mut sums = Vec::with_capacity(rules.parts.len());
    for part in &rules.parts {
        let own = || scores.iter().filter(|score| score.part == part.code);
        let count = own().filter(|score| score.points.is_some()).count() as u128;
        if count == 0 {
            return Err(part.code.clone());
        }
        let sum: u128 = own().filter_map(|score| score.points).map(u128::from).sum();
        sums.push((u128::from(part.weight), sum, count));
    }
    let all: u128 = sums.iter().map(|(_, _, count)| count).product();
    let weights: u128 = sums.iter().map(|(weight, _, _)| weight).sum();
    let parts = sums
        .iter()
        .map(|(weight, sum, count)| weight * sum * (all / count));
    Ok(Average {
        points: parts.sum(),
        of: weights * all,
    })
}
