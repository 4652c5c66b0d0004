//! Answers as files for other programs, each with the statement of how its numbers
//! came about. Knows no command; what a row means is `hub query`'s.

mod adx;
mod dhis2;
mod method;
mod parquet;
mod point;
mod xlsx;

use std::fs;
use std::path::{Path, PathBuf};

use proto::pb::{hub as pb, types};

use crate::failure::{Exit, Failure};
use crate::output::Sheet;

/// By what its name ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Xlsx,
    Parquet,
    /// IHE's aggregate data exchange.
    Adx,
    /// DHIS2's `dataValueSets`.
    Dhis2,
}

const ENDINGS: [(&str, Format); 6] = [
    (".dhis2.json", Format::Dhis2),
    (".adx.xml", Format::Adx),
    (".csv", Format::Csv),
    (".json", Format::Json),
    (".xlsx", Format::Xlsx),
    (".parquet", Format::Parquet),
];

/// An answer with what it takes to explain it.
pub struct Answer<'a> {
    pub rows: &'a [pb::Row],
    pub sheet: &'a Sheet,
    /// Of the indicators asked for.
    pub definitions: &'a [types::IndicatorDefinition],
    /// What was asked, as a command line.
    pub question: String,
    /// Where a row has no place of its own: what was asked for.
    pub place: &'a str,
    /// Where a row has no period of its own: the one period asked for, if so.
    pub period: Option<&'a str>,
    pub answered_at: jiff::Timestamp,
}

impl Format {
    pub fn of(file: &Path) -> Result<Format, Failure> {
        let name = file.to_string_lossy().to_lowercase();
        let found = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
        found.map(|(_, format)| *format).ok_or_else(|| {
            let endings = ENDINGS.map(|(ending, _)| ending).join(" ");
            let text = crate::text!(
                "--save {:?}：文件名要以 {} 之一结尾",
                "--save {:?}: the name must end with one of {}",
                name,
                endings
            );
            Failure::new(Exit::Usage, text)
        })
    }
}

/// Writes the file and, beside it, the statement of method; gives both paths.
pub fn save(answer: &Answer<'_>, file: &Path) -> Result<[PathBuf; 2], Failure> {
    let bytes = match Format::of(file)? {
        Format::Csv => answer.sheet.csv(true)?,
        Format::Json => answer.sheet.json().into_bytes(),
        Format::Xlsx => xlsx::render(answer)?,
        Format::Parquet => parquet::render(answer)?,
        Format::Adx => adx::render(answer)?,
        Format::Dhis2 => dhis2::render(answer)?,
    };
    let beside = PathBuf::from(format!("{}.method.txt", file.display()));
    fs::write(file, bytes)?;
    fs::write(&beside, method::statement(answer))?;
    Ok([file.to_owned(), beside])
}
