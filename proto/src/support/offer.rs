//! What a centre offers to communities: a course, a grant, a notice, an expert.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{OfferKey, Text, stored};
use crate::identity::Label;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub key: OfferKey,
    pub centre: Label,
    pub kind: OfferKind,
    pub title: Text,
    pub text: Text,
    #[serde(with = "stored::micros")]
    pub published_at: Timestamp,
    /// The last day to enrol; `None`: until it is closed.
    #[serde(with = "stored::day_or_none")]
    pub until: Option<Date>,
    /// Of each community; 0: as many as come.
    pub places: u32,
    /// Of a grant, and only of one.
    pub form: Option<Form>,
    /// Of a grant, for each community.
    pub fen: u64,
    #[serde(with = "stored::micros_or_none")]
    pub closed_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OfferKind {
    Course,
    Grant,
    Notice,
    Expert,
}

/// The four forms in which social organisations are funded: 直接资助, 以奖代补,
/// 购买服务, 公益创投 (`reference/seed-systems.md` section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Form {
    Direct,
    Award,
    Purchase,
    Venture,
}

impl OfferKind {
    pub const ALL: [OfferKind; 4] = [
        OfferKind::Course,
        OfferKind::Grant,
        OfferKind::Notice,
        OfferKind::Expert,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            OfferKind::Course => "course",
            OfferKind::Grant => "grant",
            OfferKind::Notice => "notice",
            OfferKind::Expert => "expert",
        }
    }
}

impl Form {
    pub const ALL: [Form; 4] = [Form::Direct, Form::Award, Form::Purchase, Form::Venture];

    /// As the playbooks' grants spell it.
    pub const fn code(self) -> &'static str {
        match self {
            Form::Direct => "direct",
            Form::Award => "award",
            Form::Purchase => "purchase",
            Form::Venture => "venture",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want one of {1}, not {0:?}")]
pub struct UnknownCode(pub String, pub &'static str);

impl FromStr for OfferKind {
    type Err = UnknownCode;

    fn from_str(code: &str) -> Result<OfferKind, UnknownCode> {
        let mut all = OfferKind::ALL.into_iter();
        all.find(|kind| kind.code() == code)
            .ok_or_else(|| unknown(code, "course, grant, notice, expert"))
    }
}

impl FromStr for Form {
    type Err = UnknownCode;

    fn from_str(code: &str) -> Result<Form, UnknownCode> {
        let mut all = Form::ALL.into_iter();
        all.find(|form| form.code() == code)
            .ok_or_else(|| unknown(code, "direct, award, purchase, venture"))
    }
}

fn unknown(code: &str, of: &'static str) -> UnknownCode {
    UnknownCode(code.chars().take(40).collect(), of)
}

impl fmt::Display for OfferKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
