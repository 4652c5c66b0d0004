//! Consents: thresholds at their edges, drives from proposal to use, votes on a
//! fixed text, mandates.

use proptest::prelude::*;

use super::{Action, Answer, Consent, Count, Of, Open, Phase, Proxy, Says};
use crate::actor::{Actor, Pseudonym};
use crate::process::Refusal;
use crate::process::trial::Trial;
use crate::roll::{Channel, Line, Roll};
use crate::sha256::Sha256;

mod drives;
mod statistics;
mod votes;

const TIANNING: &str = include_str!("../../../../deploy/playbooks/tianning.toml");
const BAIBUTING: &str = include_str!("../../../../deploy/playbooks/baibuting.toml");
const QINGSHAN: &str = include_str!("../../../../deploy/playbooks/qingshan.toml");
const PAPER: Sha256 = Sha256([1; 32]);
const TEXT: Sha256 = Sha256([2; 32]);

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    drives::a_lift_from_proposal_to_use_with_its_facts,
    drives::one_withdrawal_undoes_consent_until_works_start_and_it_can_lapse_again,
    votes::a_vote_online_can_change_and_one_on_paper_stands,
];

fn open(kind: &str) -> Open {
    Open {
        kind: kind.parse().unwrap(),
        title: "3 幢 1 单元加装电梯".parse().unwrap(),
        grid: None,
        unit: Some("3-1".parse().unwrap()),
        takes_common_area: false,
        is_special: false,
        text: None,
        mandatary: None,
        principal: None,
        document: None,
        until: None,
    }
}

/// Entries from 1, the first `in_unit` of them in the stairwell, 100 m² each; a
/// resident's token with the same number speaks for each.
fn roll(in_unit: u64, all: u64) -> Action {
    let line = |entry: u64| Line {
        entry,
        unit: Some(
            if entry <= in_unit { "3-1" } else { "9-9" }
                .parse()
                .unwrap(),
        ),
        area_cm2: 1_000_000,
        resident: Some(Pseudonym(entry)),
    };
    frozen((1..=all).map(line).collect())
}

fn frozen(lines: Vec<Line>) -> Action {
    Action::Freeze {
        roll: Roll::freeze(lines, |_| Sha256([9; 32])).unwrap(),
        until: None,
    }
}

fn yes(entry: u64) -> Answer {
    Answer {
        entry: Some(entry),
        says: Says::Yes,
        channel: Channel::Paper,
        signed_on: None,
        document: Some(PAPER),
        text: None,
        proxy: None,
    }
}

fn take_back(entry: u64) -> Action {
    Action::Withdraw {
        entry: Some(entry),
        channel: Channel::Paper,
        document: Some(PAPER),
    }
}

fn name(text: &str) -> crate::code::Name {
    text.parse().unwrap()
}

fn consent(trial: &Trial) -> &Consent {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn act(trial: &mut Trial, action: Action) -> Result<(), Refusal> {
    trial.act(Actor::Staff, action)
}

fn collecting(kind: Open, roll: Action) -> Trial {
    let mut trial = Trial::new(TIANNING, "2026-03-02T01:00:00Z");
    act(&mut trial, Action::Open(kind)).unwrap();
    act(&mut trial, roll).unwrap();
    trial
}

fn sign(trial: &mut Trial, entries: impl IntoIterator<Item = u64>) {
    for entry in entries {
        act(trial, Action::Answer(yes(entry))).unwrap();
    }
}

fn phase(trial: &Trial) -> Phase {
    consent(trial).phase
}

#[test]
fn unanimity_of_the_stairwell_and_two_thirds_of_the_estate_are_exact() {
    // (owners of the stairwell, of the estate, signed outside, common area, met)
    let cases = [
        (12, 12, 0, false, true),
        (12, 36, 11, true, false),
        (12, 36, 12, true, true),
        (12, 35, 11, true, false),
        (12, 35, 12, true, true),
        (12, 36, 0, false, true),
        (1, 1, 0, true, true),
        (2, 3, 0, true, true),
        (1, 3, 0, true, false),
    ];
    for (unit, estate, outside, takes_common_area, met) in cases {
        let kind = Open {
            takes_common_area,
            ..open("lift")
        };
        let mut trial = collecting(kind, roll(unit, estate));
        sign(&mut trial, unit + 1..=unit + outside);
        // All but one of the stairwell: never met, whatever the estate says.
        sign(&mut trial, 2..=unit);
        assert_eq!(phase(&trial), Phase::Collecting);
        sign(&mut trial, [1]);
        let expected = if met { Phase::Met } else { Phase::Collecting };
        assert_eq!(phase(&trial), expected, "{unit} {estate} {outside}");
    }
}

#[test]
fn eleven_of_twelve_fail_whatever_the_estate_says() {
    let kind = Open {
        takes_common_area: true,
        ..open("lift")
    };
    let mut trial = collecting(kind, roll(12, 36));
    sign(&mut trial, 2..=36);
    assert_eq!(phase(&trial), Phase::Collecting);
    let refused = Answer {
        says: Says::No,
        ..yes(1)
    };
    act(&mut trial, Action::Answer(refused)).unwrap();
    assert_eq!(phase(&trial), Phase::Collecting);
}

#[test]
fn heads_are_people_and_area_is_floor() {
    // One owner of two flats, one of a large one.
    let line = |entry, unit: &str, area_cm2| Line {
        entry,
        unit: unit.parse().ok(),
        area_cm2,
        resident: None,
    };
    let lines = vec![
        line(1, "a", 500_000),
        line(1, "b", 500_001),
        line(2, "a", 3_000_000),
    ];
    let kind = Open {
        is_special: true,
        unit: None,
        text: Some(TEXT),
        ..open("owners-vote-2007")
    };
    let mut trial = collecting(kind, frozen(lines));
    act(
        &mut trial,
        Action::Answer(Answer {
            text: Some(TEXT),
            ..yes(1)
        }),
    )
    .unwrap();
    assert_eq!(
        consent(&trial).count(Of::Estate),
        Count {
            heads: 2,
            area_cm2: 4_000_001,
            answered_heads: 1,
            answered_area_cm2: 1_000_001,
            yes_heads: 1,
            yes_area_cm2: 1_000_001,
        }
    );
    let lines = vec![line(1, "a", 0)];
    let mut trial = Trial::new(TIANNING, "2026-03-02T01:00:00Z");
    let kind = Open {
        text: Some(TEXT),
        ..open("owners-vote-2007")
    };
    act(&mut trial, Action::Open(kind)).unwrap();
    assert_eq!(
        act(&mut trial, frozen(lines)).unwrap_err().reason,
        "AREA_MISSING"
    );
}

proptest! {
    /// Under a rule over the whole roll, what is met is what arithmetic without
    /// any rounding says, and nobody's silence helps.
    #[test]
    fn two_thirds_are_what_arithmetic_says(estate in 1u64..60, signed in 0u64..60) {
        let signed = signed.min(estate);
        let kind = Open { takes_common_area: true, ..open("lift") };
        let mut trial = collecting(kind, roll(1, estate));
        sign(&mut trial, 1..=signed);
        let met = signed >= 1 && 3 * signed >= 2 * estate;
        prop_assert_eq!(consent(&trial).is_met(), met);
        prop_assert_eq!(phase(&trial) == Phase::Met, met);
    }
}
