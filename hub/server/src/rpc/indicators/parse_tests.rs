//! What is parsed of a question, and every field that can be wrong.

use super::*;

fn asked() -> pb::QueryIndicatorsRequest {
    pb::QueryIndicatorsRequest {
        indicators: vec!["QS.R02".into(), "QS.R03@2".into()],
        from: "202601".into(),
        ..pb::QueryIndicatorsRequest::default()
    }
}

#[test]
fn a_question_is_parsed_whole() {
    let mut wire = asked();
    wire.place = "510115".into();
    wire.group_by = vec![
        pb::GroupBy::Street.into(),
        pb::GroupBy::Period.into(),
        pb::GroupBy::Breakdown.into(),
        pb::GroupBy::Indicator.into(),
    ];
    wire.breakdown = "category".into();
    wire.comparisons = vec![pb::Comparison::YearBefore.into(); 2];
    (wire.rank, wire.limit) = (pb::RankOrder::Bottom.into(), 3);
    let request = question(&wire).unwrap();
    assert_eq!(request.indicators[1].revision, Some(Revision(2)));
    assert_eq!((request.from, request.grain), (request.to, None));
    assert_eq!(request.group.place, Some(Level::Street));
    assert!(request.group.period && !request.group.community_type);
    assert_eq!(request.group.breakdown.as_deref(), Some("category"));
    assert_eq!(request.comparisons, [Comparison::YearBefore]);
    let bottom = Rank {
        order: RankOrder::Bottom,
        limit: 3,
    };
    assert_eq!(request.rank, Some(bottom));
}

#[test]
fn every_wrong_field_is_named() {
    let wrong = pb::QueryIndicatorsRequest {
        indicators: vec!["QS.R02@x".into(), "@1".into()],
        place: "510115001001003".into(),
        from: "2026-01".into(),
        to: "202613".into(),
        grain: 77,
        group_by: vec![pb::GroupBy::Street.into(), pb::GroupBy::City.into(), 0],
        breakdown: "category".into(),
        filters: vec![pb::BreakdownFilter::default()],
        comparisons: vec![99],
        limit: 5,
        register_date: "yesterday".into(),
        ..pb::QueryIndicatorsRequest::default()
    };
    let problem = question(&wrong).unwrap_err();
    let fields: Vec<&str> = problem.fields.iter().map(|(field, _)| &**field).collect();
    let expected = [
        "indicators[0]",
        "indicators[1]",
        "place",
        "from",
        "to",
        "grain",
        "group_by[1]",
        "group_by[2]",
        "breakdown",
        "filters[0].dimension",
        "comparisons[0]",
        "limit",
        "register_date",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn what_is_missing_is_said_once() {
    let problem = question(&pb::QueryIndicatorsRequest::default()).unwrap_err();
    let fields: Vec<&str> = problem.fields.iter().map(|(field, _)| &**field).collect();
    assert_eq!(fields, ["indicators", "from"]);
    let mut wire = asked();
    wire.group_by = vec![pb::GroupBy::Breakdown.into()];
    let problem = question(&wire).unwrap_err();
    assert_eq!(problem.fields[0].0, "breakdown");
}
