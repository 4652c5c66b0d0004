//! Clocks: what starts, moves and stops them, and what is recorded when they run
//! out.

use proto::fact::case as fact;

use super::*;

fn pause(cause: &str) -> Action {
    Action::Pause {
        cause: cause.parse().unwrap(),
    }
}

#[test]
fn each_stage_starts_its_clocks() {
    let mut desk = Desk::reported();
    let running = |desk: &Desk| -> Vec<_> {
        let clocks = desk.case().clocks.iter();
        let running = clocks.filter(|(_, clock)| clock.is_running());
        running.map(|(kind, clock)| (kind, clock.due_at)).collect()
    };
    let accept = (ClockKind::Accept, at("2026-03-02T15:00:00"));
    assert_eq!(running(&desk), [accept]);
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    let reply = (ClockKind::Reply, at("2026-03-04T17:30:00"));
    let dispatching = (ClockKind::Dispatch, at("2026-03-02T16:00:00"));
    assert_eq!(running(&desk), [dispatching, reply]);
    desk.act(Actor::Staff, "2026-03-02T11:00:00", dispatch());
    let handling = (ClockKind::Complete, at("2026-03-09T11:00:00"));
    assert_eq!(running(&desk), [reply, handling]);
    desk.act(property(), "2026-03-03T09:00:00", Action::Reply(said(1)));
    assert_eq!(running(&desk), [handling]);
    desk.act(property(), "2026-03-04T09:00:00", complete());
    assert_eq!(
        running(&desk),
        [(ClockKind::Rate, at("2026-03-11T09:00:00"))]
    );
}

#[test]
fn bounces_never_reset_the_handlers_clock() {
    let mut desk = Desk::dispatched();
    let due = desk.due(ClockKind::Complete);
    let bounce = Action::Bounce { reason: None };
    let elsewhere = Action::Dispatch {
        handler: name("城管"),
    };
    desk.act(property(), "2026-03-03T09:00:00", bounce.clone());
    desk.act(Actor::Staff, "2026-03-04T09:00:00", elsewhere);
    desk.act(
        Actor::Handler(name("城管")),
        "2026-03-05T09:00:00",
        bounce.clone(),
    );
    desk.act(Actor::Staff, "2026-03-06T09:00:00", dispatch());
    assert_eq!(
        (desk.due(ClockKind::Complete), desk.case().bounces),
        (due, 2)
    );
    // Qingshan allows two; then the dispatch stands.
    let third = desk.refuse(property(), "2026-03-06T10:00:00", bounce);
    assert_eq!(third, Refusal::NoMoreBounces);
    assert_eq!(desk.count(fact::BOUNCED, &[]), 2);
    desk.tick("2026-03-10T00:00:00");
    assert_eq!(desk.count(fact::FELL_DUE, &["no"]), 1);
}

#[test]
fn a_pause_moves_what_still_runs_and_nothing_else() {
    let mut desk = Desk::dispatched();
    desk.act(property(), "2026-03-03T09:00:00", Action::Reply(said(1)));
    let before = |kind| Desk::dispatched().due(kind);
    desk.act(property(), "2026-03-03T10:00:00", pause("weather"));
    assert_eq!(
        next_alarm(desk.case()),
        None,
        "a paused clock does not run out"
    );
    desk.tick("2026-03-12T00:00:00");
    desk.act(property(), "2026-03-13T10:00:00", Action::Resume);
    // Seven days, paused for ten.
    assert_eq!(desk.due(ClockKind::Complete), at("2026-03-19T11:00:00"));
    for stopped in [ClockKind::Accept, ClockKind::Dispatch, ClockKind::Reply] {
        assert_eq!(desk.due(stopped), before(stopped), "{stopped:?}");
    }
    let paused = &desk.case().pauses[0];
    assert_eq!(paused.cause.as_str(), "weather");
    assert_eq!(paused.resumed_at, Some(at("2026-03-13T10:00:00")));
}

#[test]
fn a_pause_after_the_breach_changes_nothing() {
    let mut desk = Desk::dispatched();
    let due = desk.due(ClockKind::Complete);
    desk.act(property(), "2026-03-10T10:00:00", pause("material"));
    desk.act(property(), "2026-03-12T10:00:00", complete());
    let clock = *desk.case().clocks.get(ClockKind::Complete).unwrap();
    assert_eq!((clock.due_at, clock.is_breached()), (due, true));
    assert_eq!(desk.count(fact::FELL_DUE, &["no"]), 1);
    let codes = desk.happenings();
    assert_eq!(codes[codes.len() - 2..], ["RESUMED", "COMPLETED"]);
}

#[test]
fn causes_and_numbers_of_pauses_are_limited() {
    let mut desk = Desk::dispatched();
    let unknown = desk.refuse(property(), "2026-03-03T10:00:00", pause("holiday"));
    assert_eq!(unknown.reason(), "UNKNOWN_CAUSE");
    assert_eq!(unknown.metadata()[1].1, "requester,material,weather");
    for _ in 0..Case::MAX_PAUSES {
        desk.act(property(), "2026-03-03T10:00:00", pause("weather"));
        desk.act(property(), "2026-03-03T10:00:00", Action::Resume);
    }
    let full = desk.refuse(property(), "2026-03-03T10:00:00", pause("weather"));
    assert_eq!(full, Refusal::HistoryFull);
}

#[test]
fn an_early_completion_counts_when_its_due_time_passes() {
    let mut desk = Desk::completed();
    desk.tick("2026-03-09T10:59:59");
    assert_eq!(desk.count(fact::FELL_DUE, &["yes"]), 0, "not yet due");
    assert_eq!(next_alarm(desk.case()), Some(at("2026-03-09T11:00:00")));
    desk.tick("2026-03-09T11:00:00");
    let last = desk.journal.last().unwrap();
    assert_eq!(last.facts[0].occurred_at, at("2026-03-09T11:00:00"));
    assert_eq!(desk.count(fact::FELL_DUE, &["yes"]), 1);
    desk.tick("2026-03-09T12:00:00");
    assert_eq!(desk.count(fact::FELL_DUE, &["yes"]), 1, "once");
}

#[test]
fn whoever_acts_at_the_due_moment_is_in_time() {
    let mut desk = Desk::dispatched();
    desk.act(property(), "2026-03-09T11:00:00", complete());
    desk.tick("2026-03-09T11:00:00");
    assert_eq!(desk.count(fact::FELL_DUE, &["yes"]), 1);
}

#[test]
fn a_missed_tick_changes_no_number() {
    let mut desk = Desk::dispatched();
    // No tick since Monday; the due time on the 9th passed unseen.
    desk.act(property(), "2026-03-20T09:00:00", complete());
    let codes = desk.happenings();
    // The reply and the complete clock, each when it happened.
    assert_eq!(codes[3..], ["FELL_DUE", "FELL_DUE", "COMPLETED"]);
    assert_eq!(desk.journal[4].event.happened_at, at("2026-03-09T11:00:00"));
    assert_eq!(desk.count(fact::FELL_DUE, &["no"]), 1);
}

#[test]
fn an_answer_entered_after_the_due_time_fits_in_but_takes_nothing_back() {
    let mut desk = Desk::dispatched();
    desk.tick("2026-03-09T12:00:00");
    desk.act(property(), "2026-03-08T09:00:00", complete());
    let case = desk.case();
    assert_eq!(case.first_completed_at, Some(at("2026-03-08T09:00:00")));
    assert!(case.clocks.get(ClockKind::Complete).unwrap().is_breached());
    assert_eq!(desk.count(fact::FELL_DUE, &["no"]), 1);
    assert_eq!(desk.count(fact::FELL_DUE, &["yes"]), 0);
}

#[test]
fn the_time_for_rating_ends_and_the_case_settles() {
    let mut desk = Desk::completed();
    desk.tick("2026-03-11T10:59:00");
    assert_eq!(desk.case().lifecycle, Lifecycle::Completed);
    desk.tick("2026-03-11T11:00:00");
    assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
    let late = desk.refuse(REQUESTER, "2026-03-11T11:00:01", rate(Level::Bad));
    assert_eq!(late, Refusal::RatingOver);
    assert_eq!(next_alarm(desk.case()), Some(at("2026-04-03T11:00:00")));
    desk.tick("2026-04-03T11:00:00");
    let settled = desk.journal.last().unwrap();
    assert_eq!(settled.facts[0].occurred_at, at("2026-03-04T11:00:00"));
    assert_eq!(desk.count(fact::SETTLED, &["no"]), 1);
    assert_eq!(next_alarm(desk.case()), None);
}

#[test]
fn old_cases_keep_their_rules() {
    let mut desk = Desk::reported();
    let second = QINGSHAN
        .replace("revision = 1", "revision = 2")
        .replace("complete = \"7 days\"", "complete = \"1 hour\"");
    desk.playbooks
        .adopt(Playbook::parse(&second).unwrap())
        .unwrap();
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    desk.act(Actor::Staff, "2026-03-02T11:00:00", dispatch());
    assert_eq!(desk.due(ClockKind::Complete), at("2026-03-09T11:00:00"));
    assert_eq!(desk.case().rules.playbook.to_string(), "qingshan@1");
}

#[test]
fn what_is_entered_late_can_be_rated_from_then_on() {
    let mut desk = Desk::dispatched();
    let (happened, entered) = ("2026-03-04T11:00:00", "2026-03-20T09:00:00");
    desk.enter(property(), happened, entered, complete());
    assert_eq!(desk.case().first_completed_at, Some(at(happened)));
    assert_eq!(desk.due(ClockKind::Rate), at("2026-03-27T09:00:00"));
    desk.tick(entered);
    desk.act(REQUESTER, "2026-03-20T10:00:00", rate(Level::Good));
}
