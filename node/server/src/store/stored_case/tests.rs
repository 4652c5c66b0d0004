//! Frozen bytes, round trips, and damage that is named.

use std::sync::Arc;

use jiff::Timestamp;
use node_domain::{
    actor::{Actor, Grid, Pseudonym},
    calendar::Limit,
    cases::{
        Case, CaseId, Clock, ClockKind, Clocks, Completion, Due, Event, Happening, Level,
        Lifecycle, Origin, Outcome, Pause, Positions, Reported, Review, Standing,
    },
    code::{Code, Name},
    playbook::{PlaybookId, Rules, Since},
    sealed::{Fingerprint, Said, Sealed},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use self::golden::{GOLDEN_CASE, GOLDEN_EVENTS};
use super::*;

mod golden;
mod round_trip;

fn at(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap()
}

fn rules() -> Rules {
    Rules {
        playbook: PlaybookId {
            code: "qingshan".parse().unwrap(),
            revision: 1,
        },
        needs_accepting: true,
        accept: Some(Limit::WorkingHours(4)),
        dispatch: Some(Limit::Hours(2)),
        reply: None,
        reply_since: Since::Accepted,
        complete: Some(Limit::Days(7)),
        complete_since: Since::Dispatched,
        rework: Some(Limit::WorkingDays(5)),
        rate: Some(Limit::Days(7)),
        appeal: None,
        pause_causes: Box::new(["weather".parse().unwrap()]),
        max_bounces: Some(2),
        reopen_rounds: 2,
        escalate_to: Some("街道".parse().unwrap()),
        settle_days: 30,
        level: None,
    }
}

fn case() -> Case {
    let mut clocks = Clocks::default();
    let mut clock = Clock::start(at(1_000_000), at(3_000_000));
    clock.stopped_at = Some(at(2_000_000));
    clock.met = Some(true);
    clocks.set(ClockKind::Complete, clock);
    let mut events = Positions::default();
    [5, 6, 300]
        .into_iter()
        .for_each(|position| events.push(position));
    Case {
        id: CaseId(41),
        kind: "street-light".parse().unwrap(),
        category: "facilities".parse().unwrap(),
        origin: Origin::Phone,
        grid: Grid::new(3),
        rules: Arc::new(rules()),
        requester: Some(Pseudonym(7)),
        on_behalf: true,
        source_id: Some("A-1".parse().unwrap()),
        chain: Box::default(),
        lifecycle: Lifecycle::Completed,
        outcome: Some(Outcome::Completed(Completion::Partly)),
        reported_at: at(1_000_000),
        completed_at: Some(at(2_000_000)),
        first_completed_at: Some(at(2_000_000)),
        returned_at: None,
        handler: Some("物业".parse().unwrap()),
        bounces: 1,
        reopenings: 0,
        escalated: false,
        rating: Some(Level::Bad),
        clocks,
        pauses: vec![Pause {
            paused_at: at(1_100_000),
            resumed_at: Some(at(1_200_000)),
            cause: "weather".parse().unwrap(),
        }],
        reviews: vec![Review {
            reviewed_at: at(2_500_000),
            level: Level::Bad,
            handler: Some("物业".parse().unwrap()),
            completed_at: at(2_000_000),
            completion: Completion::Partly,
            appeal_until: Some(at(9_000_000)),
            standing: Standing::Appealed,
        }],
        recent_notes: vec![Fingerprint(9)],
        settled: false,
        acted_at: at(2_500_000),
        revision: 9,
        events,
    }
}

fn event(happening: Happening) -> Event {
    Event {
        case: CaseId(41),
        happened_at: at(1_000_000),
        by: Actor::Handler("物业".parse().unwrap()),
        happening,
        dues: vec![Due {
            clock: ClockKind::Rework,
            due_at: at(3_000_000),
        }],
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn case_bytes_are_frozen() {
    let bytes = encode_case(&case());
    assert_eq!(hex(&bytes), GOLDEN_CASE);
    assert_eq!(decode_case(&bytes).unwrap(), case());
}

#[test]
fn event_bytes_are_frozen() {
    let mut stored = Vec::new();
    for (name, happening) in happenings() {
        let event = event(happening);
        let bytes = encode_event(&event);
        assert_eq!(decode_event(&bytes).unwrap(), event);
        stored.push((name, hex(&bytes)));
    }
    let frozen = GOLDEN_EVENTS
        .iter()
        .map(|(name, hex)| (*name, hex.to_string()));
    assert_eq!(stored, frozen.collect::<Vec<_>>());
}

#[test]
fn newer_and_missing_versions_are_refused() {
    for (version, fault) in [
        (0u8, StoredFault::Missing { field: "version" }),
        (3, StoredFault::Newer { found: 3, known: 2 }),
    ] {
        let mut bytes = encode_case(&case());
        assert_eq!(bytes[..2], [8, 1]);
        bytes[1] = version;
        assert_eq!(decode_case(&bytes), Err(fault.clone()));
        let mut bytes = encode_event(&event(Happening::Started));
        bytes[1] = version;
        assert_eq!(decode_event(&bytes), Err(fault));
    }
}

/// Frozen like the golden bytes: where levels stand, and that they are version 2.
#[test]
fn levels_of_responsibility_are_version_2() {
    let chain: Box<[Name]> = ["3栋".parse().unwrap()].into();
    let mut leveled = case();
    leveled.chain = chain.clone();
    leveled.rules = Arc::new(Rules {
        level: Some(Limit::Days(3)),
        ..rules()
    });
    let clock = Clock::start(at(1_000_000), at(3_000_000));
    leveled.clocks.set(ClockKind::Level, clock);
    let bytes = encode_case(&leveled);
    let text = hex(&bytes);
    assert!(text.starts_with("0802"));
    for frozen in ["90010e", "080710c0843d18c08db701", "f2010433e6a08b"] {
        assert!(text.contains(frozen), "{frozen} in {text}");
    }
    assert_eq!(decode_case(&bytes), Ok(leveled.clone()));
    let reported = happenings().into_iter().find_map(|(_, one)| match one {
        Happening::Reported(reported) => Some(reported),
        _ => None,
    });
    let mut reported = reported.unwrap();
    reported.chain = chain;
    reported.rules = leveled.rules;
    let mut moved = event(Happening::Dispatched {
        handler: "3栋".parse().unwrap(),
    });
    moved.dues[0].clock = ClockKind::Level;
    for event in [event(Happening::Reported(reported)), moved] {
        let bytes = encode_event(&event);
        assert_eq!(bytes[..2], [8, 2]);
        assert_eq!(decode_event(&bytes), Ok(event));
    }
}

#[test]
fn what_means_nothing_is_named() {
    let broken = |from: &str, to: &str| {
        let text = hex(&encode_case(&case())).replacen(from, to, 1);
        let bytes: Vec<u8> = (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        decode_case(&bytes).unwrap_err().to_string()
    };
    // Origin 3 becomes 9, lifecycle 5 becomes 7, "street-light" gets a capital.
    assert_eq!(
        broken("2803", "2809"),
        "origin holds 9, which means nothing"
    );
    assert_eq!(
        broken("5805", "5807"),
        "lifecycle holds 7, which means nothing"
    );
    let kind = broken("7374726565742d", "5374726565742d");
    assert_eq!(kind, "kind holds \"Street-light\", which means nothing");
    assert!(decode_case(&[0xff; 9]).is_err());
    let empty = StoredFault::Missing { field: "version" };
    assert_eq!(decode_event(&[]), Err(empty));
}

/// One of each kind of event.
fn happenings() -> Vec<(&'static str, Happening)> {
    let text = || Some(Sealed(Box::new([0xaa, 0xbb])));
    let said = || Said {
        text: Sealed(Box::new([0xcc])),
        fingerprint: Fingerprint(1),
    };
    let handler = || Some("物业".parse::<Name>().unwrap());
    let reported = Reported {
        kind: "street-light".parse().unwrap(),
        category: "facilities".parse().unwrap(),
        origin: Origin::Online,
        grid: Grid::new(3),
        rules: Arc::new(rules()),
        requester: Some(Pseudonym(7)),
        on_behalf: false,
        source_id: None,
        chain: Box::default(),
        personal: text(),
    };
    let happenings = vec![
        Happening::Reported(Box::new(reported)),
        Happening::Accepted,
        Happening::Dispatched {
            handler: "物业".parse().unwrap(),
        },
        Happening::Bounced { reason: text() },
        Happening::Started,
        Happening::Paused {
            cause: "weather".parse().unwrap(),
        },
        Happening::Resumed,
        Happening::Replied(said()),
        Happening::Noted(said()),
        Happening::Completed {
            completion: Completion::Referred(handler()),
            text: text(),
        },
        Happening::Refused {
            by: "社区".parse().unwrap(),
            refer_to: "街道".parse().unwrap(),
            text: None,
        },
        Happening::MarkedDuplicate { of: CaseId(9) },
        Happening::Rated {
            level: Level::VeryBad,
            text: None,
            appeal_until: Some(at(9_000_000)),
        },
        Happening::Reopened {
            round: 1,
            handler: handler(),
        },
        Happening::Escalated {
            to: "街道".parse().unwrap(),
            handler: handler(),
        },
        Happening::Appealed {
            review: 1,
            reason: text(),
        },
        Happening::AppealRuled {
            review: 0,
            upheld: true,
            reason: None,
        },
        Happening::Withdrawn { reason: None },
        Happening::FellDue {
            clock: ClockKind::Complete,
            on_time: true,
        },
        Happening::Settled { reopened: false },
        Happening::Closed,
    ];
    happenings
        .into_iter()
        .map(|one| (one.code(), one))
        .collect()
}
