//! The demo's real input: Boston's service requests of 2015, cut into one
//! export per community, and the totals that a plain reading of the file gives.
//! Knows nothing of nodes and hubs, so that it can contradict them.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::Path,
};

use flate2::read::GzDecoder;
use jiff::{civil::DateTime, tz::TimeZone};
use proto::place::Place;

/// The file with its source and licence: `tests/data/README.md`.
const FILE: &[u8] = include_bytes!("../../../tests/data/boston311-2015.csv.gz");
pub const ZONE: &str = "America/New_York";
/// No Chinese code begins with 99: nobody takes these for a real place.
const STREET: &str = "999901001";
const DISTRICT_DESK: &str = "999901000999";

/// One community of the demo.
#[derive(Clone, Debug)]
pub struct Community {
    pub code: Place,
    pub name: String,
    pub expected: Expected,
    rows: Vec<csv::StringRecord>,
}

/// What the file says, row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Expected {
    pub rows: u64,
    /// Closed before they were opened: no history can have happened so.
    pub impossible: u64,
    pub reported: u64,
    pub completed: u64,
    pub fell_due: u64,
    pub on_time: u64,
    #[serde(skip)]
    pub seconds_to_complete: Vec<i64>,
}

impl Expected {
    /// Half of the completed took at most so long.
    pub fn median_seconds(&self) -> Option<i64> {
        let mut sorted = self.seconds_to_complete.clone();
        sorted.sort_unstable();
        sorted.get((sorted.len().max(1) - 1) / 2).copied()
    }

    pub fn add(&mut self, other: &Expected) {
        self.rows += other.rows;
        self.impossible += other.impossible;
        self.reported += other.reported;
        self.completed += other.completed;
        self.fell_due += other.fell_due;
        self.on_time += other.on_time;
        self.seconds_to_complete.extend(&other.seconds_to_complete);
    }
}

pub struct Boston {
    header: csv::StringRecord,
    /// Those with most cases first; the district's own desk holds the requests
    /// without a neighbourhood.
    pub communities: Vec<Community>,
}

impl Boston {
    pub fn read() -> io::Result<Boston> {
        let mut text = String::new();
        GzDecoder::new(FILE).read_to_string(&mut text)?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let columns = Columns::of(&header)?;
        let zone = TimeZone::get(ZONE).map_err(io::Error::other)?;
        let mut by_name: BTreeMap<String, Community> = BTreeMap::new();
        for row in reader.records() {
            let row = row?;
            let name = &row[columns.neighborhood];
            let entry = by_name.entry(name.to_owned()).or_insert_with(|| Community {
                code: Place::COUNTRY,
                name: name.to_owned(),
                expected: Expected::default(),
                rows: Vec::new(),
            });
            columns.count(&row, &zone, &mut entry.expected)?;
            entry.rows.push(row);
        }
        Ok(Boston {
            header,
            communities: coded(by_name)?,
        })
    }

    /// The file's words for what a request is about.
    #[cfg(test)]
    pub fn reasons(&self) -> std::collections::BTreeSet<String> {
        let at = self
            .header
            .iter()
            .position(|column| column == "reason")
            .expect("a reason");
        let rows = self
            .communities
            .iter()
            .flat_map(|community| &community.rows);
        rows.map(|row| row[at].to_owned()).collect()
    }

    /// Writes one community's requests as the export a ticket system would give.
    pub fn write_export(&self, community: &Community, path: &Path) -> io::Result<()> {
        let mut writer = csv::Writer::from_path(path)?;
        writer.write_record(&self.header)?;
        for row in &community.rows {
            writer.write_record(row)?;
        }
        writer.flush()
    }
}

fn coded(by_name: BTreeMap<String, Community>) -> io::Result<Vec<Community>> {
    let place = |code: String| code.parse::<Place>().map_err(io::Error::other);
    let mut communities = Vec::with_capacity(by_name.len());
    for (at, (_, mut community)) in by_name.into_iter().enumerate() {
        if community.name.is_empty() {
            community.code = place(DISTRICT_DESK.to_owned())?;
            community.name = "City desk (no neighbourhood)".to_owned();
        } else {
            community.code = place(format!("{STREET}{at:03}"))?;
        }
        communities.push(community);
    }
    communities.sort_by_key(|community| std::cmp::Reverse(community.expected.rows));
    Ok(communities)
}

struct Columns {
    opened: usize,
    due: usize,
    closed: usize,
    neighborhood: usize,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> io::Result<Columns> {
        let at = |name: &str| {
            header
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| io::Error::other(format!("the file has no column {name}")))
        };
        Ok(Columns {
            opened: at("opened_at")?,
            due: at("due_at")?,
            closed: at("closed_at")?,
            neighborhood: at("neighborhood")?,
        })
    }

    fn count(&self, row: &csv::StringRecord, zone: &TimeZone, to: &mut Expected) -> io::Result<()> {
        let time = |at: usize| match &row[at] {
            "" => Ok(None),
            text => text.parse::<DateTime>().map(Some).map_err(io::Error::other),
        };
        let seconds = |time: DateTime| -> io::Result<i64> {
            let instant = zone
                .to_ambiguous_timestamp(time)
                .compatible()
                .map_err(io::Error::other)?;
            Ok(instant.as_second())
        };
        let opened = time(self.opened)?
            .ok_or_else(|| io::Error::other(format!("{:?} was never opened", &row[0])))?;
        let (due, closed) = (time(self.due)?, time(self.closed)?);
        to.rows += 1;
        if closed.is_some_and(|closed| closed < opened) {
            to.impossible += 1;
            return Ok(());
        }
        to.reported += 1;
        if let Some(closed) = closed {
            to.completed += 1;
            to.seconds_to_complete
                .push(seconds(closed)? - seconds(opened)?);
        }
        if let Some(due) = due {
            to.fell_due += 1;
            to.on_time += u64::from(closed.is_some_and(|closed| closed <= due));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_what_its_readme_says() {
        let boston = Boston::read().unwrap();
        let mut total = Expected::default();
        boston
            .communities
            .iter()
            .for_each(|community| total.add(&community.expected));
        assert_eq!(boston.communities.len(), 24);
        assert_eq!((total.rows, total.impossible), (121_145, 197));
        assert_eq!(total.rows - total.impossible, total.reported);
        let desk = boston
            .communities
            .iter()
            .find(|c| c.code.to_string() == DISTRICT_DESK)
            .unwrap();
        assert_eq!(desk.expected.rows, 10_955);
    }
}
