//! Money to the fen: splits, tiers, who may sign what, and in which order.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::actor::Actor;
use crate::process::Refusal;
use crate::process::trial::Trial;
use crate::stored::Day;

mod expenses;
mod indicators;
mod schemes;

const QINGSHAN: &str = include_str!("../../../../deploy/playbooks/qingshan.toml");
const TIANNING: &str = include_str!("../../../../deploy/playbooks/tianning.toml");
const CUIZHUYUAN: &str = include_str!("../../../../deploy/playbooks/cuizhuyuan.toml");
const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
const START: &str = "2026-03-02T01:00:00Z";

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    works_start_when_all_shares_are_agreed,
    expenses::an_auditor_who_is_not_the_payer_signs_before_anything_is_paid,
    expenses::a_red_fund_grant_is_visited_first_and_approved_by_two,
    schemes::a_ratio_is_fixed_at_application_and_never_lowered,
];

fn open(kind: &str) -> Open {
    Open {
        kind: kind.parse().unwrap(),
        title: "青山里 3 幢".parse().unwrap(),
        grid: Some("003".parse().unwrap()),
        tiers: Vec::new(),
        eligible: 0,
        recipient: None,
        funding: None,
        amount: 0,
    }
}

fn started(playbook: &str, open: Open) -> Trial {
    let mut trial = Trial::new(playbook, START);
    trial
        .act(Actor::Staff, Action::Open(Box::new(open)))
        .unwrap();
    trial
}

fn fund(trial: &Trial) -> &Fund {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn act(trial: &mut Trial, action: Action) {
    trial.act(Actor::Staff, action).unwrap();
}

fn refused(trial: &mut Trial, action: Action) -> &'static str {
    let before = trial.state.clone();
    let refusal: Refusal = trial.act(Actor::Staff, action).unwrap_err();
    assert_eq!(trial.state, before);
    refusal.reason
}

fn plan(total: i64, split: Split) -> Action {
    Action::Plan { total, split }
}

fn agree(owner: u64) -> Action {
    let agrees = true;
    Action::Agree { owner, agrees }
}

proptest! {
    /// Whatever the total and the weights, the shares are the total, nobody's share
    /// is more than a fen off the exact one, and who has no weight pays nothing.
    #[test]
    fn shares_are_the_total_to_the_fen(
        total in 1..=MOST_FEN,
        weights in prop::collection::btree_map(1u64..1_000, 0u64..20_000, 1..60),
    ) {
        let sum: u128 = weights.values().map(|weight| u128::from(*weight)).sum();
        let split = Split::ByWeight(weights.clone().into_iter().collect());
        let Ok(shares) = shares(total, &split) else {
            prop_assert_eq!(sum, 0);
            return Ok(());
        };
        prop_assert_eq!(shares.iter().map(|(_, fen)| fen).sum::<i64>(), total);
        for (owner, fen) in shares {
            let weight = weights[&owner];
            let floor = (total as u128 * u128::from(weight) / sum) as i64;
            prop_assert!(fen == floor || fen == floor + 1 && weight > 0);
        }
    }

    /// Household and street are the whole; the remainder is the households'.
    #[test]
    fn two_parts_are_the_whole(total in 1..=MOST_FEN, percent in 1u8..=100) {
        let (street, household) = (subsidy(total, percent), household_part(total, percent));
        prop_assert_eq!(street + household, total);
        prop_assert!(i128::from(street) * 100 <= i128::from(total) * i128::from(percent));
        let more = i128::from(street + 1) * 100;
        prop_assert!(more > i128::from(total) * i128::from(percent));
    }
}

#[test]
fn the_remainder_goes_to_the_smallest_numbers() {
    let equal = |total, owners: &[u64]| shares(total, &Split::Equal(owners.to_vec())).unwrap();
    assert_eq!(equal(100, &[9, 3, 5]), [(3, 34), (5, 33), (9, 33)]);
    assert_eq!(equal(101, &[9, 3, 5]), [(3, 34), (5, 34), (9, 33)]);
    assert_eq!(equal(2, &[1, 2, 3]), [(1, 1), (2, 1), (3, 0)]);
    for (split, wanted) in [
        (Split::Equal(vec![]), "OWNERS_EACH_ONCE"),
        (Split::Equal(vec![1, 1]), "OWNERS_EACH_ONCE"),
        (Split::ByWeight(vec![(1, 0)]), "NO_WEIGHT"),
        (Split::Given(vec![(1, 60), (2, 41)]), "SUM_DIFFERS"),
        (Split::Given(vec![(1, 60), (2, 39)]), "SUM_DIFFERS"),
        (Split::Given(vec![(1, 101), (2, -1)]), "SUM_DIFFERS"),
    ] {
        assert_eq!(shares(100, &split).unwrap_err().reason, wanted);
    }
    let given = Split::Given(vec![(2, 40), (1, 60)]);
    assert_eq!(shares(100, &given).unwrap(), [(1, 60), (2, 40)]);
}

#[test]
fn works_start_when_all_shares_are_agreed() {
    let mut trial = started(TIANNING, open("lift-cost"));
    assert_eq!(refused(&mut trial, Action::Start), "SHARES_NOT_AGREED");
    let owners: Vec<u64> = (1..=12).collect();
    act(&mut trial, plan(1_000_000, Split::Equal(owners.clone())));
    for owner in 1..=11 {
        act(&mut trial, agree(owner));
    }
    assert_eq!(refused(&mut trial, Action::Start), "SHARES_NOT_AGREED");
    assert_eq!(refused(&mut trial, agree(13)), "NO_SHARE");
    assert_eq!(refused(&mut trial, agree(1)), "ALREADY_SAID");
    act(&mut trial, agree(12));
    let takes_back = Action::Agree {
        owner: 5,
        agrees: false,
    };
    act(&mut trial, takes_back.clone());
    assert_eq!(refused(&mut trial, Action::Start), "SHARES_NOT_AGREED");
    // Another plan wants everybody's word again.
    act(&mut trial, plan(1_000_001, Split::Equal(owners)));
    assert!(!fund(&trial).plan.as_ref().unwrap().shares[0].agreed);
    for owner in 1..=12 {
        act(&mut trial, agree(owner));
    }
    act(&mut trial, Action::Start);
    assert_eq!(trial.facts.last().unwrap().measures[..], [1_000_001, 12]);
    assert_eq!(refused(&mut trial, takes_back), "WORKS_STARTED");
    let again = plan(1, Split::Equal(vec![1]));
    assert_eq!(refused(&mut trial, again), "WORKS_STARTED");
}

#[test]
fn nobody_pays_more_than_the_share() {
    let mut trial = started(TIANNING, open("lift-cost"));
    act(&mut trial, plan(101, Split::Equal(vec![1, 2])));
    let pay = |fen| Action::PayShare { owner: 1, fen };
    assert_eq!(refused(&mut trial, pay(1)), "SHARE_NOT_AGREED");
    act(&mut trial, agree(1));
    assert_eq!(refused(&mut trial, pay(52)), "MORE_THAN_THE_SHARE");
    act(&mut trial, pay(50));
    assert_eq!(refused(&mut trial, pay(2)), "MORE_THAN_THE_SHARE");
    act(&mut trial, pay(1));
    assert_eq!(refused(&mut trial, pay(0)), "AMOUNT_OUT_OF_RANGE");
    assert_eq!(trial.members("fund.received"), ["003,shares", "003,shares"]);
    assert_eq!(fund(&trial).received(), 51);
    let stranger = Actor::Handler("物业".parse().unwrap());
    let refusal = trial.act(stranger, pay(1)).unwrap_err();
    assert_eq!(refusal.reason, "NOT_YOURS");
}
