//! Votes on a fixed text, and the legal profiles at their edges.

use super::*;

fn vote(playbook: &str, kind: &str, is_special: bool, all: u64) -> Trial {
    let mut trial = Trial::new(playbook, "2026-03-02T01:00:00Z");
    let kind = Open {
        is_special,
        unit: None,
        text: Some(TEXT),
        ..open(kind)
    };
    act(&mut trial, Action::Open(kind)).unwrap();
    act(&mut trial, roll(0, all)).unwrap();
    trial
}

fn says(entry: u64, says: Says) -> Action {
    Action::Answer(Answer {
        says,
        text: Some(TEXT),
        ..yes(entry)
    })
}

/// So many yes, no and abstentions, then the deadline.
fn decided(trial: &mut Trial, yes: u64, no: u64, abstains: u64) -> Phase {
    let all = std::iter::repeat_n(Says::Yes, yes as usize)
        .chain(std::iter::repeat_n(Says::No, no as usize))
        .chain(std::iter::repeat_n(Says::Abstains, abstains as usize));
    for (entry, word) in (1..).zip(all) {
        act(trial, says(entry, word)).unwrap();
    }
    assert_eq!(
        phase(trial),
        Phase::Collecting,
        "decided at the deadline only"
    );
    trial.pass_to("2026-12-31T00:00:00Z");
    phase(trial)
}

#[test]
fn the_voted_text_is_the_reviewed_text() {
    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    let without = trial.act(Actor::Staff, Action::Open(open("residents-vote")));
    assert_eq!(without.unwrap_err().reason, "TEXT_MISSING");
    let mut trial = vote(BAIBUTING, "residents-vote", false, 3);
    for text in [None, Some(PAPER)] {
        let other = Action::Answer(Answer { text, ..yes(1) });
        assert_eq!(act(&mut trial, other).unwrap_err().reason, "TEXT_DIFFERS");
    }
    act(&mut trial, says(1, Says::Yes)).unwrap();
}

#[test]
fn a_residents_vote_is_carried_or_rejected_at_its_deadline() {
    // Quorum is more than half of the roll, then more than half of those.
    let cases = [
        (10, 6, 0, 0, Phase::Carried),
        (10, 5, 0, 0, Phase::Rejected),
        (10, 3, 3, 0, Phase::Rejected),
        (10, 4, 3, 0, Phase::Carried),
        (10, 3, 0, 3, Phase::Rejected),
        (10, 0, 0, 0, Phase::Rejected),
    ];
    for (all, yes, no, abstains, expected) in cases {
        let mut trial = vote(BAIBUTING, "residents-vote", false, all);
        assert_eq!(
            decided(&mut trial, yes, no, abstains),
            expected,
            "{yes} {no} {abstains}"
        );
        let fact = trial.facts.last().unwrap();
        assert_eq!(
            *fact.measures,
            [30, all as i64, (yes + no + abstains) as i64, yes as i64]
        );
    }
}

#[test]
fn the_two_laws_differ_on_silence() {
    // 12 owners with equal floors: (profile, special, yes, no, carried)
    let cases = [
        ("owners-vote-2007", false, 6, 0, Phase::Rejected),
        ("owners-vote-2007", false, 7, 0, Phase::Carried),
        ("owners-vote-2007", true, 7, 0, Phase::Rejected),
        ("owners-vote-2007", true, 8, 4, Phase::Carried),
        // Silence counts against under the first law, as nothing under the second.
        ("owners-vote", false, 5, 3, Phase::Carried),
        ("owners-vote", false, 7, 0, Phase::Rejected),
        ("owners-vote", false, 4, 4, Phase::Rejected),
        ("owners-vote", true, 6, 2, Phase::Carried),
        ("owners-vote", true, 5, 3, Phase::Rejected),
        ("owners-vote", true, 9, 3, Phase::Carried),
        ("owners-vote", true, 8, 3, Phase::Rejected),
    ];
    for (kind, special, yes, no, expected) in cases {
        let mut trial = vote(TIANNING, kind, special, 12);
        let outcome = decided(&mut trial, yes, no, 0);
        assert_eq!(outcome, expected, "{kind} {special} {yes}:{no}");
    }
}

#[test]
fn a_lift_under_the_civil_code_is_decided_when_all_had_time_to_take_part() {
    for (yes, no, expected) in [
        (6, 2, Phase::Met),
        (5, 3, Phase::Lapsed),
        (7, 0, Phase::Lapsed),
    ] {
        let kind = Open {
            is_special: true,
            ..open("lift-civil-code")
        };
        let mut trial = collecting(kind, roll(0, 12));
        for entry in 1..=yes + no {
            let says = [Says::Yes, Says::No][usize::from(entry > yes)];
            act(
                &mut trial,
                Action::Answer(Answer {
                    says,
                    ..super::yes(entry)
                }),
            )
            .unwrap();
        }
        assert_eq!(phase(&trial), Phase::Collecting);
        // 180 days: the last is 29 August.
        trial.pass_to("2026-08-29T16:00:00Z");
        assert_eq!(phase(&trial), expected, "{yes}:{no}");
        let late = act(&mut trial, take_back(1));
        assert_eq!(
            late.unwrap_err().reason,
            "WRONG_PHASE",
            "a decision is not taken back"
        );
    }
}

#[test]
fn area_decides_as_much_as_heads() {
    // One owner holds more than a third of the floor and stays away: 2/3 of heads
    // take part, and less than 2/3 of the area.
    let line = |entry: u64| Line {
        entry,
        unit: None,
        area_cm2: if entry == 3 { 1_000_001 } else { 1_000_000 },
        resident: None,
    };
    for (away, expected) in [(3, Phase::Rejected), (2, Phase::Carried)] {
        let mut trial = Trial::new(TIANNING, "2026-03-02T01:00:00Z");
        let kind = Open {
            unit: None,
            text: Some(TEXT),
            ..open("owners-vote")
        };
        act(&mut trial, Action::Open(kind)).unwrap();
        act(&mut trial, frozen((1..=3).map(line).collect())).unwrap();
        for entry in (1..=3).filter(|entry| *entry != away) {
            act(&mut trial, says(entry, Says::Yes)).unwrap();
        }
        trial.pass_to("2026-12-31T00:00:00Z");
        assert_eq!(phase(&trial), expected, "{away} stays away");
    }
}

#[test]
pub(super) fn a_vote_online_can_change_and_one_on_paper_stands() {
    let mut trial = vote(BAIBUTING, "residents-vote", false, 3);
    let online = |says| {
        Action::Answer(Answer {
            entry: None,
            says,
            channel: Channel::Online,
            document: None,
            text: Some(TEXT),
            ..yes(1)
        })
    };
    let own = Actor::Resident(Pseudonym(1));
    trial.act(own.clone(), online(Says::Yes)).unwrap();
    let same = trial.act(own.clone(), online(Says::Yes));
    assert_eq!(same.unwrap_err().reason, "ALREADY_ANSWERED");
    trial.act(own.clone(), online(Says::No)).unwrap();
    assert!(consent(&trial).is_secret());
    act(&mut trial, says(1, Says::Yes)).unwrap();
    let late = trial.act(own, online(Says::No));
    assert_eq!(late.unwrap_err().reason, "ALREADY_ANSWERED");
    assert_eq!(consent(&trial).count(Of::Estate).answered_heads, 1);
}

#[test]
fn a_history_says_who_answered_and_never_what() {
    let given = super::super::Given {
        says: Says::No,
        channel: Channel::Paper,
        proxy: None,
        signed_on: crate::stored::Day(jiff::civil::date(2026, 3, 2)),
    };
    let what = super::super::Happening::Answered {
        entry: 1,
        given,
        document: None,
        proxy_document: None,
    };
    let (code, details) = <Consent as crate::process::Process>::told(&what);
    assert_eq!(code, "ANSWERED");
    let details: Vec<_> = details
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(details, ["entry=entries/1", "channel=paper"]);
}
