//! A partition's bytes: Parquet or CSV with the same columns. What does not read
//! as it was written is a failure that names the file.

use std::{collections::BTreeMap, fs, fs::File, path::Path, sync::Arc};

use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        reader::{FileReader as _, SerializedFileReader},
        writer::SerializedFileWriter,
    },
    record::{Field, Row},
    schema::types::Type,
};

use super::{
    files::{bad, hex, unhex},
    partition::Partition,
    row::{Kept, Key},
};
use crate::{
    cli::FileFormat,
    failure::{Exit, Failure},
};

/// In their order; optional ones are those that a row may lack.
const COLUMNS: [(&str, Kind, bool); 13] = [
    ("place", Kind::Text, false),
    ("indicator", Kind::Text, false),
    ("revision", Kind::Whole, false),
    ("period", Kind::Text, false),
    ("members", Kind::Text, false),
    ("number", Kind::Number, true),
    ("numerator", Kind::Whole, true),
    ("denominator", Kind::Whole, true),
    ("lineage", Kind::Whole, false),
    ("seq", Kind::Whole, false),
    ("kind", Kind::Whole, false),
    ("state", Kind::Bytes, false),
    ("listing", Kind::Whole, false),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Bytes,
    Whole,
    Number,
}

/// One value, as both formats hold it.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    None,
    Text(String),
    Bytes(Vec<u8>),
    Whole(i64),
    Number(f64),
}

pub fn write(partition: &Partition, format: FileFormat) -> Result<Vec<u8>, Failure> {
    let rows: Vec<[Value; 13]> = partition.rows.iter().map(values).collect();
    let failure = |error: String| Failure::new(Exit::Storage, error);
    match format {
        FileFormat::Parquet => write_parquet(&rows).map_err(|error| failure(error.to_string())),
        FileFormat::Csv => write_csv(&rows).map_err(|error| failure(error.to_string())),
    }
}

pub fn read(path: &Path, format: FileFormat) -> Result<Partition, Failure> {
    let rows = match format {
        FileFormat::Parquet => read_parquet(path).map_err(|error| bad(path, error))?,
        FileFormat::Csv => read_csv(path)?,
    };
    let rows = rows
        .into_iter()
        .map(row)
        .collect::<Option<BTreeMap<_, _>>>();
    let rows = rows.ok_or_else(|| bad(path, "a row is not as it was written"))?;
    Ok(Partition::of(rows))
}

fn values((key, row): (&Key, &Kept)) -> [Value; 13] {
    let text = |text: &str| Value::Text(text.to_owned());
    let whole = |number: Option<i64>| number.map_or(Value::None, Value::Whole);
    [
        text(&key.place),
        text(&key.indicator),
        Value::Whole(key.revision.into()),
        text(&key.period),
        text(&key.members),
        row.number.map_or(Value::None, Value::Number),
        whole(row.numerator),
        whole(row.denominator),
        Value::Whole(row.order.0.into()),
        Value::Whole(row.order.1.cast_signed()),
        Value::Whole(row.kind.into()),
        Value::Bytes(row.state.clone()),
        Value::Whole(row.listing),
    ]
}

fn row(values: Vec<Value>) -> Option<(Key, Kept)> {
    let mut values = values.into_iter();
    let mut next = || values.next();
    fn text(value: Option<Value>) -> Option<String> {
        match value? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
    fn whole(value: Option<Value>) -> Option<i64> {
        match value? {
            Value::Whole(number) => Some(number),
            _ => None,
        }
    }
    fn optional(value: Option<Value>) -> Option<Option<i64>> {
        match value? {
            Value::None => Some(None),
            value => whole(Some(value)).map(Some),
        }
    }
    let key = Key {
        place: text(next())?,
        indicator: text(next())?,
        revision: whole(next())?.try_into().ok()?,
        period: text(next())?,
        members: text(next())?,
    };
    let number = match next()? {
        Value::None => None,
        Value::Number(number) => Some(number),
        _ => return None,
    };
    let (numerator, denominator) = (optional(next())?, optional(next())?);
    let order = (
        whole(next())?.try_into().ok()?,
        whole(next())?.cast_unsigned(),
    );
    let kind = whole(next())?.try_into().ok()?;
    let state = match next()? {
        Value::Bytes(bytes) => bytes,
        _ => return None,
    };
    let kept = Kept {
        order,
        kind,
        state,
        number,
        numerator,
        denominator,
        listing: whole(next())?,
    };
    Some((key, kept))
}

fn write_csv(rows: &[[Value; 13]]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(name, _, _)| name))?;
    for row in rows {
        writer.write_record(row.iter().map(|value| match value {
            Value::None => String::new(),
            Value::Text(text) => text.clone(),
            Value::Bytes(bytes) => hex(bytes),
            Value::Whole(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
        }))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn read_csv(path: &Path) -> Result<Vec<Vec<Value>>, Failure> {
    let bytes = fs::read(path).map_err(|error| bad(path, error))?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(path, error))?;
        let cells = record.iter().zip(COLUMNS);
        let row = cells.map(|(cell, (name, kind, is_optional))| {
            parsed(cell, kind, is_optional)
                .ok_or_else(|| bad(path, format!("line {}: {name}", rows.len() + 2)))
        });
        rows.push(row.collect::<Result<Vec<Value>, Failure>>()?);
    }
    Ok(rows)
}

fn parsed(cell: &str, kind: Kind, is_optional: bool) -> Option<Value> {
    if cell.is_empty() && is_optional {
        return Some(Value::None);
    }
    Some(match kind {
        Kind::Text => Value::Text(cell.to_owned()),
        Kind::Bytes => Value::Bytes(unhex(cell)?),
        Kind::Whole => Value::Whole(cell.parse().ok()?),
        Kind::Number => Value::Number(cell.parse().ok()?),
    })
}

fn write_parquet(rows: &[[Value; 13]]) -> Result<Vec<u8>, ParquetError> {
    let fields = COLUMNS.map(|(name, kind, is_optional)| {
        let (physical, logical) = match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Bytes => (Physical::BYTE_ARRAY, None),
            Kind::Whole => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
        };
        let repetition = match is_optional {
            true => Repetition::OPTIONAL,
            false => Repetition::REQUIRED,
        };
        let built = Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build();
        built.map(Arc::new)
    });
    let fields = fields.into_iter().collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("row")
        .with_fields(fields)
        .build()?;
    let properties = WriterProperties::builder().set_compression(Compression::UNCOMPRESSED);
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties)?;
    let mut group = writer.next_row_group()?;
    for (at, (_, kind, is_optional)) in COLUMNS.into_iter().enumerate() {
        let Some(mut column) = group.next_column()? else {
            break;
        };
        let there = rows.iter().map(|row| &row[at]);
        let levels: Vec<i16> = there
            .clone()
            .map(|value| (*value != Value::None).into())
            .collect();
        let levels = is_optional.then_some(levels.as_slice());
        match kind {
            Kind::Whole => {
                let values = there.filter_map(|value| match value {
                    Value::Whole(number) => Some(*number),
                    _ => None,
                });
                let values: Vec<i64> = values.collect();
                column
                    .typed::<Int64Type>()
                    .write_batch(&values, levels, None)?;
            }
            Kind::Number => {
                let values = there.filter_map(|value| match value {
                    Value::Number(number) => Some(*number),
                    _ => None,
                });
                let values: Vec<f64> = values.collect();
                column
                    .typed::<DoubleType>()
                    .write_batch(&values, levels, None)?;
            }
            Kind::Text | Kind::Bytes => {
                let values = there.filter_map(|value| match value {
                    Value::Text(text) => Some(ByteArray::from(text.as_str())),
                    Value::Bytes(bytes) => Some(ByteArray::from(bytes.clone())),
                    _ => None,
                });
                let values: Vec<ByteArray> = values.collect();
                column
                    .typed::<ByteArrayType>()
                    .write_batch(&values, levels, None)?;
            }
        }
        column.close()?;
    }
    group.close()?;
    writer.into_inner()
}

fn read_parquet(path: &Path) -> Result<Vec<Vec<Value>>, ParquetError> {
    let file = File::open(path).map_err(|error| ParquetError::External(Box::new(error)))?;
    let reader = SerializedFileReader::new(file)?;
    let rows = reader.get_row_iter(None)?;
    rows.map(|row| {
        row.map(|row: Row| {
            row.get_column_iter()
                .map(|(_, field)| value(field))
                .collect()
        })
    })
    .collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Str(text) => Value::Text(text.clone()),
        Field::Bytes(bytes) => Value::Bytes(bytes.data().to_vec()),
        Field::Long(number) => Value::Whole(*number),
        Field::Double(number) => Value::Number(*number),
        _ => Value::None,
    }
}
