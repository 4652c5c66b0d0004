//! Random commands by random actors: what must hold after every step, however
//! the case came there.

use jiff::SignedDuration;
use proptest::prelude::*;
use proto::fact::{Fact, FactTypeId, case as fact};

use super::*;

/// Who, what and how many seconds after the step before.
type Step = (u8, u8, u32);

fn actor(which: u8) -> Actor {
    match which % 7 {
        0 | 1 => REQUESTER,
        2 | 3 => Actor::Staff,
        4 => property(),
        5 => Actor::GridWorker("003".parse().unwrap()),
        _ => Actor::Handler(name("街道")),
    }
}

fn action(which: u8) -> Action {
    let level = [Level::VeryBad, Level::Bad, Level::Fair, Level::VeryGood][usize::from(which % 4)];
    match which % 24 {
        0 | 1 => Action::Accept,
        2 | 3 => dispatch(),
        4 => Action::Dispatch {
            handler: name("城管"),
        },
        5 => Action::Bounce { reason: None },
        6 => Action::Start,
        7 | 8 => Action::Pause {
            cause: "weather".parse().unwrap(),
        },
        9 => Action::Resume,
        10 => Action::Reply(said(which.into())),
        11 => Action::Note(said(which.into())),
        12..=15 => Action::Complete {
            completion: Completion::Partly,
            text: None,
        },
        16..=19 => rate(level),
        20 => Action::Appeal { reason: None },
        21 => Action::RuleAppeal {
            upheld: which.is_multiple_of(2),
            reason: None,
        },
        22 if which > 200 => Action::Withdraw { reason: None },
        23 if which > 200 => Action::Refuse {
            by: name("社区"),
            refer_to: name("街道"),
            text: None,
        },
        _ => rate(Level::Bad),
    }
}

/// Runs the steps, with a tick before each or only one at the end.
fn run(kind: &str, steps: &[Step], ticking: bool) -> Desk {
    let mut desk = Desk::new();
    desk.act(REQUESTER, "2026-03-02T09:00:00", report(kind));
    let mut now = at("2026-03-02T09:00:00");
    for (step, (who, what, wait_s)) in steps.iter().enumerate() {
        // A microsecond per step: no due time meets a command.
        let wait = SignedDuration::from_secs((*wait_s).into()) + SignedDuration::from_micros(1);
        now = now.checked_add(wait).unwrap();
        desk.now = now;
        if ticking {
            desk.attempt(Actor::System, now, Action::Tick).unwrap();
        }
        let before = desk.case().clone();
        let _ = desk.attempt(actor(*who), now, action(*what));
        holds(&before, &desk, step);
    }
    desk.now = at("2027-12-31T00:00:00");
    desk.attempt(Actor::System, desk.now, Action::Tick).unwrap();
    // What the tick closed may still settle.
    assert_eq!(next_alarm(desk.case()).filter(|at| *at <= desk.now), None);
    desk
}

fn holds(before: &Case, desk: &Desk, step: usize) {
    let case = desk.case();
    if before.first_completed_at.is_some() {
        assert_eq!(
            case.first_completed_at, before.first_completed_at,
            "step {step}"
        );
    }
    for (kind, clock) in before.clocks.iter() {
        let now = case.clocks.get(kind).expect("a clock never disappears");
        assert!(now.due_at >= clock.due_at, "step {step}: {kind:?} earlier");
        if kind != ClockKind::Rework && kind != ClockKind::Rate {
            assert_eq!(
                now.started_at, clock.started_at,
                "step {step}: {kind:?} reset"
            );
        }
    }
    let counters = |case: &Case| [case.bounces, case.reopenings, case.escalated.into()];
    for (now, was) in counters(case).into_iter().zip(counters(before)) {
        assert!(now >= was, "step {step}: a counter fell");
    }
    assert!(case.revision >= before.revision && case.acted_at >= before.acted_at);
    assert!(before.lifecycle != Lifecycle::Closed || case.lifecycle == Lifecycle::Closed);
    match case.lifecycle {
        Lifecycle::Completed => {
            assert!(
                matches!(case.outcome, Some(Outcome::Completed(_))),
                "step {step}"
            );
            assert!(case.completed_at.is_some());
        }
        Lifecycle::Closed => assert!(case.outcome.is_some(), "step {step}"),
        _ => assert!(
            case.outcome.is_none() && case.completed_at.is_none(),
            "step {step}"
        ),
    }
    let working = matches!(
        case.lifecycle,
        Lifecycle::Dispatched | Lifecycle::InProgress
    );
    assert!(
        !working || case.handler.is_some(),
        "step {step}: nobody works on it"
    );
    assert!(
        case.paused().is_none() || case.lifecycle.is_open(),
        "step {step}"
    );
    let rounds = usize::from(case.rules.reopen_rounds);
    assert!(case.returns() <= rounds + 1, "step {step}: too many rounds");
    for recorded in &desk.journal {
        assert!(recorded.event.happened_at <= desk.now, "step {step}");
        for fact in &recorded.facts {
            assert!(
                fact.occurred_at <= desk.now,
                "step {step}: a fact in the future"
            );
        }
    }
}

fn count(desk: &Desk, fact_type: FactTypeId) -> usize {
    let facts = desk.journal.iter().flat_map(|recorded| &recorded.facts);
    facts.filter(|fact| fact.fact_type == fact_type).count()
}

fn balances(desk: &Desk) {
    let case = desk.case();
    let completed = usize::from(case.first_completed_at.is_some());
    assert_eq!(count(desk, fact::REPORTED), 1);
    assert!(count(desk, fact::ACCEPTED) <= 1 && count(desk, fact::FELL_DUE) <= 1);
    assert_eq!(
        count(desk, fact::SETTLED),
        completed,
        "settled once per completed case"
    );
    let firsts = desk.journal.iter().flat_map(|recorded| &recorded.facts);
    let firsts = firsts.filter(|f| f.fact_type == fact::COMPLETED && &*f.members[5] == "yes");
    assert_eq!(firsts.count(), completed);
    assert!(count(desk, fact::COMPLETION_RATED) <= count(desk, fact::COMPLETED));
    assert_eq!(
        count(desk, fact::COMPLETION_RATED),
        count(desk, fact::RATED)
    );
    let bad = case.reviews.len();
    assert!(count(desk, fact::BAD_REVIEW_RIGHTED) + count(desk, fact::BAD_REVIEW_ANNULLED) <= bad);
    assert!(count(desk, fact::REOPENED) + count(desk, fact::ESCALATED) <= bad);
    assert_eq!(count(desk, fact::REOPENED), case.reopenings as usize);
    assert_eq!(count(desk, fact::BOUNCED), case.bounces as usize);
    let ended = count(desk, fact::REFUSED) + count(desk, fact::WITHDRAWN);
    assert!(ended + completed <= 1, "a case ends in one way");
}

/// State and facts again, from the journal alone.
fn replay(desk: &Desk) {
    let mut case = None;
    for recorded in &desk.journal {
        assert_eq!(facts(case.as_ref(), &recorded.event), recorded.facts);
        case = Some(apply(case, &recorded.event).unwrap());
    }
    assert_eq!(case, desk.case);
    assert_eq!(desk.case().revision, desk.journal.len() as u64);
}

fn all_facts(desk: &Desk) -> Vec<String> {
    let facts = desk.journal.iter().flat_map(|recorded| &recorded.facts);
    let mut facts: Vec<String> = facts.map(|fact: &Fact| format!("{fact:?}")).collect();
    facts.sort();
    facts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn invariants_hold_after_every_step(
        kind in prop::sample::select(vec!["street-light", "danger", "dispute", "utilities"]),
        steps in prop::collection::vec((any::<u8>(), any::<u8>(), 0u32..200_000), 0..60),
    ) {
        let desk = run(kind, &steps, true);
        balances(&desk);
        replay(&desk);
    }

    #[test]
    fn late_ticks_change_no_fact(
        steps in prop::collection::vec((any::<u8>(), any::<u8>(), 0u32..300_000), 0..60),
    ) {
        let (prompt, late) = (run("hazard", &steps, true), run("hazard", &steps, false));
        prop_assert_eq!(all_facts(&prompt), all_facts(&late));
        balances(&late);
        replay(&late);
    }
}

#[test]
fn random_steps_reach_every_happening() {
    let mut seen = std::collections::BTreeSet::new();
    // A fixed linear sequence: the same cases every time.
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for _ in 0..300 {
        let steps: Vec<Step> = (0..60)
            .map(|_| (next() as u8, next() as u8, next() % 100_000))
            .collect();
        seen.extend(run("street-light", &steps, true).happenings());
    }
    // A duplicate needs another case; the rest comes up by itself.
    assert_eq!(seen.len(), 20, "{seen:?}");
}
