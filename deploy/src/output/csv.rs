//! A sheet for spreadsheets: UTF-8, stable headings, and no cell that a
//! spreadsheet would run as a formula.

use std::io;

use super::{Cell, Sheet};

pub fn render(sheet: &Sheet, bom: bool) -> io::Result<Vec<u8>> {
    // Excel takes CSV for the machine's old code page without the mark.
    let start = if bom {
        "\u{feff}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    let mut writer = csv::Writer::from_writer(start);
    writer.write_record(sheet.columns.iter().map(|column| column.key))?;
    for row in &sheet.rows {
        writer.write_record(row.iter().map(written))?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Whole(_) | Cell::Number(..) | Cell::Share(_) => cell.plain(),
        _ => neutralised(&cell.plain()),
    }
}

fn neutralised(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_stay_numbers() {
        let text = String::from_utf8(render(&sample(), false).unwrap()).unwrap();
        assert_eq!(
            text,
            "place,reported,on_time,note\n和平社区,-12,0.7582,'=1+1\n东街社区,3,,\"a,b\"\n"
        );
    }

    #[test]
    fn the_mark_is_only_there_when_asked_for() {
        assert!(
            render(&sample(), true)
                .unwrap()
                .starts_with(&[0xef, 0xbb, 0xbf])
        );
        assert!(render(&sample(), false).unwrap().starts_with(b"place"));
    }
}
