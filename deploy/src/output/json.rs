//! A sheet for programs: an array of objects with the columns' stable keys;
//! what is absent is null.

use serde_json::{Map, Value};

use super::{Cell, Sheet};

pub fn render(sheet: &Sheet) -> String {
    format!("{:#}\n", objects(sheet))
}

fn objects(sheet: &Sheet) -> Value {
    let rows = sheet.rows.iter().map(|row| {
        let members = sheet.columns.iter().zip(row);
        let object: Map<String, Value> = members
            .map(|(column, cell)| (column.key.to_owned(), value(cell)))
            .collect();
        Value::Object(object)
    });
    Value::Array(rows.collect())
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => text.as_str().into(),
        Cell::Whole(number) => (*number).into(),
        Cell::Number(number, _) | Cell::Share(number) => (*number).into(),
        Cell::List(items) => items.as_slice().into(),
        Cell::Rows(sheet) => objects(sheet),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_is_null_and_shares_are_fractions() {
        let parsed: Value = serde_json::from_str(&render(&super::super::sample())).unwrap();
        assert_eq!(parsed[0]["on_time"], 0.7582);
        assert_eq!(parsed[1]["on_time"], Value::Null);
        assert_eq!(parsed[0]["reported"], -12);
    }
}
