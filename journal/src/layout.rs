//! The directory: names of its files, the `format` stamp, the list of segments. Knows no file's
//! inside but the stamp's.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::FORMAT;
use crate::fault::{Fault, Flaw};
use crate::file;
use crate::log_id::LogId;

const STAMP_PREFIX: &str = "tongxin journal\nformat ";
const LONGEST_STAMP: u64 = 256;

pub(crate) fn lock_path(dir: &Path) -> PathBuf {
    dir.join("lock")
}

pub(crate) fn head_path(dir: &Path) -> PathBuf {
    dir.join("head")
}

pub(crate) fn stamp_path(dir: &Path) -> PathBuf {
    dir.join("format")
}

/// Present only while a journal is being created; renamed to `format` as the last step.
fn unfinished_stamp_path(dir: &Path) -> PathBuf {
    dir.join("format.new")
}

/// A segment is named by its first record, so that a directory listing is an index.
pub(crate) fn segment_path(dir: &Path, first_seq: u64) -> PathBuf {
    dir.join(format!("{first_seq:020}.segment"))
}

/// A segment that is still being made.
pub(crate) fn new_segment_path(dir: &Path) -> PathBuf {
    dir.join("segment.new")
}

/// Sequence of the first record of each segment, ascending.
pub(crate) fn segments(dir: &Path) -> Result<Vec<u64>, Fault> {
    let listing = fs::read_dir(dir).map_err(Fault::io("list", dir))?;
    let mut found = Vec::new();
    for entry in listing {
        let path = entry.map_err(Fault::io("list", dir))?.path();
        if path
            .extension()
            .is_none_or(|extension| extension != "segment")
        {
            continue;
        }
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let named = stem
            .parse()
            .ok()
            .filter(|seq| segment_path(dir, *seq) == path);
        found.push(named.ok_or_else(|| Fault::damage(&path, 0, 0, Flaw::Foreign))?);
    }
    found.sort_unstable();
    Ok(found)
}

/// First step of creation: from here until [`finish_stamp`] the directory holds no journal.
pub(crate) fn begin_stamp(dir: &Path, log_id: &LogId) -> Result<(), Fault> {
    let path = unfinished_stamp_path(dir);
    let fault = || Fault::io("write", &path);
    let stamp = file::create(&path).map_err(fault())?;
    file::write_all_at(&stamp, stamp_text(log_id).as_bytes(), 0).map_err(fault())?;
    file::sync(&stamp).map_err(fault())?;
    file::sync_dir(dir).map_err(Fault::io("sync", dir))
}

pub(crate) fn finish_stamp(dir: &Path) -> Result<(), Fault> {
    let path = stamp_path(dir);
    file::publish(&unfinished_stamp_path(dir), &path).map_err(Fault::io("write", &path))
}

/// What the directory holds, judged by the stamp.
pub(crate) enum Stamp {
    Journal(LogId),
    /// Creation was interrupted: no record was ever acknowledged here.
    Unfinished,
    Nothing,
}

pub(crate) fn read_stamp(dir: &Path) -> Result<Stamp, Fault> {
    let path = stamp_path(dir);
    match fs::metadata(&path) {
        Ok(meta) if meta.len() > LONGEST_STAMP => {
            return Err(Fault::damage(&path, LONGEST_STAMP, 0, Flaw::Foreign));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return missing_stamp(dir),
        Err(error) => return Err(Fault::io("read", &path)(error)),
    }
    let bytes = fs::read(&path).map_err(Fault::io("read", &path))?;
    parse_stamp(&path, &bytes).map(Stamp::Journal)
}

/// The log id of an existing journal.
pub(crate) fn log_id(dir: &Path) -> Result<LogId, Fault> {
    match read_stamp(dir)? {
        Stamp::Journal(log_id) => Ok(log_id),
        Stamp::Unfinished | Stamp::Nothing => Err(Fault::Absent(dir.to_owned())),
    }
}

fn missing_stamp(dir: &Path) -> Result<Stamp, Fault> {
    if unfinished_stamp_path(dir).exists() {
        return Ok(Stamp::Unfinished);
    }
    if dir.exists() && (head_path(dir).exists() || !segments(dir)?.is_empty()) {
        return Err(Fault::damage(&stamp_path(dir), 0, 0, Flaw::Missing));
    }
    Ok(Stamp::Nothing)
}

pub(crate) fn stamp_text(log_id: &LogId) -> String {
    format!("{STAMP_PREFIX}{FORMAT}\nlog {log_id}\n")
}

fn parse_stamp(path: &Path, bytes: &[u8]) -> Result<LogId, Fault> {
    let foreign = || Fault::damage(path, 0, 0, Flaw::Foreign);
    let text = std::str::from_utf8(bytes).map_err(|_| foreign())?;
    let (version, rest) = text
        .strip_prefix(STAMP_PREFIX)
        .and_then(|rest| rest.split_once('\n'))
        .ok_or_else(foreign)?;
    match version.parse::<u32>() {
        Ok(found) if found > FORMAT => {
            return Err(Fault::NewerFormat {
                file: path.to_owned(),
                found,
            });
        }
        Ok(_) => {}
        Err(_) => return Err(foreign()),
    }
    let log_id = rest
        .strip_prefix("log ")
        .and_then(|rest| rest.strip_suffix('\n'))
        .and_then(|id| id.parse().ok());
    // Comparing the whole text refuses every spelling but the one that is written.
    log_id
        .filter(|log_id| stamp_text(log_id) == text)
        .ok_or_else(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamp_is_frozen_and_strict() {
        let log_id = LogId([0xab; 16]);
        let text = "tongxin journal\nformat 1\nlog abababababababababababababababab\n";
        assert_eq!(stamp_text(&log_id), text);
        let parse = |text: &str| parse_stamp(Path::new("format"), text.as_bytes());
        assert_eq!(parse(text).expect("own stamp"), log_id);
        for at in 0..text.len() {
            assert!(parse(&text[..at]).is_err(), "cut at {at}");
        }
        assert!(parse(&text.replace("format 1", "format 01")).is_err());
        let newer = parse(&text.replace("format 1", "format 2"))
            .expect_err("newer")
            .to_string();
        assert_eq!(
            newer,
            "format has format 2; this program reads up to 1: use a newer program"
        );
    }
}
