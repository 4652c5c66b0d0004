//! Dimensions: the closed vocabularies by which indicators break down. A
//! member's number is permanent and never another member's.

mod wire;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    str::FromStr,
    sync::Arc,
};

use crate::indicator::{cell::OTHER_MEMBER, mistake::Problem};

/// Lower-case letters, digits, '-' and '_', a letter first, 1 to 32: the name
/// of a fact's dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DimensionCode(Arc<str>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    code: DimensionCode,
    name: Name,
    members: Members,
}

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DimensionMember {
    pub code: Arc<str>,
    pub name: Name,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Members {
    /// The code's digits are the number: grids.
    Numbered,
    Listed {
        by_id: BTreeMap<u16, DimensionMember>,
        by_code: HashMap<Arc<str>, u16>,
    },
}

const CODE: &str = "1 to 32 of a-z, 0-9, '-', '_', a letter first";

impl DimensionCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DimensionCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dimension code {0:?}: want {CODE}")]
pub struct InvalidDimensionCode(String);

impl FromStr for DimensionCode {
    type Err = InvalidDimensionCode;

    fn from_str(code: &str) -> Result<DimensionCode, InvalidDimensionCode> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
        let fits = (1..=32).contains(&code.len())
            && code.starts_with(|first: char| first.is_ascii_lowercase())
            && code.bytes().all(plain);
        fits.then(|| DimensionCode(code.into()))
            .ok_or_else(|| InvalidDimensionCode(code.chars().take(40).collect()))
    }
}

impl Dimension {
    pub fn code(&self) -> &DimensionCode {
        &self.code
    }

    pub fn name(&self) -> &Name {
        &self.name
    }

    pub fn is_numbered(&self) -> bool {
        matches!(self.members, Members::Numbered)
    }

    /// A fact's member code as a number; [`OTHER_MEMBER`] when it is none of
    /// this dimension's.
    pub fn member_id(&self, code: &str) -> u16 {
        match &self.members {
            Members::Numbered => number_of(code).unwrap_or(OTHER_MEMBER),
            Members::Listed { by_code, .. } => by_code.get(code).copied().unwrap_or(OTHER_MEMBER),
        }
    }

    /// A listed member; `None` for numbered dimensions and unknown numbers.
    pub fn member(&self, id: u16) -> Option<&DimensionMember> {
        match &self.members {
            Members::Numbered => None,
            Members::Listed { by_id, .. } => by_id.get(&id),
        }
    }

    /// A member's code: of a numbered dimension at least three digits, as a
    /// place code writes a grid.
    pub fn member_code(&self, id: u16) -> Option<Cow<'_, str>> {
        match &self.members {
            Members::Numbered => {
                let valid = (1..OTHER_MEMBER).contains(&id);
                valid.then(|| Cow::Owned(format!("{id:03}")))
            }
            Members::Listed { by_id, .. } => by_id.get(&id).map(|m| Cow::Borrowed(&*m.code)),
        }
    }

    /// Listed members by number; none for a numbered dimension.
    pub fn members(&self) -> impl Iterator<Item = (u16, &DimensionMember)> {
        let listed = match &self.members {
            Members::Numbered => None,
            Members::Listed { by_id, .. } => Some(by_id),
        };
        listed
            .into_iter()
            .flatten()
            .map(|(id, member)| (*id, member))
    }

    /// What a newer version of this dimension breaks: members only ever come.
    pub(in crate::indicator) fn broken_by(&self, newer: &Dimension) -> Vec<(String, Problem)> {
        if self.is_numbered() != newer.is_numbered() {
            return vec![("numbered".to_owned(), Problem::Renumbered)];
        }
        let broken = self
            .members()
            .filter_map(|(id, old)| match newer.member(id) {
                None => Some(Problem::MemberGone(old.code.to_string())),
                Some(new) if new.code != old.code => Some(Problem::Taken {
                    code: id.to_string(),
                    owner: old.code.to_string(),
                }),
                Some(_) => None,
            });
        broken
            .map(|problem| ("members".to_owned(), problem))
            .collect()
    }
}

fn number_of(code: &str) -> Option<u16> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| code.parse().ok())??;
    (1..OTHER_MEMBER).contains(&number).then_some(number)
}
