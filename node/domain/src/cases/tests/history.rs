//! Records of another system, tidy and untidy, entered with their real times.

use proto::fact::case as fact;

use super::*;

fn record(reported: &str, due: Option<&str>, closed: Option<&str>) -> Record {
    Record {
        source_id: Some(name("101001240735")),
        kind: "street-light".parse().unwrap(),
        origin: Origin::Hotline,
        grid: None,
        reported_at: at(reported),
        due_at: due.map(at),
        closed_at: closed.map(at),
        outcome: None,
        handler: Some(name("PWDx")),
        requester: None,
        personal: None,
    }
}

/// A desk that holds the entered case, or why there is none.
fn enter(record: Record) -> Result<Desk, Rejected> {
    let mut desk = Desk::new();
    desk.duplicates.insert(CaseId(1), Target::Original);
    let duplicates = &desk.duplicates;
    let targets = |case| duplicates.get(&case).copied().unwrap_or(Target::Unknown);
    let context = Context {
        now: desk.now,
        playbooks: &desk.playbooks,
        targets: &targets,
    };
    let other = Desk::reported().journal.remove(0);
    let mut journal = vec![other.clone()];
    let entered = super::super::history(record, ID, &context, &mut journal);
    assert_eq!(journal[0], other);
    match entered {
        Ok(case) => {
            desk.case = Some(case);
            desk.journal = journal.split_off(1);
            Ok(desk)
        }
        Err(rejected) => {
            assert_eq!(journal.len(), 1, "a rejected record leaves nothing");
            Err(rejected)
        }
    }
}

#[test]
fn a_record_becomes_a_case_with_its_real_times() {
    let closed = "2026-01-02T16:17:43";
    let desk = enter(record(
        "2026-01-01T00:25:23",
        Some("2026-01-16T08:30:00"),
        Some(closed),
    ));
    let desk = desk.unwrap();
    assert_eq!(
        desk.happenings(),
        [
            "REPORTED",
            "ACCEPTED",
            "DISPATCHED",
            "COMPLETED",
            "CLOSED",
            "FELL_DUE",
            "SETTLED"
        ]
    );
    let case = desk.case();
    assert_eq!(case.reported_at, at("2026-01-01T00:25:23"));
    assert_eq!(case.first_completed_at, Some(at(closed)));
    assert_eq!(desk.due(ClockKind::Complete), at("2026-01-16T08:30:00"));
    assert_eq!(desk.count(fact::FELL_DUE, &["yes"]), 1);
    assert_eq!(desk.count(fact::SETTLED, &["no"]), 1);
    assert_eq!(next_alarm(case), None);
    assert!(desk.journal.iter().all(|r| r.event.by != REQUESTER));
}

#[test]
fn on_time_is_closed_no_later_than_promised() {
    let due = "2026-02-01T08:30:00";
    for (closed, on_time) in [
        (Some("2026-02-01T08:29:59"), "yes"),
        (Some("2026-02-01T08:30:00"), "yes"),
        (Some("2026-02-01T08:30:01"), "no"),
        (Some("2026-04-28T08:49:50"), "no"),
        (None, "no"),
    ] {
        let desk = enter(record("2026-01-01T00:25:36", Some(due), closed)).unwrap();
        assert_eq!(desk.count(fact::FELL_DUE, &[on_time]), 1, "{closed:?}");
        let facts = desk.journal.iter().flat_map(|r| &r.facts);
        assert_eq!(facts.filter(|f| f.fact_type == fact::FELL_DUE).count(), 1);
    }
}

#[test]
fn an_open_record_stays_open() {
    let desk = enter(record("2026-12-30T09:00:00", None, None)).unwrap();
    assert_eq!(desk.case().lifecycle, Lifecycle::Dispatched);
    assert_eq!(
        desk.due(ClockKind::Complete),
        at("2027-01-06T09:00:00"),
        "the kind's clock"
    );
    let mut unassigned = record("2026-12-30T09:00:00", None, None);
    unassigned.handler = None;
    assert_eq!(
        enter(unassigned).unwrap().case().lifecycle,
        Lifecycle::Accepted
    );
}

#[test]
fn other_endings_are_not_completions() {
    let ended = |outcome| {
        let mut record = record("2026-01-01T00:25:23", None, Some("2026-01-02T00:00:00"));
        record.outcome = Some(outcome);
        enter(record)
    };
    let refused = Outcome::Refused {
        by: name("311"),
        refer_to: name("911"),
    };
    for (outcome, code) in [
        (refused, "REFUSED"),
        (Outcome::Duplicate(CaseId(1)), "MARKED_DUPLICATE"),
        (Outcome::Withdrawn, "WITHDRAWN"),
    ] {
        let desk = ended(outcome.clone()).unwrap();
        assert_eq!(desk.happenings().last(), Some(&code));
        assert_eq!(desk.case().outcome, Some(outcome));
        assert_eq!(desk.case().first_completed_at, None);
    }
    let referred = Completion::Referred(Some(name("水务局")));
    let desk = ended(Outcome::Completed(referred)).unwrap();
    assert_eq!(desk.count(fact::COMPLETED, &["referred", "yes"]), 1);
    let nowhere = ended(Outcome::Duplicate(CaseId(2))).err().unwrap();
    assert_eq!(nowhere.reason(), "UNKNOWN_TARGET");
}

#[test]
fn untidy_records_are_rejected_with_a_reason() {
    let backwards = record("2026-01-02T00:00:00", None, Some("2026-01-01T00:00:00"));
    let future = record("2026-01-02T00:00:00", None, Some("2027-01-01T00:00:00"));
    let promised_before = record("2026-01-02T00:00:00", Some("2026-01-01T00:00:00"), None);
    let mut odd = record("2026-01-02T00:00:00", None, None);
    odd.outcome = Some(Outcome::Withdrawn);
    let mut strange = record("2026-01-02T00:00:00", None, None);
    strange.kind = "unicorn".parse().unwrap();
    for (record, reason) in [
        (backwards, "CLOSED_BEFORE_REPORTED"),
        (future, "IN_THE_FUTURE"),
        (promised_before, "INVALID_DUE"),
        (odd, "OUTCOME_WITHOUT_CLOSING"),
        (strange, "UNKNOWN_KIND"),
    ] {
        let rejected = enter(record).err().unwrap();
        assert_eq!(rejected.reason(), reason);
        assert!(!rejected.zh().is_ascii() && rejected.en().is_ascii());
    }
}

#[test]
fn a_recent_record_of_a_known_resident_may_still_be_rated() {
    let mut recent = record("2026-12-28T09:00:00", None, Some("2026-12-30T09:00:00"));
    recent.requester = Some(Pseudonym(7));
    let mut desk = enter(recent).unwrap();
    assert_eq!(desk.case().lifecycle, Lifecycle::Completed);
    desk.act(REQUESTER, "2026-12-30T10:00:00", rate(Level::Bad));
    assert_eq!(desk.case().reopenings, 1);
}

#[test]
fn a_promise_holds_for_kinds_that_nobody_has_to_accept() {
    let mut danger = record("2026-12-30T09:00:00", Some("2027-02-01T00:00:00"), None);
    danger.kind = "danger".parse().unwrap();
    let desk = enter(danger).unwrap();
    assert_eq!(desk.happenings(), ["REPORTED", "ACCEPTED", "DISPATCHED"]);
    assert_eq!(desk.due(ClockKind::Complete), at("2027-02-01T00:00:00"));
}

#[test]
fn what_passed_is_recorded_in_its_order() {
    let mut known = record(
        "2026-03-01T09:00:00",
        Some("2026-03-20T09:00:00"),
        Some("2026-03-02T09:00:00"),
    );
    known.requester = Some(Pseudonym(7));
    let desk = enter(known).unwrap();
    assert_eq!(desk.happenings()[4..], ["CLOSED", "FELL_DUE", "SETTLED"]);
    let times: Vec<_> = desk.journal.iter().map(|r| r.event.happened_at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn nothing_is_made_up_about_what_the_source_does_not_know() {
    let slow = record("2026-01-01T00:25:23", None, Some("2026-04-01T00:00:00"));
    let desk = enter(slow).unwrap();
    let clocks: Vec<_> = desk.case().clocks.iter().map(|(kind, _)| kind).collect();
    assert_eq!(clocks, [ClockKind::Complete]);
}
