//! Writes a register's workbook: headings in both languages, drop-downs and checks,
//! instructions; and, for an import, the rows again with what is wrong marked in
//! its cell. Texts are texts: no cell is a formula.

use std::collections::BTreeMap;

use node_domain::registers::{Form as EntryForm, Kind};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationRule, ExcelDateTime, Format, Formula, Note,
    ProtectionOptions, Workbook, Worksheet, XlsxError,
};

use super::check::Mark;
use super::column::Column;
use super::read::Row;
use crate::failure::{Exit, Failure};

/// Of the layout; stands in the hidden first row, with the register's code.
pub const VERSION: u32 = 1;
pub const REMARK: (&str, &str, &str) = ("remark", "检查结果", "Result");
/// Hidden keys, headings.
pub const HEAD_ROWS: u32 = 2;
/// Rows that drop-downs and checks reach.
const CHECKED_ROWS: u32 = 20_000;
const LISTS: &str = "lists";

/// What came of a row.
#[derive(Debug)]
pub enum Outcome {
    Wrong(Vec<Mark>),
    /// `entries/17`, or why nothing was done.
    Done(String),
}

/// By line of the file.
pub type Results = BTreeMap<u32, Outcome>;

pub struct Book<'a> {
    kind: &'a Kind,
    columns: &'a [Column],
    rows: Vec<(&'a Row, &'a Outcome)>,
}

struct Formats {
    heading: Format,
    open: Format,
    day: Format,
    wrong: Format,
    remark: Format,
}

impl<'a> Book<'a> {
    pub fn empty(kind: &'a Kind, columns: &'a [Column]) -> Book<'a> {
        Book {
            kind,
            columns,
            rows: Vec::new(),
        }
    }

    /// The rows of a file, each with what came of it.
    pub fn checked(
        kind: &'a Kind,
        columns: &'a [Column],
        rows: impl IntoIterator<Item = (&'a Row, &'a Outcome)>,
    ) -> Book<'a> {
        Book {
            rows: rows.into_iter().collect(),
            ..Book::empty(kind, columns)
        }
    }

    pub fn bytes(&self) -> Result<Vec<u8>, Failure> {
        self.written()
            .map_err(|error| Failure::new(Exit::Failure, format!("xlsx: {error}")))
    }

    fn written(&self) -> Result<Vec<u8>, XlsxError> {
        let formats = Formats::new();
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("名册 register")?;
        self.head(sheet, &formats)?;
        for (row, (cells, result)) in (HEAD_ROWS..).zip(&self.rows) {
            self.row(sheet, row, cells, result, &formats)?;
        }
        sheet.protect_with_options(&ProtectionOptions {
            format_columns: true,
            format_rows: true,
            insert_rows: true,
            delete_rows: true,
            sort: true,
            use_autofilter: true,
            ..ProtectionOptions::new()
        });
        self.instructions(book.add_worksheet().set_name("说明 instructions")?)?;
        self.lists(book.add_worksheet().set_name(LISTS)?)?;
        book.save_to_buffer()
    }

    fn head(&self, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
        let mut at = 0;
        for column in self.columns {
            sheet.write_string(0, at, column.key())?;
            let star = if column.is_needed(&self.kind.rules) {
                " *"
            } else {
                ""
            };
            let heading = format!("{}{star}\n{}", column.zh(), column.en());
            sheet.write_string_with_format(1, at, heading, &formats.heading)?;
            sheet.set_column_width(at, width(*column))?;
            sheet.set_column_format(at, formats.of(*column))?;
            if let Some(rule) = self.validation(*column)? {
                sheet.add_data_validation(HEAD_ROWS, at, HEAD_ROWS + CHECKED_ROWS, at, &rule)?;
            }
            at += 1;
        }
        sheet.write_string(0, at, REMARK.0)?;
        let heading = format!("{}\n{}", REMARK.1, REMARK.2);
        sheet.write_string_with_format(1, at, heading, &formats.heading)?;
        sheet.set_column_width(at, 60)?;
        sheet.write_string(0, at + 1, format!("tongxin/{VERSION}/{}", self.kind.code))?;
        sheet.set_row_hidden(0)?;
        sheet.set_freeze_panes(HEAD_ROWS, 1)?;
        Ok(())
    }

    fn row(
        &self,
        sheet: &mut Worksheet,
        at: u32,
        row: &Row,
        result: &Outcome,
        formats: &Formats,
    ) -> Result<(), XlsxError> {
        let marks: &[Mark] = match result {
            Outcome::Wrong(marks) => marks,
            Outcome::Done(_) => &[],
        };
        for (column, of) in (0..).zip(self.columns) {
            let text = row.cell(*of);
            let mut own = marks
                .iter()
                .filter(|mark| mark.column == Some(*of))
                .peekable();
            let format = match own.peek() {
                Some(_) => &formats.wrong,
                None => formats.of(*of),
            };
            sheet.write_string_with_format(at, column, text, format)?;
            let said: Vec<String> = own.map(Mark::words).collect();
            if !said.is_empty() {
                let note = Note::new(said.join("\n")).set_author("tongxin");
                sheet.insert_note(at, column, &note)?;
            }
        }
        let remark = match result {
            Outcome::Wrong(marks) => {
                let said = marks.iter().map(|mark| match mark.column {
                    Some(column) => format!("{}：{}", column.zh(), mark.words()),
                    None => mark.words(),
                });
                said.collect::<Vec<_>>().join("\n")
            }
            Outcome::Done(said) => said.clone(),
        };
        let last = self.columns.len() as u16;
        sheet.write_string_with_format(at, last, remark, &formats.remark)?;
        Ok(())
    }

    fn validation(&self, column: Column) -> Result<Option<DataValidation>, XlsxError> {
        let rule = DataValidation::new();
        let until = |most| DataValidationRule::LessThanOrEqualTo(most);
        let rule = match column {
            Column::Group | Column::Stage => {
                let (letter, count) = match column {
                    Column::Group => ('A', self.kind.rules.groups.len()),
                    _ => ('B', self.kind.rules.stages.len()),
                };
                let cells = format!("={LISTS}!${letter}$1:${letter}${count}");
                rule.allow_list_formula(Formula::new(cells))
            }
            Column::Grid => rule.allow_text_length(DataValidationRule::EqualTo(3)),
            Column::Unit => {
                rule.allow_decimal_number(DataValidationRule::Between(0.0, 100_000_000.0))
            }
            Column::From | Column::Until | Column::Consented => {
                let first = ExcelDateTime::from_ymd(1950, 1, 1)?;
                let last = ExcelDateTime::from_ymd(2200, 12, 31)?;
                rule.allow_date(DataValidationRule::Between(first, last))
            }
            Column::Title | Column::Name => rule.allow_text_length(until(64)),
            Column::Phone | Column::Area => rule.allow_text_length(until(40)),
            Column::Address => rule.allow_text_length(until(200)),
            Column::Text => return Ok(None),
        };
        let (zh, en) = column.hint();
        let rule = rule.set_error_title("tongxin")?.set_error_message(format!(
            "{}：{zh}\n{}: {en}",
            column.zh(),
            column.en()
        ))?;
        Ok(Some(rule))
    }

    fn instructions(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let title = &self.kind.title;
        let mut lines =
            vec![
            format!("名册“{}”（{}） · Register “{}”", title.zh, self.kind.code, title.en),
            String::new(),
            "一行一条，从第三行填起；带 * 的必填。不要改标题行。".to_owned(),
            "One entry a row, from the third row on; * must be filled in. Leave the headings."
                .to_owned(),
            "填好后：tongxin node import register 文件名；先加 --dry-run 只检查不写入。".to_owned(),
            "Then: tongxin node import register FILE; first with --dry-run, which writes nothing."
                .to_owned(),
            "再次导入不会重复登记：姓名加电话（或住址）、住户加住址、单位加名称相同的即为同一条。"
                .to_owned(),
            "Importing again adds nothing twice: the same name and phone (or address), household \
             and address, or title is the same entry."
                .to_owned(),
            "不要填写身份证号码。 Leave out ID card numbers.".to_owned(),
            String::new(),
        ];
        if self.kind.rules.form == EntryForm::Household {
            lines.push("一户一行，姓名填户主或业主。 A row is a household.".to_owned());
        }
        for column in self.columns {
            let (zh, en) = column.hint();
            lines.push(format!("{}：{zh} · {}: {en}", column.zh(), column.en()));
        }
        for (row, line) in (0..).zip(lines) {
            sheet.write_string(row, 0, line)?;
        }
        sheet.set_column_width(0, 110)?;
        Ok(())
    }

    fn lists(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let rules = &self.kind.rules;
        for (row, group) in (0..).zip(&rules.groups) {
            sheet.write_string(row, 0, group.as_str())?;
        }
        for (row, stage) in (0..).zip(&rules.stages) {
            sheet.write_string(row, 1, stage.code.as_str())?;
        }
        sheet.set_hidden(true);
        Ok(())
    }
}

impl Formats {
    fn new() -> Formats {
        // As text, so that 003 and telephone numbers stay what they are.
        let open = Format::new().set_unlocked().set_num_format("@");
        Formats {
            heading: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_background_color(Color::RGB(0x00DD_E6F0)),
            day: Format::new().set_unlocked().set_num_format("yyyy-mm-dd"),
            wrong: open.clone().set_background_color(Color::RGB(0x00FF_C7CE)),
            remark: Format::new().set_text_wrap(),
            open,
        }
    }

    fn of(&self, column: Column) -> &Format {
        match column {
            Column::From | Column::Until | Column::Consented => &self.day,
            _ => &self.open,
        }
    }
}

fn width(column: Column) -> f64 {
    match column {
        Column::Address | Column::Text | Column::Title => 32.0,
        Column::Grid => 8.0,
        _ => 16.0,
    }
}
