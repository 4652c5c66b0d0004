//! Places as codes of the statistical division: every roll-up is by prefix.
//! Knows no names and no dates; the hub's register does.

use std::{fmt, str::FromStr};

/// How wide a place is. Wider levels order first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Country,
    Province,
    City,
    District,
    Street,
    Community,
    Grid,
}

impl Level {
    /// Digits of a code at this level.
    pub const fn digits(self) -> u8 {
        match self {
            Level::Country => 0,
            Level::Province => 2,
            Level::City => 4,
            Level::District => 6,
            Level::Street => 9,
            Level::Community => 12,
            Level::Grid => 15,
        }
    }

    fn of_digits(digits: usize) -> Option<Level> {
        Some(match digits {
            0 => Level::Country,
            2 => Level::Province,
            4 => Level::City,
            6 => Level::District,
            9 => Level::Street,
            12 => Level::Community,
            15 => Level::Grid,
            _ => return None,
        })
    }
}

/// A place code: 2 province, 4 city, 6 district, 9 street, 12 community,
/// 15 grid digits (statistical code, `reference/participation.md` section 4);
/// the empty code is the whole country. Orders by code, children after parents.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    // Digits left-aligned to 15, so that integer order is prefix order.
    aligned: u64,
    level: Level,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("place code {0:?}: want 2, 4, 6, 9, 12 or 15 digits")]
pub struct InvalidPlace(pub String);

impl Place {
    pub const COUNTRY: Place = Place {
        aligned: 0,
        level: Level::Country,
    };

    pub const fn level(self) -> Level {
        self.level
    }

    /// The place's ancestor (or itself) at `level`; `None` when it is wider.
    pub fn at(self, level: Level) -> Option<Place> {
        if level > self.level {
            return None;
        }
        let unit = unit(level);
        Some(Place {
            aligned: self.aligned / unit * unit,
            level,
        })
    }

    /// Whether `other` is this place or lies inside it.
    pub fn contains(self, other: Place) -> bool {
        other.at(self.level) == Some(self)
    }

    /// The grid `number` (1 to 999) of a community.
    pub fn grid(self, number: u16) -> Option<Place> {
        (self.level == Level::Community && (1..=999).contains(&number)).then(|| Place {
            aligned: self.aligned + u64::from(number),
            level: Level::Grid,
        })
    }

    /// The code's digits as a number, left-aligned to 15 digits. With the level
    /// it is the place: a fixed-width, order-preserving key.
    pub const fn aligned(self) -> u64 {
        self.aligned
    }

    /// The inverse of [`Place::aligned`]; `None` when digits below `level` are set.
    pub fn from_aligned(aligned: u64, level: Level) -> Option<Place> {
        (aligned < 1_000_000_000_000_000 && aligned.is_multiple_of(unit(level)))
            .then_some(Place { aligned, level })
    }

    /// The place of whoever reports, by [`Place::aligned`] alone: a community, or
    /// the district, city or province of a child hub. No community has nothing
    /// but zeros for its street and its own digits.
    pub fn reporting(aligned: u64) -> Option<Place> {
        let mut wide = [Level::Province, Level::City, Level::District].into_iter();
        let level = wide.find(|level| aligned.is_multiple_of(unit(*level)));
        Place::from_aligned(aligned, level.unwrap_or(Level::Community))
    }

    /// Whether a child hub may be of this place.
    pub fn is_of_a_hub(self) -> bool {
        matches!(self.level, Level::Province | Level::City | Level::District)
            && Place::reporting(self.aligned) == Some(self)
    }

    /// One past the greatest aligned code inside this place.
    pub fn aligned_end(self) -> u64 {
        self.aligned + unit(self.level)
    }
}

const fn unit(level: Level) -> u64 {
    10u64.pow(15 - level.digits() as u32)
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(code: &str) -> Result<Place, InvalidPlace> {
        let invalid = || InvalidPlace(code.chars().take(32).collect());
        if !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let level = Level::of_digits(code.len()).ok_or_else(invalid)?;
        let digits = if code.is_empty() {
            0
        } else {
            code.parse::<u64>().map_err(|_| invalid())?
        };
        Ok(Place {
            aligned: digits * unit(level),
            level,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.level == Level::Country {
            return Ok(());
        }
        let width = usize::from(self.level.digits());
        write!(f, "{:0width$}", self.aligned / unit(self.level))
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.aligned, self.level).cmp(&(other.aligned, other.level))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn roll_up_is_by_prefix() {
        let ruiquan: Place = "510115003064".parse().unwrap();
        assert_eq!(ruiquan.at(Level::Street).unwrap().to_string(), "510115003");
        assert_eq!(ruiquan.at(Level::District).unwrap().to_string(), "510115");
        assert_eq!(ruiquan.at(Level::Country), Some(Place::COUNTRY));
        assert_eq!(ruiquan.at(Level::Grid), None);
        assert_eq!(ruiquan.grid(7).unwrap().to_string(), "510115003064007");
        assert!(Place::COUNTRY.contains(ruiquan));
        assert!(!ruiquan.contains(Place::COUNTRY));
    }

    #[test]
    fn malformed_codes_are_refused() {
        for code in [
            "5",
            "510",
            "51011500306",
            "51011500306a",
            "5101150030640001",
            "+1",
            "五一",
        ] {
            assert!(code.parse::<Place>().is_err(), "{code}");
        }
    }

    #[test]
    fn whoever_reports_is_known_by_its_digits() {
        for code in ["51", "5101", "510115", "510115003064", "510115003000"] {
            let place: Place = code.parse().unwrap();
            assert_eq!(Place::reporting(place.aligned()), Some(place), "{code}");
            assert_eq!(place.is_of_a_hub(), code.len() < 9);
        }
        let grid: Place = "510115003064007".parse().unwrap();
        assert_eq!(Place::reporting(grid.aligned()), None);
        for code in ["", "510000", "510115003"] {
            let place: Place = code.parse().unwrap();
            assert!(!place.is_of_a_hub(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn codes_survive_a_round_trip(code in "[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}") {
            let place: Place = code.parse().unwrap();
            prop_assert_eq!(place.to_string(), code);
            prop_assert_eq!(Place::from_aligned(place.aligned(), place.level()), Some(place));
        }

        #[test]
        fn a_place_contains_exactly_what_shares_its_prefix(a in "[0-2]{6}|[0-2]{9}", b in "[0-2]{9}|[0-2]{12}") {
            let (wide, narrow): (Place, Place) = (a.parse().unwrap(), b.parse().unwrap());
            prop_assert_eq!(wide.contains(narrow), b.starts_with(&a));
            let inside = (wide.aligned()..wide.aligned_end()).contains(&narrow.aligned());
            prop_assert_eq!(inside && narrow.level() >= wide.level(), b.starts_with(&a));
        }
    }
}
