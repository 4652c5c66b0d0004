//! Support requests and offers over the wire: who may, what is attached, and who is
//! shown who takes part.

use proto::identity::LogId;
use proto::support::{Card, Down, Form, Letter, Offer, OfferKey, OfferKind};
use proto_edge::node::offer_service_client::OfferServiceClient;
use proto_edge::node::support_service_client::SupportServiceClient;

use super::*;

type Support = SupportServiceClient<Through>;

fn ask(centre: &str, attachment: &[u8]) -> pb::RequestSupportRequest {
    pb::RequestSupportRequest {
        request_id: "r-1".into(),
        centre: centre.into(),
        text: "请派社工".into(),
        attachment: attachment.to_vec().into(),
        ..Default::default()
    }
}

async fn asked(support: &mut Support, ask: pb::RequestSupportRequest) -> pb::SupportRequest {
    let answer = support.request_support(ask).await.unwrap();
    answer.into_inner().request.unwrap()
}

/// What the hub's letters would bring.
async fn deliver(node: &Node, seq: u64, down: Down) {
    let deliver = Command::Deliver {
        now: node.now(),
        log_id: LogId([1; 16]),
        letters: vec![Letter { seq, down }],
    };
    let answer = node.office.store.ask(deliver).await.unwrap();
    assert!(matches!(answer, Answer::Recorded));
}

fn offer(key: u64, kind: OfferKind) -> Down {
    let is_grant = kind == OfferKind::Grant;
    Down::Offer(Offer {
        key: OfferKey(key),
        centre: "incubation".parse().unwrap(),
        kind,
        title: "公益创投".parse().unwrap(),
        text: "每家五千".parse().unwrap(),
        published_at: start(),
        until: None,
        places: 1,
        form: is_grant.then_some(Form::Venture),
        fen: if is_grant { 500_000 } else { 0 },
        closed_at: None,
    })
}

#[tokio::test]
async fn the_office_asks_and_an_attachment_is_for_one_centre_alone() {
    let node = Node::start().await;
    let mut staff = SupportServiceClient::new(node.through(&node.token(pb::Role::Staff, "").await));
    let refused = staff
        .request_support(ask("flood-watch", b""))
        .await
        .unwrap_err();
    assert_eq!(reason(&refused), "INVALID_FIELDS");
    let refused = staff
        .request_support(ask("care", "王秀英".as_bytes()))
        .await;
    assert_eq!(reason(&refused.unwrap_err()), "NO_RECIPIENT");
    let pair = age::x25519::Identity::generate();
    let card = Card {
        centre: "care".parse().unwrap(),
        recipient: pair.to_public().to_string().parse().unwrap(),
    };
    deliver(&node, 1, Down::Card(card)).await;
    let centres = staff.list_centres(pb::ListCentresRequest {}).await.unwrap();
    let centres = centres.into_inner().centres;
    assert_eq!(centres.len(), 9);
    let with_key = centres.iter().filter(|centre| !centre.recipient.is_empty());
    assert_eq!(
        with_key
            .map(|centre| centre.centre.as_str())
            .collect::<Vec<_>>(),
        ["care"]
    );

    let made = asked(&mut staff, ask("care", "王秀英".as_bytes())).await;
    assert_eq!(
        (made.stage.as_str(), made.attached_for.as_str()),
        ("asked", "care")
    );
    let again = asked(&mut staff, ask("care", "王秀英".as_bytes())).await;
    assert_eq!(again, made, "a repeat");
    let letters = node.office.store.letters_after(0).unwrap();
    let text = format!("{letters:?}");
    assert_eq!(letters.len(), 1);
    assert!(!text.contains("王秀英"), "{text}");
    let early = pb::RateSupportRequest {
        name: made.name.clone(),
        stars: 5,
        ..Default::default()
    };
    let refused = staff.rate_support(early).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_DONE");

    for role in [pb::Role::Resident, pb::Role::Handler] {
        let mut other = SupportServiceClient::new(node.through(&node.token(role, "某").await));
        let refused = other.request_support(ask("", b"")).await.unwrap_err();
        assert_eq!(reason(&refused), "ROLE_FORBIDDEN");
        let name = made.name.clone();
        let refused = other.get_support(pb::GetSupportRequest { name }).await;
        assert_eq!(reason(&refused.unwrap_err()), "ROLE_FORBIDDEN");
    }
    let withdraw = pb::WithdrawSupportRequest {
        name: made.name.clone(),
        ..Default::default()
    };
    staff.withdraw_support(withdraw).await.unwrap();
    let open = pb::ListSupportRequest {
        only_open: true,
        ..Default::default()
    };
    let listed = staff.list_support(open).await.unwrap().into_inner();
    assert_eq!(listed.requests, []);
    node.stop().await;
}

#[tokio::test]
async fn everybody_sees_an_offer_and_the_desk_alone_who_takes_part() {
    let node = Node::start_with(&[PLAYBOOK, RUIQUAN]).await;
    let token = node.token(pb::Role::Staff, "").await;
    let mut staff = OfferServiceClient::new(node.through(&token));
    deliver(&node, 1, offer(1, OfferKind::Course)).await;
    let household = pb::RegisterEntryRequest {
        register: "households".into(),
        ..Default::default()
    };
    let entry = node
        .registers(&token)
        .register_entry(household)
        .await
        .unwrap();
    let entry = entry.into_inner().entry.unwrap().name;
    let enrol = |entry: &str| pb::EnrolRequest {
        name: "offers/1".into(),
        entry: entry.into(),
        ..Default::default()
    };
    let refused = staff.enrol(enrol("entries/9")).await.unwrap_err();
    assert_eq!(reason(&refused), "UNKNOWN_ENTRY");
    let shown = staff
        .enrol(enrol(&entry))
        .await
        .unwrap()
        .into_inner()
        .offer
        .unwrap();
    assert_eq!((shown.enrolled, shown.enrolments.len()), (1, 1));
    let resident = node.token(pb::Role::Resident, "wx-1").await;
    let mut resident = OfferServiceClient::new(node.through(&resident));
    let listed = resident
        .list_offers(pb::ListOffersRequest::default())
        .await
        .unwrap();
    let seen = listed.into_inner().offers.remove(0);
    assert_eq!((seen.enrolled, seen.enrolments.len()), (1, 0));
    let refused = resident.enrol(enrol(&entry)).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_FORBIDDEN");
    let complete = pb::CompleteOfferRequest {
        name: "offers/1".into(),
        entry: entry.clone(),
        ..Default::default()
    };
    let unseen = staff.complete_offer(complete.clone()).await.unwrap_err();
    assert_eq!(reason(&unseen), "NOT_ATTENDED");
    let attend = pb::AttendOfferRequest {
        name: "offers/1".into(),
        entry,
        ..Default::default()
    };
    staff.attend_offer(attend).await.unwrap();
    let done = staff
        .complete_offer(complete)
        .await
        .unwrap()
        .into_inner()
        .offer
        .unwrap();
    assert_eq!(done.completed, 1);
    let events = pb::ListOfferEventsRequest {
        name: "offers/1".into(),
        ..Default::default()
    };
    let events = staff
        .list_offer_events(events)
        .await
        .unwrap()
        .into_inner()
        .events;
    let types: Vec<&str> = events.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(types, ["PUBLISHED", "ENROLLED", "ATTENDED", "COMPLETED"]);
    node.stop().await;
}

#[tokio::test]
async fn a_grant_is_applied_for_with_a_fund_in_its_form() {
    let cuizhuyuan = include_str!("../../../../../deploy/playbooks/cuizhuyuan.toml");
    let node = Node::start_with(&[cuizhuyuan]).await;
    let token = node.token(pb::Role::Staff, "").await;
    deliver(&node, 1, offer(1, OfferKind::Grant)).await;
    let mut funds = node.funds(&token);
    let mut opened = async |funding: &str| {
        let open = pb::OpenFundRequest {
            kind: "organisation-grant".into(),
            title: "互助会".into(),
            funding: funding.into(),
            amount: 500_000,
            ..Default::default()
        };
        let opened = funds.open_fund(open).await.unwrap();
        opened.into_inner().fund.unwrap().name
    };
    let (direct, venture) = (opened("direct").await, opened("venture").await);
    let mut staff = OfferServiceClient::new(node.through(&token));
    let name = staff
        .list_offers(pb::ListOffersRequest::default())
        .await
        .unwrap();
    let name = name.into_inner().offers.remove(0).name;
    let apply = |fund: &str| pb::ApplyForOfferRequest {
        name: name.clone(),
        fund: fund.into(),
        ..Default::default()
    };
    let refused = staff.apply_for_offer(apply(&direct)).await.unwrap_err();
    assert_eq!(reason(&refused), "OTHER_FORM");
    let refused = staff.apply_for_offer(apply("funds/99")).await.unwrap_err();
    assert_eq!(reason(&refused), "UNKNOWN_GRANT");
    let shown = staff.apply_for_offer(apply(&venture)).await.unwrap();
    assert_eq!(shown.into_inner().offer.unwrap().funds, [venture]);
    node.stop().await;
}
