//! Rows of an export, streamed: each a record for the case engine, or a reason
//! why not. Holds one row at a time.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::read::MultiGzDecoder;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use node_domain::{actor::Grid, cases::Record, code::Name};
use proto::pb::node::Personal;

use super::mapping::{Columns, Mapping};

/// A row that can be tried.
#[derive(Clone, Debug)]
pub struct Row {
    /// In the file, the heading being line 1.
    pub line: u64,
    pub record: Record,
    pub personal: Option<Personal>,
    pub raw: csv::StringRecord,
}

/// A row that cannot.
#[derive(Clone, Debug)]
pub struct Skipped {
    pub line: u64,
    /// UPPER_SNAKE.
    pub reason: &'static str,
    pub detail: String,
    pub raw: csv::StringRecord,
}

#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    #[error("{file}: {source}")]
    Open { file: String, source: io::Error },
    #[error("line {line}: {source}")]
    Csv { line: u64, source: csv::Error },
    #[error("no column {0:?} in the heading; the mapping names it")]
    NoColumn(String),
}

/// Reads `CSV` or `CSV.gz`.
pub struct RowReader {
    csv: csv::Reader<Box<dyn Read + Send>>,
    heading: csv::StringRecord,
    at: Positions,
    mapping: Mapping,
    consumed: Arc<AtomicU64>,
}

struct Positions {
    source_id: usize,
    reported_at: usize,
    kind: usize,
    due_at: Option<usize>,
    closed_at: Option<usize>,
    origin: Option<usize>,
    grid: Option<usize>,
    handler: Option<usize>,
    personal: [Option<usize>; 4],
    only: Vec<(usize, String)>,
}

impl RowReader {
    pub fn open(path: &Path, mapping: Mapping) -> Result<RowReader, ReadFault> {
        let file = File::open(path).map_err(|source| ReadFault::Open {
            file: path.display().to_string(),
            source,
        })?;
        let consumed = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            inner: BufReader::new(file),
            consumed: consumed.clone(),
        };
        let gzipped = path.extension().is_some_and(|extension| extension == "gz");
        let bytes: Box<dyn Read + Send> = match gzipped {
            true => Box::new(MultiGzDecoder::new(counted)),
            false => Box::new(counted),
        };
        RowReader::new(bytes, mapping, consumed)
    }

    fn new(
        bytes: Box<dyn Read + Send>,
        mapping: Mapping,
        consumed: Arc<AtomicU64>,
    ) -> Result<RowReader, ReadFault> {
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let heading = csv
            .headers()
            .map_err(|source| ReadFault::Csv { line: 1, source })?
            .clone();
        let at = Positions::find(&heading, &mapping)?;
        Ok(RowReader {
            csv,
            heading,
            at,
            mapping,
            consumed,
        })
    }

    pub fn heading(&self) -> &csv::StringRecord {
        &self.heading
    }

    /// Bytes of the file read so far, for a progress bar.
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    fn read(&self, line: u64, raw: csv::StringRecord) -> Result<Row, Skipped> {
        let skipped = |reason, detail: String| Skipped {
            line,
            reason,
            detail,
            raw: raw.clone(),
        };
        let (at, zone) = (&self.at, &self.mapping.zone);
        let cell = |at: usize| raw.get(at).map_or("", str::trim);
        let given = |at: Option<usize>| at.map(cell).filter(|text| !text.is_empty());
        let time = |text: &str| {
            moment(text, zone).ok_or_else(|| skipped("MALFORMED_TIME", text.to_owned()))
        };
        let name = |text: &str| {
            text.parse::<Name>()
                .map_err(|error| skipped("MALFORMED_NAME", error.to_string()))
        };
        if raw.len() != self.heading.len() {
            let detail = format!(
                "{} cells, the heading has {}",
                raw.len(),
                self.heading.len()
            );
            return Err(skipped("WRONG_NUMBER_OF_CELLS", detail));
        }
        let kind = cell(at.kind);
        let origin = given(at.origin).unwrap_or_default();
        let grid = given(at.grid).map(|text| {
            text.parse::<Grid>()
                .map_err(|error| skipped("MALFORMED_GRID", error.to_string()))
        });
        let record = Record {
            source_id: Some(name(cell(at.source_id))?),
            kind: self
                .mapping
                .kind
                .of(kind)
                .ok_or_else(|| skipped("UNMAPPED_KIND", kind.to_owned()))?,
            origin: self
                .mapping
                .origin
                .of(origin)
                .ok_or_else(|| skipped("UNMAPPED_ORIGIN", origin.to_owned()))?,
            grid: grid.transpose()?,
            reported_at: time(cell(at.reported_at))?,
            due_at: given(at.due_at).map(time).transpose()?,
            closed_at: given(at.closed_at).map(time).transpose()?,
            outcome: None,
            handler: given(at.handler).map(name).transpose()?,
            requester: None,
            personal: None,
        };
        let [name, phone, address, text] = at
            .personal
            .map(|at| given(at).unwrap_or_default().to_owned());
        let personal = Personal {
            name,
            phone,
            address,
            text,
        };
        let personal = (personal != Personal::default()).then_some(personal);
        Ok(Row {
            line,
            record,
            personal,
            raw,
        })
    }
}

impl Iterator for RowReader {
    type Item = Result<Result<Row, Skipped>, ReadFault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut raw = csv::StringRecord::new();
            let line = self.csv.position().line();
            match self.csv.read_record(&mut raw) {
                Ok(false) => return None,
                Err(source) => return Some(Err(ReadFault::Csv { line, source })),
                Ok(true) => {
                    let line = raw.position().map_or(line, csv::Position::line);
                    let wanted = |(at, equals): &(usize, String)| raw.get(*at) == Some(equals);
                    if self.at.only.iter().all(wanted) {
                        return Some(Ok(self.read(line, raw)));
                    }
                }
            }
        }
    }
}

impl Positions {
    fn find(heading: &csv::StringRecord, mapping: &Mapping) -> Result<Positions, ReadFault> {
        let find = |column: &String| {
            let named = |heading: &str| heading.trim_start_matches('\u{feff}') == column;
            heading
                .iter()
                .position(named)
                .ok_or_else(|| ReadFault::NoColumn(column.clone()))
        };
        let maybe = |column: &Option<String>| column.as_ref().map(find).transpose();
        let Columns {
            source_id,
            reported_at,
            kind,
            due_at,
            closed_at,
            origin,
            grid,
            handler,
            name,
            phone,
            address,
            text,
        } = &mapping.columns;
        let only = mapping
            .only
            .iter()
            .map(|only| Ok((find(&only.column)?, only.equals.clone())));
        Ok(Positions {
            source_id: find(source_id)?,
            reported_at: find(reported_at)?,
            kind: find(kind)?,
            due_at: maybe(due_at)?,
            closed_at: maybe(closed_at)?,
            origin: maybe(origin)?,
            grid: maybe(grid)?,
            handler: maybe(handler)?,
            personal: [maybe(name)?, maybe(phone)?, maybe(address)?, maybe(text)?],
            only: only.collect::<Result<_, ReadFault>>()?,
        })
    }
}

/// An instant with its offset, or a civil time of the zone; of two readings in
/// the autumn hour that comes twice, the first.
fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let civil: DateTime = text.parse().ok()?;
    zone.to_ambiguous_timestamp(civil).compatible().ok()
}

/// Counts what passes, so that progress can be shown of a compressed file too.
struct Counted<R> {
    inner: R,
    consumed: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.consumed.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
zone = "America/New_York"
only = [{ column = "where", equals = "R" }]
[columns]
source_id = "id"
reported_at = "opened"
due_at = "due"
closed_at = "closed"
kind = "reason"
text = "note"
[kind]
slugify = true
[origin]
default = "phone"
"#;

    fn rows(text: &str) -> Vec<Result<Row, Skipped>> {
        let mapping = Mapping::from_toml(MAPPING).unwrap();
        let bytes = Box::new(io::Cursor::new(text.to_owned()));
        let reader = RowReader::new(bytes, mapping, Arc::default()).unwrap();
        reader.map(|row| row.unwrap()).collect()
    }

    #[test]
    fn rows_become_records_with_their_real_times() {
        let rows = rows(
            "id,opened,due,closed,reason,note,where\n7,2015-01-01T00:25:23,,2015-07-01T12:00:00Z,Street Lights,dark,R\n",
        );
        let row = rows[0].as_ref().unwrap();
        assert_eq!(row.line, 2);
        assert_eq!(row.record.reported_at.to_string(), "2015-01-01T05:25:23Z");
        assert_eq!(
            row.record.closed_at.unwrap().to_string(),
            "2015-07-01T12:00:00Z"
        );
        assert_eq!(
            (row.record.due_at, row.record.kind.as_str()),
            (None, "street-lights")
        );
        assert_eq!(row.personal.as_ref().unwrap().text, "dark");
    }

    #[test]
    fn rows_that_cannot_be_read_say_where_and_why() {
        let rows = rows(
            "id,opened,due,closed,reason,note,where\n1,yesterday,,,Trees,,R\n2,2015-01-01T00:00:00,,,Trees,,elsewhere\n3,2015-01-01T00:00:00,,,路灯,,R\n",
        );
        let reasons: Vec<_> = rows
            .iter()
            .map(|row| row.as_ref().map(|_| ()).map_err(|s| (s.line, s.reason)))
            .collect();
        assert_eq!(
            reasons,
            [Err((2, "MALFORMED_TIME")), Err((4, "UNMAPPED_KIND"))]
        );
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let mapping = Mapping::from_toml(MAPPING).unwrap();
        let bytes = Box::new(io::Cursor::new("id,opened\n"));
        let fault = RowReader::new(bytes, mapping, Arc::default())
            .err()
            .unwrap();
        assert!(matches!(fault, ReadFault::NoColumn(column) if column == "reason"));
    }
}
