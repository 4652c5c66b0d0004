//! Outliers and rules between indicators, asked of a running hub.

use proto::{indicator::accumulator::Accumulator, pb::hub as pb};
use proto_edge::problem::reason_of;

use super::house::{House, cell};

const FAR: &str = "510115001006";

/// Six communities of January 2024, one of which has ten times as many reports.
async fn reported() -> House {
    let mut house = House::furnished().await;
    house.close().await;
    for (at, count) in (1..).zip([7, 8, 9, 10, 8, 90]) {
        let cells = vec![cell(
            1,
            "20240110",
            [1, 1, 3],
            1,
            &Accumulator::Count(count),
        )];
        house.fill(&format!("51011500100{at}"), cells).await;
    }
    house.open().await;
    house
}

fn rule(left: &str, operator: pb::RuleOperator, right: &str) -> pb::CheckRuleRequest {
    pb::CheckRuleRequest {
        left: left.to_owned(),
        operator: operator.into(),
        right: right.to_owned(),
        missing: pb::RuleMissing::Skip.into(),
        place: "510115001".to_owned(),
        period: "202401".to_owned(),
    }
}

#[tokio::test]
async fn a_community_far_from_the_others_is_found() {
    let house = reported().await;
    let asked = pb::ListOutliersRequest {
        indicator: "QS.R01".to_owned(),
        period: "202401".to_owned(),
        ..pb::ListOutliersRequest::default()
    };
    let found = house.quality().list_outliers(asked.clone()).await;
    let found = found.unwrap().into_inner();
    assert_eq!((found.judged, found.outliers.len()), (6, 1));
    let outlier = &found.outliers[0];
    assert_eq!(outlier.row.as_ref().unwrap().place, FAR);
    assert_eq!((outlier.median, outlier.score.round()), (8.5, 55.0));
    let wide = pb::ListOutliersRequest {
        bound: 100.0,
        ..asked.clone()
    };
    let found = house.quality().list_outliers(wide).await.unwrap();
    assert!(found.into_inner().outliers.is_empty());
    let wrong = pb::ListOutliersRequest {
        bound: -1.0,
        ..asked
    };
    let refused = house.quality().list_outliers(wrong).await.unwrap_err();
    assert_eq!(reason_of(&refused).as_deref(), Some("INVALID_FIELDS"));
}

#[tokio::test]
async fn a_broken_rule_names_where() {
    let house = reported().await;
    let check = async |asked| house.quality().check_rule(asked).await;
    let at_most = rule("QS.R01@1", pb::RuleOperator::AtMost, "50");
    let answer = check(at_most.clone()).await.unwrap().into_inner();
    assert_eq!((answer.holds, answer.broken.len()), (5, 1));
    assert!(answer.skipped > 0, "others have not reported");
    let breach = &answer.broken[0];
    assert_eq!(breach.community, FAR);
    assert!(!breach.community_name.is_empty());
    let numbers = [&breach.left, &breach.right].map(|side| side.as_ref().unwrap().number);
    assert_eq!(numbers, [90.0, 50.0]);
    let itself = rule(
        "2 * QS.R01@1",
        pb::RuleOperator::Equal,
        "QS.R01@1 + QS.R01@1",
    );
    let answer = check(itself).await.unwrap().into_inner();
    assert_eq!((answer.holds, answer.broken.len()), (6, 0));

    for (left, field) in [("QS.R02@1", "left"), ("QS.R01", "left"), ("1 +", "left")] {
        let asked = rule(left, pb::RuleOperator::Equal, "1");
        let refused = check(asked).await.unwrap_err();
        assert!(
            refused.message().starts_with(&format!("{field}: column")),
            "{refused}"
        );
    }
}
