//! Indicator definitions: data that the hub publishes, parsed so that what is
//! held cannot be wrong. A definition says which facts fold into what, over
//! which period and by which dimensions; it never holds code.

mod fold;
pub(super) mod heading;
mod wire;

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use jiff::civil::Date;

pub use fold::{Fold, Measured, Selector};

use crate::{
    identity::Label,
    indicator::{
        cell::{IndicatorId, Revision},
        dimension::{DimensionCode, Name},
        kind::Kind,
        rounded::Base,
    },
    period::Grain,
};

/// Upper-case parts joined by dots, for example `QS.R02`; at most 32 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndicatorCode(Arc<str>);

impl Borrow<str> for IndicatorCode {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Made by `TryFrom<pb::types::IndicatorDefinition>` alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Definition {
    pub id: IndicatorId,
    pub code: IndicatorCode,
    pub revision: Revision,
    pub name: Name,
    pub unit: String,
    pub fold: Fold,
    pub base_grain: Grain,
    /// Grains to which the hub may roll up; all coarser than the base.
    pub coarser_grains: Vec<Grain>,
    /// At most four, each a dimension of every fact type folded.
    pub breakdowns: Vec<DimensionCode>,
    pub protection: Protection,
    pub direction: Direction,
    pub owner: String,
    pub reason: String,
    /// The law or order that the asking rests on.
    pub legal_basis: Option<String>,
    /// The last day whose facts count.
    pub sunset: Option<Date>,
    /// Support centres that read it.
    pub centres: Vec<Label>,
}

/// How a released number is protected (design section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    A = 1,
    B = 2,
    C = 3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Higher = 1,
    Lower = 2,
    /// Never ranked.
    Context = 3,
}

impl Protection {
    /// What counts are rounded to before they leave a community; `None`: they
    /// leave it as they are.
    pub const fn base(self) -> Option<Base> {
        match self {
            Protection::A => None,
            Protection::B => Some(Base::Five),
            Protection::C => Some(Base::Ten),
        }
    }
}

impl Definition {
    /// The kind of its cells outside the community.
    pub fn released_kind(&self) -> Kind {
        let kind = self.fold.kind();
        match self.protection.base() {
            None => kind,
            // The check of a definition let through only what has one.
            Some(_) => kind.rounded().unwrap_or(kind),
        }
    }

    /// Whether the hub may answer in this grain.
    pub fn answers_in(&self, grain: Grain) -> bool {
        grain == self.base_grain || self.coarser_grains.contains(&grain)
    }

    pub fn breakdown_position(&self, dimension: &str) -> Option<usize> {
        let mut codes = self.breakdowns.iter();
        codes.position(|code| code.as_str() == dimension)
    }
}

impl IndicatorCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IndicatorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "indicator code {0:?}: want upper-case letters and digits in two or more parts, such as QS.R02"
)]
pub struct InvalidIndicatorCode(String);

impl FromStr for IndicatorCode {
    type Err = InvalidIndicatorCode;

    fn from_str(code: &str) -> Result<IndicatorCode, InvalidIndicatorCode> {
        let sound = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_uppercase())
                && part
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        let fits = code.len() <= 32 && code.contains('.') && code.split('.').all(sound);
        fits.then(|| IndicatorCode(code.into()))
            .ok_or_else(|| InvalidIndicatorCode(code.chars().take(40).collect()))
    }
}
