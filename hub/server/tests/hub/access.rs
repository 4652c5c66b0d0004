//! Every method of the hub by every role, as the table says, over real
//! certificates; what a centre sees beyond that; and the log of all of it.

use std::collections::{BTreeMap, BTreeSet};

use hub_domain::policy::{Role, TABLE, Verdict, verdict};
use proto::{indicator::accumulator::Accumulator, pb::hub as pb};
use proto_edge::{
    hub::{
        audit_service_client::AuditServiceClient, centre_service_client::CentreServiceClient,
        feed_service_client::FeedServiceClient, indicator_service_client::IndicatorServiceClient,
        member_service_client::MemberServiceClient,
    },
    membership::Membership,
    problem::reason_of,
};
use tonic::{Request, Status, client::Grpc, codegen::http::uri::PathAndQuery, transport::Channel};
use tonic_prost::ProstCodec;

use super::house::{House, cell, question};

pub const INSIDE: &str = "510115003064";
pub const OUTSIDE: &str = "510115001001";

/// One of each role that can be invited.
const SUBJECTS: [(&str, Role); 6] = [
    ("community/510115003064", Role::Node),
    ("child/510116", Role::Child),
    ("operator/li", Role::Operator),
    ("centre/care", Role::Centre),
    ("extension/flood-watch", Role::Extension),
    ("auditor/shen", Role::Auditor),
];

async fn members(house: &House) -> BTreeMap<&'static str, Membership> {
    let mut members = BTreeMap::new();
    house.admit(&["QS.R02"], &["510115003"]).await;
    for (subject, _) in SUBJECTS {
        members.insert(subject, house.enrol_as(subject).await);
    }
    members
}

pub fn reason(status: &Status) -> String {
    let reason = reason_of(status);
    reason.map_or_else(
        || format!("{:?}", status.code()),
        |reason| reason.into_owned(),
    )
}

/// What an empty message to this method is answered with: a reason, or "OK".
async fn called(channel: &Channel, path: &str) -> String {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.expect("the hub is there");
    let path = PathAndQuery::try_from(path.to_owned()).unwrap();
    let codec = ProstCodec::<(), ()>::default();
    let messages = Request::new(tokio_stream::once(()));
    let answered = match client.streaming(messages, path, codec).await {
        Ok(answers) => answers.into_inner().message().await,
        Err(status) => Err(status),
    };
    answered.map_or_else(|status| reason(&status), |_| "OK".to_owned())
}

fn methods() -> impl Iterator<Item = &'static str> {
    let listed = TABLE.iter().map(|(path, _)| *path);
    listed.filter(|path| !path.starts_with("/grpc."))
}

const DENIED: [&str; 3] = ["ROLE_FORBIDDEN", "CERTIFICATE_REQUIRED", "CALL_UNKNOWN"];

#[tokio::test]
async fn every_method_by_every_role_is_as_the_table_says_and_is_logged() {
    let mut house = House::furnished().await;
    let members = members(&house).await;
    let anonymous = house.anonymous();
    let mut calls = 0;
    for path in methods() {
        let answer = called(&anonymous, path).await;
        let is_open = verdict(path, Role::Anonymous) == Verdict::Allowed;
        assert_eq!(
            answer == "CERTIFICATE_REQUIRED",
            !is_open,
            "{path}: {answer}"
        );
    }
    for (subject, role) in SUBJECTS {
        let channel = house.channel(&members[subject]);
        for path in methods() {
            calls += 1;
            let answer = called(&channel, path).await;
            match verdict(path, role) {
                Verdict::Allowed => {
                    assert!(!DENIED.contains(&&*answer), "{subject} {path}: {answer}");
                }
                _ => assert_eq!(answer, "ROLE_FORBIDDEN", "{subject} {path}"),
            }
        }
        let unlisted = called(&channel, "/tongxin.hub.v1.CentreService/Whatever").await;
        assert_eq!(unlisted, "CALL_UNKNOWN");
    }
    assert_eq!(calls, SUBJECTS.len() * methods().count());

    // Stopping writes what waits.
    house.close().await;
    house.open().await;
    let logged = decisions(&house, &members["auditor/shen"], "").await;
    let logged: BTreeSet<(String, String, bool)> = logged
        .into_iter()
        .map(|decision| {
            let name = decision.identity;
            (name, decision.method, decision.allowed)
        })
        .collect();
    for (subject, role) in SUBJECTS {
        for path in methods() {
            let is_allowed = verdict(path, role) == Verdict::Allowed;
            let entry = (subject.to_owned(), path.to_owned(), is_allowed);
            let is_audited = !matches!(role, Role::Node | Role::Child);
            assert_eq!(logged.contains(&entry), is_audited, "{entry:?}");
        }
    }
}

pub async fn decisions(house: &House, auditor: &Membership, subject: &str) -> Vec<pb::Decision> {
    let mut audit = AuditServiceClient::new(house.channel(auditor));
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListDecisionsRequest {
            page_size: 50,
            page_token,
            subject: subject.to_owned(),
            ..pb::ListDecisionsRequest::default()
        };
        let page = audit.list_decisions(request).await.unwrap().into_inner();
        all.extend(page.decisions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

/// A hub with numbers of two communities, and a centre that sees one street of
/// it, two indicators, and nothing by day.
pub async fn narrowed() -> (House, BTreeMap<&'static str, Membership>) {
    let mut house = House::furnished().await;
    house.close().await;
    let ratio = |numerator, denominator| Accumulator::Ratio {
        numerator,
        denominator,
    };
    for code in [INSIDE, OUTSIDE] {
        let cells = vec![
            cell(1, "20240110", [1, 1, 3], 1, &Accumulator::Count(4)),
            cell(2, "202401", [1, 1, 3], 2, &ratio(1, 4)),
            cell(
                3,
                "202401",
                [1, 1, 3],
                3,
                &Accumulator::Histogram([1, 0, 2].into()),
            ),
        ];
        house.fill(code, cells).await;
    }
    house.open().await;
    let members = members(&house).await;
    let mut centres = CentreServiceClient::new(house.channel(&house.operator));
    let set = pb::SetCentreRequest {
        request_id: "set-care".to_owned(),
        name: "centres/care".to_owned(),
        contact: "周敏".to_owned(),
        scope: Some(pb::CentreScope {
            reads: vec!["QS.R01".to_owned(), "QS.R02".to_owned()],
            places: vec!["510115003".to_owned()],
            finest_grain: proto::pb::types::Grain::Month.into(),
        }),
    };
    let centre = centres.set_centre(set.clone()).await.unwrap().into_inner();
    // The same name again: the same answer.
    assert_eq!(centres.set_centre(set).await.unwrap().into_inner(), centre);
    assert_eq!(centre.centre.unwrap().contact, "周敏");
    (house, members)
}

#[tokio::test]
async fn a_centre_asks_within_its_scope_and_no_further() {
    let (mut house, members) = narrowed().await;
    let care = house.channel(&members["centre/care"]);
    let operator = house.channel(&members["operator/li"]);
    let within = |code: &str, place: &str, from: &str| pb::QueryIndicatorsRequest {
        place: place.to_owned(),
        ..question(code, from)
    };
    for (asked, want) in [
        (within("QS.R02", INSIDE, "202401"), "OK"),
        (within("QS.R02", "510115003", "2024Q1"), "OK"),
        (within("QS.R02", "", "202401"), "OK"),
        (within("QS.R01", INSIDE, "202401"), "OK"),
        (within("QS.R01", INSIDE, "20240110"), "SCOPE_GRAIN"),
        (within("QS.R04", INSIDE, "202401"), "SCOPE_INDICATOR"),
        (within("QS.R02", OUTSIDE, "202401"), "SCOPE_PLACE"),
        (within("QS.R02", "510115", "202401"), "SCOPE_PLACE"),
        (within("QS.R99", INSIDE, "202401"), "UNKNOWN_INDICATOR"),
    ] {
        let ask = async |channel: &Channel| {
            let mut service = IndicatorServiceClient::new(channel.clone());
            let answered = service.query_indicators(asked.clone()).await;
            answered.map_or_else(|status| reason(&status), |_| "OK".to_owned())
        };
        assert_eq!(ask(&care).await, want, "{asked:?}");
        let whole = if want == "UNKNOWN_INDICATOR" {
            want
        } else {
            "OK"
        };
        assert_eq!(ask(&operator).await, whole, "{asked:?}");
    }
    // The whole hub is the one street: one of two communities has reported.
    let mut service = IndicatorServiceClient::new(care.clone());
    let rows = service
        .query_indicators(within("QS.R02", "", "202401"))
        .await;
    let row = rows.unwrap().into_inner().rows.remove(0);
    assert_eq!(row.value.unwrap().denominator, 4);

    let listed = service
        .list_indicators(pb::ListIndicatorsRequest::default())
        .await;
    let listed = listed.unwrap().into_inner().indicators;
    let codes: Vec<&str> = listed.iter().map(|of| of.code.as_str()).collect();
    assert_eq!(codes, ["QS.R01", "QS.R02"]);
    let mut centres = CentreServiceClient::new(care.clone());
    let own = centres
        .list_centres(pb::ListCentresRequest::default())
        .await;
    let own = own.unwrap().into_inner().centres;
    assert_eq!((own.len(), own[0].name.as_str()), (1, "centres/care"));

    // Its feed: one community, one indicator that is by month.
    let mut feed = FeedServiceClient::new(care);
    let start = pb::follow_request::Kind::Start(pb::FeedStart::default());
    let said = pb::FollowRequest { kind: Some(start) };
    let said = tokio_stream::StreamExt::chain(tokio_stream::once(said), tokio_stream::pending());
    let mut batches = feed.follow(said).await.unwrap().into_inner();
    let batch = batches.message().await.unwrap().unwrap().batch.unwrap();
    assert!(batch.begins_listing && batch.ends_listing);
    let rows: Vec<(&str, &str)> = batch
        .rows
        .iter()
        .map(|row| (row.place.as_str(), row.indicator.as_str()))
        .collect();
    assert_eq!(rows, [(INSIDE, "QS.R02")]);
    assert_eq!(
        (batch.rows[0].number, batch.rows[0].denominator),
        (Some(0.25), Some(4))
    );
    drop(batches);

    house.close().await;
    house.open().await;
    let logged = decisions(&house, &members["auditor/shen"], "centre/care").await;
    let refused = logged.iter().find(|of| of.result == "SCOPE_PLACE").unwrap();
    assert!(!refused.allowed && refused.scope.starts_with("QS.R02 510115"));
    let allowed = logged
        .iter()
        .find(|of| of.scope.contains("QS.R02 510115003064"));
    assert!(allowed.is_some_and(|of| of.allowed && of.result == "OK"));
    assert!(logged.iter().all(|of| of.identity == "centre/care"));
}

#[tokio::test]
async fn centres_are_nine_and_a_revoked_one_is_cut_off() {
    let (mut house, members) = narrowed().await;
    let mut invites = MemberServiceClient::new(house.channel(&house.operator));
    let invite = pb::CreateInviteRequest {
        request_id: "weather".to_owned(),
        subject: "centre/weather".to_owned(),
        valid_for: None,
    };
    let refused = invites.create_invite(invite).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_SUCH_CENTRE");
    let mut centres = CentreServiceClient::new(house.channel(&house.operator));
    let listed = centres.list_centres(pb::ListCentresRequest {
        page_size: 5,
        page_token: String::new(),
    });
    let first = listed.await.unwrap().into_inner();
    let listed = centres.list_centres(pb::ListCentresRequest {
        page_size: 5,
        page_token: first.next_page_token,
    });
    let rest = listed.await.unwrap().into_inner();
    assert_eq!((first.centres.len(), rest.centres.len()), (5, 4));
    let care = first.centres.iter().find(|of| of.name == "centres/care");
    assert!(care.is_some_and(|of| of.enrolled && of.display_name == "社会关爱援助中心"));
    let unknown = centres.set_centre(pb::SetCentreRequest {
        request_id: "r".to_owned(),
        name: "centres/weather".to_owned(),
        ..pb::SetCentreRequest::default()
    });
    assert_eq!(reason(&unknown.await.unwrap_err()), "UNKNOWN_CENTRE");

    let mut feed = FeedServiceClient::new(house.channel(&members["centre/care"]));
    let start = pb::follow_request::Kind::Start(pb::FeedStart::default());
    let said = pb::FollowRequest { kind: Some(start) };
    let said = tokio_stream::StreamExt::chain(tokio_stream::once(said), tokio_stream::pending());
    let mut batches = feed.follow(said).await.unwrap().into_inner();
    assert!(batches.message().await.unwrap().is_some());
    let revoke = pb::RevokeMemberRequest {
        request_id: "out".to_owned(),
        name: "members/centre/care".to_owned(),
        reason: "试".to_owned(),
    };
    invites.revoke_member(revoke).await.unwrap();
    let ended = loop {
        match batches.message().await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert!(ended.is_err(), "the stream is cut: {ended:?}");
    let mut again = CentreServiceClient::new(house.channel(&members["centre/care"]));
    let refused = again.list_centres(pb::ListCentresRequest::default()).await;
    assert_eq!(reason(&refused.unwrap_err()), "REVOKED");
    house.close().await;
    house.open().await;
    let logged = decisions(&house, &members["auditor/shen"], "centre/care").await;
    assert!(
        logged
            .iter()
            .any(|of| of.result == "REVOKED" && !of.allowed)
    );
}
