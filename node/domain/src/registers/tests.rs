//! Entries from making to leaving, day by day; roles, trees, pairs; rolls.

use jiff::civil::date;

use super::*;
use crate::actor::Actor;
use crate::process::trial::Trial;
use crate::process::{Refusal, State};
use crate::stored::Day;

mod gardens;
mod indicators;
mod pairs;
mod places;
mod stages;

const QINGSHAN: &str = include_str!("../../../../deploy/playbooks/qingshan.toml");
const TIANNING: &str = include_str!("../../../../deploy/playbooks/tianning.toml");
const BAIBUTING: &str = include_str!("../../../../deploy/playbooks/baibuting.toml");
const RUIQUAN: &str = include_str!("../../../../deploy/playbooks/ruiquan.toml");
const CUIZHUYUAN: &str = include_str!("../../../../deploy/playbooks/cuizhuyuan.toml");
const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
/// A Monday, in Shanghai.
const START: &str = "2026-03-02T01:00:00Z";

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    a_term_begins_and_ends_with_its_days_and_roles_end_with_it,
    an_owners_group_is_complete_with_three_people_who_are_not_each_other,
    stages_follow_the_playbook,
    gardens::everybody_has_a_plot_before_anybody_has_two,
    gardens::a_neglected_plot_is_lost_when_the_warning_has_run,
];

fn open(register: &str) -> Open {
    Open {
        grid: Some("003".parse().unwrap()),
        ..Open::of(register.parse().unwrap())
    }
}

fn body(register: &str) -> Open {
    Open {
        title: Some("第三网格".parse().unwrap()),
        ..open(register)
    }
}

fn register(open: Open) -> Action {
    Action::Register(Box::new(open))
}

fn grant(role: &str, holder: u64) -> Action {
    Action::Grant {
        role: role.parse().unwrap(),
        holder: Some(holder),
        from: None,
        until: None,
    }
}

fn move_to(stage: &str) -> Action {
    Action::Move {
        to: stage.parse().unwrap(),
        reason: None,
        seen: Seen::default(),
    }
}

fn entry(trial: &Trial) -> &Entry {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn started(playbook: &str, open: Open) -> Trial {
    let mut trial = Trial::new(playbook, START);
    trial.act(Actor::Staff, register(open)).unwrap();
    trial
}

fn reason(refused: Result<(), Refusal>) -> &'static str {
    refused.unwrap_err().reason
}

#[test]
fn a_term_begins_and_ends_with_its_days_and_roles_end_with_it() {
    let mut trial = started(
        RUIQUAN,
        Open {
            from: Some(date(2026, 3, 5)),
            until: Some(date(2026, 3, 9)),
            ..body("councils")
        },
    );
    assert!(!entry(&trial).is_active());
    let early = trial.act(Actor::Staff, grant("council-member", 7));
    assert_eq!(reason(early), "NO_MEMBER");
    // The last moment of the fourth, then the first of the fifth.
    trial.pass_to("2026-03-04T15:59:59Z");
    assert!(!entry(&trial).is_active());
    trial.pass_to("2026-03-04T16:00:00Z");
    assert!(entry(&trial).is_active());
    assert_eq!(trial.members("entry.joined"), [",003"]);
    trial.act(Actor::Staff, grant("council-member", 7)).unwrap();
    trial.pass_to("2026-03-09T15:59:59Z");
    assert_eq!(Stock::of(entry(&trial)).0, [1, 0, 0, 23, 1, 0, 0, 0]);
    trial.pass_to("2026-03-09T16:00:00Z");
    assert_eq!(Stock::of(entry(&trial)), Stock::default());
    assert_eq!(trial.members("entry.left"), [",003,term-over"]);
    assert_eq!(
        trial.members("entry.role_ended"),
        [",003,council-member,term-over"]
    );
    let days = |day| entry(&trial).is_member_on(Day(date(2026, 3, day)));
    assert_eq!([4, 5, 9, 10].map(days), [false, true, true, false]);
    let renew = |from, until| Action::Renew { from, until };
    let overlapping = renew(date(2026, 3, 9), None);
    assert_eq!(
        reason(trial.act(Actor::Staff, overlapping)),
        "TERMS_OVERLAP"
    );
    trial
        .act(Actor::Staff, renew(date(2026, 3, 10), None))
        .unwrap();
    assert!(entry(&trial).is_active());
}

#[test]
fn who_leaves_early_does_not_come_back_by_itself() {
    let mut trial = started(
        QINGSHAN,
        Open {
            until: Some(date(2026, 3, 31)),
            ..open("residents")
        },
    );
    let next = Action::Renew {
        from: date(2026, 4, 1),
        until: None,
    };
    trial.act(Actor::Staff, next).unwrap();
    let leave = |on: Option<jiff::civil::Date>, reason: &str| Action::Leave {
        on,
        reason: reason.parse().unwrap(),
    };
    let wrong = [
        (
            leave(Some(date(2026, 3, 3)), "moved-away"),
            "DAY_OUT_OF_TERM",
        ),
        (leave(None, "term-over"), "REASON_OF_TIME"),
    ];
    for (action, wanted) in wrong {
        assert_eq!(reason(trial.act(Actor::Staff, action)), wanted);
    }
    trial.act(Actor::Staff, leave(None, "moved-away")).unwrap();
    trial.pass_to("2026-06-01T00:00:00Z");
    assert!(!entry(&trial).is_member);
    assert_eq!(trial.members("entry.left"), [",003,moved-away"]);
    assert_eq!(
        reason(trial.act(Actor::Staff, leave(None, "again"))),
        "NO_MEMBER"
    );
}

#[test]
fn an_owners_group_is_complete_with_three_people_who_are_not_each_other() {
    let mut trial = started(TIANNING, body("project-groups"));
    trial.act(Actor::Staff, grant("liaison", 1)).unwrap();
    let both = trial.act(Actor::Staff, grant("fund-auditor", 1));
    assert_eq!(reason(both), "ROLES_EXCLUDE");
    trial.act(Actor::Staff, grant("fund-auditor", 2)).unwrap();
    let second = trial.act(Actor::Staff, grant("fund-auditor", 3));
    assert_eq!(reason(second), "SEATS_TAKEN");
    assert_eq!(Stock::of(entry(&trial)).0[1], 0);
    trial
        .act(Actor::Staff, grant("works-supervisor", 3))
        .unwrap();
    assert_eq!(Stock::of(entry(&trial)).0, [1, 1, 0, 3, 3, 0, 0, 0]);
    assert_eq!(entry(&trial).grants[0].by, Actor::Staff);
    let end = Action::EndRole {
        role: "liaison".parse().unwrap(),
        holder: Some(1),
        on: None,
        reason: "resigned".parse().unwrap(),
    };
    trial.act(Actor::Staff, end.clone()).unwrap();
    assert_eq!(reason(trial.act(Actor::Staff, end)), "ROLE_NOT_HELD");
    assert_eq!(trial.members("entry.role_ended"), [",003,liaison,resigned"]);
    assert_eq!(Stock::of(entry(&trial)).0[1], 0);
}

#[test]
fn twenty_three_seats_and_not_one_more() {
    let mut trial = started(RUIQUAN, body("councils"));
    for holder in 1..=22 {
        trial
            .act(Actor::Staff, grant("council-member", holder))
            .unwrap();
    }
    assert_eq!(Stock::of(entry(&trial)).0[1..5], [0, 0, 23, 22]);
    trial
        .act(Actor::Staff, grant("council-member", 23))
        .unwrap();
    assert_eq!(Stock::of(entry(&trial)).0[1..5], [1, 0, 23, 23]);
    let more = trial.act(Actor::Staff, grant("council-member", 24));
    assert_eq!(reason(more), "SEATS_TAKEN");
    let again = trial.act(Actor::Staff, grant("council-member", 23));
    assert_eq!(reason(again), "ROLE_HELD");
}

#[test]
fn a_tree_has_five_levels() {
    let below = |level| Open {
        parent: Some(Parent { entry: 9, level }),
        ..body("party-organisations")
    };
    let mut levels = vec![];
    for level in 1..5 {
        levels.push(entry(&started(QINGSHAN, below(level))).level);
    }
    assert_eq!(levels, [2, 3, 4, 5]);
    assert_eq!(
        entry(&started(QINGSHAN, body("party-organisations"))).level,
        1
    );
    let mut trial = Trial::new(QINGSHAN, START);
    let deep = trial.act(Actor::Staff, register(below(5)));
    assert_eq!(reason(deep), "TOO_DEEP");
    let none = Open {
        parent: Some(Parent { entry: 9, level: 1 }),
        ..open("residents")
    };
    assert_eq!(reason(trial.act(Actor::Staff, register(none))), "NO_TREE");
}

#[test]
fn stages_follow_the_playbook() {
    let mut trial = started(CUIZHUYUAN, body("organisations"));
    let skipped = trial.act(Actor::Staff, move_to("active"));
    assert_eq!(reason(skipped), "STAGE_ORDER");
    for (role, holder) in [("lead", 1), ("guide", 2)] {
        trial.act(Actor::Staff, grant(role, holder)).unwrap();
    }
    for stage in ["filed", "active", "dormant", "active", "dissolved"] {
        trial.act(Actor::Staff, move_to(stage)).unwrap();
    }
    let moved = trial.members("entry.moved");
    assert_eq!(moved.len(), 5);
    assert_eq!(moved[1], ",003,filed,active");
    assert!(entry(&trial).ended && !entry(&trial).is_member);
    let unknown = started(QINGHE, body("expert-advice")).act(Actor::Staff, move_to("lost"));
    assert_eq!(reason(unknown), "UNKNOWN_STAGE");
}

#[test]
fn what_a_register_does_not_allow_is_refused_by_name() {
    let person = Open {
        title: Some("李娜".parse().unwrap()),
        ..open("residents")
    };
    let group = Open {
        group: Some("owner".parse().unwrap()),
        ..open("residents")
    };
    let backwards = Open {
        until: Some(date(2026, 3, 1)),
        ..open("residents")
    };
    let cases = [
        (QINGSHAN, person, "TITLE_OF_A_PERSON"),
        (QINGSHAN, open("volunteer-teams"), "TITLE_MISSING"),
        (QINGSHAN, group, "UNKNOWN_GROUP"),
        (QINGSHAN, backwards, "ENDS_BEFORE_IT_BEGINS"),
        (QINGSHAN, open("friends"), "UNKNOWN_KIND"),
        (RUIQUAN, open("talents"), "CONSENT_MISSING"),
        (RUIQUAN, open("part-time-members"), "TERM_TOO_LONG"),
    ];
    for (playbook, open, wanted) in cases {
        let mut trial = Trial::new(playbook, START);
        assert_eq!(reason(trial.act(Actor::Staff, register(open))), wanted);
        assert_eq!(trial.state, None);
    }
}

#[test]
fn private_entries_show_themselves_to_their_grid_alone() {
    let worker = |grid: &str| Actor::GridWorker(grid.parse().unwrap());
    let mut trial = started(QINGSHAN, open("residents"));
    let handler = Actor::Handler("物业".parse().unwrap());
    let sees = |trial: &Trial, actor: &Actor| {
        let state: &State = trial.state.as_ref().unwrap();
        (
            state.is_visible_to(actor),
            entry(trial).shows_personal_to(actor),
        )
    };
    let resident = Actor::Resident(crate::actor::Pseudonym(4));
    assert_eq!(sees(&trial, &worker("003")), (true, true));
    assert_eq!(sees(&trial, &worker("004")), (false, false));
    assert_eq!(sees(&trial, &handler), (false, false));
    assert_eq!(sees(&trial, &resident), (false, false));
    assert_eq!(sees(&trial, &Actor::Auditor), (true, false));
    let bind = Amend {
        resident: Some(crate::actor::Pseudonym(4)),
        ..Amend::default()
    };
    let bind = Action::Amend(Box::new(bind));
    trial.act(worker("003"), bind.clone()).unwrap();
    assert_eq!(sees(&trial, &resident), (true, true));
    assert_eq!(Stock::of(entry(&trial)).0[2], 1);
    assert_eq!(reason(trial.act(worker("004"), bind)), "NOT_YOURS");
    let away = Action::Amend(Box::new(Amend {
        grid: Some("004".parse().unwrap()),
        ..Amend::default()
    }));
    assert_eq!(reason(trial.act(worker("003"), away)), "NOT_YOURS");
}

#[test]
fn a_roll_is_sorted_cut_by_area_and_as_of_a_day() {
    let mut roll = Roll::default();
    let of = Selection {
        register: "owners".parse().unwrap(),
        area: Some("unit-1".parse().unwrap()),
        on: Day(date(2026, 3, 2)),
    };
    let owner = |area: &str, from| {
        let open = Open {
            area: Some(area.parse().unwrap()),
            unit: 9_050,
            from: Some(from),
            ..open("owners")
        };
        entry(&started(TIANNING, open)).clone()
    };
    let today = date(2026, 3, 2);
    for (id, area, from) in [
        (9, "unit-1", today),
        (3, "unit-1", today),
        (4, "unit-2", today),
        (5, "unit-1", date(2026, 3, 3)),
    ] {
        assert!(roll.take(id, &owner(area, from), &of));
    }
    let lines: Vec<u64> = roll.lines().map(|line| line.entry).collect();
    assert_eq!(lines, [3, 9]);
    let bytes = roll.bytes();
    assert_eq!(bytes.len(), 2 * (24 + 6));
    assert_eq!(bytes[..8], 3u64.to_be_bytes());
    assert_eq!(bytes[8..16], 9_050u64.to_be_bytes());
}
