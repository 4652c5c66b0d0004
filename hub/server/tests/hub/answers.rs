//! Numbers as they are sent: what they are made of, and how good they are.

use proto::{indicator::accumulator::Accumulator, pb::hub as pb};

use super::house::{House, WATERMARK, cell, question, wenjiang};

const HEPING: &str = "510115001001";

/// A furnished hub with January 2024 of one community.
async fn reported() -> House {
    let mut house = House::furnished().await;
    house.close().await;
    let ratio = |numerator, denominator| Accumulator::Ratio {
        numerator,
        denominator,
    };
    let cells = vec![
        cell(1, "20240110", [1, 1, 3], 1, &Accumulator::Count(4)),
        cell(1, "20240111", [2, 1, 3], 2, &Accumulator::Count(3)),
        cell(2, "202401", [1, 1, 3], 3, &ratio(1, 4)),
        cell(2, "202401", [2, 1, 3], 4, &ratio(2, 2)),
        cell(
            3,
            "202401",
            [1, 1, 3],
            5,
            &Accumulator::Histogram([1, 0, 2].into()),
        ),
    ];
    house.fill(HEPING, cells).await;
    house.open().await;
    house
}

async fn ask(house: &House, request: pb::QueryIndicatorsRequest) -> Vec<pb::Row> {
    let answer = house.indicators().query_indicators(request).await;
    answer.unwrap().into_inner().rows
}

fn value(rows: &[pb::Row]) -> &pb::Value {
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].value.as_ref().unwrap()
}

#[tokio::test]
async fn a_number_comes_with_what_it_is_made_of() {
    let house = reported().await;
    let rows = ask(&house, question("QS.R01", "202401")).await;
    let count = value(&rows);
    assert_eq!(
        (count.number, count.numerator, count.denominator),
        (7.0, 7, 0)
    );
    assert_eq!(count.state(), pb::ValueState::Value);
    let coverage = rows[0].coverage.unwrap();
    assert_eq!((coverage.reporting, coverage.expected), (1, 95));
    assert_eq!(coverage.oldest_watermark, None);
    assert_eq!((rows[0].period.as_str(), rows[0].revision), ("202401", 1));

    let rows = ask(&house, question("QS.R02@1", "202401")).await;
    let ratio = value(&rows);
    assert_eq!(
        (ratio.number, ratio.numerator, ratio.denominator),
        (0.5, 3, 6)
    );

    let rows = ask(&house, question("QS.R03", "202401")).await;
    let histogram = value(&rows);
    assert_eq!((histogram.number, histogram.numerator), (3.0, 3));
    assert_eq!(&histogram.buckets[..3], [1, 0, 2]);
}

#[tokio::test]
async fn rows_have_names_and_pages_go_on() {
    let house = reported().await;
    let mut grouped = question("QS.R01", "202401");
    grouped.place = "510115001".to_owned();
    grouped.group_by = vec![pb::GroupBy::Community.into(), pb::GroupBy::Breakdown.into()];
    grouped.breakdown = "category".to_owned();
    let all = ask(&house, grouped.clone()).await;
    assert_eq!(
        (all[0].place.as_str(), all[0].place_name.as_str()),
        (HEPING, "和平社区居委会")
    );
    assert!(!all[0].member.is_empty() && !all[0].member_name.is_empty());
    let watermark = all[0].coverage.unwrap().oldest_watermark.unwrap();
    let expected: jiff::Timestamp = WATERMARK.parse().unwrap();
    assert_eq!(watermark.seconds, expected.as_second());

    let mut paged = Vec::new();
    grouped.page_size = 7;
    loop {
        let answer = house.indicators().query_indicators(grouped.clone()).await;
        let answer = answer.unwrap().into_inner();
        assert!(answer.rows.len() <= 7);
        paged.extend(answer.rows);
        grouped.page_token = answer.next_page_token;
        if grouped.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all);

    let mut best = question("QS.R02", "202401");
    best.group_by = vec![pb::GroupBy::Street.into()];
    (best.rank, best.limit) = (pb::RankOrder::Top.into(), 3);
    best.comparisons = vec![pb::Comparison::PreviousPeriod.into()];
    let rows = ask(&house, best).await;
    assert_eq!((rows[0].rank, rows[0].place_name.as_str()), (1, "柳城街道"));
    let before = rows[0].compared[0].value.as_ref().unwrap();
    // December was reported whole, and holds nothing to be on time with.
    assert_eq!(before.state(), pb::ValueState::NotApplicable);
}

#[tokio::test]
async fn a_changed_register_forgets_no_watermark() {
    let house = reported().await;
    let mut communities = wenjiang();
    communities[7].display_name = "新名社区".to_owned();
    let import = pb::ImportCommunitiesRequest {
        request_id: "rename".to_owned(),
        communities,
    };
    let changed = house
        .register()
        .import_communities(import)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (changed.added, changed.changed, changed.unchanged),
        (0, 1, 94)
    );
    let rows = ask(&house, question("QS.R01", "202401")).await;
    let coverage = rows[0].coverage.unwrap();
    assert_eq!((coverage.reporting, coverage.expected), (1, 95));
}

#[tokio::test]
async fn the_status_of_a_node_that_went_away_is_what_it_said() {
    let house = reported().await;
    let listed = house
        .status()
        .list_node_statuses(pb::ListNodeStatusesRequest::default())
        .await;
    let node = listed.unwrap().into_inner().nodes.remove(0);
    assert_eq!(
        (node.community.as_str(), node.state()),
        (HEPING, pb::NodeState::Away)
    );
    assert_eq!(
        (node.acked_seq, node.head_seq, node.catalogue_seq),
        (5, 5, 3)
    );
    assert_eq!(node.software, "test/1");
    assert!(node.complete_until.is_some() && node.last_seen_at.is_some());
    assert_eq!((node.rejected_cells, node.alarms.len()), (0, 0));
    assert_eq!((node.rejected.len(), node.protocol), (0, 1));
    assert!(node.lag.unwrap().seconds >= 0 && node.certificate_left.is_none());
    // One node in full is the same as its row.
    let one = |community: &str| pb::GetNodeStatusRequest {
        community: community.to_owned(),
    };
    let asked = house.status().get_node_status(one(HEPING)).await;
    let asked = asked.unwrap().into_inner();
    assert_eq!((asked.acked_seq, asked.state), (node.acked_seq, node.state));
    let wrong = house.status().get_node_status(one("510115999999")).await;
    let wrong = wrong.unwrap_err();
    assert_eq!(wrong.code(), tonic::Code::NotFound);
    let reason = proto_edge::problem::reason_of(&wrong);
    assert_eq!(reason.as_deref(), Some("UNKNOWN_NODE"));
    let wrong = house.status().get_node_status(one("heping")).await;
    assert_eq!(wrong.unwrap_err().code(), tonic::Code::InvalidArgument);
}
