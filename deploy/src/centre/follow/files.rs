//! Files of a directory: `cursor.json`, and a file per indicator, revision and
//! period under `data/`. Each is written whole beside the old one and renamed
//! over it, `cursor.json` last: whatever cuts this off, rows are at or ahead of
//! the cursor, and what comes again changes nothing.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

use proto::{identity::Label, pb::hub as pb};
use serde::{Deserialize, Serialize};

use super::{
    partition::{Name, Partition},
    row::{kept, key},
    table,
};
use crate::{
    cli::FileFormat,
    failure::{Exit, Failure},
};

const CURSOR: &str = "cursor.json";
const DATA: &str = "data";
const FORMAT: u32 = 1;

pub struct Files {
    dir: PathBuf,
    format: FileFormat,
    place: Place,
    cursor: Vec<u8>,
    pub stored: u64,
}

/// `cursor.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    format: u32,
    centre: String,
    files: String,
    /// In hex; the hub's own.
    cursor: String,
    listing: i64,
    seq: u64,
    head_seq: u64,
}

impl Files {
    pub fn open(dir: &Path, format: FileFormat, centre: &Label) -> Result<Files, Failure> {
        fs::create_dir_all(dir.join(DATA)).map_err(at(dir))?;
        let path = dir.join(CURSOR);
        let place = match path.exists() {
            true => {
                let text = fs::read_to_string(&path).map_err(at(&path))?;
                serde_json::from_str(&text).map_err(|error| bad(&path, error))?
            }
            false => Place {
                format: FORMAT,
                centre: centre.to_string(),
                files: ending(format).to_owned(),
                cursor: String::new(),
                listing: 0,
                seq: 0,
                head_seq: 0,
            },
        };
        if place.format != FORMAT {
            let text = format!(
                "format {} is newer than this build's {FORMAT}",
                place.format
            );
            return Err(bad(&path, text));
        }
        if (place.centre.as_str(), place.files.as_str()) != (centre.as_str(), ending(format)) {
            let text = format!("holds {} of centre {}", place.files, place.centre);
            return Err(bad(&path, text));
        }
        let cursor = unhex(&place.cursor).ok_or_else(|| bad(&path, "cursor: want hex"))?;
        Ok(Files {
            dir: dir.to_owned(),
            format,
            place,
            cursor,
            stored: 0,
        })
    }

    pub fn cursor(&self) -> &[u8] {
        &self.cursor
    }

    pub fn store(&mut self, batches: &[pb::FeedBatch]) -> Result<(), Failure> {
        let mut open = Open {
            data: self.dir.join(DATA),
            format: self.format,
            partitions: BTreeMap::new(),
        };
        let mut place = self.place.clone();
        for batch in batches {
            open.apply(batch, &mut place.listing)?;
            place.cursor = hex(&batch.cursor);
            (place.seq, place.head_seq) = (batch.seq, batch.head_seq);
        }
        open.write()?;
        let text = serde_json::to_string_pretty(&place).map_err(|error| bad(&self.dir, error))?;
        replace(&self.dir.join(CURSOR), text.as_bytes())?;
        self.cursor = unhex(&place.cursor).unwrap_or_default();
        self.place = place;
        self.stored += batches.len() as u64;
        Ok(())
    }
}

/// Partitions that are read, and perhaps changed.
struct Open {
    data: PathBuf,
    format: FileFormat,
    partitions: BTreeMap<Name, Partition>,
}

impl Open {
    fn apply(&mut self, batch: &pb::FeedBatch, listing: &mut i64) -> Result<(), Failure> {
        if !batch.sweeps.is_empty() {
            let partitions = self.all()?;
            for sweep in &batch.sweeps {
                for partition in partitions.values_mut() {
                    partition.sweep(&sweep.place, sweep.lineage);
                }
            }
        }
        *listing += i64::from(batch.begins_listing);
        for row in &batch.rows {
            let partition = self.partition(Name::of(row))?;
            match row.removed {
                true => partition.remove(&key(row), (row.lineage, row.seq)),
                false => partition.put(key(row), kept(row, *listing), batch.lists),
            }
        }
        if batch.ends_listing {
            for partition in self.all()?.values_mut() {
                partition.end_listing(&batch.listing_place, *listing);
            }
        }
        Ok(())
    }

    fn partition(&mut self, name: Name) -> Result<&mut Partition, Failure> {
        use std::collections::btree_map::Entry;
        match self.partitions.entry(name) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(vacant) => {
                let path = path(&self.data, vacant.key(), self.format);
                let partition = match path.exists() {
                    true => table::read(&path, self.format)?,
                    false => Partition::default(),
                };
                Ok(vacant.insert(partition))
            }
        }
    }

    /// Every partition that there is.
    fn all(&mut self) -> Result<&mut BTreeMap<Name, Partition>, Failure> {
        for series in entries(&self.data)? {
            for file in entries(&series)? {
                let Some(name) = Name::of_file(&file, ending(self.format)) else {
                    continue;
                };
                self.partition(name)?;
            }
        }
        Ok(&mut self.partitions)
    }

    fn write(&self) -> Result<(), Failure> {
        for (name, partition) in &self.partitions {
            if !partition.is_changed() {
                continue;
            }
            let path = path(&self.data, name, self.format);
            if partition.rows.is_empty() {
                if path.exists() {
                    fs::remove_file(&path).map_err(at(&path))?;
                }
                continue;
            }
            let series = path.parent().unwrap_or(&self.data);
            fs::create_dir_all(series).map_err(at(series))?;
            replace(&path, &table::write(partition, self.format)?)?;
        }
        Ok(())
    }
}

fn path(data: &Path, name: &Name, format: FileFormat) -> PathBuf {
    let series = data.join(format!("{}@{}", name.indicator, name.revision));
    series.join(format!("{}.{}", name.period, ending(format)))
}

const fn ending(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Parquet => "parquet",
        FileFormat::Csv => "csv",
    }
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(dir).map_err(at(dir))?;
    let paths = entries.map(|entry| Ok(entry.map_err(at(dir))?.path()));
    paths.collect()
}

/// The old content or the new, whatever happens, and on disk when it returns.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        match path.parent() {
            Some(dir) => File::open(dir)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let path = path.to_owned();
    move |error| Failure::new(Exit::Storage, format!("{}: {error}", path.display()))
}

pub fn bad(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Storage, format!("{}: {error}", path.display()))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
