//! Reads a filled-in register: a workbook or CSV in UTF-8, as rows of texts under
//! known headings. Knows no rule of a register.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx, open_workbook};

use super::column::Column;
use super::write::{REMARK, VERSION};
use crate::failure::{Exit, Failure};

const MOST_BYTES: u64 = 64 << 20;
const MOST_ROWS: usize = 200_000;
/// The headings stand in one of the first rows.
const HEAD_WITHIN: usize = 5;

#[derive(Debug)]
pub struct Row {
    /// As the file counts, from 1.
    pub line: u32,
    cells: BTreeMap<Column, String>,
}

impl Row {
    /// Trimmed; empty when there is none.
    pub fn cell(&self, column: Column) -> &str {
        self.cells.get(&column).map_or("", String::as_str)
    }
}

/// A column of the file: one of ours, one to look over, or an unknown heading.
enum Heading {
    Known(Column),
    Remark,
    Stamp(String),
    Blank,
    Unknown(String),
}

pub fn rows(file: &Path, register: &str, columns: &[Column]) -> Result<Vec<Row>, Failure> {
    let bad = |zh: String, en: String| {
        let text = crate::locale::pick(zh, en);
        Failure::new(Exit::BadData, format!("{}: {text}", file.display()))
    };
    let size = fs::metadata(file).map_err(|error| bad(error.to_string(), error.to_string()))?;
    if size.len() > MOST_BYTES {
        return Err(bad(
            format!("文件大于 {} MiB，请分成几个", MOST_BYTES >> 20),
            format!("larger than {} MiB: split it", MOST_BYTES >> 20),
        ));
    }
    let table = match super::ending(file).as_str() {
        "xlsx" => workbook(file),
        "csv" => csv(file),
        _ => Err("want a file that ends with .xlsx or .csv".to_owned()),
    };
    let table = table.map_err(|fault| bad(fault.clone(), fault))?;
    let (at, headings) = head(&table, columns).ok_or_else(|| {
        let keys: Vec<&str> = columns.iter().map(|column| column.zh()).collect();
        bad(
            format!("前 {HEAD_WITHIN} 行里没有标题行；应有：{}", keys.join("、")),
            format!(
                "no row of headings among the first {HEAD_WITHIN}: want {}",
                keys.join(", ")
            ),
        )
    })?;
    let mut seen = BTreeSet::new();
    for heading in &headings {
        match heading {
            Heading::Unknown(text) => {
                return Err(bad(
                    format!("名册“{register}”没有“{text}”这一列；删去这一列或改标题"),
                    format!("the register {register} has no column {text:?}; remove it"),
                ));
            }
            Heading::Known(column) if !seen.insert(*column) => {
                return Err(bad(
                    format!("“{}”这一列有两个", column.zh()),
                    format!("there are two columns {}", column.en()),
                ));
            }
            Heading::Stamp(stamp) if *stamp != format!("tongxin/{VERSION}/{register}") => {
                return Err(bad(
                    format!(
                        "这是 {stamp} 的模板，不是 tongxin/{VERSION}/{register}；请重新生成模板"
                    ),
                    format!(
                        "a template of {stamp}, not of tongxin/{VERSION}/{register}: make a new one"
                    ),
                ));
            }
            _ => {}
        }
    }
    let mut rows = Vec::new();
    for (line, cells) in (1..).zip(&table).skip(at + 1) {
        let known = headings
            .iter()
            .zip(cells)
            .filter_map(|(heading, text)| match heading {
                Heading::Known(column) if !text.is_empty() => Some((*column, text.clone())),
                _ => None,
            });
        let cells: BTreeMap<Column, String> = known.collect();
        if cells.is_empty() || is_head(&cells) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(bad(
                format!("多于 {MOST_ROWS} 行，请分成几个文件"),
                format!("more than {MOST_ROWS} rows: split the file"),
            ));
        }
        rows.push(Row { line, cells });
    }
    Ok(rows)
}

/// The first row of which a heading is ours.
fn head(table: &[Vec<String>], columns: &[Column]) -> Option<(usize, Vec<Heading>)> {
    let read = |row: &Vec<String>| -> Vec<Heading> {
        row.iter().map(|text| heading(text, columns)).collect()
    };
    let ours = |headings: &[Heading]| {
        let known = headings
            .iter()
            .filter(|one| matches!(one, Heading::Known(_)));
        known.count() * 2
            > headings
                .iter()
                .filter(|one| !matches!(one, Heading::Blank))
                .count()
    };
    let rows = table.iter().take(HEAD_WITHIN).map(read).enumerate();
    rows.into_iter().find(|(_, headings)| ours(headings))
}

fn heading(text: &str, columns: &[Column]) -> Heading {
    if text.is_empty() {
        return Heading::Blank;
    }
    if text.starts_with("tongxin/") {
        return Heading::Stamp(text.to_owned());
    }
    let (key, zh, en) = REMARK;
    if names(text, key, zh, en) {
        return Heading::Remark;
    }
    let mut all = columns.iter().copied();
    let known = all.find(|one| names(text, one.key(), one.zh(), one.en()));
    known.map_or_else(|| Heading::Unknown(text.to_owned()), Heading::Known)
}

/// By its key, in one language, or in both as the template has it.
fn names(text: &str, key: &str, zh: &str, en: &str) -> bool {
    let mut lines = text.lines();
    let first = lines
        .next()
        .unwrap_or_default()
        .trim_end_matches('*')
        .trim();
    let second = lines.next().map(str::trim);
    [key, zh, en].contains(&first) && second.is_none_or(|second| second == en)
}

/// A second row of headings.
fn is_head(cells: &BTreeMap<Column, String>) -> bool {
    let own =
        |(column, text): (&Column, &String)| names(text, column.key(), column.zh(), column.en());
    cells.iter().all(own)
}

/// The first sheet.
fn workbook(file: &Path) -> Result<Vec<Vec<String>>, String> {
    let mut book: Xlsx<_> =
        open_workbook(file).map_err(|fault: calamine::XlsxError| fault.to_string())?;
    let first = book.worksheet_range_at(0);
    let first = first.ok_or("no sheet · 没有工作表")?;
    let range = first.map_err(|fault| fault.to_string())?;
    let (rows, columns) = range
        .end()
        .map_or((0, 0), |(row, column)| (row + 1, column + 1));
    let cell = |row, column| {
        range
            .get_value((row, column))
            .map_or_else(String::new, text)
    };
    let row = |row| {
        (0..columns.min(64))
            .map(|column| cell(row, column))
            .collect()
    };
    Ok((0..rows).map(row).collect())
}

fn text(cell: &Data) -> String {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.trim().to_owned()
        }
        Data::Int(number) => number.to_string(),
        // Excel keeps 3 and telephone numbers as fractions.
        Data::Float(number) => number.to_string(),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

fn csv(file: &Path) -> Result<Vec<Vec<String>>, String> {
    let bytes = fs::read(file).map_err(|fault| fault.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| {
        "不是 UTF-8：请另存为“CSV UTF-8”或 .xlsx · not UTF-8: save it as “CSV UTF-8” or .xlsx"
            .to_owned()
    })?;
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true);
    let mut reader = reader.from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows = reader.records().map(|record| {
        let record = record.map_err(|fault| fault.to_string())?;
        Ok(record.iter().map(|cell| cell.trim().to_owned()).collect())
    });
    rows.collect()
}
