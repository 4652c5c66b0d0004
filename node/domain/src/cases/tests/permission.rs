//! Who may write to a case and who may see it, each by itself: no right follows
//! from the other.

use super::*;
use crate::actor::Grid;

fn grid(digits: &str) -> Grid {
    digits.parse().unwrap()
}

fn actors() -> [(&'static str, Actor); 10] {
    [
        ("requester", REQUESTER),
        ("neighbour", Actor::Resident(Pseudonym(8))),
        ("own grid", Actor::GridWorker(grid("003"))),
        ("other grid", Actor::GridWorker(grid("004"))),
        ("handler", property()),
        ("other handler", Actor::Handler(name("城管"))),
        ("staff", Actor::Staff),
        ("admin", Actor::Admin),
        ("auditor", Actor::Auditor),
        ("system", Actor::System),
    ]
}

/// The actors that are not told `NOT_YOURS`.
fn who_may(desk: impl Fn() -> Desk, action: &Action) -> Vec<&'static str> {
    let mut may = Vec::new();
    for (who, actor) in actors() {
        let when = at("2026-03-05T10:00:00");
        let mut desk = desk();
        desk.duplicates.insert(CaseId(1), Target::Original);
        match desk.attempt(actor, when, action.clone()) {
            Err(Refusal::NotYours { .. }) => {}
            _ => may.push(who),
        }
    }
    may
}

#[test]
fn only_those_may_write() {
    let office = vec!["own grid", "staff", "admin"];
    let handling = vec!["handler", "staff", "admin"];
    let cause = "weather".parse().unwrap();
    let refuse = Action::Refuse {
        by: name("社区"),
        refer_to: name("街道"),
        text: None,
    };
    let rule = Action::RuleAppeal {
        upheld: true,
        reason: None,
    };
    for (action, may) in [
        (Action::Accept, office.clone()),
        (dispatch(), office.clone()),
        (refuse, office.clone()),
        (Action::MarkDuplicate { of: CaseId(1) }, office),
        (Action::Bounce { reason: None }, handling.clone()),
        (Action::Start, handling.clone()),
        (Action::Pause { cause }, handling.clone()),
        (Action::Resume, handling.clone()),
        (complete(), handling),
        (
            Action::Reply(said(1)),
            vec!["own grid", "handler", "staff", "admin"],
        ),
        (
            Action::Note(said(1)),
            vec!["requester", "own grid", "handler", "staff", "admin"],
        ),
        (rate(Level::Good), vec!["requester"]),
        (Action::Withdraw { reason: None }, vec!["requester"]),
        (Action::Appeal { reason: None }, vec!["handler"]),
        (rule, vec!["staff", "admin"]),
        (Action::Tick, vec!["system"]),
    ] {
        assert_eq!(who_may(Desk::dispatched, &action), may, "{action:?}");
    }
}

#[test]
fn a_grid_worker_handles_on_its_grid_until_somebody_else_does() {
    let accepted = || {
        let mut desk = Desk::reported();
        desk.act(
            Actor::GridWorker(grid("003")),
            "2026-03-02T10:00:00",
            Action::Accept,
        );
        desk
    };
    assert_eq!(
        who_may(accepted, &complete()),
        ["own grid", "staff", "admin"]
    );
    let own = || {
        let mut desk = accepted();
        let handler = name("grid-004");
        desk.act(
            Actor::Staff,
            "2026-03-02T10:00:00",
            Action::Dispatch { handler },
        );
        desk
    };
    assert_eq!(who_may(own, &complete()), ["other grid", "staff", "admin"]);
}

fn who_sees(case: &Case) -> Vec<(&'static str, Visibility)> {
    actors()
        .into_iter()
        .map(|(who, actor)| (who, visible_to(case, &actor)))
        .filter(|(_, visibility)| *visibility != Visibility::Hidden)
        .collect()
}

#[test]
fn only_those_may_see() {
    use Visibility::{Redacted, Whole};
    let desk = Desk::dispatched();
    assert_eq!(
        who_sees(desk.case()),
        [
            ("requester", Whole),
            ("own grid", Whole),
            ("handler", Whole),
            ("staff", Whole),
            ("admin", Whole),
            ("auditor", Redacted),
            ("system", Whole),
        ]
    );
    // Bounced: no longer the handler's to see.
    let mut bounced = Desk::dispatched();
    bounced.act(
        property(),
        "2026-03-02T12:00:00",
        Action::Bounce { reason: None },
    );
    assert_eq!(visible_to(bounced.case(), &property()), Visibility::Hidden);
    let written = bounced.refuse(property(), "2026-03-02T12:01:00", Action::Note(said(1)));
    assert!(matches!(written, Refusal::NotYours { .. }));
}

#[test]
fn a_handler_sees_what_it_was_reviewed_for_as_long_as_it_may_object() {
    let mut desk = Desk::reopened();
    let handler = name("城管");
    desk.act(
        Actor::Staff,
        "2026-03-05T10:00:00",
        Action::Dispatch { handler },
    );
    assert_eq!(visible_to(desk.case(), &property()), Visibility::Whole);
    let note = desk.refuse(property(), "2026-03-05T10:01:00", Action::Note(said(1)));
    assert!(
        matches!(note, Refusal::NotYours { .. }),
        "seeing is not writing"
    );
    desk.act(
        property(),
        "2026-03-05T10:02:00",
        Action::Appeal { reason: None },
    );
    let rule = Action::RuleAppeal {
        upheld: false,
        reason: None,
    };
    desk.act(Actor::Staff, "2026-03-05T10:03:00", rule);
    assert_eq!(visible_to(desk.case(), &property()), Visibility::Hidden);
}

#[test]
fn cases_without_grid_or_requester_belong_to_no_one_by_accident() {
    let mut desk = Desk::new();
    let Action::Report(mut without) = report("street-light") else {
        unreachable!()
    };
    without.grid = None;
    desk.act(Actor::Staff, "2026-03-02T09:00:00", Action::Report(without));
    let sees: Vec<_> = who_sees(desk.case())
        .into_iter()
        .map(|(who, _)| who)
        .collect();
    assert_eq!(sees, ["staff", "admin", "auditor", "system"]);
}

#[test]
fn who_reports_for_whom() {
    let mut only_staff = Desk::with(&QINGSHAN.replace(
        "reporters = [\"resident\", \"grid-worker\", \"handler\", \"staff\"]",
        "reporters = [\"staff\"]",
    ));
    let when = "2026-03-02T09:00:00";
    let refusal = only_staff.refuse(REQUESTER, when, report("street-light"));
    assert_eq!(refusal.reason(), "MAY_NOT_REPORT");
    only_staff.act(Actor::Admin, when, report("street-light"));

    let with = |change: fn(&mut Report)| {
        let Action::Report(mut report) = report("street-light") else {
            unreachable!()
        };
        change(&mut report);
        Action::Report(report)
    };
    let refused = |by, change| Desk::new().refuse(by, when, with(change)).reason();
    assert_eq!(
        refused(REQUESTER, |r| r.on_behalf = true),
        "ON_BEHALF_BY_RESIDENT"
    );
    let other = |r: &mut Report| r.requester = Some(Pseudonym(8));
    assert_eq!(refused(REQUESTER, other), "ON_BEHALF_BY_RESIDENT");
    let elsewhere = Actor::GridWorker(grid("004"));
    assert_eq!(refused(elsewhere, |_| ()), "NOT_YOURS");
    let promise = |r: &mut Report| r.due_at = Some(Timestamp::MAX);
    assert_eq!(refused(Actor::Staff, promise), "PROMISE_NOT_ALLOWED");
    assert_eq!(refused(Actor::Import, promise), "INVALID_DUE");
    assert_eq!(refused(Actor::Auditor, |_| ()), "MAY_NOT_REPORT");
    let unknown = |r: &mut Report| r.kind = "unicorn".parse().unwrap();
    assert_eq!(refused(REQUESTER, unknown), "UNKNOWN_KIND");

    // The grid worker's own grid; staff that name a resident report for it.
    let mut desk = Desk::new();
    let worker = Actor::GridWorker(grid("009"));
    desk.act(worker, when, with(|r| r.grid = None));
    assert_eq!(desk.case().grid, Some(grid("009")));
    let mut desk = Desk::new();
    desk.act(
        Actor::Staff,
        when,
        with(|r| r.requester = Some(Pseudonym(7))),
    );
    assert!(desk.case().on_behalf && !desk.case().is_ratable());
    assert_eq!(visible_to(desk.case(), &REQUESTER), Visibility::Whole);
}
