//! What is refused, with which reason, and what the refusal tells people.

use std::collections::HashSet;

use super::*;
use crate::{actor::Role, code::Code};

#[test]
fn the_same_words_are_kept_once_while_nothing_changes() {
    let mut desk = Desk::reported();
    desk.act(REQUESTER, "2026-03-02T09:10:00", Action::Note(said(1)));
    let repeated = desk.refuse(REQUESTER, "2026-03-02T09:11:00", Action::Note(said(1)));
    assert_eq!(repeated, Refusal::RepeatedNote);
    desk.act(REQUESTER, "2026-03-02T09:12:00", Action::Note(said(2)));
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    desk.act(REQUESTER, "2026-03-02T10:10:00", Action::Note(said(1)));
    desk.act(Actor::Staff, "2026-03-02T10:20:00", Action::Reply(said(3)));
    let repeated = desk.refuse(Actor::Staff, "2026-03-02T10:21:00", Action::Reply(said(3)));
    assert_eq!(repeated, Refusal::RepeatedNote);
}

#[test]
fn recent_notes_are_bounded() {
    let mut desk = Desk::reported();
    for word in 0..40 {
        desk.act(REQUESTER, "2026-03-02T09:10:00", Action::Note(said(word)));
    }
    assert_eq!(desk.case().recent_notes.len(), Case::MAX_RECENT_NOTES);
}

#[test]
fn a_full_history_can_still_be_ended() {
    let mut desk = Desk::dispatched();
    desk.case.as_mut().unwrap().revision = Case::MAX_EVENTS;
    let when = "2026-03-03T09:00:00";
    for action in [
        Action::Note(said(1)),
        Action::Reply(said(1)),
        Action::Bounce { reason: None },
    ] {
        assert_eq!(
            desk.refuse(Actor::Staff, when, action),
            Refusal::HistoryFull
        );
    }
    desk.act(property(), when, complete());
    desk.act(REQUESTER, when, rate(Level::Fair));
    assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
}

#[test]
fn times_must_be_possible() {
    let mut desk = Desk::dispatched();
    let future = desk.refuse(property(), "2027-01-01T00:00:00", complete());
    assert_eq!(future, Refusal::Future { now: desk.now });
    let early = desk.refuse(property(), "2026-03-02T10:59:59", complete());
    let acted_at = at("2026-03-02T11:00:00");
    assert_eq!(early, Refusal::BeforeLastAct { acted_at });
    let mut fresh = Desk::new();
    let old = fresh.refuse(REQUESTER, "1969-12-31T00:00:00", report("street-light"));
    assert_eq!(old, Refusal::TooOld);
}

#[test]
fn duplicates_point_somewhere_else_and_never_back() {
    let when = "2026-03-02T12:00:00";
    let mark = |of| Action::MarkDuplicate { of: CaseId(of) };
    let mut desk = Desk::dispatched();
    let itself = desk.refuse(Actor::Staff, when, mark(ID.0));
    assert_eq!(itself, Refusal::DuplicateOfItself);
    let unknown = desk.refuse(Actor::Staff, when, mark(1));
    assert_eq!(unknown, Refusal::UnknownTarget { of: CaseId(1) });
    desk.duplicates = HashMap::from([
        (CaseId(1), Target::DuplicateOf(CaseId(2))),
        (CaseId(2), Target::DuplicateOf(ID)),
        (CaseId(3), Target::DuplicateOf(CaseId(4))),
        (CaseId(4), Target::Original),
    ]);
    let cycle = desk.refuse(Actor::Staff, when, mark(1));
    assert_eq!(cycle, Refusal::DuplicateCycle { of: CaseId(1) });
    let chain = (100..200).map(|id| (CaseId(id), Target::DuplicateOf(CaseId(id + 1))));
    desk.duplicates.extend(chain);
    let deep = desk.refuse(Actor::Staff, when, mark(100));
    assert_eq!(deep, Refusal::DuplicateTooDeep { of: CaseId(100) });
    desk.act(Actor::Staff, when, mark(3));
    assert_eq!(desk.case().outcome, Some(Outcome::Duplicate(CaseId(3))));
    assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
    assert_eq!(next_alarm(desk.case()), None, "nothing is due any more");
}

#[test]
fn a_refused_case_says_who_and_where_to_go() {
    let mut desk = Desk::reported();
    let refuse = Action::Refuse {
        by: name("社区"),
        refer_to: name("区城管局 12319"),
        text: None,
    };
    desk.act(Actor::Staff, "2026-03-02T10:00:00", refuse);
    let outcome = Outcome::Refused {
        by: name("社区"),
        refer_to: name("区城管局 12319"),
    };
    assert_eq!(desk.case().outcome, Some(outcome));
    assert_eq!(desk.count(proto::fact::case::REFUSED, &[]), 1);
    assert_eq!(
        desk.count(proto::fact::case::COMPLETED, &["resolved", "yes"]),
        0
    );
}

#[test]
fn what_was_completed_once_does_not_end_otherwise() {
    let when = "2026-03-05T10:00:00";
    let mut desk = Desk::reopened();
    let refuse = Action::Refuse {
        by: name("社区"),
        refer_to: name("街道"),
        text: None,
    };
    let withdraw = Action::Withdraw { reason: None };
    let mark = Action::MarkDuplicate { of: CaseId(1) };
    assert_eq!(
        desk.refuse(Actor::Staff, when, refuse),
        Refusal::AlreadyCompleted
    );
    assert_eq!(
        desk.refuse(REQUESTER, when, withdraw),
        Refusal::AlreadyCompleted
    );
    assert_eq!(
        desk.refuse(Actor::Staff, when, mark),
        Refusal::AlreadyCompleted
    );
}

/// One of each.
fn all() -> Vec<Refusal> {
    let code: Code = "a".parse().unwrap();
    let of = CaseId(3);
    let until = Some(Timestamp::UNIX_EPOCH);
    vec![
        Refusal::UnknownCase,
        Refusal::AlreadyReported,
        Refusal::UnknownKind { kind: code.clone() },
        Refusal::Future {
            now: Timestamp::UNIX_EPOCH,
        },
        Refusal::TooOld,
        Refusal::BeforeLastAct {
            acted_at: Timestamp::UNIX_EPOCH,
        },
        Refusal::InvalidDue,
        Refusal::PromiseNotAllowed,
        Refusal::UnknownArea { area: 7 },
        Refusal::NoLevels { kind: code.clone() },
        Refusal::NotYours {
            needs: Needs::Requester,
        },
        Refusal::MayNotReport {
            role: Role::Auditor,
            kind: code.clone(),
        },
        Refusal::OnBehalfByResident,
        Refusal::NotAccepted,
        Refusal::AlreadyAccepted,
        Refusal::NotDispatched,
        Refusal::AlreadyDispatched {
            handler: name("property"),
        },
        Refusal::AlreadyStarted,
        Refusal::NoMoreBounces,
        Refusal::AlreadyPaused {
            cause: code.clone(),
        },
        Refusal::NotPaused,
        Refusal::UnknownCause {
            cause: code.clone(),
            allowed: Box::new([code]),
        },
        Refusal::AlreadyCompleted,
        Refusal::NotCompleted,
        Refusal::AlreadyClosed,
        Refusal::RepeatedNote,
        Refusal::HistoryFull,
        Refusal::NotRatable,
        Refusal::AlreadyRated,
        Refusal::RatingOver,
        Refusal::NoBadReview,
        Refusal::AppealOver { until },
        Refusal::AppealOver { until: None },
        Refusal::AlreadyAppealed,
        Refusal::NoAppeal,
        Refusal::DuplicateOfItself,
        Refusal::UnknownTarget { of },
        Refusal::DuplicateCycle { of },
        Refusal::DuplicateTooDeep { of },
    ]
}

#[test]
fn every_refusal_has_its_own_reason_and_texts() {
    let refusals = all();
    let reasons: HashSet<_> = refusals.iter().map(Refusal::reason).collect();
    let zh: HashSet<_> = refusals.iter().map(Refusal::zh).collect();
    let en: HashSet<_> = refusals.iter().map(Refusal::en).collect();
    // An appeal can be over for two reasons with one code.
    let count = refusals.len();
    assert_eq!(
        (reasons.len(), zh.len(), en.len()),
        (count - 1, count, count)
    );
    for refusal in &refusals {
        let reason = refusal.reason();
        assert!(
            reason.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'),
            "{reason}"
        );
        assert!(
            !refusal.zh().is_ascii() && refusal.en().is_ascii(),
            "{reason}"
        );
        for (key, value) in refusal.metadata() {
            assert!(!key.is_empty() && !value.is_empty(), "{reason}");
        }
    }
    let classes: HashSet<String> = refusals
        .iter()
        .map(|r| format!("{:?}", r.class()))
        .collect();
    assert!(classes.len() >= 8, "{classes:?}");
}
