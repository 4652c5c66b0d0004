//! Rating, reopening, escalation and appeal.

use proto::fact::case as fact;

use super::*;

fn appeal() -> Action {
    Action::Appeal { reason: None }
}

fn rule(upheld: bool) -> Action {
    Action::RuleAppeal {
        upheld,
        reason: None,
    }
}

/// Completes and is rated badly, as often as `days` says.
fn fail(desk: &mut Desk, handler: &Actor, days: std::ops::Range<u8>) {
    for day in days {
        desk.act(
            handler.clone(),
            &format!("2026-03-{day:02}T10:00:00"),
            complete(),
        );
        desk.act(
            REQUESTER,
            &format!("2026-03-{day:02}T11:00:00"),
            rate(Level::VeryBad),
        );
    }
}

#[test]
fn rounds_are_limited_then_it_escalates_then_it_ends() {
    let mut desk = Desk::dispatched();
    fail(&mut desk, &property(), 3..5);
    assert_eq!((desk.case().reopenings, desk.case().escalated), (2, false));
    fail(&mut desk, &property(), 5..6);
    let escalated = &desk.journal.last().unwrap().event.happening;
    let named = Happening::Escalated {
        to: name("街道"),
        handler: Some(name("物业")),
    };
    assert_eq!(escalated, &named);
    assert_eq!(desk.case().handler, Some(name("街道")));
    let street = Actor::Handler(name("街道"));
    let bounce = Action::Bounce { reason: None };
    let back = desk.refuse(street.clone(), "2026-03-06T09:00:00", bounce);
    assert_eq!(back, Refusal::NoMoreBounces);
    fail(&mut desk, &street, 6..7);
    assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
    assert_eq!(desk.count(fact::REOPENED, &[]), 2);
    assert_eq!(desk.count(fact::ESCALATED, &[]), 1);
    assert_eq!(desk.count(fact::RATED, &["1", "yes"]), 4);
    desk.tick("2026-04-05T00:00:00");
    assert_eq!(desk.count(fact::SETTLED, &["yes"]), 1);
}

#[test]
fn without_anybody_to_escalate_to_the_case_ends() {
    let lonely = QINGSHAN.replace("escalate_to = \"街道\"\n", "");
    let mut desk = Desk::with(&lonely.replace("reopen_rounds = 2", "reopen_rounds = 0"));
    desk.act(REQUESTER, "2026-03-02T09:00:00", report("street-light"));
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    desk.act(Actor::Staff, "2026-03-02T11:00:00", dispatch());
    fail(&mut desk, &property(), 3..4);
    assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
    assert_eq!(desk.case().returns(), 0);
}

#[test]
fn each_completion_is_rated_once_and_only_by_the_requester() {
    let mut desk = Desk::completed();
    for other in [
        Actor::Staff,
        property(),
        Actor::Resident(Pseudonym(8)),
        Actor::Import,
    ] {
        let refusal = desk.refuse(other, "2026-03-05T09:00:00", rate(Level::VeryGood));
        assert_eq!(
            refusal,
            Refusal::NotYours {
                needs: Needs::Requester
            }
        );
    }
    desk.act(REQUESTER, "2026-03-05T09:00:00", rate(Level::Fair));
    let again = desk.refuse(REQUESTER, "2026-03-05T09:01:00", rate(Level::Bad));
    assert_eq!(again, Refusal::AlreadyRated);
    assert_eq!(desk.count(fact::RATED, &["3", "no"]), 1);
    assert_eq!(desk.count(fact::COMPLETION_RATED, &[]), 1);
}

#[test]
fn what_staff_reported_for_somebody_is_rated_by_nobody() {
    let mut desk = Desk::new();
    let Action::Report(mut phoned) = report("street-light") else {
        unreachable!()
    };
    phoned.origin = Origin::Phone;
    phoned.on_behalf = true;
    phoned.requester = Some(Pseudonym(7));
    desk.act(Actor::Staff, "2026-03-02T09:00:00", Action::Report(phoned));
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    desk.act(Actor::Staff, "2026-03-02T11:00:00", complete());
    assert_eq!(
        desk.case().lifecycle,
        Lifecycle::Closed,
        "nothing to wait for"
    );
    let refusal = desk.refuse(REQUESTER, "2026-03-02T12:00:00", rate(Level::Good));
    assert_eq!(refusal, Refusal::NotRatable);
}

#[test]
fn an_upheld_appeal_strikes_the_review_out_and_ends_the_case() {
    let mut desk = Desk::reopened();
    desk.act(property(), "2026-03-05T10:00:00", appeal());
    let twice = desk.refuse(property(), "2026-03-05T10:01:00", appeal());
    assert_eq!(twice, Refusal::AlreadyAppealed);
    desk.act(Actor::Staff, "2026-03-06T10:00:00", rule(true));
    let case = desk.case();
    assert_eq!(case.lifecycle, Lifecycle::Closed);
    assert_eq!(case.outcome, Some(Outcome::Completed(Completion::Resolved)));
    assert_eq!(case.completed_at, Some(at("2026-03-04T11:00:00")));
    let annulled = desk.journal.iter().flat_map(|r| &r.facts);
    let annulled: Vec<_> = annulled
        .filter(|f| f.fact_type == fact::BAD_REVIEW_ANNULLED)
        .map(|f| f.occurred_at)
        .collect();
    assert_eq!(
        annulled,
        [at("2026-03-05T09:00:00")],
        "in the review's own period"
    );
    desk.tick("2026-12-01T00:00:00");
    assert_eq!(
        desk.count(fact::SETTLED, &["no"]),
        1,
        "as if never reopened"
    );
    let ruled = desk.refuse(Actor::Staff, "2026-12-02T00:00:00", rule(false));
    assert_eq!(ruled, Refusal::NoAppeal);
}

#[test]
fn a_dismissed_appeal_changes_nothing_and_comes_once() {
    let mut desk = Desk::reopened();
    desk.act(property(), "2026-03-05T10:00:00", appeal());
    desk.act(Actor::Staff, "2026-03-06T10:00:00", rule(false));
    assert_eq!(desk.case().lifecycle, Lifecycle::Dispatched);
    let again = desk.refuse(property(), "2026-03-06T11:00:00", appeal());
    assert_eq!(again, Refusal::AlreadyAppealed);
    desk.act(property(), "2026-03-06T12:00:00", complete());
    desk.act(REQUESTER, "2026-03-06T13:00:00", rate(Level::Good));
    assert_eq!(desk.case().reviews[0].standing, Standing::Righted);
    assert_eq!(desk.count(fact::BAD_REVIEW_RIGHTED, &[]), 1);
    assert_eq!(desk.count(fact::BAD_REVIEW_ANNULLED, &[]), 0);
}

#[test]
fn a_review_is_righted_or_annulled_never_both() {
    for (upheld, righted, annulled) in [(true, 0, 1), (false, 1, 0)] {
        let mut desk = Desk::reopened();
        desk.act(property(), "2026-03-05T10:00:00", appeal());
        desk.act(property(), "2026-03-06T12:00:00", complete());
        desk.act(REQUESTER, "2026-03-06T13:00:00", rate(Level::Good));
        assert_eq!(
            desk.count(fact::BAD_REVIEW_RIGHTED, &[]),
            0,
            "still being ruled on"
        );
        desk.act(Actor::Staff, "2026-03-07T10:00:00", rule(upheld));
        let counted = (
            desk.count(fact::BAD_REVIEW_RIGHTED, &[]),
            desk.count(fact::BAD_REVIEW_ANNULLED, &[]),
        );
        assert_eq!(counted, (righted, annulled));
        assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
    }
}

#[test]
fn appeals_come_in_time_and_from_whoever_did_the_work() {
    let mut desk = Desk::reopened();
    let late = desk.refuse(property(), "2026-03-12T17:30:01", appeal());
    let until = Some(at("2026-03-12T17:30:00"));
    assert_eq!(late, Refusal::AppealOver { until });
    let staff = desk.refuse(Actor::Staff, "2026-03-12T09:00:00", appeal());
    assert!(
        matches!(staff, Refusal::NotYours { .. }),
        "not the office's work"
    );
    desk.act(property(), "2026-03-12T17:30:00", appeal());

    let mut righted = Desk::reopened();
    righted.act(property(), "2026-03-06T12:00:00", complete());
    righted.act(REQUESTER, "2026-03-06T13:00:00", rate(Level::Good));
    let needless = righted.refuse(property(), "2026-03-06T14:00:00", appeal());
    assert_eq!(needless, Refusal::NoBadReview);
}

#[test]
fn a_round_that_was_struck_out_is_given_back() {
    let mut desk = Desk::reopened();
    desk.act(property(), "2026-03-05T10:00:00", appeal());
    desk.act(property(), "2026-03-06T10:00:00", complete());
    desk.act(Actor::Staff, "2026-03-06T10:30:00", rule(true));
    assert_eq!(
        desk.case().lifecycle,
        Lifecycle::Completed,
        "completed anew meanwhile"
    );
    desk.act(REQUESTER, "2026-03-06T11:00:00", rate(Level::Bad));
    fail(&mut desk, &property(), 9..10);
    assert_eq!((desk.case().reopenings, desk.case().escalated), (3, false));
    fail(&mut desk, &property(), 10..11);
    assert!(desk.case().escalated);
}

#[test]
fn work_without_a_handler_comes_back_to_be_dispatched() {
    let mut desk = Desk::reported();
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    desk.act(Actor::Staff, "2026-03-02T11:00:00", complete());
    desk.act(REQUESTER, "2026-03-03T09:00:00", rate(Level::Bad));
    assert_eq!(
        (desk.case().lifecycle, desk.case().handler.clone()),
        (Lifecycle::Accepted, None)
    );
    desk.act(Actor::Staff, "2026-03-03T10:00:00", appeal());
    desk.act(Actor::Staff, "2026-03-03T11:00:00", dispatch());
    let clocks = &desk.case().clocks;
    assert!(
        clocks.get(ClockKind::Complete).is_none(),
        "the first completion is past"
    );
    assert!(clocks.get(ClockKind::Rework).unwrap().is_running());
}
