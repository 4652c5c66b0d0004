//! Deliberations over the wire: six steps with their text, the four parties, who
//! sees and does what.

use proto_edge::node::deliberation_service_client::DeliberationServiceClient;

use super::*;
use pb::{advance_topic_request as step, follow_topic_request as after};
use pb::{meet_on_topic_request as meet, vote_on_topic_request as vote};

type Topics = DeliberationServiceClient<Through>;

fn propose(kind: &str) -> pb::ProposeTopicRequest {
    pb::ProposeTopicRequest {
        kind: kind.into(),
        title: "小区停车公约".into(),
        ..Default::default()
    }
}

async fn advance(topics: &mut Topics, act: step::Act) -> Result<pb::Topic, Status> {
    let asked = pb::AdvanceTopicRequest {
        name: "topics/1".into(),
        act: Some(act),
        ..Default::default()
    };
    Ok(topics
        .advance_topic(asked)
        .await?
        .into_inner()
        .topic
        .unwrap())
}

async fn meet(topics: &mut Topics, act: meet::Act) -> Result<pb::Topic, Status> {
    let asked = pb::MeetOnTopicRequest {
        name: "topics/1".into(),
        act: Some(act),
        ..Default::default()
    };
    Ok(topics
        .meet_on_topic(asked)
        .await?
        .into_inner()
        .topic
        .unwrap())
}

async fn vote(topics: &mut Topics, act: vote::Act) -> Result<pb::Topic, Status> {
    let asked = pb::VoteOnTopicRequest {
        name: "topics/1".into(),
        act: Some(act),
        ..Default::default()
    };
    Ok(topics
        .vote_on_topic(asked)
        .await?
        .into_inner()
        .topic
        .unwrap())
}

async fn follow(topics: &mut Topics, act: after::Act) -> Result<pb::Topic, Status> {
    let asked = pb::FollowTopicRequest {
        name: "topics/1".into(),
        act: Some(act),
        ..Default::default()
    };
    Ok(topics
        .follow_topic(asked)
        .await?
        .into_inner()
        .topic
        .unwrap())
}

fn entries(numbers: impl Iterator<Item = u32>) -> Vec<String> {
    numbers.map(|number| format!("entries/{number}")).collect()
}

#[tokio::test]
async fn six_steps_lead_to_a_vote_on_the_reviewed_text() {
    let node = Node::start().await;
    let mut resident = node.topics(&node.token(pb::Role::Resident, "r-1").await);
    let mut staff = node.topics(&node.token(pb::Role::Staff, "").await);
    let mut council = node.topics(&node.token(pb::Role::Handler, "议事会").await);
    let proposed = resident.propose_topic(propose("six-step")).await.unwrap();
    let proposed = proposed.into_inner().topic.unwrap();
    assert_eq!(
        (proposed.name.as_str(), proposed.source()),
        ("topics/1", pb::TopicSource::Resident)
    );
    assert_eq!(proposed.steps, ["talk", "draft", "post", "review", "vote"]);
    let text = "每户一个车位。";
    let draft = step::Act::Draft(step::Draft {
        by: "议事会".into(),
        text: text.into(),
    });
    let skipped = advance(&mut council, draft.clone()).await.unwrap_err();
    assert_eq!(reason(&skipped), "STEP_NOT_COMPLETE");
    let talk = step::Act::Talk(step::Talk {
        parties: vec!["居民".into(), "居委会".into(), "物业公司".into()],
        ideas: 4,
    });
    assert_eq!(
        reason(&advance(&mut council, talk.clone()).await.unwrap_err()),
        "NOT_YOURS"
    );
    advance(&mut staff, talk).await.unwrap();
    let drafted = advance(&mut council, draft).await.unwrap().draft.unwrap();
    assert_eq!((drafted.version, drafted.text.as_str()), (1, text));
    advance(&mut staff, step::Act::Post(step::Post {}))
        .await
        .unwrap();
    let comment = pb::CommentTopicRequest {
        name: "topics/1".into(),
        origin: pb::Origin::Online.into(),
        ..Default::default()
    };
    let commented = resident.comment_topic(comment).await.unwrap().into_inner();
    assert_eq!(commented.topic.unwrap().comments, 1);
    node.pass(24 * 8);
    let advise = step::Act::Advise(step::Advise {
        expert: "entries/90".into(),
        discipline: "law".into(),
        has_interest: false,
        text: "写明访客车位".into(),
    });
    advance(&mut staff, advise).await.unwrap();
    let answer = step::Act::AnswerAdvice(step::AnswerAdvice {
        advice: 1,
        adopted: true,
        reason: "合理".into(),
    });
    advance(&mut staff, answer).await.unwrap();
    let reviewed = "每户一个车位,访客车位另划。";
    let fix = step::Act::Fix(step::Fix {
        text: reviewed.into(),
    });
    let fixed = advance(&mut staff, fix).await.unwrap();
    let open = |text: &str| {
        vote::Act::Open(vote::Open {
            text: text.into(),
            roll: entries(1..=4),
            until_day: "2026-03-20".into(),
        })
    };
    let other = vote(&mut staff, open(text)).await.unwrap_err();
    assert_eq!(reason(&other), "TEXT_DIFFERS");
    let opened = vote(&mut staff, open(reviewed))
        .await
        .unwrap()
        .vote
        .unwrap();
    assert_eq!((opened.text_sha256, opened.roll), (fixed.fixed_sha256, 4));
    let mark = |numbers| {
        vote::Act::Mark(vote::Mark {
            voters: entries(numbers),
            origin: pb::Origin::Paper.into(),
        })
    };
    vote(&mut staff, mark(1..=3)).await.unwrap();
    assert_eq!(
        reason(&vote(&mut staff, mark(3..=4)).await.unwrap_err()),
        "ALREADY_VOTED"
    );
    node.pass(24 * 20);
    let count = vote::Act::Count(vote::Count {
        origin: pb::Origin::Paper.into(),
        yes: 2,
        no: 1,
        counters: entries(8..=9),
        ..Default::default()
    });
    vote(&mut staff, count).await.unwrap();
    let decided = vote(&mut staff, vote::Act::Close(vote::Close {}))
        .await
        .unwrap();
    let decision = decided.decision.unwrap();
    assert_eq!((decision.passed, decision.yes, decision.no), (true, 2, 1));
    assert_eq!((decided.steps_done, decided.stage.as_str()), (5, "decided"));
    let history = pb::ListTopicEventsRequest {
        name: "topics/1".into(),
        page_size: 100,
        ..Default::default()
    };
    let told = resident
        .list_topic_events(history)
        .await
        .unwrap()
        .into_inner()
        .events;
    let told: Vec<&str> = told.iter().map(|event| event.r#type.as_str()).collect();
    let ended = told.iter().filter(|code| **code == "STEP_ENDED").count();
    assert_eq!((told[0], told[1], ended), ("PROPOSED", "TALKED", 5));
    node.stop().await;
}

#[tokio::test]
async fn four_parties_decide_and_somebody_else_checks_what_follows() {
    let node = Node::start().await;
    let mut worker = node.topics(&node.token(pb::Role::GridWorker, "003").await);
    let mut staff = node.topics(&node.token(pb::Role::Staff, "").await);
    let mut resident = node.topics(&node.token(pb::Role::Resident, "r-2").await);
    let mut property = node.topics(&node.token(pb::Role::Handler, "物业公司").await);
    worker.propose_topic(propose("four-party")).await.unwrap();
    let get = || pb::GetTopicRequest {
        name: "topics/1".into(),
    };
    assert_eq!(
        reason(&resident.get_topic(get()).await.unwrap_err()),
        "UNKNOWN_PROCESS"
    );
    let triage = pb::TriageTopicRequest {
        name: "topics/1".into(),
        grade: pb::TopicGrade::Urgent.into(),
        route: pb::TopicRoute::Agenda.into(),
        reason: "诉求居民较多".into(),
        ..Default::default()
    };
    assert_eq!(
        reason(&worker.triage_topic(triage.clone()).await.unwrap_err()),
        "ROLE_FORBIDDEN"
    );
    staff.triage_topic(triage).await.unwrap();
    assert!(resident.get_topic(get()).await.is_ok());
    let seat = |number: u32, code: &str| pb::TopicParticipant {
        entry: format!("entries/{number}"),
        seat: Some(pb::topic_participant::Seat::Party(code.into())),
    };
    let convene = |seats| {
        meet::Act::Convene(meet::Convene {
            on: "2026-03-02".into(),
            participants: seats,
        })
    };
    let parties = [
        "residents-committee",
        "owners-committee",
        "property",
        "social-organisations",
    ];
    let seats: Vec<_> = (1..)
        .zip(parties)
        .map(|(number, code)| seat(number, code))
        .collect();
    meet(&mut staff, convene(seats)).await.unwrap();
    let hold = |last: u32| {
        meet::Act::Hold(meet::Hold {
            present: entries(1..=last),
            chair: "entries/1".into(),
        })
    };
    let decide = |yes| {
        meet::Act::Decide(meet::Decide {
            text: "取消试点".into(),
            yes,
            no: 0,
            abstained: 0,
        })
    };
    assert_eq!(
        reason(&meet(&mut staff, decide(3)).await.unwrap_err()),
        "NOT_HELD"
    );
    let round = meet(&mut staff, hold(4)).await.unwrap().rounds.remove(0);
    assert!(round.quorate);
    assert_eq!((round.parties_present, round.votes), (4, 3));
    meet(&mut staff, decide(3)).await.unwrap();
    let due = after::Act::SetFollowUp(after::SetFollowUp {
        owner: "物业公司".into(),
        what: "调整垃圾桶".into(),
        due_day: "2026-03-09".into(),
    });
    follow(&mut staff, due).await.unwrap();
    let done = after::Act::ReportDone(after::ReportDone { follow_up: 1 });
    follow(&mut property, done).await.unwrap();
    let check = |by: &str| {
        after::Act::Check(after::Check {
            follow_up: 1,
            by: by.into(),
            passed: true,
            ..Default::default()
        })
    };
    assert_eq!(
        reason(&follow(&mut property, check("物业公司")).await.unwrap_err()),
        "OWN_WORK"
    );
    follow(&mut staff, check("社区两委")).await.unwrap();
    let checked = follow(&mut staff, check("业委会")).await.unwrap();
    assert_eq!(
        (checked.stage.as_str(), checked.follow_ups[0].verified),
        ("verified", true)
    );
    let listed = pb::ListTopicsRequest {
        stage: "verified".into(),
        ..Default::default()
    };
    let listed = resident
        .list_topics(listed)
        .await
        .unwrap()
        .into_inner()
        .topics;
    assert_eq!(listed.len(), 1);
    let odd = pb::ListTopicsRequest {
        stage: "open".into(),
        ..Default::default()
    };
    assert_eq!(
        reason(&resident.list_topics(odd).await.unwrap_err()),
        "INVALID_FIELDS"
    );
    let nothing = pb::AdvanceTopicRequest {
        name: "topics/1".into(),
        ..Default::default()
    };
    let nothing = staff.advance_topic(nothing).await.unwrap_err();
    assert!(
        nothing.message().contains("act: want one of talk"),
        "{}",
        nothing.message()
    );
    node.stop().await;
}
