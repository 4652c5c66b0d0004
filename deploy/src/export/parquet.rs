//! A Parquet file: one optional column for each of the sheet's, by its stable key;
//! the statement of method is in the file's metadata under `tongxin.method`.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::{Answer, method};
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Sheet};

/// What all cells of a column fit into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Number,
    Text,
}

pub fn render(answer: &Answer<'_>) -> Result<Vec<u8>, Failure> {
    written(answer).map_err(|error| Failure::new(Exit::Usage, format!("parquet: {error}")))
}

fn written(answer: &Answer<'_>) -> Result<Vec<u8>, ParquetError> {
    let sheet = answer.sheet;
    let kinds: Vec<Kind> = (0..sheet.columns.len()).map(|at| kind(sheet, at)).collect();
    let fields = sheet.columns.iter().zip(&kinds);
    let fields = fields.map(|(column, kind)| field(column.key, *kind).map(Arc::new));
    let schema = Type::group_type_builder("row").with_fields(fields.collect::<Result<_, _>>()?);
    let method = KeyValue::new("tongxin.method".to_owned(), method::statement(answer));
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_key_value_metadata(Some(vec![method]));
    let schema = Arc::new(schema.build()?);
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    let mut group = writer.next_row_group()?;
    for (at, kind) in kinds.into_iter().enumerate() {
        let Some(mut column) = group.next_column()? else {
            break;
        };
        write(&mut column, kind, sheet.rows.iter().map(|row| &row[at]))?;
        column.close()?;
    }
    group.close()?;
    writer.into_inner()
}

fn kind(sheet: &Sheet, at: usize) -> Kind {
    let mut kind = Kind::Whole;
    let mut any = false;
    for row in &sheet.rows {
        match row[at] {
            Cell::Empty => continue,
            Cell::Whole(_) => {}
            Cell::Number(..) | Cell::Share(_) => kind = Kind::Number,
            Cell::Text(_) | Cell::List(_) | Cell::Rows(_) => return Kind::Text,
        }
        any = true;
    }
    if any { kind } else { Kind::Text }
}

fn field(key: &str, kind: Kind) -> Result<Type, ParquetError> {
    let (physical, logical) = match kind {
        Kind::Whole => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    Type::primitive_type_builder(key, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn write<'a>(
    column: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    cells: impl Iterator<Item = &'a Cell> + Clone,
) -> Result<(), ParquetError> {
    let is_there = |cell: &&Cell| **cell != Cell::Empty;
    let levels: Vec<i16> = cells.clone().map(|cell| is_there(&cell).into()).collect();
    let there = cells.filter(is_there);
    match kind {
        Kind::Whole => {
            let values: Vec<i64> = there.map(whole).collect();
            column
                .typed::<Int64Type>()
                .write_batch(&values, Some(&levels), None)?;
        }
        Kind::Number => {
            let values: Vec<f64> = there.map(number).collect();
            column
                .typed::<DoubleType>()
                .write_batch(&values, Some(&levels), None)?;
        }
        Kind::Text => {
            let values: Vec<ByteArray> = there
                .map(|cell| ByteArray::from(cell.plain().into_bytes()))
                .collect();
            column
                .typed::<ByteArrayType>()
                .write_batch(&values, Some(&levels), None)?;
        }
    }
    Ok(())
}

fn whole(cell: &Cell) -> i64 {
    match cell {
        Cell::Whole(number) => *number,
        _ => 0,
    }
}

fn number(cell: &Cell) -> f64 {
    match cell {
        Cell::Whole(number) => *number as f64,
        Cell::Number(number, _) | Cell::Share(number) => *number,
        _ => 0.0,
    }
}
