//! What an auditor is given, and who is.

use proto::{indicator::accumulator::Accumulator, indicator::columns, pb::hub as pb};
use proto_edge::{
    hub::release_service_client::ReleaseServiceClient, membership::Membership, problem::reason_of,
};
use tonic::{Code, Status};

use super::house::{House, cell};

const HEPING: &str = "510115001001";
const OTHER: &str = "510115001002";

fn asked(community: &str, period: &str, indicator: &str) -> pb::ExportCellsRequest {
    pb::ExportCellsRequest {
        community: community.to_owned(),
        period: period.to_owned(),
        indicator: indicator.to_owned(),
    }
}

/// The first message's state, and how many cells came.
async fn exported(
    house: &House,
    by: &Membership,
    request: pb::ExportCellsRequest,
) -> Result<(pb::ExportedState, usize), Status> {
    let mut service = ReleaseServiceClient::new(house.channel(by));
    let mut said = service.export_cells(request).await?.into_inner();
    let (mut state, mut cells) = (None, 0);
    while let Some(message) = said.message().await? {
        state = state.or(message.state);
        let packed = message.cells.unwrap_or_default();
        cells += columns::decode(&packed).unwrap().len();
    }
    Ok((state.unwrap(), cells))
}

#[tokio::test]
async fn a_node_is_given_its_own_cells_and_an_operator_everybodys() {
    let mut house = House::furnished().await;
    let heping = house.enrol(HEPING).await;
    house.close().await;
    let cells = vec![
        cell(1, "20240110", [1, 1, 3], 1, &Accumulator::Count(4)),
        cell(1, "20240111", [2, 1, 3], 2, &Accumulator::Count(3)),
        cell(
            4,
            "202401",
            [1, 1, 3],
            3,
            &Accumulator::Ratio {
                numerator: 0,
                denominator: 2,
            },
        ),
    ];
    house.fill(HEPING, cells).await;
    house.open().await;

    let operator = house.operator.clone();
    for by in [&heping, &operator] {
        let (state, cells) = exported(&house, by, asked(HEPING, "", "")).await.unwrap();
        assert_eq!((cells, state.acked, state.buckets.len()), (3, 3, 256));
        assert_eq!(
            (state.district.as_str(), state.zone.as_str()),
            ("wenjiang", "Asia/Shanghai")
        );
        assert!(state.items.len() > 5);
        let one = asked(HEPING, "20240110", "QS.R01");
        let (state, cells) = exported(&house, by, one).await.unwrap();
        assert_eq!((cells, state.buckets.len()), (1, 256));
    }
    let refused = exported(&house, &heping, asked(OTHER, "", "")).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(reason_of(&refused).as_deref(), Some("NOT_YOUR_COMMUNITY"));
    for wrong in [
        asked("5101", "", ""),
        asked(HEPING, "2024-01", ""),
        asked(HEPING, "", "QS.X99"),
    ] {
        let refused = exported(&house, &operator, wrong).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    }

    let mut service = ReleaseServiceClient::new(house.channel(&operator));
    let listed = service
        .list_releases(pb::ListReleasesRequest {
            community: HEPING.to_owned(),
            ..pb::ListReleasesRequest::default()
        })
        .await;
    assert_eq!(
        listed.unwrap().into_inner(),
        pb::ListReleasesResponse::default()
    );
    let foreign = service
        .list_releases(pb::ListReleasesRequest {
            community: HEPING.to_owned(),
            page_token: "x".to_owned(),
            page_size: 0,
        })
        .await;
    assert_eq!(foreign.unwrap_err().code(), Code::InvalidArgument);
}
