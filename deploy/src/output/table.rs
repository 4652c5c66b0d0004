//! A sheet for people: aligned columns, wide characters counted as two.

use comfy_table::{CellAlignment, LineStyle, Table, presets};

use super::{Cell, Sheet};

pub fn render(sheet: &Sheet) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_NO_BORDERS.row_separator(LineStyle::none()));
    table.set_header(
        sheet
            .columns
            .iter()
            .map(|column| crate::locale::pick(column.zh, column.en)),
    );
    for row in &sheet.rows {
        table.add_row(row.iter().map(|cell| {
            let alignment = match cell {
                Cell::Whole(_) | Cell::Number(..) | Cell::Share(_) => CellAlignment::Right,
                _ => CellAlignment::Left,
            };
            comfy_table::Cell::new(shown(cell)).set_alignment(alignment)
        }));
    }
    format!("{table}\n")
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Empty => "–".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Whole(number) => grouped(*number),
        Cell::Number(number, decimals) => format!("{number:.decimals$}"),
        Cell::Share(share) => format!("{:.1}%", share * 100.0),
        Cell::List(items) => items.join(" "),
        Cell::Rows(sheet) if sheet.rows.is_empty() => "–".to_owned(),
        Cell::Rows(sheet) => {
            let rows = sheet.rows.iter();
            let lines: Vec<String> = rows
                .map(|row| row.iter().map(shown).collect::<Vec<_>>().join("  "))
                .collect();
            lines.join("\n")
        }
    }
}

/// 1234567 → 1,234,567
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number < 0 {
        format!("-{grouped}")
    } else {
        grouped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (-1234567, "-1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn absent_differs_from_zero() {
        let table = render(&super::super::sample());
        assert!(table.contains("75.8%") && table.contains('–'), "{table}");
    }
}
