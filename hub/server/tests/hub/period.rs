//! A period is locked at a running hub, what comes later is listed, and a question
//! has both numbers.

use proto::{indicator::accumulator::Accumulator, pb::hub as pb};
use proto_edge::{
    hub::{
        centre_service_client::CentreServiceClient,
        indicator_service_client::IndicatorServiceClient,
        period_service_client::PeriodServiceClient,
    },
    membership::Membership,
    problem::reason_of,
};
use tonic::{Status, transport::Channel};

use super::house::{House, cell, question};

const A: &str = "510115001001";
const B: &str = "510115001002";
const DAY: &str = "20240110";

fn count(day: &str, seq: u64, count: u128) -> proto::indicator::cell::Cell {
    cell(1, day, [1, 1, 3], seq, &Accumulator::Count(count))
}

fn periods(house: &House, member: &Membership) -> PeriodServiceClient<Channel> {
    PeriodServiceClient::new(house.channel(member))
}

fn reason(status: Status) -> String {
    reason_of(&status).unwrap_or_default().into_owned()
}

/// What the operator asks for of a period.
async fn lock(
    house: &House,
    id: &str,
    period: &str,
    indicators: &[&str],
) -> Result<String, Status> {
    let request = pb::LockPeriodRequest {
        request_id: id.to_owned(),
        period: period.to_owned(),
        indicators: indicators.iter().map(|code| (*code).to_owned()).collect(),
        note: "已核".to_owned(),
    };
    let answer = periods(house, &house.operator).lock_period(request).await?;
    Ok(answer.into_inner().lock.unwrap().name)
}

async fn revisions(
    house: &House,
    change: impl FnOnce(&mut pb::ListRevisionsRequest),
) -> Vec<pb::CellRevision> {
    let mut request = pb::ListRevisionsRequest::default();
    change(&mut request);
    let mut all = Vec::new();
    loop {
        let answer = periods(house, &house.operator)
            .list_revisions(request.clone())
            .await;
        let page = answer.unwrap().into_inner();
        all.extend(page.revisions);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return all;
        }
    }
}

/// Community, numbers before and after, and the lock.
fn told(revisions: &[pb::CellRevision]) -> Vec<(&str, f64, f64, &str)> {
    let number = |value: &Option<pb::Value>| value.as_ref().unwrap().number;
    let told = revisions.iter();
    told.map(|one| {
        (
            &*one.community,
            number(&one.before),
            number(&one.after),
            &*one.lock,
        )
    })
    .collect()
}

/// Two communities reported January; A's is locked, and both report more.
async fn revised() -> House {
    let mut house = House::furnished().await;
    house.close().await;
    house.fill(A, vec![count(DAY, 1, 7)]).await;
    house
        .fill(B, vec![count(DAY, 1, 5), count("20240131", 2, 1)])
        .await;
    house.open().await;
    assert_eq!(
        lock(&house, "l-1", "202401", &[]).await.unwrap(),
        "period-locks/1"
    );
    house.close().await;
    house.fill_on(A, 1, vec![count(DAY, 2, 9)]).await;
    house.fill_on(A, 2, vec![count(DAY, 3, 8)]).await;
    house.fill_on(B, 2, vec![count("20240131", 3, 4)]).await;
    house.open().await;
    house
}

const ALL: [(&str, f64, f64, &str); 3] = [
    (A, 7.0, 9.0, "period-locks/1"),
    (A, 9.0, 8.0, "period-locks/1"),
    (B, 1.0, 4.0, "period-locks/1"),
];

#[tokio::test]
async fn what_comes_after_a_lock_is_taken_and_listed() {
    let mut house = revised().await;
    let mut by_community = question("QS.R01", "202401");
    by_community.group_by = vec![pb::GroupBy::Community.into()];
    by_community.place = "510115001".to_owned();
    let rows = house.indicators().query_indicators(by_community).await;
    let rows = rows.unwrap().into_inner().rows;
    for (place, value, was, is_revised) in [(A, 8.0, 7.0, true), (B, 9.0, 6.0, true)] {
        let row = rows.iter().find(|row| row.place == place).unwrap();
        let approved = row.approved.as_ref().unwrap();
        let numbers = (
            row.value.as_ref().unwrap().number,
            approved.value.as_ref().unwrap().number,
        );
        assert_eq!((numbers, approved.revised), ((value, was), is_revised));
        assert_eq!(approved.lock, "period-locks/1");
    }
    let quiet = rows.iter().find(|row| row.place == "510115001003").unwrap();
    assert!(
        !quiet.approved.as_ref().unwrap().revised,
        "nothing came from it"
    );
    let year = house
        .indicators()
        .query_indicators(question("QS.R01", "2024"))
        .await;
    assert_eq!(
        year.unwrap().into_inner().rows[0].approved,
        None,
        "locked in part"
    );

    let all = revisions(&house, |all| all.page_size = 1).await;
    assert_eq!(told(&all), ALL);
    let reasons: Vec<_> = all.iter().map(pb::CellRevision::reason).collect();
    let (entry, correction) = (
        pb::RevisionReason::LateEntry,
        pb::RevisionReason::Correction,
    );
    assert_eq!(reasons, [entry, correction, entry]);
    assert_eq!(
        (&*all[0].period, &*all[0].indicator, all[0].members.len()),
        (DAY, "QS.R01", 3)
    );
    assert!(!all[0].community_name.is_empty() && all[0].revised_at.is_some());
    let of_b = revisions(&house, |of| of.place = B.to_owned()).await;
    assert_eq!(told(&of_b), ALL[2..]);
    let of_day = revisions(&house, |of| of.period = DAY.to_owned()).await;
    assert_eq!(told(&of_day), ALL[..2]);
    let of_month = revisions(&house, |of| of.period = "202401".to_owned()).await;
    assert_eq!(told(&of_month).len(), 3);
    let other = revisions(&house, |of| of.indicator = "QS.R02".to_owned()).await;
    assert_eq!(other, []);

    // A view made anew from the journal tells the same.
    house.close().await;
    std::fs::remove_dir_all(house.path().join("view")).unwrap();
    house.open().await;
    assert_eq!(revisions(&house, |_| {}).await, all);
}

#[tokio::test]
async fn without_a_lock_what_was_long_reported_is_listed_too() {
    let mut house = House::furnished().await;
    house.close().await;
    house
        .fill(A, vec![count(DAY, 1, 7), count("20240201", 2, 1)])
        .await;
    house
        .fill_on(A, 2, vec![count(DAY, 3, 9), count("20240201", 4, 2)])
        .await;
    house.open().await;
    // The first of February is not a week ago by the node's watermark.
    assert_eq!(told(&revisions(&house, |_| {}).await), [(A, 7.0, 9.0, "")]);
    assert_eq!(revisions(&house, |of| of.locked = true).await, []);
}

#[tokio::test]
async fn a_lock_is_an_operators_and_a_centre_reads_what_is_in_its_scope() {
    let house = revised().await;
    for (period, indicators, want) in [
        ("202401", &[][..], "PERIOD_LOCKED"),
        ("2199", &[], "PERIOD_NOT_OVER"),
        ("202402", &["QS.NONE"], "UNKNOWN_INDICATOR"),
        ("January", &[], "INVALID_FIELDS"),
    ] {
        let refused = lock(&house, "l-2", period, indicators).await.unwrap_err();
        assert_eq!(reason(refused), want, "{period}");
    }
    assert_eq!(
        lock(&house, "l-1", "202401", &[]).await.unwrap(),
        "period-locks/1",
        "repeated"
    );

    let care = house.enrol_as("centre/care").await;
    let mut centres = CentreServiceClient::new(house.channel(&house.operator));
    let set = pb::SetCentreRequest {
        request_id: "set-care".to_owned(),
        name: "centres/care".to_owned(),
        scope: Some(pb::CentreScope {
            reads: vec!["QS.R01".to_owned()],
            places: vec![B.to_owned()],
            ..pb::CentreScope::default()
        }),
        ..pb::SetCentreRequest::default()
    };
    centres.set_centre(set).await.unwrap();
    let mut centre = periods(&house, &care);
    let locks = centre.list_locks(pb::ListLocksRequest::default()).await;
    let locks = locks.unwrap().into_inner().locks;
    assert_eq!(
        (locks.len(), locks[0].reporting, locks[0].expected),
        (1, 2, 95)
    );
    let seen = centre
        .list_revisions(pb::ListRevisionsRequest::default())
        .await;
    assert_eq!(told(&seen.unwrap().into_inner().revisions), ALL[2..]);
    let asked = pb::QueryIndicatorsRequest {
        place: B.to_owned(),
        ..question("QS.R01", "202401")
    };
    let mut indicators = IndicatorServiceClient::new(house.channel(&care));
    let rows = indicators
        .query_indicators(asked)
        .await
        .unwrap()
        .into_inner()
        .rows;
    assert!(rows[0].approved.as_ref().unwrap().revised);
    let request = pb::ReopenPeriodRequest {
        request_id: "r-1".to_owned(),
        name: "period-locks/1".to_owned(),
        note: "漏报".to_owned(),
    };
    let refused = centre.reopen_period(request.clone()).await.unwrap_err();
    assert_eq!(reason(refused), "ROLE_FORBIDDEN");
    let mut operator = periods(&house, &house.operator);
    let reopened = operator.reopen_period(request.clone()).await.unwrap();
    assert_eq!(reopened.into_inner().lock.unwrap().reopening_note, "漏报");
    let again = pb::ReopenPeriodRequest {
        request_id: "r-2".to_owned(),
        ..request
    };
    let refused = operator.reopen_period(again).await.unwrap_err();
    assert_eq!(reason(refused), "ALREADY_REOPENED");
    let standing = pb::ListLocksRequest {
        standing: true,
        ..pb::ListLocksRequest::default()
    };
    assert_eq!(
        operator
            .list_locks(standing)
            .await
            .unwrap()
            .into_inner()
            .locks,
        []
    );
}
