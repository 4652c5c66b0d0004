//! Flags and rows that could be mistaken for others.

use super::*;

#[test]
fn a_filter_names_dimension_and_members() {
    let parsed = filter("category=trees,graffiti").unwrap();
    assert_eq!(
        (parsed.dimension.as_str(), parsed.members.len()),
        ("category", 2)
    );
    assert_eq!(filter("category").unwrap_err().exit, Exit::Usage);
}

#[test]
fn none_is_not_zero() {
    let units = Units::new();
    let row = |state: pb::ValueState| pb::Row {
        value: Some(pb::Value {
            state: state.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let shown = |state| number(&row(state), row(state).value.as_ref().unwrap(), &units);
    assert_eq!(shown(pb::ValueState::Zero), Cell::Whole(0));
    assert_eq!(shown(pb::ValueState::None), Cell::Empty);
    assert_eq!(shown(pb::ValueState::Protected), Cell::Empty);
}

#[test]
fn a_rounded_number_says_how_rough_it_is() {
    let row = |standard_error| pb::Row {
        indicator: "T.1".to_owned(),
        value: Some(pb::Value {
            state: pb::ValueState::Value.into(),
            number: 0.5,
            standard_error,
            ..Default::default()
        }),
        ..Default::default()
    };
    let keys = |rows: &[pb::Row]| -> Vec<&str> {
        let sheet = sheet(rows, &Units::new());
        sheet.columns.iter().map(|column| column.key).collect()
    };
    assert!(!keys(&[row(0.0)]).contains(&"standard_error"));
    assert!(keys(&[row(0.0), row(0.02)]).contains(&"standard_error"));
    let units = Units::from([("T.1".to_owned(), "%".to_owned())]);
    assert_eq!(standard_error(&row(0.02), &units), Cell::Share(0.02));
    assert_eq!(
        standard_error(&row(4.0), &Units::new()),
        Cell::Number(4.0, 1)
    );
    assert_eq!(standard_error(&row(0.0), &units), Cell::Empty);
}
