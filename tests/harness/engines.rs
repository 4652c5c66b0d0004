//! Calls of a node's clients, one file per engine: each request in the least words
//! that a story needs. Knows no story.

pub mod activities;
pub mod assessments;
pub mod consents;
pub mod deliberations;
pub mod documents;
pub mod duties;
pub mod elections;
pub mod funds;
pub mod registers;
pub mod surveys;

use proto::pb::node as pb;

/// entries/17
pub fn entry(number: u64) -> String {
    format!("entries/{number}")
}

pub fn entries(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(entry).collect()
}

/// A line of a roll, by an entry's name.
pub fn line(entry: &str, unit: &str) -> pb::RollLine {
    pb::RollLine {
        entry: entry.to_owned(),
        unit: unit.to_owned(),
        area_cm2: 900_000,
        resident: String::new(),
    }
}

/// Of some paper: what it says does not matter here.
pub fn paper() -> String {
    "b".repeat(64)
}

/// The reason code of a refusal.
pub fn reason(status: &tonic::Status) -> String {
    proto_edge::problem::reason_of(status)
        .unwrap_or_default()
        .into_owned()
}
