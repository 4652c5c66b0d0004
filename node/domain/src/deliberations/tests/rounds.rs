//! Triage, sessions in rounds, and what follows from a decision.

use super::*;

const STAFF: Actor = Actor::Staff;

fn convene(on: Date, participants: Vec<Participant>) -> Action {
    Action::Convene { on, participants }
}

fn on_agenda(kind: &str) -> Trial {
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose(kind)).unwrap();
    trial
        .act(STAFF, triage(Grade::Urgent, Route::Agenda))
        .unwrap();
    trial
}

/// The article's own example of March 2017, under the rules of today.
#[test]
pub(super) fn bins_in_the_garage_in_two_rounds() {
    let mut trial = Trial::new(CUIZHUYUAN, "2017-03-13T01:00:00Z");
    let grid: crate::actor::Grid = "003".parse().unwrap();
    trial
        .act(Actor::GridWorker(grid), propose("four-party"))
        .unwrap();
    assert_eq!(topic(&trial).source, Source::Grid);
    let four = || convene(date(2017, 4, 6), four_parties());
    // Only the two committees put it on the agenda.
    assert_eq!(reason(trial.act(STAFF, four())), "NOT_ON_AGENDA");
    let worker = trial.act(
        Actor::GridWorker(grid),
        triage(Grade::Urgent, Route::Agenda),
    );
    assert_eq!(reason(worker), "NOT_YOURS");
    trial
        .act(STAFF, triage(Grade::Urgent, Route::Agenda))
        .unwrap();
    let mut list = four_parties();
    list.push(Participant {
        entry: 6,
        seat: Seat::Grid(grid),
    });
    trial
        .act(STAFF, convene(date(2017, 4, 6), list.clone()))
        .unwrap();
    // The first Thursday of April.
    trial.pass_to("2017-04-06T06:00:00Z");
    trial.act(STAFF, hold(&[1, 2, 3, 4, 5, 6])).unwrap();
    trial
        .act(
            STAFF,
            Action::Find {
                text: words("地下空间封闭,异味难闻"),
            },
        )
        .unwrap();
    let association = "翠竹园社区互助会";
    trial
        .act(
            STAFF,
            Action::SetTask {
                to: association.parse().unwrap(),
                what: "问卷调查".parse().unwrap(),
            },
        )
        .unwrap();
    assert_eq!(reason(trial.act(STAFF, decide(5, 0))), "TASKS_OPEN");
    let report = Action::ReportTask {
        task: 1,
        result: words("多数居民反对"),
        survey: Some(4),
    };
    let stranger = trial.act(Actor::Handler("物业公司".parse().unwrap()), report.clone());
    assert_eq!(reason(stranger), "NOT_YOURS");
    trial
        .act(Actor::Handler(association.parse().unwrap()), report)
        .unwrap();
    list.push(Participant {
        entry: 7,
        seat: Seat::Stakeholder(words("住在地库出口")),
    });
    trial.act(STAFF, convene(date(2017, 4, 13), list)).unwrap();
    trial.pass_to("2017-04-13T06:00:00Z");
    trial.act(STAFF, hold(&[1, 2, 3, 4, 5, 6, 7])).unwrap();
    trial.act(STAFF, decide(6, 0)).unwrap();
    assert_eq!(topic(&trial).rounds_held(), 2);
    let due = Action::FollowUp {
        owner: "物业公司".parse().unwrap(),
        what: words("调整垃圾桶摆放位置,及时清理"),
        due: date(2017, 4, 20),
    };
    trial.act(STAFF, due).unwrap();
    let announce = Action::Announce {
        channel: "wechat".parse().unwrap(),
    };
    trial.act(STAFF, announce).unwrap();
    let property = Actor::Handler("物业公司".parse().unwrap());
    trial
        .act(property.clone(), Action::ReportDone { follow_up: 1 })
        .unwrap();
    let check = |by: &str| Action::Check {
        follow_up: 1,
        by: Some(by.parse().unwrap()),
        passed: true,
        note: None,
    };
    assert_eq!(reason(trial.act(property, check("物业公司"))), "OWN_WORK");
    assert_eq!(
        reason(trial.act(STAFF, check("互助会"))),
        "NOT_A_SUPERVISOR"
    );
    trial.act(STAFF, check("社区两委")).unwrap();
    assert_eq!(reason(trial.act(STAFF, Action::Close)), "NOT_VERIFIED");
    assert_eq!(
        reason(trial.act(STAFF, check("社区两委"))),
        "ALREADY_CHECKED"
    );
    trial.act(STAFF, check("业委会")).unwrap();
    trial.act(STAFF, Action::Close).unwrap();
    assert_eq!(topic(&trial).stage, Stage::Closed(Ending::CarriedOut));
    assert_eq!(reason(trial.act(STAFF, decide(6, 0))), "ALREADY_OVER");
    // Done early, it still falls due on its day.
    trial.pass_to("2017-04-21T01:00:00Z");
    assert_eq!(trial.members("deliberation.follow_up_due"), ["yes"]);
    assert_eq!(trial.members("deliberation.proposed"), ["grid,"]);
    assert_eq!(trial.members("deliberation.triaged"), ["urgent,agenda"]);
    assert_eq!(
        trial.members("deliberation.decided"),
        ["grid,urgent,yes,yes"]
    );
    assert_eq!(trial.members("deliberation.verified").len(), 1);
}

#[test]
fn without_all_four_parties_nothing_is_settled() {
    let mut trial = on_agenda("four-party");
    let today = date(2026, 3, 2);
    assert_eq!(reason(trial.act(STAFF, hold(&[1]))), "NOT_CONVENED");
    let wrong = vec![party(1, "tenants")];
    assert_eq!(
        reason(trial.act(STAFF, convene(today, wrong))),
        "UNKNOWN_PARTY"
    );
    let twice = vec![party(1, "property"), party(1, "owners-committee")];
    assert_eq!(
        reason(trial.act(STAFF, convene(today, twice))),
        "TWICE_ON_LIST"
    );
    let late = convene(date(2026, 3, 1), four_parties());
    assert_eq!(reason(trial.act(STAFF, late)), "LIST_TOO_LATE");
    trial.act(STAFF, convene(today, four_parties())).unwrap();
    assert_eq!(reason(trial.act(STAFF, hold(&[1, 9]))), "NOT_ON_LIST");
    let absent = Action::Hold {
        present: vec![1, 2],
        chair: 3,
    };
    assert_eq!(reason(trial.act(STAFF, absent)), "CHAIR_ABSENT");
    trial.act(STAFF, hold(&[1, 2, 3, 4])).unwrap();
    assert_eq!(reason(trial.act(STAFF, decide(3, 0))), "NO_QUORUM");
    let seats = trial.members("deliberation.party_seat");
    assert_eq!(
        seats.iter().filter(|seat| seat.ends_with(",yes")).count(),
        3
    );
    assert_eq!(seats.len(), 4);
    assert!(trial.members("deliberation.heard").is_empty());
    // Another session, on another day than convened, is none.
    trial
        .act(STAFF, convene(date(2026, 3, 5), four_parties()))
        .unwrap();
    assert_eq!(
        reason(trial.act(STAFF, hold(&[1, 2, 3, 4, 5]))),
        "NOT_THE_DAY"
    );
    trial.pass_to("2026-03-05T06:00:00Z");
    trial.act(STAFF, hold(&[1, 2, 3, 4, 5])).unwrap();
    // Four may vote: the chair is neutral. Two are not more than half.
    assert_eq!(
        reason(trial.act(STAFF, decide(5, 0))),
        "MORE_VOTES_THAN_VOTERS"
    );
    trial.act(STAFF, decide(2, 1)).unwrap();
    assert_eq!(topic(&trial).stage, Stage::Deliberating);
    trial.act(STAFF, decide(3, 1)).unwrap();
    assert_eq!(topic(&trial).stage, Stage::Decided);
    let rule = |code: &str| Action::NoteBreach {
        rule: code.parse().unwrap(),
    };
    assert_eq!(reason(trial.act(STAFF, rule("neutral-chair"))), "NOT_HELD");
}

#[test]
fn breaches_of_named_rules_are_noted() {
    let mut trial = on_agenda("four-party");
    trial
        .act(STAFF, convene(date(2026, 3, 2), four_parties()))
        .unwrap();
    trial.act(STAFF, hold(&[1, 2, 3, 4, 5])).unwrap();
    let rule = |code: &str| Action::NoteBreach {
        rule: code.parse().unwrap(),
    };
    assert_eq!(reason(trial.act(STAFF, rule("silence"))), "UNKNOWN_RULE");
    trial.act(STAFF, rule("to-the-point")).unwrap();
    assert_eq!(topic(&trial).rounds[0].breaches, 1);
}

#[test]
fn triage_defers_or_sends_elsewhere_and_says_why() {
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    let resident = Actor::Resident(Pseudonym(1));
    trial.act(resident.clone(), propose("four-party")).unwrap();
    let state = trial.state.as_ref().unwrap();
    assert!(state.is_visible_to(&resident) && !state.is_visible_to(&Actor::Resident(Pseudonym(2))));
    trial
        .act(STAFF, triage(Grade::Deferrable, Route::Deferred))
        .unwrap();
    assert_eq!(
        topic(&trial).triage.as_ref().unwrap().reason,
        words("提出诉求居民较多、呼声较高")
    );
    trial
        .act(STAFF, triage(Grade::Important, Route::Agenda))
        .unwrap();
    assert!(
        trial
            .state
            .as_ref()
            .unwrap()
            .is_visible_to(&Actor::Resident(Pseudonym(2)))
    );
    assert_eq!(
        reason(trial.act(STAFF, triage(Grade::Minor, Route::Deferred))),
        "NOT_NOW"
    );
    trial
        .act(
            STAFF,
            Action::Withdraw {
                reason: words("已解决"),
            },
        )
        .unwrap();
    assert_eq!(topic(&trial).stage, Stage::Closed(Ending::Withdrawn));
    let mut other = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    other.act(STAFF, propose("four-party")).unwrap();
    other
        .act(
            STAFF,
            triage(Grade::Minor, Route::Elsewhere("街道".parse().unwrap())),
        )
        .unwrap();
    assert_eq!(topic(&other).stage, Stage::Closed(Ending::Elsewhere));
    assert_eq!(trial.members("deliberation.proposed"), ["resident,"]);
}

#[test]
fn a_courtyard_council_needs_a_survey_and_more_than_half_of_its_23() {
    let mut trial = Trial::new(RUIQUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose("council")).unwrap();
    let list = || {
        (1..=23)
            .map(|entry| party(entry, "courtyard-council"))
            .collect()
    };
    let today = date(2026, 3, 2);
    assert_eq!(
        reason(trial.act(STAFF, convene(today, list()))),
        "STEP_NOT_COMPLETE"
    );
    trial.act(STAFF, Action::Survey { survey: 3 }).unwrap();
    trial.act(STAFF, convene(today, list())).unwrap();
    let first: Vec<u64> = (1..=11).collect();
    trial.act(STAFF, hold(&first)).unwrap();
    assert_eq!(reason(trial.act(STAFF, decide(10, 0))), "NO_QUORUM");
    trial.act(STAFF, convene(today, list())).unwrap();
    let second: Vec<u64> = (1..=12).collect();
    trial.act(STAFF, hold(&second)).unwrap();
    trial.act(STAFF, decide(6, 5)).unwrap();
    assert_eq!(trial.members("deliberation.decided"), ["office,,yes,yes"]);
}

#[test]
pub(super) fn a_yearly_topic_is_decided_or_still_owed_and_begins_anew_each_year() {
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    let resident = trial.act(Actor::Resident(Pseudonym(1)), propose("guizhou-aid"));
    assert_eq!(reason(resident), "NOT_YOURS");
    trial.act(STAFF, propose("guizhou-aid")).unwrap();
    let withdraw = || Action::Withdraw {
        reason: words("今年不议"),
    };
    assert_eq!(reason(trial.act(STAFF, withdraw())), "MANDATORY");
    trial
        .act(STAFF, convene(date(2026, 3, 2), four_parties()))
        .unwrap();
    trial.act(STAFF, hold(&[1, 2, 3, 4, 5])).unwrap();
    trial.act(STAFF, decide(3, 0)).unwrap();
    assert_eq!(reason(trial.act(STAFF, Action::Close)), "MANDATORY");
    // Midnight in Shanghai.
    trial.pass_to("2026-12-31T15:59:59Z");
    assert!(trial.members("deliberation.year_turned").is_empty());
    trial.pass_to("2026-12-31T16:00:00Z");
    assert_eq!(trial.members("deliberation.year_turned"), ["yes"]);
    assert_eq!(
        (topic(&trial).year, topic(&trial).stage),
        (2027, Stage::Deliberating)
    );
    assert!(topic(&trial).decision.is_none() && topic(&trial).rounds.is_empty());
    // A year in which nobody decides; the topic stays, and is owed again.
    trial.pass_to("2029-01-01T01:00:00Z");
    assert_eq!(
        trial.members("deliberation.year_turned"),
        ["yes", "no", "no"]
    );
    assert_eq!(reason(trial.act(STAFF, withdraw())), "MANDATORY");
    assert_eq!(topic(&trial).year, 2029);
    assert_eq!(
        trial.members("deliberation.proposed"),
        ["office,", "calendar,"]
    );
}

#[test]
fn late_announcements_and_late_work_count_as_late() {
    let mut trial = on_agenda("four-party");
    trial
        .act(STAFF, convene(date(2026, 3, 2), four_parties()))
        .unwrap();
    trial.act(STAFF, hold(&[1, 2, 3, 4, 5])).unwrap();
    trial.act(STAFF, decide(3, 0)).unwrap();
    let follow_up = |due| Action::FollowUp {
        owner: "物业公司".parse().unwrap(),
        what: words("清理"),
        due,
    };
    assert_eq!(
        reason(trial.act(STAFF, follow_up(date(2026, 3, 1)))),
        "DUE_IN_THE_PAST"
    );
    trial.act(STAFF, follow_up(date(2026, 3, 9))).unwrap();
    // Failed checks put it back to its owner.
    trial
        .act(STAFF, Action::ReportDone { follow_up: 1 })
        .unwrap();
    let check = |passed| Action::Check {
        follow_up: 1,
        by: Some("社区两委".parse().unwrap()),
        passed,
        note: Some(words("还有异味")),
    };
    trial.act(STAFF, check(false)).unwrap();
    assert_eq!(reason(trial.act(STAFF, check(true))), "NOT_DONE");
    // Announced within 15 days means until the end of the 17th.
    trial.pass_to("2026-03-17T15:59:59Z");
    assert!(trial.members("deliberation.announced").is_empty());
    trial.pass_to("2026-03-17T16:00:00Z");
    assert_eq!(trial.members("deliberation.announced"), ["no"]);
    let announce = || Action::Announce {
        channel: "notice".parse().unwrap(),
    };
    trial.act(STAFF, announce()).unwrap();
    assert_eq!(trial.members("deliberation.announced"), ["no"]);
    assert_eq!(trial.members("deliberation.follow_up_due"), ["no"]);
}
