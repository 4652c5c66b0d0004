//! A workbook: the answer with headings in both languages, and the statement of
//! method on a sheet of its own. Texts are texts: no cell is a formula.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::{Answer, method};
use crate::failure::{Exit, Failure};
use crate::output::Cell;

pub fn render(answer: &Answer<'_>) -> Result<Vec<u8>, Failure> {
    written(answer).map_err(|error| Failure::new(Exit::Usage, format!("xlsx: {error}")))
}

fn written(answer: &Answer<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let heading = Format::new().set_bold().set_text_wrap();
    let share = Format::new().set_num_format("0.0%");
    let data = book.add_worksheet().set_name("数据 data")?;
    for (column, shown) in (0..).zip(&answer.sheet.columns) {
        let title = format!("{}\n{}", shown.zh, shown.en);
        data.write_string_with_format(0, column, title, &heading)?;
    }
    for (row, cells) in (1..).zip(&answer.sheet.rows) {
        for (column, cell) in (0..).zip(cells) {
            write(data, row, column, cell, &share)?;
        }
    }
    data.set_freeze_panes(1, 0)?;
    data.autofit();
    let explained = book.add_worksheet().set_name("方法 method")?;
    for (row, line) in (0..).zip(method::statement(answer).lines()) {
        explained.write_string(row, 0, line)?;
    }
    explained.set_column_width(0, 100)?;
    book.save_to_buffer()
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    share: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Whole(number) => sheet.write_number(row, column, *number as f64)?,
        Cell::Number(number, _) => sheet.write_number(row, column, *number)?,
        Cell::Share(number) => sheet.write_number_with_format(row, column, *number, share)?,
        Cell::Text(_) | Cell::List(_) | Cell::Rows(_) => {
            sheet.write_string(row, column, cell.plain())?
        }
    };
    Ok(())
}
