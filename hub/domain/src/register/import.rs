//! Decides what an imported list changes: all of it, or nothing when a row is
//! wrong. Importing the same list again changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proto::place::Place;

use super::{Description, Entry, Event, InvalidEntry, Register, Row};

/// Problems named in one refusal, at most.
pub const PROBLEM_LIMIT: usize = 50;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub events: Vec<Event>,
    pub added: u32,
    pub changed: u32,
    pub unchanged: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {problem}")]
pub struct RowProblem {
    /// From 1, not counting a header.
    pub row: usize,
    #[source]
    pub problem: InvalidEntry,
}

/// Nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{total} of the rows are wrong, first: {}", problems[0])]
pub struct Refusal {
    pub total: usize,
    /// The first [`PROBLEM_LIMIT`], never empty.
    pub problems: Vec<RowProblem>,
}

impl Register {
    /// What importing `rows` on `today` means. A new name, street or type
    /// holds from `today`; a type that was unknown is filled in for all time.
    pub fn import(&self, rows: &[Row], today: Date) -> Result<Imported, Refusal> {
        let mut problems = Vec::new();
        let mut entries = BTreeMap::new();
        for (row, parsed) in (1..).zip(rows.iter().map(Entry::try_from)) {
            let twice = |entry: &Entry| InvalidEntry {
                field: "code",
                problem: format!("{} is listed twice", entry.code),
            };
            match parsed {
                Ok(entry) if entries.contains_key(&entry.code) => problems.push(RowProblem {
                    row,
                    problem: twice(&entry),
                }),
                Ok(entry) => drop(entries.insert(entry.code, (row, entry))),
                Err(problem) => problems.push(RowProblem { row, problem }),
            }
        }
        for (row, entry) in entries.values() {
            let checked = self.check_closing(&entries, entry);
            problems.extend(
                checked
                    .err()
                    .map(|problem| RowProblem { row: *row, problem }),
            );
        }
        if !problems.is_empty() {
            let total = problems.len();
            problems.sort_by_key(|problem| problem.row);
            problems.truncate(PROBLEM_LIMIT);
            return Err(Refusal { total, problems });
        }
        let mut imported = Imported::default();
        for (_, entry) in entries.values() {
            self.compare(entry, today, &mut imported);
        }
        Ok(imported)
    }

    /// Successors are listed, and following them never comes back.
    fn check_closing(
        &self,
        entries: &BTreeMap<Place, (usize, Entry)>,
        entry: &Entry,
    ) -> Result<(), InvalidEntry> {
        let invalid = |field, problem| Err(InvalidEntry { field, problem });
        let known = self.get(entry.code);
        let opened = entry.opened.or(known.and_then(|known| known.opened));
        if let (Some(closing), Some(opened)) = (&entry.closing, opened)
            && closing.on <= opened
        {
            let problem = format!("{} is not after opened {opened}", closing.on);
            return invalid("closed", problem);
        }
        let successors = |code: Place| {
            let new = entries.get(&code).and_then(|(_, e)| e.closing.as_ref());
            let old = self.get(code).and_then(|known| known.closed.as_ref());
            new.or(old).map_or(&[][..], |closing| &closing.successors)
        };
        let mut seen = BTreeSet::new();
        let mut ahead: Vec<Place> = successors(entry.code).to_vec();
        while let Some(code) = ahead.pop() {
            if self.get(code).is_none() && !entries.contains_key(&code) {
                return invalid("successors", format!("{code} is not in the register"));
            }
            if code == entry.code {
                return invalid("successors", format!("{code} would succeed itself"));
            }
            if seen.insert(code) {
                ahead.extend(successors(code));
            }
        }
        Ok(())
    }

    fn compare(&self, entry: &Entry, today: Date, imported: &mut Imported) {
        let code = entry.code;
        let described = |kind| Description {
            name: entry.name.clone(),
            street: entry.street.clone(),
            kind,
        };
        let before = imported.events.len();
        let known = self.get(code);
        match known {
            None => imported.events.push(Event::Opened {
                code,
                opened: entry.opened,
                description: described(entry.kind),
            }),
            Some(known) => {
                let old = known.description();
                let new = described(entry.kind.or(old.kind));
                if new != *old {
                    let same_names = new.name == old.name && new.street == old.street;
                    let fills_in = same_names && old.kind.is_none();
                    imported.events.push(Event::Described {
                        code,
                        from: (!fills_in).then_some(today),
                        description: new,
                    });
                }
                if entry.opened.is_some() && entry.opened != known.opened {
                    let opened = entry.opened;
                    imported.events.push(Event::Redated { code, opened });
                }
            }
        }
        if let Some(closing) = &entry.closing
            && known.and_then(|known| known.closed.as_ref()) != Some(closing)
        {
            let closing = closing.clone();
            imported.events.push(Event::Closed { code, closing });
        }
        match (known, imported.events.len() > before) {
            (None, _) => imported.added += 1,
            (Some(_), true) => imported.changed += 1,
            (Some(_), false) => imported.unchanged += 1,
        }
    }
}
