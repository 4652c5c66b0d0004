//! Streams of what happens: only what the reader may see, nothing missed, an end
//! when the token or the node ends.

use tonic::Streaming;

use super::*;

async fn watch(cases: &mut Cases, after_position: u64) -> Streaming<pb::WatchCasesResponse> {
    let asked = pb::WatchCasesRequest { after_position };
    cases.watch_cases(asked).await.unwrap().into_inner()
}

type Seen = (u64, String, String);

async fn seen(stream: &mut Streaming<pb::WatchCasesResponse>) -> Seen {
    let shown = stream.message().await.unwrap().unwrap();
    let of = shown.case.map_or_else(String::new, |case| case.name);
    let what = shown.event.map_or_else(String::new, |event| event.r#type);
    (shown.position, of, what)
}

fn event(position: u64, case: &str, what: &str) -> Seen {
    (position, case.to_owned(), what.to_owned())
}

#[tokio::test]
async fn a_resident_watches_its_own_cases_alone() {
    let node = Node::start().await;
    let mut one = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut other = node.as_role(pb::Role::Resident, "wx-2").await;
    let mut auditor = node.as_role(pb::Role::Auditor, "").await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let mut hers = watch(&mut one, 0).await;
    let mut all = watch(&mut auditor, 0).await;
    // Five tokens were made; from here on nothing is missed.
    assert_eq!(seen(&mut hers).await, event(5, "", ""));
    assert_eq!(seen(&mut all).await, event(5, "", ""));
    reported(&mut other, "井盖松动", "003").await;
    reported(&mut one, "路灯不亮", "003").await;
    dispatched(&mut staff, "cases/1").await;
    dispatched(&mut staff, "cases/2").await;
    assert_eq!(seen(&mut hers).await, event(7, "cases/2", "REPORTED"));
    assert_eq!(seen(&mut hers).await, event(10, "cases/2", "ACCEPTED"));
    assert_eq!(seen(&mut hers).await, event(11, "cases/2", "DISPATCHED"));
    let shown = all.message().await.unwrap().unwrap();
    let (case, happened) = (shown.case.unwrap(), shown.event.unwrap());
    assert_eq!((case.name.as_str(), case.personal), ("cases/1", None));
    assert_eq!(
        (happened.r#type.as_str(), happened.text.as_str()),
        ("REPORTED", "")
    );
    // A reader that was away goes on where it was.
    let mut later = watch(&mut one, 7).await;
    assert_eq!(seen(&mut later).await, event(7, "", ""));
    assert_eq!(seen(&mut later).await, event(10, "cases/2", "ACCEPTED"));
    let ahead = one
        .watch_cases(pb::WatchCasesRequest { after_position: 99 })
        .await;
    assert_eq!(reason(&ahead.unwrap_err()), "INVALID_FIELDS");
    node.stop().await;
}

#[tokio::test]
async fn what_happened_together_comes_again_when_it_was_cut() {
    let node = Node::start().await;
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    reported(&mut resident, "路灯不亮", "003").await;
    dispatched(&mut staff, "cases/1").await;
    completed(&mut staff, "cases/1").await;
    let rate = pb::RateCaseRequest {
        name: "cases/1".into(),
        level: pb::RatingLevel::VeryBad.into(),
        ..Default::default()
    };
    resident.rate_case(rate).await.unwrap();
    let last = node.office.store.marks().borrow().position;
    let mut stream = watch(&mut staff, last - 1).await;
    assert_eq!(seen(&mut stream).await, event(last - 1, "", ""));
    assert_eq!(seen(&mut stream).await, event(last - 1, "cases/1", "RATED"));
    assert_eq!(seen(&mut stream).await, event(last, "cases/1", "REOPENED"));
    node.stop().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_with_the_node() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let mut revoked = watch(&mut staff, 0).await;
    let mut drained = watch(&mut node.cases(&node.admin), 0).await;
    seen(&mut revoked).await;
    seen(&mut drained).await;
    let revoke = pb::RevokeTokenRequest {
        name: "tokens/2".into(),
        ..Default::default()
    };
    node.tokens(&node.admin).revoke_token(revoke).await.unwrap();
    let status = revoked.message().await.unwrap_err();
    assert_eq!(reason(&status), "TOKEN_REVOKED");
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    node.office.stop.cancel();
    let status = drained.message().await.unwrap_err();
    assert_eq!(
        (reason(&status).as_str(), status.code()),
        ("STOPPING", tonic::Code::Unavailable)
    );
    node.stop().await;
}
