//! What can be wrong with a definition or dimension: the field, and what to
//! write instead. All mistakes of an item are collected, not the first alone.

use std::fmt;

use crate::indicator::{definition::Protection, filter::InvalidFilter, formula::InvalidFormula};

/// One item that cannot be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidItem {
    /// The item's code as written, perhaps empty.
    pub code: String,
    pub mistakes: Vec<Mistake>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The message's field, for example `accumulator.of.filter` or `members[2].code`.
    pub field: String,
    pub problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("want {0}")]
    Missing(&'static str),
    #[error("{found:?}: want {want}")]
    Malformed { found: String, want: &'static str },
    #[error("{found}: want {want}")]
    OutOfRange { found: u64, want: &'static str },
    #[error("{found:?}: want one of {known}")]
    Unknown { found: String, known: String },
    #[error("{0:?} stands there twice: every entry once")]
    Twice(String),
    #[error("not used by {0}: leave it out")]
    NotUsed(&'static str),
    #[error("{0}")]
    Filter(InvalidFilter),
    #[error("{0}")]
    Formula(InvalidFormula),
    #[error("class {class:?} cannot protect a {kind}: want {kinds}")]
    KindOfClass {
        class: Protection,
        kind: &'static str,
        kinds: &'static str,
    },
    #[error("class B allows no breakdown by grid, where too few may live: leave it out")]
    GridOfClassB,
    #[error("class C allows no breakdowns: leave them out")]
    BreakdownOfClassC,
    #[error("class C wants quarter, half or year")]
    GrainOfClassC,
    #[error("differs from the published revision, which never changes: raise the revision")]
    Republished,
    #[error("{code:?} belongs to {owner:?}: numbers and codes are permanent, take a new one")]
    Taken { code: String, owner: String },
    #[error("members are never removed, {0:?} is missing: put it back")]
    MemberGone(String),
    #[error("a dimension stays numbered or listed: publish another dimension")]
    Renumbered,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl fmt::Display for InvalidItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {mistake}", self.code)?;
        }
        Ok(())
    }
}

/// Collects mistakes while an item is read.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub fn add(&mut self, field: impl Into<String>, problem: Problem) {
        let field = field.into();
        self.0.push(Mistake { field, problem });
    }

    /// A text that must be there, of at most 200 characters, one line.
    pub fn text(&mut self, field: &str, text: &str, want: &'static str) -> String {
        if text.trim().is_empty() {
            self.add(field, Problem::Missing(want));
        } else if text.chars().count() > 200 || text.chars().any(char::is_control) {
            let found = text.chars().take(40).collect();
            let want = "one line of at most 200 characters";
            self.add(field, Problem::Malformed { found, want });
        }
        text.to_owned()
    }

    pub fn number(&mut self, field: &str, number: u32, want: &'static str) -> u32 {
        if number == 0 {
            self.add(field, Problem::Missing(want));
        }
        number
    }

    /// A text that parses; `None`, and a mistake, when it does not.
    pub fn parsed<T: std::str::FromStr>(
        &mut self,
        field: &str,
        text: &str,
        want: &'static str,
    ) -> Option<T> {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let found = text.chars().take(40).collect();
            self.add(field, Problem::Malformed { found, want });
        }
        parsed
    }

    /// What was read, when nothing was wrong. `None` comes with a mistake.
    pub fn finish<T>(self, code: &str, item: Option<T>) -> Result<T, InvalidItem> {
        match item {
            Some(item) if self.0.is_empty() => Ok(item),
            _ => Err(InvalidItem {
                code: code.to_owned(),
                mistakes: self.0,
            }),
        }
    }
}
