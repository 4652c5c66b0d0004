//! Shares of a whole that must be reached, compared in integers: no rounding, and
//! a share of nothing is never reached. Knows no owner and no vote.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// "2/3": as much or more (三分之二以上); "more than 1/2": truly more (过半数).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    numerator: u32,
    denominator: u32,
    is_more_than: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("share {0:?}: want \"all\", \"2/3\" or \"more than 1/2\", at most the whole")]
pub struct InvalidShare(pub String);

impl Share {
    pub const ALL: Share = Share {
        numerator: 1,
        denominator: 1,
        is_more_than: false,
    };

    pub fn is_met(self, part: u64, whole: u64) -> bool {
        let part = u128::from(part) * u128::from(self.denominator);
        let wanted = u128::from(whole) * u128::from(self.numerator);
        let reached = match self.is_more_than {
            true => part > wanted,
            false => part >= wanted,
        };
        whole > 0 && reached
    }
}

impl FromStr for Share {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Share, InvalidShare> {
        if text == "all" {
            return Ok(Share::ALL);
        }
        let fraction = text.strip_prefix("more than ");
        let is_more_than = fraction.is_some();
        let read = |text: &str| {
            let (numerator, denominator) = text.split_once('/')?;
            let (numerator, denominator) = (numerator.parse().ok()?, denominator.parse().ok()?);
            let possible = match is_more_than {
                true => numerator < denominator,
                false => 0 < numerator && numerator <= denominator,
            };
            possible.then_some(Share {
                numerator,
                denominator,
                is_more_than,
            })
        };
        read(fraction.unwrap_or(text)).ok_or_else(|| InvalidShare(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_more_than, self.numerator == self.denominator) {
            (true, _) => write!(f, "more than {}/{}", self.numerator, self.denominator),
            (false, true) => f.write_str("all"),
            (false, false) => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(text: &str) -> Share {
        text.parse().unwrap()
    }

    #[test]
    fn shares_are_exact_at_their_edges() {
        // 36 owners need 24; 35 need 24, too: 3·23 = 69 < 70.
        for (part, whole, met) in [
            (24, 36, true),
            (23, 36, false),
            (24, 35, true),
            (23, 35, false),
        ] {
            assert_eq!(share("2/3").is_met(part, whole), met, "{part} of {whole}");
        }
        for (part, whole, met) in [(5, 10, false), (6, 10, true), (1, 1, true)] {
            assert_eq!(
                share("more than 1/2").is_met(part, whole),
                met,
                "{part} of {whole}"
            );
        }
        assert!(share("all").is_met(12, 12) && !share("all").is_met(11, 12));
        assert!(!share("all").is_met(0, 0), "nobody is not everybody");
        assert!(share("2/3").is_met(u64::MAX, u64::MAX));
    }

    #[test]
    fn odd_shares_are_refused_and_others_have_one_spelling() {
        for odd in ["", "2", "3/2", "0/3", "1/0", "more than 1/1", "-1/2", "66%"] {
            assert!(odd.parse::<Share>().is_err(), "{odd}");
        }
        for text in ["all", "2/3", "more than 1/2"] {
            assert_eq!(share(text).to_string(), text);
        }
    }
}
