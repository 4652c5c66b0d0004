//! Frozen rolls (名册快照): who counted on the day it was frozen, whatever the
//! registers say later. Persons are entries' numbers; knows no names, and no
//! question that is put to them.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::actor::Pseudonym;
use crate::code::Code;
use crate::process::Refusal;
use crate::sha256::Sha256;

pub const MOST_LINES: usize = 20_000;
/// Of one line: 10 km², more than any estate.
const MOST_AREA_CM2: u64 = 100_000_000_000;

/// Sorted by entry and unit; a person with several units has several lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    /// Over [`canonical`].
    pub sha256: Sha256,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// A number of the register.
    pub entry: u64,
    /// The stairwell, building or grid that the line belongs to.
    pub unit: Option<Code>,
    /// Of the floor that is owned; 0 where nobody asked.
    pub area_cm2: u64,
    /// Whose token speaks for the entry.
    pub resident: Option<Pseudonym>,
}

/// How somebody on a roll was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Channel {
    Online,
    Counter,
    Phone,
    Paper,
    DoorKnock,
    Meeting,
}

/// A line each: entry, unit, area, with tabs between; what the hash is over, so
/// that anybody who has the roll can compute it again.
pub fn canonical(lines: &[Line]) -> String {
    let mut text = String::with_capacity(lines.len() * 24);
    for line in lines {
        let unit = line.unit.as_ref().map_or("", Code::as_str);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\t{unit}\t{}", line.entry, line.area_cm2);
    }
    text
}

impl Roll {
    /// `sha256`: makes it of the canonical text.
    pub fn freeze(
        mut lines: Vec<Line>,
        sha256: impl FnOnce(&str) -> Sha256,
    ) -> Result<Roll, Refusal> {
        lines.sort();
        check(&lines)?;
        Ok(Roll {
            sha256: sha256(&canonical(&lines)),
            lines,
        })
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Each entry once, in order.
    pub fn entries(&self) -> impl Iterator<Item = u64> {
        let mut last = None;
        let entries = self.lines.iter().map(|line| line.entry);
        entries.filter(move |entry| last.replace(*entry) != Some(*entry))
    }

    pub fn heads(&self) -> u64 {
        self.entries().count() as u64
    }

    pub fn holds(&self, entry: u64) -> bool {
        self.lines
            .binary_search_by_key(&entry, |line| line.entry)
            .is_ok()
    }

    pub fn entry_of(&self, resident: Pseudonym) -> Option<u64> {
        let mut lines = self.lines.iter();
        let line = lines.find(|line| line.resident == Some(resident))?;
        Some(line.entry)
    }
}

fn check(lines: &[Line]) -> Result<(), Refusal> {
    if !(1..=MOST_LINES).contains(&lines.len()) {
        let zh = format!("名册应有 1 到 {MOST_LINES} 行");
        let en = format!("a roll has 1 to {MOST_LINES} lines");
        return Err(wrong("ROLL_SIZE", zh, en));
    }
    for pair in lines.windows(2) {
        if (pair[0].entry, &pair[0].unit) == (pair[1].entry, &pair[1].unit) {
            let entry = pair[0].entry;
            let zh = format!("条目 {entry} 在名册中出现了两次");
            let en = format!("entry {entry} is on the roll twice");
            return Err(wrong("ON_ROLL_TWICE", zh, en).with("entry", format!("entries/{entry}")));
        }
    }
    if let Some(line) = lines.iter().find(|line| line.area_cm2 > MOST_AREA_CM2) {
        let (zh, en) = (
            "面积过大，单位是平方厘米",
            "the area is too great; its unit is cm²",
        );
        let entry = format!("entries/{}", line.entry);
        return Err(wrong("AREA_TOO_GREAT", zh.into(), en.into()).with("entry", entry));
    }
    let spoken = lines
        .iter()
        .filter_map(|line| Some((line.resident?, line.entry)));
    let mut spoken: Vec<(Pseudonym, u64)> = spoken.collect();
    spoken.sort();
    spoken.dedup();
    if let Some(pair) = spoken.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let (zh, en) = (
            "同一居民账号不能代表名册中的两个人",
            "one resident's token cannot speak for two people on the roll",
        );
        let entry = format!("entries/{}", pair[1].1);
        return Err(wrong("RESIDENT_TWICE", zh.into(), en.into()).with("entry", entry));
    }
    Ok(())
}

fn wrong(reason: &'static str, zh: String, en: String) -> Refusal {
    Refusal::input("roll", reason, zh, en)
}

impl Channel {
    pub const fn code(self) -> &'static str {
        match self {
            Channel::Online => "online",
            Channel::Counter => "counter",
            Channel::Phone => "phone",
            Channel::Paper => "paper",
            Channel::DoorKnock => "door-knock",
            Channel::Meeting => "meeting",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(entry: u64, unit: &str, resident: Option<u64>) -> Line {
        Line {
            entry,
            unit: unit.parse().ok(),
            area_cm2: 0,
            resident: resident.map(Pseudonym),
        }
    }

    fn freeze(lines: Vec<Line>) -> Result<Roll, Refusal> {
        Roll::freeze(lines, |text| Sha256([text.len() as u8; 32]))
    }

    #[test]
    fn a_roll_is_sorted_and_counts_people_once() {
        let lines = vec![
            line(9, "", None),
            line(2, "b", Some(1)),
            line(2, "a", Some(1)),
        ];
        let roll = freeze(lines).unwrap();
        assert_eq!(canonical(roll.lines()), "2\ta\t0\n2\tb\t0\n9\t\t0\n");
        assert_eq!((roll.heads(), roll.sha256.0[0]), (2, 17));
        assert!(roll.holds(2) && roll.holds(9) && !roll.holds(3));
        assert_eq!(
            (roll.entry_of(Pseudonym(1)), roll.entry_of(Pseudonym(2))),
            (Some(2), None)
        );
    }

    #[test]
    fn odd_rolls_are_refused() {
        let refusal = |lines| freeze(lines).unwrap_err().reason;
        assert_eq!(refusal(vec![]), "ROLL_SIZE");
        let many = (1..=MOST_LINES as u64 + 1).map(|entry| line(entry, "", None));
        assert_eq!(refusal(many.collect()), "ROLL_SIZE");
        let twice = vec![line(1, "a", None), line(2, "", None), line(1, "a", Some(4))];
        assert_eq!(refusal(twice), "ON_ROLL_TWICE");
        let spoken = vec![line(1, "", Some(4)), line(2, "", Some(4))];
        assert_eq!(refusal(spoken), "RESIDENT_TWICE");
        let vast = Line {
            area_cm2: u64::MAX,
            ..line(1, "", None)
        };
        assert_eq!(refusal(vec![vast]), "AREA_TOO_GREAT");
    }
}
