//! A roll (名单): who is in a register on a day, sorted, to be frozen into a vote,
//! an election or a plan. Knows no vote.

use std::collections::BTreeSet;

use super::Entry;
use crate::code::Code;
use crate::stored::Day;

/// More than any community has owners of.
pub const MOST_LINES: usize = 20_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roll {
    lines: BTreeSet<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub entry: u64,
    pub area: Option<Code>,
    /// Hundredths of a square metre; 0: not known.
    pub unit: u64,
}

impl Roll {
    /// Takes an entry that belongs to it. `false`: there are too many.
    pub fn take(&mut self, id: u64, entry: &Entry, of: &Selection) -> bool {
        if of.holds(entry) {
            self.lines.insert(Line {
                entry: id,
                area: entry.area.clone(),
                unit: entry.unit,
            });
        }
        self.lines.len() <= MOST_LINES
    }

    /// Ascending by entry.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &Line> {
        self.lines.iter()
    }

    /// What its hash is taken over: per line entry, unit and the area's length, 8
    /// bytes each with the greatest first, then the area.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in &self.lines {
            let area = line.area.as_ref().map_or("", Code::as_str);
            for number in [line.entry, line.unit, area.len() as u64] {
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            bytes.extend_from_slice(area.as_bytes());
        }
        bytes
    }
}

/// Which entries a roll is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub register: Code,
    /// Only of this area.
    pub area: Option<Code>,
    pub on: Day,
}

impl Selection {
    fn holds(&self, entry: &Entry) -> bool {
        let counts = entry.rules.stage(&entry.stage);
        entry.register == self.register
            && (self.area.is_none() || entry.area == self.area)
            && counts.is_some_and(|stage| stage.counts)
            && entry.is_member_on(self.on)
    }
}
