//! How many cases a second the engine decides by itself: no store, no journal.
//! Beside each figure the limit of this machine for the memory it has to touch:
//! copying the same number of finished states.
//!
//! `cargo bench -p node-domain --bench cases`

use std::{hint::black_box, time::Instant};

use jiff::{SignedDuration, Timestamp};
use node_domain::{
    actor::{Actor, Pseudonym},
    cases::{
        Action, Case, CaseId, Command, Completion, Context, Level, Origin, Record, Recorded,
        Report, Target, execute, history,
    },
    playbook::{Playbook, Playbooks},
    sealed::Sealed,
};

const QINGSHAN: &str = include_str!("../../../deploy/playbooks/qingshan.toml");
const CASES: u64 = 200_000;
const RUNS: usize = 5;

fn main() {
    let playbook = Playbook::parse(QINGSHAN).expect("the shipped playbook holds");
    let playbooks = Playbooks::new(playbook);
    let context = Context {
        now: Timestamp::from_second(1_798_000_000).expect("a time"),
        playbooks: &playbooks,
        targets: &|_| Target::Original,
    };
    println!("cases/s, median of {RUNS} runs of {CASES}");
    show("import, promised time in the record", || {
        import(&context, true)
    });
    show("import, the kind's own clock", || import(&context, false));
    show("live: seven commands, rated and settled", || live(&context));
    show("limit: copy the finished state", || copy(&context));
}

fn show(what: &str, run: impl Fn() -> f64) {
    let mut rates: Vec<f64> = (0..RUNS).map(|_| run()).collect();
    rates.sort_by(f64::total_cmp);
    println!("{what:42} {:>12.0}", rates[RUNS / 2]);
}

fn rate(started: Instant) -> f64 {
    CASES as f64 / started.elapsed().as_secs_f64()
}

fn instant(s: u64) -> Timestamp {
    Timestamp::from_second(1_767_000_000 + s as i64).expect("a time")
}

fn record(number: u64, promised: bool) -> Record {
    let reported_at = instant(number * 40);
    let later = |hours| {
        reported_at
            .checked_add(SignedDuration::from_hours(hours))
            .ok()
    };
    Record {
        source_id: "101001240735".parse().ok(),
        kind: "street-light".parse().expect("a code"),
        origin: Origin::Hotline,
        grid: None,
        reported_at,
        due_at: later(72).filter(|_| promised),
        closed_at: later(5 + (number % 150) as i64),
        outcome: None,
        handler: "PWDx".parse().ok(),
        requester: None,
        personal: Some(Sealed(Box::new([7; 96]))),
    }
}

fn import(context: &Context<'_>, promised: bool) -> f64 {
    let started = Instant::now();
    let mut journal: Vec<Recorded> = Vec::new();
    for number in 0..CASES {
        journal.clear();
        let case = history(
            record(number, promised),
            CaseId(number),
            context,
            &mut journal,
        );
        black_box((case.expect("a case"), &journal));
    }
    rate(started)
}

fn live(context: &Context<'_>) -> f64 {
    let started = Instant::now();
    let mut journal = Vec::new();
    for number in 0..CASES {
        journal.clear();
        black_box(whole_case(number, context, &mut journal));
    }
    rate(started)
}

fn whole_case(number: u64, context: &Context<'_>, journal: &mut Vec<Recorded>) -> Case {
    let requester = Actor::Resident(Pseudonym(number));
    let handler = "物业".parse().expect("a name");
    let property = Actor::Handler("物业".parse().expect("a name"));
    let report = Report {
        kind: "street-light".parse().expect("a code"),
        origin: Origin::Online,
        grid: None,
        personal: Some(Sealed(Box::new([7; 96]))),
        requester: None,
        on_behalf: false,
        chain: None,
        due_at: None,
        source_id: None,
    };
    let complete = Action::Complete {
        completion: Completion::Resolved,
        text: None,
    };
    let rate = Action::Rate {
        level: Level::Good,
        text: None,
    };
    let steps = [
        (0, requester.clone(), Action::Report(report)),
        (1, Actor::Staff, Action::Accept),
        (2, Actor::Staff, Action::Dispatch { handler }),
        (3, property.clone(), Action::Start),
        (30, property, complete),
        (40, requester, rate),
        (800, Actor::System, Action::Tick),
    ];
    let mut case = None;
    for (hours, by, action) in steps {
        let command = Command {
            case: CaseId(number),
            by,
            happened_at: instant(number * 40 + hours * 3_600),
            action,
        };
        case = execute(case, &command, context, journal).expect("allowed");
    }
    case.expect("a case")
}

fn copy(context: &Context<'_>) -> f64 {
    let case = whole_case(0, context, &mut Vec::new());
    let started = Instant::now();
    for _ in 0..CASES {
        black_box(case.clone());
    }
    rate(started)
}
