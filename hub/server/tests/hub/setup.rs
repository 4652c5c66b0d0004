//! A hub is made, set up by its operator, and stays what it was.

use hub_server::{
    app::{self, InitFault, ServeFault},
    config::Config,
};
use proto::{indicator::catalogue::Item, pb::hub as pb};
use tokio_util::sync::CancellationToken;

use super::house::{House, catalogue, options, question, wenjiang};

fn publication(request_id: &str) -> pb::PublishCatalogueRequest {
    let mut request = pb::PublishCatalogueRequest {
        request_id: request_id.to_owned(),
        ..pb::PublishCatalogueRequest::default()
    };
    for item in catalogue() {
        match item {
            Item::Definition(definition) => request.indicators.push((&*definition).into()),
            Item::Dimension(dimension) => request.dimensions.push((&*dimension).into()),
            Item::Derived(derived) => request.indicators.push((&*derived).into()),
        }
    }
    request
}

fn import(request_id: &str) -> pb::ImportCommunitiesRequest {
    pb::ImportCommunitiesRequest {
        request_id: request_id.to_owned(),
        communities: wenjiang(),
    }
}

#[tokio::test]
async fn an_operator_sets_up_the_district_and_a_restart_keeps_it() {
    let mut house = House::made(options()).unwrap();
    house.open().await;
    let published = house
        .indicators()
        .publish_catalogue(publication("p-1"))
        .await;
    let published = published.unwrap().into_inner();
    assert_eq!(
        (
            published.catalogue_seq,
            published.added,
            published.unchanged
        ),
        (10, 10, 0)
    );
    let imported = house.register().import_communities(import("i-1")).await;
    let imported = imported.unwrap().into_inner();
    assert_eq!(
        (imported.added, imported.changed, imported.unchanged),
        (95, 0, 0)
    );
    // The import is answered when questions see it.
    let rows = house
        .indicators()
        .query_indicators(question("QS.R02", "202401"))
        .await;
    let row = rows.unwrap().into_inner().rows.remove(0);
    assert_eq!(row.value.unwrap().state(), pb::ValueState::None);
    let coverage = row.coverage.unwrap();
    assert_eq!((coverage.reporting, coverage.expected), (0, 95));

    for round in 0..2 {
        // The same name again: the first answer, whatever has happened since.
        let again = house
            .indicators()
            .publish_catalogue(publication("p-1"))
            .await;
        assert_eq!(again.unwrap().into_inner(), published, "round {round}");
        let again = house.register().import_communities(import("i-1")).await;
        assert_eq!(again.unwrap().into_inner(), imported);
        let anew = house
            .indicators()
            .publish_catalogue(publication("p-2"))
            .await;
        let anew = anew.unwrap().into_inner();
        assert_eq!(
            (anew.catalogue_seq, anew.added, anew.unchanged),
            (10, 0, 10)
        );
        house.close().await;
        house.open().await;
    }
    let hub = house
        .status()
        .get_hub_status(pb::GetHubStatusRequest::default())
        .await;
    let hub = hub.unwrap().into_inner();
    assert_eq!(
        (hub.communities, hub.members, hub.catalogue_seq),
        (95, 1, 10)
    );
    assert_eq!((hub.district.as_str(), hub.incarnation), ("wenjiang", 1));
    assert_eq!(hub.journal_root.len(), 64);
    assert!(hub.certificate_not_after.is_some() && hub.journal_seq >= 4);
}

#[tokio::test]
async fn what_init_is_given_is_there_at_the_first_start() {
    let house = House::furnished().await;
    let listed = house
        .indicators()
        .list_indicators(pb::ListIndicatorsRequest {
            page_size: 5,
            page_token: String::new(),
        })
        .await;
    let first = listed.unwrap().into_inner();
    assert_eq!((first.indicators.len(), first.dimensions.len()), (5, 3));
    let listed = house
        .indicators()
        .list_indicators(pb::ListIndicatorsRequest {
            page_size: 5,
            page_token: first.next_page_token,
        })
        .await;
    let last = listed.unwrap().into_inner();
    assert_eq!(
        (last.indicators.len(), last.next_page_token.as_str()),
        (2, "")
    );

    let (mut communities, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListCommunitiesRequest {
            page_size: 40,
            page_token,
            place: "510115".to_owned(),
            as_of: "2024-01-31".to_owned(),
        };
        let page = house
            .register()
            .list_communities(request)
            .await
            .unwrap()
            .into_inner();
        communities.extend(page.communities);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(communities.len(), 95);
    assert_eq!(communities[0].name, "communities/510115001001");
    assert_eq!(communities[0].street_name, "柳城街道");
}

#[tokio::test]
async fn a_wrong_start_makes_nothing_and_says_why() {
    let mut wrong = options();
    wrong.communities.push(hub_domain::register::Row::default());
    let fault = House::made(wrong).err().unwrap();
    assert!(matches!(fault, InitFault::Register(_)), "{fault}");

    let house = House::made(options()).unwrap();
    let again = app::init(&house.path(), options()).unwrap_err();
    assert!(matches!(again, InitFault::NotEmpty(_)), "{again}");

    let mut config = Config::load(&house.path()).unwrap();
    config.district = "elsewhere".parse().unwrap();
    config.save(&house.path()).unwrap();
    let fault = app::serve(&house.path(), CancellationToken::new())
        .await
        .err()
        .unwrap();
    assert!(matches!(fault, ServeFault::Config(_)), "{fault}");
    assert!(
        fault
            .to_string()
            .contains("district: this hub was founded with wenjiang")
    );
    // The refused start let the store go.
    config.district = "wenjiang".parse().unwrap();
    config.save(&house.path()).unwrap();
    let running = app::serve(&house.path(), CancellationToken::new())
        .await
        .unwrap();
    // Held by that one now.
    let second = app::serve(&house.path(), CancellationToken::new())
        .await
        .err()
        .unwrap();
    assert!(matches!(second, ServeFault::Store(_)), "{second}");
    drop(running);
}

#[tokio::test]
async fn how_many_have_joined_and_report_in_time_is_told_of_a_month() {
    let house = House::furnished().await;
    for code in ["510115001001", "510115001002"] {
        house.enrol(code).await;
    }
    let status = async |month: &str| {
        let month = month.to_owned();
        let mut client = house.status();
        let asked = client.get_hub_status(pb::GetHubStatusRequest { month });
        asked.await.map(tonic::Response::into_inner)
    };
    let share = |share: Option<pb::Share>| share.map(|of| (of.numerator, of.denominator));
    let here = jiff::Timestamp::now().in_tz("Asia/Shanghai").unwrap();
    let running = here.strftime("%Y%m").to_string();
    let now = status(&running).await.unwrap();
    assert_eq!(share(now.joined), Some((2, 95)));
    // Both have enrolled before it ends; neither has told of its end.
    assert_eq!((now.month, share(now.in_time)), (running, Some((0, 2))));
    let before = status("").await.unwrap();
    assert_eq!(share(before.in_time), Some((0, 0)), "nobody was there yet");
    for wrong in ["2026", "202613", "March", "200001", "219901"] {
        let refused = status(wrong).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{wrong}");
    }
}
