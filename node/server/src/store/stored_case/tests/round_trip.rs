//! Any case and any event come back as they were stored.

use super::{super::words::Numbered, *};

fn times() -> impl Strategy<Value = Timestamp> {
    (0i64..4_000_000_000_000_000).prop_map(at)
}

fn codes() -> impl Strategy<Value = Code> {
    "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?".prop_map(|code| code.parse().unwrap())
}

fn names() -> impl Strategy<Value = Name> {
    "[a-z街道物业 ]{0,20}[a-z社区]".prop_map(|name| name.parse().unwrap())
}

fn limits() -> impl Strategy<Value = Option<Limit>> {
    option::of(
        (any::<u16>(), 0u8..4).prop_map(|(amount, unit)| match unit {
            0 => Limit::Hours(amount),
            1 => Limit::Days(amount),
            2 => Limit::WorkingHours(amount),
            _ => Limit::WorkingDays(amount),
        }),
    )
}

fn since() -> impl Strategy<Value = Since> {
    select(<Since as Numbered>::ALL)
}

fn any_rules() -> impl Strategy<Value = Rules> {
    (
        (codes(), any::<u32>(), any::<bool>()),
        [limits(), limits(), limits(), limits()],
        [limits(), limits(), limits()],
        (since(), since(), vec(codes(), 0..4)),
        (
            option::of(any::<u8>()),
            any::<u8>(),
            option::of(names()),
            any::<u16>(),
        ),
    )
        .prop_map(|(head, clocks, windows, starts, rounds)| {
            let [accept, dispatch, reply, complete] = clocks;
            let [rework, rate, appeal] = windows;
            Rules {
                playbook: PlaybookId {
                    code: head.0,
                    revision: head.1,
                },
                needs_accepting: head.2,
                accept,
                dispatch,
                reply,
                reply_since: starts.0,
                complete,
                complete_since: starts.1,
                rework,
                rate,
                appeal,
                pause_causes: starts.2.into(),
                max_bounces: rounds.0,
                reopen_rounds: rounds.1,
                escalate_to: rounds.2,
                settle_days: rounds.3,
                level: appeal,
            }
        })
}

fn completions() -> impl Strategy<Value = Completion> {
    prop_oneof![
        Just(Completion::Resolved),
        Just(Completion::Partly),
        Just(Completion::Explained),
        option::of(names()).prop_map(Completion::Referred),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        completions().prop_map(Outcome::Completed),
        (names(), names()).prop_map(|(by, refer_to)| Outcome::Refused { by, refer_to }),
        any::<u64>().prop_map(|of| Outcome::Duplicate(CaseId(of))),
        Just(Outcome::Withdrawn),
    ]
}

fn levels() -> impl Strategy<Value = Level> {
    select(<Level as Numbered>::ALL)
}

fn standings() -> impl Strategy<Value = Standing> {
    select(<Standing as Numbered>::ALL)
}

fn lifecycles() -> impl Strategy<Value = Lifecycle> {
    select(<Lifecycle as Numbered>::ALL)
}

fn clocks() -> impl Strategy<Value = Clocks> {
    let clock = (
        times(),
        times(),
        option::of(times()),
        any::<bool>(),
        option::of(any::<bool>()),
    )
        .prop_map(|(started_at, due_at, stopped_at, cancelled, met)| Clock {
            started_at,
            due_at,
            stopped_at,
            cancelled,
            met,
        });
    vec((select(ClockKind::ALL.to_vec()), clock), 0..6).prop_map(|all| {
        let mut clocks = Clocks::default();
        all.into_iter()
            .for_each(|(kind, clock)| clocks.set(kind, clock));
        clocks
    })
}

fn pauses() -> impl Strategy<Value = Pause> {
    (times(), option::of(times()), codes()).prop_map(|(paused_at, resumed_at, cause)| Pause {
        paused_at,
        resumed_at,
        cause,
    })
}

fn reviews() -> impl Strategy<Value = Review> {
    (
        (times(), levels(), option::of(names())),
        (times(), completions(), option::of(times()), standings()),
    )
        .prop_map(|(review, about)| Review {
            reviewed_at: review.0,
            level: review.1,
            handler: review.2,
            completed_at: about.0,
            completion: about.1,
            appeal_until: about.2,
            standing: about.3,
        })
}

fn cases() -> impl Strategy<Value = Case> {
    (
        (
            any::<u64>(),
            codes(),
            codes(),
            select(Origin::ALL.to_vec()),
            0u16..1_000,
        ),
        (
            any_rules(),
            option::of(any::<u64>()),
            any::<bool>(),
            option::of(names()),
        ),
        (
            lifecycles(),
            option::of(outcomes()),
            option::of(names()),
            option::of(levels()),
        ),
        (
            times(),
            option::of(times()),
            option::of(times()),
            option::of(times()),
            times(),
        ),
        (
            any::<u32>(),
            any::<u32>(),
            any::<bool>(),
            any::<bool>(),
            any::<u64>(),
        ),
        (clocks(), vec(pauses(), 0..3), vec(reviews(), 0..3)),
        (
            vec(any::<u64>(), 0..5),
            prop::collection::btree_set(any::<u64>(), 0..20),
        ),
    )
        .prop_map(|(head, whose, stage, when, counts, parts, journal)| {
            let mut events = Positions::default();
            journal.1.iter().for_each(|position| events.push(*position));
            Case {
                id: CaseId(head.0),
                kind: head.1,
                category: head.2,
                origin: head.3,
                grid: Grid::new(head.4),
                rules: Arc::new(whose.0),
                requester: whose.1.map(Pseudonym),
                on_behalf: whose.2,
                chain: whose.3.iter().cloned().collect(),
                source_id: whose.3,
                lifecycle: stage.0,
                outcome: stage.1,
                handler: stage.2,
                rating: stage.3,
                reported_at: when.0,
                completed_at: when.1,
                first_completed_at: when.2,
                returned_at: when.3,
                acted_at: when.4,
                bounces: counts.0,
                reopenings: counts.1,
                escalated: counts.2,
                settled: counts.3,
                revision: counts.4,
                clocks: parts.0,
                pauses: parts.1,
                reviews: parts.2,
                recent_notes: journal.0.into_iter().map(Fingerprint).collect(),
                events,
            }
        })
}

fn actors() -> impl Strategy<Value = Actor> {
    prop_oneof![
        any::<u64>().prop_map(|own| Actor::Resident(Pseudonym(own))),
        (1u16..1_000).prop_map(|number| Actor::GridWorker(Grid::new(number).unwrap())),
        names().prop_map(Actor::Handler),
        select(vec![
            Actor::Staff,
            Actor::Admin,
            Actor::Auditor,
            Actor::Import,
            Actor::System,
        ]),
    ]
}

/// Every kind of event, its texts and names varied.
fn any_happening() -> impl Strategy<Value = Happening> {
    let text = || option::of(vec(any::<u8>(), 0..40).prop_map(|bytes| Sealed(bytes.into())));
    let plain = select(happenings()).prop_map(|(_, happening)| happening);
    prop_oneof![
        4 => plain,
        1 => (text(), levels(), option::of(times())).prop_map(|(text, level, appeal_until)| {
            Happening::Rated { level, text, appeal_until }
        }),
        1 => (text(), completions()).prop_map(|(text, completion)| {
            Happening::Completed { completion, text }
        }),
        1 => (text(), names(), names()).prop_map(|(text, by, refer_to)| {
            Happening::Refused { by, refer_to, text }
        }),
        1 => (text(), any::<u32>(), any::<bool>()).prop_map(|(reason, review, upheld)| {
            Happening::AppealRuled { review, upheld, reason }
        }),
        1 => (codes(), codes(), any_rules(), text(), option::of(any::<u64>())).prop_map(
            |(kind, category, rules, personal, requester)| {
                Happening::Reported(Box::new(Reported {
                    kind,
                    category,
                    origin: Origin::Meeting,
                    grid: None,
                    rules: Arc::new(rules),
                    requester: requester.map(Pseudonym),
                    on_behalf: true,
                    source_id: None,
                    chain: [].into(),
                    personal,
                }))
            }
        ),
    ]
}

proptest! {
    #[test]
    fn cases_survive_a_round_trip(case in cases()) {
        prop_assert_eq!(decode_case(&encode_case(&case)), Ok(case));
    }

    #[test]
    fn events_survive_a_round_trip(
        case in any::<u64>(), happened_at in times(), by in actors(), happening in any_happening(),
        dues in vec((select(ClockKind::ALL.to_vec()), times()), 0..4)
    ) {
        let dues = dues.into_iter().map(|(clock, due_at)| Due { clock, due_at }).collect();
        let event = Event { case: CaseId(case), happened_at, by, happening, dues };
        prop_assert_eq!(decode_event(&encode_event(&event)), Ok(event));
    }

    #[test]
    fn damaged_bytes_never_panic(case in cases(), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut bytes = encode_case(&case);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let _ = decode_case(&bytes);
        let _ = decode_event(&bytes);
        let _ = decode_case(&bytes[..at]);
    }
}
