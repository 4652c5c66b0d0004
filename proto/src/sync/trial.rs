//! A dry run: definitions that a node counts once, without taking them, and what
//! they came to. Says no more than taking them would: of protected definitions
//! only what would be released. Knows no store.

use crate::indicator::{cell::Revision, definition::IndicatorCode};

/// Fact types that are named, at most.
pub const UNRECORDED: usize = 100;

/// What a node answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Of the hub's rollout.
    pub rollout: u32,
    /// Read from the journal.
    pub facts: u64,
    pub took_ms: u64,
    pub counts: Vec<TrialCount>,
    /// Fact types that are asked for and of which the community has none.
    pub unrecorded: Vec<String>,
}

/// One definition's cells, as they would be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialCount {
    pub code: IndicatorCode,
    pub revision: Revision,
    pub cells: u64,
    /// The least number that a cell would show: a count, observations, or the
    /// lesser side of a ratio. `None` without cells, or for a sum or a stock,
    /// which say nothing of how many.
    pub smallest: Option<u64>,
    /// Why the node would not take it; empty: it would.
    pub refusal: String,
}
