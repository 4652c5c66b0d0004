//! Deliberations of the six places that are neither six steps nor four parties.

use super::*;

const STAFF: Actor = Actor::Staff;

fn convene(on: Date, participants: Vec<Participant>) -> Action {
    Action::Convene { on, participants }
}

/// 区域化党建联席会议：兼职委员到会，议定的事有人负责、有期限、有人核对。
#[test]
fn a_joint_meeting_of_part_time_members_leaves_work_with_an_owner() {
    let mut trial = Trial::new(RUIQUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose("party-joint-meeting")).unwrap();
    let list = |parties: &[&str]| {
        (1..)
            .zip(parties)
            .map(|(at, code)| party(at, code))
            .collect()
    };
    let today = date(2026, 3, 2);
    let alone = convene(today, list(&["party-committee"; 2]));
    trial.act(STAFF, alone).unwrap();
    trial.act(STAFF, hold(&[1, 2])).unwrap();
    assert_eq!(reason(trial.act(STAFF, decide(1, 0))), "NO_QUORUM");
    let both = list(&["party-committee", "part-time-members", "part-time-members"]);
    trial.act(STAFF, convene(today, both)).unwrap();
    trial.act(STAFF, hold(&[1, 2, 3])).unwrap();
    trial.act(STAFF, decide(2, 0)).unwrap();
    let work = Action::FollowUp {
        owner: "桥头小学".parse().unwrap(),
        what: words("开放操场"),
        due: date(2026, 3, 31),
    };
    trial.act(STAFF, work).unwrap();
    trial
        .act(STAFF, Action::ReportDone { follow_up: 1 })
        .unwrap();
    let check = Action::Check {
        follow_up: 1,
        by: Some("社区党委".parse().unwrap()),
        passed: true,
        note: None,
    };
    trial.act(STAFF, check).unwrap();
    trial.pass_to("2026-04-01T01:00:00Z");
    assert_eq!(trial.members("deliberation.follow_up_due"), ["yes"]);
}

/// 参与式规划与微更新：调研、工作坊、方案、公示、议决、建成、核查；规划师主持，不表决。
#[test]
fn a_micro_renewal_is_planned_with_residents_and_checked_when_it_is_built() {
    let mut trial = Trial::new(QINGHE, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose("micro-renewal")).unwrap();
    let early = trial.act(STAFF, talk(&["居民", "社区规划师"]));
    assert_eq!(reason(early), "STEP_NOT_COMPLETE");
    trial.act(STAFF, Action::Survey { survey: 3 }).unwrap();
    trial.act(STAFF, talk(&["居民"])).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, draft("一方案"))),
        "STEP_NOT_COMPLETE"
    );
    trial.act(STAFF, talk(&["社区规划师"])).unwrap();
    for plan in ["一方案", "二方案"] {
        trial.act(STAFF, draft(plan)).unwrap();
    }
    trial.act(STAFF, Action::Post).unwrap();
    trial.pass_to("2026-03-10T01:00:00Z");
    let planner = Participant {
        entry: 9,
        seat: Seat::Expert,
    };
    let council = (1..=5).map(|entry| party(entry, "deliberation-committee"));
    let list = [planner].into_iter().chain(council).collect();
    trial.act(STAFF, convene(date(2026, 3, 10), list)).unwrap();
    trial.act(STAFF, hold(&[9, 1, 2, 3, 4, 5])).unwrap();
    let six = trial.act(STAFF, decide(6, 0));
    assert_eq!(reason(six), "MORE_VOTES_THAN_VOTERS");
    trial.act(STAFF, decide(3, 2)).unwrap();
    let build = Action::FollowUp {
        owner: "施工队".parse().unwrap(),
        what: words("建成口袋花园"),
        due: date(2026, 6, 30),
    };
    trial.act(STAFF, build).unwrap();
    trial
        .act(STAFF, Action::ReportDone { follow_up: 1 })
        .unwrap();
    let check = |by: &str| Action::Check {
        follow_up: 1,
        by: by.parse().ok(),
        passed: true,
        note: None,
    };
    assert_eq!(
        reason(trial.act(STAFF, check("议事委员会"))),
        "NOT_A_SUPERVISOR"
    );
    trial.act(STAFF, check("监督委员会")).unwrap();
    assert_eq!(topic(&trial).stage, Stage::Verified);
}
