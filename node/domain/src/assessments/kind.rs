//! A kind of assessment as a playbook lists it, and the rules that one takes with
//! it when it is opened. Knows no file format.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::playbook::{PlaybookId, Title};

#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    pub rules: Rules,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub playbook: PlaybookId,
    pub form: Form,
    pub span: Span,
    /// Who assesses, and what each part weighs; none but for scores.
    pub parts: Vec<Part>,
    /// The greatest score of one assessor.
    pub most_points: u16,
    /// Red from this average on, in whole points; 0: there is no red list.
    pub red_from: u16,
    /// Black below this average; 0: there is no black list.
    pub black_below: u16,
    /// Days that the subject has for a reply.
    pub notice_days: u16,
    /// Days after it is final within which it is to be published.
    pub publish_days: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Points of assessors, in parts.
    Score,
    /// How many of how many valid answers were satisfied.
    Survey,
    /// Suitable, or not and why.
    Check,
}

/// What one assessment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    Quarter,
    HalfYear,
    Year,
    /// No period: a check, a round.
    Once,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub code: Code,
    pub weight: u16,
}

impl Form {
    pub const fn code(self) -> &'static str {
        match self {
            Form::Score => "score",
            Form::Survey => "survey",
            Form::Check => "check",
        }
    }
}

impl Span {
    pub const fn code(self) -> &'static str {
        match self {
            Span::Quarter => "quarter",
            Span::HalfYear => "half-year",
            Span::Year => "year",
            Span::Once => "once",
        }
    }

    /// How many there are in a year; of those without a period as many as wanted.
    pub const fn in_a_year(self) -> u8 {
        match self {
            Span::Quarter => 4,
            Span::HalfYear => 2,
            Span::Year => 1,
            Span::Once => u8::MAX,
        }
    }
}
