//! What a decision looks at beside its own process: a published result, who goes
//! first, the rules of order in force, whether what a text names is there.

use pb::meet_on_topic_request as meet;

use super::*;

const CUIZHUYUAN: &str = include_str!("../../../../../deploy/playbooks/cuizhuyuan.toml");

struct Desk {
    node: Node,
    token: String,
}

impl Desk {
    async fn of(playbooks: &[&str]) -> Desk {
        let node = Node::start_with(playbooks).await;
        let token = node.token(pb::Role::Staff, "").await;
        Desk { node, token }
    }

    async fn enter(&self, register: &str, title: &str, group: &str) -> String {
        let asked = pb::RegisterEntryRequest {
            register: register.into(),
            title: title.into(),
            group: group.into(),
            ..Default::default()
        };
        let mut registers = self.node.registers(&self.token);
        let made = registers.register_entry(asked).await.unwrap().into_inner();
        made.entry.unwrap().name
    }

    async fn move_to(&self, name: &str, to: &str, reason: &str) -> Result<pb::Entry, Status> {
        let asked = pb::MoveEntryRequest {
            name: name.into(),
            to: to.into(),
            reason: reason.into(),
            ..Default::default()
        };
        let moved = self.node.registers(&self.token).move_entry(asked).await?;
        Ok(moved.into_inner().entry.unwrap())
    }

    /// A third party's evaluation, published.
    async fn evaluated(&self, subject: &str, by: &str, number: u32, points: u32) {
        let mut staff = self.node.assessments(&self.token);
        let open = pb::OpenAssessmentRequest {
            kind: "local-capacity".into(),
            subject: subject.into(),
            year: 2026,
            number,
            ..Default::default()
        };
        let opened = staff.open_assessment(open).await.unwrap().into_inner();
        let name = || opened.assessment.as_ref().unwrap().name.clone();
        let appoint = pb::AppointAssessorRequest {
            name: name(),
            part: "third-party".into(),
            by: by.into(),
            ..Default::default()
        };
        staff.appoint_assessor(appoint).await.unwrap();
        let score = pb::ScoreAssessmentRequest {
            name: name(),
            by: by.into(),
            points,
            ..Default::default()
        };
        staff.score_assessment(score).await.unwrap();
        let notify = pb::NotifyAssessmentRequest {
            name: name(),
            ..Default::default()
        };
        staff.notify_assessment(notify).await.unwrap();
        let reply = pb::ReplyToAssessmentRequest {
            name: name(),
            text: "无异议".into(),
            ..Default::default()
        };
        staff.reply_to_assessment(reply).await.unwrap();
        let finalise = pb::FinaliseAssessmentRequest {
            name: name(),
            ..Default::default()
        };
        staff.finalise_assessment(finalise).await.unwrap();
        let publish = pb::PublishAssessmentRequest {
            name: name(),
            ..Default::default()
        };
        staff.publish_assessment(publish).await.unwrap();
    }

    async fn document(&self, kind: &str, clauses: &[(&str, &str)]) -> Result<String, Status> {
        let clauses = clauses.iter().map(|(code, words)| pb::Clause {
            code: (*code).into(),
            words: (*words).into(),
        });
        let open = pb::OpenDocumentRequest {
            kind: kind.into(),
            title: "文件".into(),
            clauses: clauses.collect(),
            ..Default::default()
        };
        let mut documents = self.node.documents(&self.token);
        let opened = documents.open_document(open).await?.into_inner();
        Ok(opened.document.unwrap().name)
    }
}

/// 随着本地能力提升而逐步退出：每降一级，要有上一级以来公布的、达到分数的评估。
#[tokio::test]
async fn help_withdraws_only_as_a_third_party_finds_the_place_able() {
    let desk = Desk::of(&[QINGHE]).await;
    let help = desk.enter("outside-support", "新清河实验", "").await;
    let other = desk.enter("outside-support", "另一项", "").await;
    let evaluator = desk.enter("experts", "", "sociology").await;
    let refused = async |to: &str| reason(&desk.move_to(&help, to, "").await.unwrap_err());
    assert_eq!(refused("level-2").await, "RESULT_MISSING");
    desk.evaluated(&other, &evaluator, 1, 95).await;
    assert_eq!(refused("level-2").await, "RESULT_MISSING", "another's");
    desk.evaluated(&help, &evaluator, 1, 59).await;
    assert_eq!(refused("level-2").await, "RESULT_TOO_LOW");
    desk.node.pass(24);
    desk.evaluated(&help, &evaluator, 2, 65).await;
    desk.node.pass(24);
    let moved = desk.move_to(&help, "level-2", "").await.unwrap();
    assert_eq!(moved.stage, "level-2");
    assert_eq!(refused("level-1").await, "RESULT_MISSING", "an old one");
    desk.evaluated(&help, &evaluator, 3, 70).await;
    desk.move_to(&help, "level-1", "").await.unwrap();
    desk.node.pass(24);
    desk.evaluated(&help, &evaluator, 4, 80).await;
    let gone = desk.move_to(&help, "withdrawn", "").await.unwrap();
    assert!(!gone.active);
}

/// 下岗居民优先：只数同一名册里同一阶段还在等待的人。
#[tokio::test]
async fn who_is_laid_off_and_waits_goes_before_others() {
    let desk = Desk::of(&[BAIBUTING]).await;
    let laid_off = desk.enter("job-seekers", "", "laid-off").await;
    let other = desk.enter("job-seekers", "", "other").await;
    let early = desk.move_to(&other, "offered", "").await.unwrap_err();
    assert_eq!(reason(&early), "OTHERS_FIRST");
    desk.move_to(&laid_off, "offered", "").await.unwrap();
    desk.move_to(&other, "offered", "").await.unwrap();
    let soon = desk.move_to(&laid_off, "placed", "").await.unwrap();
    assert_eq!(soon.stage, "placed");
    let soon = desk.move_to(&laid_off, "retained", "").await.unwrap_err();
    assert_eq!(reason(&soon), "TOO_SOON");
    desk.node.pass(24 * 183);
    desk.move_to(&laid_off, "retained", "").await.unwrap();
}

/// 十条议事规则是社区自己的文本：提出议题时的现行版本管这个议题。
#[tokio::test]
async fn a_topic_takes_the_rules_of_order_that_are_in_force() {
    let desk = Desk::of(&[CUIZHUYUAN]).await;
    let rules = [
        ("neutral-chair", "主持中立"),
        ("to-the-point", "就事论事"),
        ("majority", "少数服从多数"),
        ("one-at-a-time", "一人一次只说一件事"),
    ];
    let name = desk.document("order-rules", &rules).await.unwrap();
    let mut documents = desk.node.documents(&desk.token);
    let adopt = pb::AdoptVersionRequest {
        name: name.clone(),
        by: "四方平台联席会议".into(),
        document_sha256: "07".repeat(32),
        ..Default::default()
    };
    documents.adopt_version(adopt).await.unwrap();
    let mut topics = desk.node.topics(&desk.token);
    let propose = || pb::ProposeTopicRequest {
        kind: "four-party".into(),
        title: "垃圾桶下地库".into(),
        ..Default::default()
    };
    let before = topics.propose_topic(propose()).await.unwrap().into_inner();
    let in_force = pb::PutVersionInForceRequest {
        name: name.clone(),
        ..Default::default()
    };
    documents.put_version_in_force(in_force).await.unwrap();
    let after = topics.propose_topic(propose()).await.unwrap().into_inner();
    let names = [before, after].map(|made| made.topic.unwrap().name);
    let mut fixed = Vec::new();
    let mut breaches = Vec::new();
    for name in names {
        let events = pb::ListTopicEventsRequest {
            name: name.clone(),
            ..Default::default()
        };
        let events = topics.list_topic_events(events).await.unwrap();
        let events = events.into_inner().events;
        fixed.push(events.iter().any(|event| event.r#type == "ORDER_FIXED"));
        let triage = pb::TriageTopicRequest {
            name: name.clone(),
            grade: pb::TopicGrade::Urgent.into(),
            reason: "呼声较高".into(),
            route: pb::TopicRoute::Agenda.into(),
            ..Default::default()
        };
        topics.triage_topic(triage).await.unwrap();
        let member = desk.enter("four-parties", "业委会", "").await;
        let act = |act| pb::MeetOnTopicRequest {
            name: name.clone(),
            act: Some(act),
            ..Default::default()
        };
        let seat = pb::topic_participant::Seat::Party("owners-committee".into());
        let convene = meet::Act::Convene(meet::Convene {
            on: "2026-03-02".into(),
            participants: vec![pb::TopicParticipant {
                entry: member.clone(),
                seat: Some(seat),
            }],
        });
        topics.meet_on_topic(act(convene)).await.unwrap();
        let hold = meet::Act::Hold(meet::Hold {
            present: vec![member.clone()],
            chair: member,
        });
        topics.meet_on_topic(act(hold)).await.unwrap();
        let breach = meet::Act::NoteBreach(meet::NoteBreach {
            rule: "one-at-a-time".into(),
        });
        let noted = topics.meet_on_topic(act(breach)).await;
        breaches.push(noted.map(drop).map_err(|status| reason(&status)));
    }
    assert_eq!(fixed, [false, true]);
    assert_eq!(breaches, [Err("UNKNOWN_RULE".to_owned()), Ok(())]);
}

/// 经验报告所比较的项目、意见书所说的意见，都要有。
#[tokio::test]
async fn what_a_text_is_about_must_be_there() {
    let desk = Desk::of(&[QINGHE]).await;
    let advice = |about: &'static str| {
        [
            ("about-entries", about),
            ("question", "坡道坡度"),
            ("advice", "一比十二"),
            ("interest", "无利害关系"),
        ]
    };
    let early = desk.document("expert-advice", &advice("entries/1")).await;
    assert_eq!(reason(&early.unwrap_err()), "UNKNOWN_NAME");
    desk.enter("expert-advice", "坡道", "no-interest").await;
    let made = desk.document("expert-advice", &advice("entries/1")).await;
    made.unwrap();
    let report = [
        ("about-consents", "consents/9"),
        ("technique", "一"),
        ("participation", "二"),
        ("law", "三"),
    ];
    let none = desk.document("lift-report", &report).await.unwrap_err();
    assert_eq!(reason(&none), "UNKNOWN_NAME");
}
