//! The whole transition table: each command at each stage, allowed or the exact
//! reason why not.

use super::*;

/// Stages: reported, accepted, dispatched, in progress, completed, closed after a
/// good rating, reopened, paused.
fn stages() -> [Desk; 8] {
    let mut accepted = Desk::reported();
    accepted.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    let mut started = Desk::dispatched();
    started.act(property(), "2026-03-02T12:00:00", Action::Start);
    let mut closed = Desk::completed();
    closed.act(REQUESTER, "2026-03-04T12:00:00", rate(Level::Good));
    let mut paused = Desk::dispatched();
    let cause = "weather".parse().unwrap();
    paused.act(property(), "2026-03-02T12:00:00", Action::Pause { cause });
    [
        Desk::reported(),
        accepted,
        Desk::dispatched(),
        started,
        Desk::completed(),
        closed,
        Desk::reopened(),
        paused,
    ]
}

fn commands() -> Vec<(Actor, Action)> {
    vec![
        (REQUESTER, report("street-light")),
        (Actor::Staff, Action::Accept),
        (
            Actor::Staff,
            Action::Dispatch {
                handler: name("城管"),
            },
        ),
        (Actor::Staff, Action::Bounce { reason: None }),
        (Actor::Staff, Action::Start),
        (
            Actor::Staff,
            Action::Pause {
                cause: "weather".parse().unwrap(),
            },
        ),
        (Actor::Staff, Action::Resume),
        (Actor::Staff, Action::Reply(said(1))),
        (REQUESTER, Action::Note(said(1))),
        (Actor::Staff, complete()),
        (
            Actor::Staff,
            Action::Refuse {
                by: name("社区"),
                refer_to: name("街道"),
                text: None,
            },
        ),
        (Actor::Staff, Action::MarkDuplicate { of: CaseId(1) }),
        (REQUESTER, Action::Withdraw { reason: None }),
        (REQUESTER, rate(Level::Bad)),
        (property(), Action::Appeal { reason: None }),
        (
            Actor::Staff,
            Action::RuleAppeal {
                upheld: true,
                reason: None,
            },
        ),
        (Actor::System, Action::Tick),
    ]
}

const TABLE: &str = "
Report        | ALREADY_REPORTED | ALREADY_REPORTED | ALREADY_REPORTED | ALREADY_REPORTED | ALREADY_REPORTED  | ALREADY_REPORTED | ALREADY_REPORTED  | ALREADY_REPORTED
Accept        | ok               | ALREADY_ACCEPTED | ALREADY_ACCEPTED | ALREADY_ACCEPTED | ALREADY_COMPLETED | ALREADY_CLOSED   | ALREADY_ACCEPTED  | ALREADY_ACCEPTED
Dispatch      | NOT_ACCEPTED     | ok               | ok               | ok               | ALREADY_COMPLETED | ALREADY_CLOSED   | ok                | ok
Bounce        | NOT_ACCEPTED     | NOT_DISPATCHED   | ok               | ALREADY_STARTED  | ALREADY_COMPLETED | ALREADY_CLOSED   | ok                | ok
Start         | NOT_ACCEPTED     | NOT_DISPATCHED   | ok               | ALREADY_STARTED  | ALREADY_COMPLETED | ALREADY_CLOSED   | ok                | ok
Pause         | NOT_ACCEPTED     | ok               | ok               | ok               | ALREADY_COMPLETED | ALREADY_CLOSED   | ok                | ALREADY_PAUSED
Resume        | NOT_ACCEPTED     | NOT_PAUSED       | NOT_PAUSED       | NOT_PAUSED       | ALREADY_COMPLETED | ALREADY_CLOSED   | NOT_PAUSED        | ok
Reply         | NOT_ACCEPTED     | ok               | ok               | ok               | ok                | ALREADY_CLOSED   | ok                | ok
Note          | ok               | ok               | ok               | ok               | ok                | ALREADY_CLOSED   | ok                | ok
Complete      | NOT_ACCEPTED     | ok               | ok               | ok               | ALREADY_COMPLETED | ALREADY_CLOSED   | ok                | ok
Refuse        | ok               | ok               | ok               | ok               | ALREADY_COMPLETED | ALREADY_CLOSED   | ALREADY_COMPLETED | ok
MarkDuplicate | ok               | ok               | ok               | ok               | ALREADY_COMPLETED | ALREADY_CLOSED   | ALREADY_COMPLETED | ok
Withdraw      | ok               | ok               | ok               | ok               | ALREADY_COMPLETED | ALREADY_CLOSED   | ALREADY_COMPLETED | ok
Rate          | NOT_COMPLETED    | NOT_COMPLETED    | NOT_COMPLETED    | NOT_COMPLETED    | ok                | ALREADY_RATED    | NOT_COMPLETED     | NOT_COMPLETED
Appeal        | NOT_YOURS        | NOT_YOURS        | NO_BAD_REVIEW    | NO_BAD_REVIEW    | NO_BAD_REVIEW     | NO_BAD_REVIEW    | ok                | NO_BAD_REVIEW
RuleAppeal    | NO_APPEAL        | NO_APPEAL        | NO_APPEAL        | NO_APPEAL        | NO_APPEAL         | NO_APPEAL        | NO_APPEAL         | NO_APPEAL
Tick          | ok               | ok               | ok               | ok               | ok                | ok               | ok                | ok
";

#[test]
fn every_command_at_every_stage() {
    let rows: Vec<Vec<&str>> = TABLE
        .trim()
        .lines()
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), commands().len());
    let when = at("2026-03-05T10:00:00");
    for (row, (by, action)) in rows.iter().zip(commands()) {
        let named = format!("{action:?}");
        assert!(
            named.starts_with(row[0]),
            "{named} in the row of {}",
            row[0]
        );
        assert_eq!(row.len(), 9, "{}", row[0]);
        for (stage, (mut desk, expected)) in stages().into_iter().zip(&row[1..]).enumerate() {
            desk.duplicates.insert(CaseId(1), Target::Original);
            let result = desk.attempt(by.clone(), when, action.clone());
            let got = result.map_or_else(|refusal| refusal.reason(), |()| "ok");
            assert_eq!(got, *expected, "{} at stage {stage}", row[0]);
        }
    }
}

#[test]
fn a_case_that_was_never_reported_knows_no_command() {
    for (by, action) in commands().into_iter().skip(1) {
        let refusal = Desk::new().refuse(by, "2026-03-05T10:00:00", action);
        assert_eq!(refusal, Refusal::UnknownCase);
    }
}

#[test]
fn events_out_of_order_are_faults() {
    let desk = Desk::completed();
    let event = |at: usize| desk.journal[at].event.clone();
    let headless = apply(None, &event(1)).unwrap_err();
    assert_eq!((headless.case, headless.happening), (ID, "ACCEPTED"));
    assert!(
        apply(desk.case.clone(), &event(0)).is_err(),
        "reported twice"
    );
    let mut strange = event(1);
    strange.case = CaseId(1);
    assert!(
        apply(desk.case.clone(), &strange).is_err(),
        "of another case"
    );
}
