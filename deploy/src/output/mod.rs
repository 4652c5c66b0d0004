//! Answers on stdout: one `Sheet`, three ways to print it. Keys of columns are
//! stable, headings are for people. Knows no command and no colour.

mod csv;
mod json;
mod table;

use std::io::{self, Write};

use crate::cli::Output;

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Stable, snake_case: JSON key and CSV heading.
    pub key: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Whole(i64),
    /// A number and how many decimals a person wants to see.
    Number(f64, usize),
    /// A fraction that people read as per cent, with one decimal.
    Share(f64),
    /// Codes a person should see as text and a machine as a list.
    List(Vec<String>),
    /// Several facts of several things: objects to a machine, lines to a person.
    Rows(Sheet),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    pub fn new(columns: Vec<Column>) -> Sheet {
        Sheet {
            columns,
            rows: Vec::new(),
        }
    }

    /// For a person, one row with many columns reads better as many rows.
    pub fn transposed_when(self, output: Output) -> Sheet {
        if output != Output::Table || self.rows.len() != 1 {
            return self;
        }
        let mut turned = Sheet::new(vec![
            column("what", "项", "what"),
            column("value", "值", "value"),
        ]);
        for (heading, cell) in self.columns.iter().zip(&self.rows[0]) {
            let heading = crate::locale::pick(heading.zh, heading.en);
            turned.rows.push(vec![heading.into(), cell.clone()]);
        }
        turned
    }

    pub fn json(&self) -> String {
        json::render(self)
    }

    /// `bom`: for Excel, which takes CSV for the machine's old code page without.
    pub fn csv(&self, bom: bool) -> io::Result<Vec<u8>> {
        csv::render(self, bom)
    }

    /// Writes to stdout; a reader that hangs up early is no failure.
    pub fn print(&self, output: Output, bom: bool) -> io::Result<()> {
        let bytes = match output {
            Output::Table => table::render(self).into_bytes(),
            Output::Json => json::render(self).into_bytes(),
            Output::Csv => csv::render(self, bom)?,
        };
        match io::stdout().lock().write_all(&bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

pub const fn column(key: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { key, zh, en }
}

impl Cell {
    /// As one text for a program: numbers as they are.
    pub fn plain(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Whole(number) => number.to_string(),
            Cell::Number(number, _) | Cell::Share(number) => number.to_string(),
            Cell::List(items) => items.join(" "),
            Cell::Rows(sheet) => {
                let line =
                    |row: &Vec<Cell>| row.iter().map(Cell::plain).collect::<Vec<_>>().join(" ");
                sheet.rows.iter().map(line).collect::<Vec<_>>().join("; ")
            }
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text.to_owned())
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text)
        }
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Cell {
        Cell::Whole(i64::from(number))
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Cell {
        Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
pub(crate) fn sample() -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("place", "地点", "place"),
        column("reported", "报事", "reported"),
        column("on_time", "按时", "on time"),
        column("note", "注", "note"),
    ]);
    sheet.rows.push(vec![
        "和平社区".into(),
        Cell::Whole(-12),
        Cell::Share(0.7582),
        "=1+1".into(),
    ]);
    sheet.rows.push(vec![
        "东街社区".into(),
        Cell::Whole(3),
        Cell::Empty,
        "a,b".into(),
    ]);
    sheet
}
