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
