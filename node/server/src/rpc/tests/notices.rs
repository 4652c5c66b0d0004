//! Notices as a client drains them: who hears what, what comes again, and who may.

use proto_edge::node::node_status_service_client::NodeStatusServiceClient;
use proto_edge::node::notice_service_client::NoticeServiceClient;
use tonic::Streaming;

use super::*;

type Notices = NoticeServiceClient<Through>;

impl Node {
    fn notices(&self, secret: &str) -> Notices {
        NoticeServiceClient::new(self.through(secret))
    }
}

async fn follow(client: &mut Notices, consumer: &str) -> Streaming<pb::FollowNoticesResponse> {
    let consumer = consumer.to_owned();
    let asked = pb::FollowNoticesRequest { consumer };
    let mut stream = client.follow_notices(asked).await.unwrap().into_inner();
    let first = stream.message().await.unwrap().unwrap();
    assert_eq!((first.notice, first.lost), (None, 0));
    stream
}

async fn next(stream: &mut Streaming<pb::FollowNoticesResponse>) -> pb::Notice {
    stream.message().await.unwrap().unwrap().notice.unwrap()
}

/// Type and recipients, the office as `staff`.
fn told(notice: &pb::Notice) -> (String, String) {
    let to = notice.recipients.iter().map(|one| match one.role() {
        pb::Role::Staff => "staff".to_owned(),
        _ if !one.entry.is_empty() => format!("{}={}", one.entry, one.scope),
        _ => one.scope.clone(),
    });
    let to: Vec<String> = to.collect();
    (notice.r#type.clone(), to.join(" "))
}

fn ack(consumer: &str, through: &str) -> pb::AckNoticesRequest {
    pb::AckNoticesRequest {
        consumer: consumer.to_owned(),
        through: through.to_owned(),
    }
}

#[tokio::test]
async fn a_mini_program_tells_everybody_and_a_company_only_itself() {
    let node = Node::start().await;
    let office = node.token(pb::Role::Staff, "").await;
    let company = node.token(pb::Role::Handler, "物业").await;
    let resident = node.token(pb::Role::Resident, "wx-1").await;
    let mut all = follow(&mut node.notices(&office), "mini-program").await;
    let mut own = follow(&mut node.notices(&company), "property").await;
    reported(&mut node.cases(&resident), "路灯不亮", "003").await;
    dispatched(&mut node.cases(&office), "cases/1").await;
    completed(&mut node.cases(&company), "cases/1").await;
    let first = next(&mut all).await;
    assert_eq!(told(&first), ("REPORTED".into(), "003 staff".into()));
    assert_eq!(
        (first.name.as_str(), first.zh.as_str()),
        ("cases/1", "新的报事 cases/1")
    );
    assert_eq!(first.en, "A new case, cases/1");
    assert_eq!(
        told(&next(&mut all).await),
        ("ACCEPTED".into(), "wx-1".into())
    );
    let third = next(&mut all).await;
    assert_eq!(told(&third), ("DISPATCHED".into(), "wx-1 物业".into()));
    let fourth = next(&mut all).await;
    assert_eq!(told(&fourth), ("COMPLETED".into(), "wx-1 staff".into()));
    let its = next(&mut own).await;
    assert_eq!(
        (told(&its), &its.id),
        (("DISPATCHED".into(), "物业".into()), &third.id)
    );
    // What was not acknowledged comes again, with the same ids.
    let mut client = node.notices(&office);
    client
        .ack_notices(ack("mini-program", &third.id))
        .await
        .unwrap();
    let mut again = follow(&mut client, "mini-program").await;
    assert_eq!(next(&mut again).await, fourth);
    // Whoever was erased is told nothing more, and nobody of it.
    let erase = pb::EraseSubjectRequest {
        name: "cases/1".into(),
        ..Default::default()
    };
    node.cases(&node.admin).erase_subject(erase).await.unwrap();
    let mut later = follow(&mut client, "mini-program").await;
    assert_eq!(
        told(&next(&mut later).await),
        ("COMPLETED".into(), "staff".into())
    );
    drop((all, own, again, later));
    node.stop().await;
}

#[tokio::test]
async fn consumers_are_their_owners_and_streams_end_with_them() {
    let node = Node::start().await;
    let office = node.token(pb::Role::Staff, "").await;
    let company = node.token(pb::Role::Handler, "物业").await;
    let mut client = node.notices(&office);
    let mut stream = follow(&mut client, "app").await;
    let mut other = node.notices(&company);
    let asked = pb::FollowNoticesRequest {
        consumer: "app".into(),
    };
    let taken = other.follow_notices(asked).await.unwrap_err();
    assert_eq!(reason(&taken), "CONSUMER_TAKEN");
    for (through, why) in [("999-0", "NOTICE_AHEAD"), ("x", "INVALID_FIELDS")] {
        let refused = client.ack_notices(ack("app", through)).await.unwrap_err();
        assert_eq!(reason(&refused), why);
    }
    let unknown = client.ack_notices(ack("none", "1-0")).await.unwrap_err();
    assert_eq!(reason(&unknown), "UNKNOWN_CONSUMER");
    let odd = pb::FollowNoticesRequest {
        consumer: "My App".into(),
    };
    let odd = client.follow_notices(odd).await.unwrap_err();
    assert_eq!(reason(&odd), "INVALID_FIELDS");
    for role in [pb::Role::Resident, pb::Role::Auditor] {
        let scope = if role == pb::Role::Resident {
            "wx-1"
        } else {
            ""
        };
        let mut nobody = node.notices(&node.token(role, scope).await);
        let asked = pb::FollowNoticesRequest {
            consumer: "app".into(),
        };
        let denied = nobody.follow_notices(asked).await.unwrap_err();
        assert_eq!(reason(&denied), "ROLE_FORBIDDEN");
    }
    let close = pb::CloseNoticesRequest {
        consumer: "app".into(),
    };
    client.close_notices(close).await.unwrap();
    let ended = stream.message().await.unwrap_err();
    assert_eq!(reason(&ended), "CONSUMER_CLOSED");
    node.stop().await;
}

#[tokio::test]
async fn who_follows_a_topic_hears_how_it_goes_on() {
    let node = Node::start().await;
    let office = node.token(pb::Role::Staff, "").await;
    let mut all = follow(&mut node.notices(&office), "app").await;
    let mut worker = node.notices(&node.token(pb::Role::GridWorker, "004").await);
    let mut resident = node.notices(&node.token(pb::Role::Resident, "wx-2").await);
    let propose = pb::ProposeTopicRequest {
        kind: "four-party".into(),
        title: "垃圾房选址".into(),
        source: pb::TopicSource::Office.into(),
        ..Default::default()
    };
    let proposed = node.topics(&office).propose_topic(propose).await.unwrap();
    let name = proposed.into_inner().topic.unwrap().name;
    let ask = |name: &str| pb::FollowProcessRequest { name: name.into() };
    worker.follow_process(ask(&name)).await.unwrap();
    // Not on the agenda yet: a resident does not see it.
    let hidden = resident.follow_process(ask(&name)).await.unwrap_err();
    assert_eq!(reason(&hidden), "UNKNOWN_PROCESS");
    for odd in ["topics", "topics/0", "topics/01", "novels/1", "cases/x"] {
        let odd = worker.follow_process(ask(odd)).await.unwrap_err();
        assert_eq!(reason(&odd), "INVALID_FIELDS");
    }
    drop(all);
    all = follow(&mut node.notices(&office), "app").await;
    let triage = pb::TriageTopicRequest {
        name: name.clone(),
        grade: pb::TopicGrade::Important.into(),
        route: pb::TopicRoute::Agenda.into(),
        reason: "居民关心".into(),
        ..Default::default()
    };
    node.topics(&office).triage_topic(triage).await.unwrap();
    assert_eq!(
        told(&next(&mut all).await),
        ("TRIAGED".into(), "004".into())
    );
    resident.follow_process(ask(&name)).await.unwrap();
    let unfollow = pb::UnfollowProcessRequest { name };
    worker.unfollow_process(unfollow).await.unwrap();
    drop(all);
    node.stop().await;
}

#[tokio::test]
async fn the_status_tells_of_consumers_that_do_not_acknowledge() {
    let node = Node::start().await;
    let office = node.token(pb::Role::Staff, "").await;
    drop(follow(&mut node.notices(&office), "app").await);
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut status = NodeStatusServiceClient::new(node.through(&office));
    let mut seen = Vec::new();
    for count in 1..=70 {
        reported(&mut resident, &format!("路灯不亮 {count}"), "003").await;
        let answer = status.get_node_status(pb::GetNodeStatusRequest {});
        let mut now = answer.await.unwrap().into_inner();
        let consumer = now.notice_consumers.remove(0);
        assert_eq!(
            (consumer.name.as_str(), consumer.owner.as_str()),
            ("app", "staff")
        );
        let kinds: Vec<String> = now.alarms.into_iter().map(|alarm| alarm.kind).collect();
        seen.push((consumer.waiting, consumer.lost, kinds.join(" ")));
    }
    assert_eq!(seen[31], (32, 0, String::new()));
    assert_eq!(seen[32], (33, 0, "notices-waiting".into()));
    assert_eq!(seen[63], (64, 0, "notices-waiting".into()));
    assert_eq!(seen[64], (64, 1, "notices-lost".into()));
    assert_eq!(seen[69], (64, 6, "notices-lost".into()));
    node.stop().await;
}
