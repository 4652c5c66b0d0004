//! The view against a plain map, and what it does with damage.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;

use super::*;

fn row(text: &str) -> Option<Row> {
    Some(Arc::from(text.as_bytes()))
}

fn table(rows: &[(&str, Option<&str>)]) -> Table {
    let mut table = Table::default();
    for (key, text) in rows {
        table.put(key.as_bytes().to_vec(), text.and_then(row));
    }
    table
}

fn keys(scan: Scan) -> Vec<String> {
    scan.map(|found| String::from_utf8(found.unwrap().0.to_vec()).unwrap())
        .collect()
}

#[test]
fn rows_in_memory_and_on_disk_read_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("view");
    let (writer, _) = ViewWriter::open(&path).unwrap();
    writer.publish(table(&[
        ("a", Some("1")),
        ("b", Some("1")),
        ("c", Some("1")),
    ]));
    writer.seal().unwrap();
    writer.close().unwrap();

    let (writer, found) = ViewWriter::open(&path).unwrap();
    assert!(matches!(found, Found::Whole));
    let view = writer.view().clone();
    writer.publish(table(&[("b", None), ("c", Some("2")), ("d", Some("2"))]));
    assert_eq!(view.get(b"b").unwrap(), None);
    assert_eq!(view.get(b"c").unwrap(), row("2"));
    assert_eq!(view.get(b"a").unwrap(), row("1"));
    assert_eq!(
        keys(view.scan(b"", b"z", Direction::Ascending)),
        ["a", "c", "d"]
    );
    assert_eq!(
        keys(view.scan(b"b", b"z", Direction::Descending)),
        ["d", "c"]
    );
    assert_eq!(keys(view.scan(b"z", b"a", Direction::Ascending)).len(), 0);
}

#[test]
fn what_was_not_sealed_is_not_on_disk_after_closing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("view");
    let (writer, _) = ViewWriter::open(&path).unwrap();
    writer.publish(table(&[("a", Some("1"))]));
    writer.seal().unwrap();
    writer.publish(table(&[("b", Some("1"))]));
    writer.close().unwrap();
    let (writer, _) = ViewWriter::open(&path).unwrap();
    let found = keys(writer.view().scan(b"", b"z", Direction::Ascending));
    assert_eq!(found, ["a"]);
}

#[test]
fn a_damaged_view_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("view");
    let (writer, _) = ViewWriter::open(&path).unwrap();
    for round in 0..50 {
        let key = format!("key-{round}");
        writer.publish(table(&[(&key, Some("a row with some length to it"))]));
        writer.seal().unwrap();
    }
    writer.close().unwrap();
    let db = path.join("db");
    let mut bytes = fs::read(&db).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        bytes[at] ^= 0xff;
    }
    fs::write(&db, bytes).unwrap();
    let (writer, found) = ViewWriter::open(&path).unwrap();
    match found {
        Found::Empty {
            set_aside: Some((aside, _)),
        } => assert!(aside.join("db").exists()),
        // sled may also open what is left as an empty store, which the ledger
        // then finds to be behind the journal.
        _ => assert!(writer.view().get(b"key-7").is_ok_and(|row| row.is_none())),
    }
}

#[test]
fn a_view_that_was_open_at_another_boot_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("view");
    let (writer, _) = ViewWriter::open(&path).unwrap();
    writer.publish(table(&[("a", Some("1"))]));
    writer.seal().unwrap();
    writer.close().unwrap();
    fs::write(path.with_extension("open"), "another boot").unwrap();
    let (writer, found) = ViewWriter::open(&path).unwrap();
    let aside = matches!(found, Found::Empty { set_aside: Some(_) });
    assert!(aside && writer.view().get(b"a").unwrap().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn it_equals_a_map(steps in prop::collection::vec((0u8..40, any::<Option<u8>>(), 0u8..8), 1..200)) {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _) = ViewWriter::open(&dir.path().join("view")).unwrap();
        let mut model: BTreeMap<Vec<u8>, u8> = BTreeMap::new();
        for (key, value, then) in steps {
            let mut rows = Table::default();
            rows.put(vec![key], value.map(|value| Arc::from([value].as_slice())));
            writer.publish(rows);
            match value {
                Some(value) => drop(model.insert(vec![key], value)),
                None => drop(model.remove([key].as_slice())),
            }
            if then == 0 {
                writer.seal().unwrap();
            }
        }
        let view = writer.view();
        for key in 0..40 {
            let got = view.get(&[key]).unwrap().map(|row| row[0]);
            prop_assert_eq!(got, model.get([key].as_slice()).copied());
        }
        for (from, to) in [(0, 40), (5, 20), (20, 5)] {
            let expected: Vec<_> = model
                .iter()
                .filter(|(key, _)| (from..to).contains(&key[0]))
                .map(|(key, value)| (key[0], *value))
                .collect();
            let read = |direction| -> Vec<_> {
                let rows = view.scan(&[from], &[to], direction).map(Result::unwrap);
                rows.map(|(key, row)| (key[0], row[0])).collect()
            };
            let mut descending = read(Direction::Descending);
            descending.reverse();
            prop_assert_eq!(&read(Direction::Ascending), &expected);
            prop_assert_eq!(&descending, &expected);
        }
    }
}
