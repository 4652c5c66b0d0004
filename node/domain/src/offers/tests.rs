//! Offers from letter to completion; refusals by name; the indicators of training.

use jiff::civil::date;
use proto::support::{self, Form, OfferKey, OfferKind};

use super::*;
use crate::actor::{Actor, Pseudonym};
use crate::process::{Refusal, trial::Trial};
use crate::stored::Day;

const PLAYBOOK: &str = include_str!("../../../../deploy/playbooks/ruiquan.toml");
const CATALOGUE: &str = include_str!("../../../../deploy/catalogue/support.toml");

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] =
    &[enrolments_stay_and_completions_are_counted_once_a_year_for_each_member];

fn said(kind: OfferKind) -> support::Offer {
    let is_grant = kind == OfferKind::Grant;
    support::Offer {
        key: OfferKey(9),
        centre: "governance-training".parse().unwrap(),
        kind,
        title: "议事规则培训".parse().unwrap(),
        text: "两个下午".parse().unwrap(),
        published_at: "2026-03-02T01:00:00Z".parse().unwrap(),
        until: Some("2026-03-20".parse().unwrap()),
        places: 2,
        form: is_grant.then_some(Form::Venture),
        fen: if is_grant { 500_000 } else { 0 },
        closed_at: None,
    }
}

fn learn(trial: &mut Trial, offer: support::Offer) {
    let action = Action::Learn(Box::new(offer));
    trial.act(Actor::System, action).unwrap();
}

fn trial(kind: OfferKind) -> Trial {
    let mut trial = Trial::new(PLAYBOOK, "2026-03-03T01:00:00Z");
    learn(&mut trial, said(kind));
    trial
}

fn complete(entry: u64, on: &str, is_council: bool, years: &[i16]) -> Action {
    Action::Complete {
        entry,
        on: Some(day(on).0),
        serves: is_council.then_some(TERM),
        years: years.to_vec(),
    }
}

fn attend(entry: u64, on: &str) -> Action {
    let on = Some(day(on).0);
    Action::Attend { entry, on }
}

fn day(text: &str) -> Day {
    Day(text.parse().unwrap())
}

const TERM: Certificate = Certificate {
    from: Day(date(2025, 6, 1)),
    until: Some(Day(date(2028, 5, 31))),
};

fn refused(outcome: Result<(), Refusal>) -> &'static str {
    outcome.unwrap_err().reason
}

#[test]
fn enrolments_stay_and_completions_are_counted_once_a_year_for_each_member() {
    let mut trial = trial(OfferKind::Course);
    let enrol = |entry| Action::Enrol { entry };
    trial.act(Actor::Staff, enrol(1)).unwrap();
    assert_eq!(
        refused(trial.act(Actor::Staff, enrol(1))),
        "ALREADY_ENROLLED"
    );
    trial.act(Actor::Staff, enrol(2)).unwrap();
    assert_eq!(refused(trial.act(Actor::Staff, enrol(3))), "NO_PLACE");
    trial.act(Actor::Staff, Action::Leave { entry: 2 }).unwrap();
    trial.act(Actor::Staff, enrol(3)).unwrap();
    trial.now = "2026-03-25T01:00:00Z".parse().unwrap();
    assert_eq!(refused(trial.act(Actor::Staff, enrol(4))), "TOO_LATE");
    let stranger = complete(4, "2026-03-24", true, &[]);
    assert_eq!(refused(trial.act(Actor::Staff, stranger)), "NOT_ENROLLED");
    let early = complete(1, "2026-03-01", true, &[]);
    assert_eq!(refused(trial.act(Actor::Staff, early)), "OTHER_DAY");
    for entry in [1, 3] {
        let attend = attend(entry, "2026-03-24");
        trial.act(Actor::Staff, attend).unwrap();
    }
    trial
        .act(Actor::Staff, complete(1, "2026-03-24", true, &[2025]))
        .unwrap();
    trial
        .act(Actor::Staff, complete(3, "2026-03-24", true, &[2026]))
        .unwrap();
    let again = complete(1, "2026-03-24", true, &[]);
    assert_eq!(refused(trial.act(Actor::Staff, again)), "ALREADY_COMPLETED");
    let numbers = trial.numbers(CATALOGUE);
    assert_eq!(
        numbers["WJ.T01.N 2026"],
        (1, None),
        "once a year for each member"
    );
    assert_eq!(numbers["WJ.T02.C 2026Q1"], (2, None));
    assert_eq!(
        trial.members("offer.completed"),
        ["course,yes,yes", "course,yes,no"]
    );
    // No fact says who.
    for fact in &trial.facts {
        let known = |member: &str| ["governance-training", "course", "yes", "no"].contains(&member);
        assert!(fact.members.iter().all(|member| known(member)), "{fact:?}");
    }
}

#[test]
fn who_came_and_passed_holds_a_certificate_for_their_term() {
    let mut trial = trial(OfferKind::Course);
    for entry in [1, 2] {
        trial.act(Actor::Staff, Action::Enrol { entry }).unwrap();
    }
    trial.now = "2026-03-12T01:00:00Z".parse().unwrap();
    let unseen = complete(1, "2026-03-12", true, &[]);
    assert_eq!(refused(trial.act(Actor::Staff, unseen)), "NOT_ATTENDED");
    let stranger = trial.act(Actor::Staff, attend(4, "2026-03-10"));
    assert_eq!(refused(stranger), "NOT_ENROLLED");
    let coming = trial.act(Actor::Staff, attend(1, "2026-03-13"));
    assert_eq!(refused(coming), "OTHER_DAY");
    for (entry, on) in [(1, "2026-03-10"), (1, "2026-03-11"), (2, "2026-03-10")] {
        trial.act(Actor::Staff, attend(entry, on)).unwrap();
    }
    let again = trial.act(Actor::Staff, attend(1, "2026-03-11"));
    assert_eq!(refused(again), "ALREADY_ATTENDED");
    let before = complete(1, "2026-03-10", true, &[]);
    assert_eq!(refused(trial.act(Actor::Staff, before)), "NOT_ATTENDED");

    let passed = complete(1, "2026-03-12", true, &[]);
    trial.act(Actor::Staff, passed).unwrap();
    let resident = complete(2, "2026-03-12", false, &[]);
    trial.act(Actor::Staff, resident).unwrap();
    let offer: &Offer = trial.state.as_ref().unwrap().try_into().unwrap();
    let held = |entry| offer.enrolments[&entry].certificate;
    assert_eq!((held(1), held(2)), (Some(TERM), None));
    let late = trial.act(Actor::Staff, attend(1, "2026-03-12"));
    assert_eq!(refused(late), "ALREADY_COMPLETED");
}

#[test]
fn a_closed_offer_takes_nobody_and_letters_twice_change_nothing() {
    let mut trial = trial(OfferKind::Expert);
    let before = trial.state.clone();
    learn(&mut trial, said(OfferKind::Expert));
    assert_eq!(trial.state, before);
    learn(
        &mut trial,
        support::Offer {
            closed_at: Some("2026-03-02T02:00:00Z".parse().unwrap()),
            ..said(OfferKind::Expert)
        },
    );
    assert!(!trial.state.as_ref().unwrap().is_open());
    let enrol = Action::Enrol { entry: 1 };
    assert_eq!(
        refused(trial.act(Actor::Staff, enrol.clone())),
        "OFFER_CLOSED"
    );
    let resident = Actor::Resident(Pseudonym(1));
    assert_eq!(refused(trial.act(resident, enrol)), "NOT_YOURS");
    let forged = Action::Learn(Box::new(said(OfferKind::Notice)));
    assert_eq!(refused(trial.act(Actor::Staff, forged)), "UNKNOWN_PROCESS");
}

#[test]
fn a_grant_is_applied_for_by_a_fund_of_its_form() {
    let mut notice = trial(OfferKind::Notice);
    let enrol = Action::Enrol { entry: 1 };
    assert_eq!(refused(notice.act(Actor::Staff, enrol)), "NO_ENROLMENT");
    let apply = |fund, form| Action::Apply { fund, form };
    let outcome = notice.act(Actor::Staff, apply(5, Some(Form::Venture)));
    assert_eq!(refused(outcome), "NOT_A_GRANT");
    let mut grant = trial(OfferKind::Grant);
    for form in [
        None,
        Some(Form::Direct),
        Some(Form::Award),
        Some(Form::Purchase),
    ] {
        assert_eq!(
            refused(grant.act(Actor::Staff, apply(5, form))),
            "OTHER_FORM"
        );
    }
    grant
        .act(Actor::Staff, apply(5, Some(Form::Venture)))
        .unwrap();
    let outcome = grant.act(Actor::Staff, apply(5, Some(Form::Venture)));
    assert_eq!(refused(outcome), "ALREADY_APPLIED");
    assert_eq!(grant.members("offer.applied"), ["venture"]);
}
