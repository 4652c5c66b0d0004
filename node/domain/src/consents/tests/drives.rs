//! Drives for works, and mandates.

use super::*;

#[test]
pub(super) fn a_lift_from_proposal_to_use_with_its_facts() {
    let mut trial = collecting(open("lift"), roll(3, 10));
    sign(&mut trial, 1..=2);
    trial.pass_to("2026-03-12T01:00:00Z");
    sign(&mut trial, [3]);
    assert_eq!(phase(&trial), Phase::Met);
    let early = act(&mut trial, Action::StartWorks).unwrap_err();
    assert_eq!(early.reason, "WRONG_PHASE");
    act(
        &mut trial,
        Action::Publicise {
            place: name("单元门口"),
        },
    )
    .unwrap();
    let approve = Action::Approve {
        by: name("住建局"),
        document: PAPER,
    };
    assert_eq!(
        act(&mut trial, approve.clone()).unwrap_err().reason,
        "NOTICE_RUNS"
    );
    // The notice's last day is the nineteenth, in Shanghai.
    trial.pass_to("2026-03-19T15:59:59Z");
    assert_eq!(
        act(&mut trial, approve.clone()).unwrap_err().reason,
        "NOTICE_RUNS"
    );
    trial.pass_to("2026-03-19T16:00:00Z");
    act(&mut trial, approve).unwrap();
    act(&mut trial, Action::StartWorks).unwrap();
    assert_eq!(
        act(&mut trial, take_back(1)).unwrap_err().reason,
        "WRONG_PHASE"
    );
    let inspect = |has_passed| Action::Inspect {
        by: name("特检院"),
        document: PAPER,
        has_passed,
    };
    act(&mut trial, inspect(false)).unwrap();
    assert_eq!(
        act(&mut trial, Action::PutInUse).unwrap_err().reason,
        "WRONG_PHASE"
    );
    act(&mut trial, inspect(true)).unwrap();
    trial.pass_to("2026-07-01T01:00:00Z");
    act(&mut trial, Action::PutInUse).unwrap();
    assert_eq!(trial.members("consent.covenant_signed").len(), 0);
    trial.pass_to("2026-08-01T01:00:00Z");
    act(&mut trial, Action::AttachCovenant { document: 3 }).unwrap();
    assert_eq!(trial.members("consent.concluded"), [",tianning-2018,met"]);
    let concluded = &trial.facts[0];
    assert_eq!(*concluded.measures, [10, 10, 3, 3]);
    assert_eq!(concluded.occurred_at.to_string(), "2026-03-12T04:00:00Z");
    // The covenant counts for the lift's own period.
    let signed = trial.facts.last().unwrap();
    assert_eq!(signed.occurred_at.to_string(), "2026-07-01T01:00:00Z");
    let again = act(&mut trial, Action::AttachCovenant { document: 4 });
    assert_eq!(again.unwrap_err().reason, "COVENANT_ATTACHED");
}

#[test]
pub(super) fn one_withdrawal_undoes_consent_until_works_start_and_it_can_lapse_again() {
    let mut trial = collecting(open("lift"), roll(2, 2));
    sign(&mut trial, 1..=2);
    act(
        &mut trial,
        Action::Publicise {
            place: name("单元门口"),
        },
    )
    .unwrap();
    act(&mut trial, take_back(2)).unwrap();
    assert_eq!(
        (phase(&trial), consent(&trial).met_on),
        (Phase::Collecting, None)
    );
    assert_eq!(
        act(&mut trial, take_back(2)).unwrap_err().reason,
        "NOT_ANSWERED"
    );
    // By the owner's own token, and back again.
    let own = Actor::Resident(Pseudonym(2));
    let online = Answer {
        entry: None,
        channel: Channel::Online,
        ..yes(2)
    };
    trial.act(own.clone(), Action::Answer(online)).unwrap();
    assert_eq!(phase(&trial), Phase::Met);
    let back = Action::Withdraw {
        entry: None,
        channel: Channel::Online,
        document: None,
    };
    trial.act(own, back).unwrap();
    assert_eq!(
        (phase(&trial), consent(&trial).withdrawals),
        (Phase::Collecting, 2)
    );
    trial.pass_to("2027-03-02T15:59:59Z");
    assert_eq!(phase(&trial), Phase::Collecting);
    trial.pass_to("2027-03-02T16:00:00Z");
    assert_eq!(phase(&trial), Phase::Lapsed);
    assert_eq!(
        trial.members("consent.concluded"),
        [",tianning-2018,lapsed"]
    );
    // Who agreed hears that it was in vain.
    let told = trial.told();
    assert_eq!(told.last().unwrap(), "LAPSED+ [Entry(1), Entry(2), Office]");
    let back = "ANSWER_TAKEN_BACK [Entry(2)]";
    assert_eq!(told.iter().filter(|one| *one == back).count(), 1);
    assert_eq!(
        act(&mut trial, Action::Answer(yes(2))).unwrap_err().reason,
        "WRONG_PHASE"
    );
}

#[test]
fn a_withdrawal_after_the_deadline_leaves_time_to_collect_again() {
    let mut trial = collecting(open("lift"), roll(2, 2));
    sign(&mut trial, 1..=2);
    trial.pass_to("2027-06-01T01:00:00Z");
    assert_eq!(phase(&trial), Phase::Met, "what is met does not lapse");
    act(&mut trial, take_back(1)).unwrap();
    assert_eq!(consent(&trial).until.unwrap().to_string(), "2027-07-01");
    trial.pass_to("2027-07-01T16:00:00Z");
    assert_eq!(phase(&trial), Phase::Lapsed);
}

#[test]
fn another_owners_withdrawal_changes_nothing_while_two_thirds_stand() {
    let kind = Open {
        takes_common_area: true,
        ..open("lift")
    };
    let mut trial = collecting(kind, roll(2, 6));
    sign(&mut trial, 1..=5);
    assert_eq!(phase(&trial), Phase::Met);
    act(&mut trial, take_back(5)).unwrap();
    assert_eq!(phase(&trial), Phase::Met);
    act(&mut trial, take_back(4)).unwrap();
    assert_eq!(phase(&trial), Phase::Collecting);
}

#[test]
fn nobody_signs_for_a_missing_owner() {
    let mut trial = collecting(open("lift"), roll(3, 6));
    let refusal = |trial: &mut Trial, by: Actor, answer: Answer| {
        trial.act(by, Action::Answer(answer)).unwrap_err().reason
    };
    let resident = |number| Actor::Resident(Pseudonym(number));
    let online = Answer {
        channel: Channel::Online,
        ..yes(1)
    };
    let cases = [
        (Actor::Staff, yes(7), "NOT_ON_ROLL"),
        (
            Actor::Staff,
            Answer {
                entry: None,
                ..yes(1)
            },
            "NOT_ON_ROLL",
        ),
        (
            Actor::Staff,
            Answer {
                document: None,
                ..yes(1)
            },
            "DOCUMENT_MISSING",
        ),
        (
            Actor::Staff,
            Answer {
                channel: Channel::Phone,
                ..yes(1)
            },
            "NOT_WRITTEN",
        ),
        (Actor::Staff, online.clone(), "WRONG_CHANNEL"),
        (resident(1), yes(1), "WRONG_CHANNEL"),
        (resident(2), online.clone(), "NOT_YOURS"),
        (resident(8), online, "NOT_ON_ROLL"),
        (Actor::Handler(name("施工队")), yes(1), "NOT_YOURS"),
        (
            Actor::GridWorker("003".parse().unwrap()),
            yes(1),
            "NOT_YOURS",
        ),
    ];
    for (by, answer, reason) in cases {
        assert_eq!(refusal(&mut trial, by.clone(), answer), reason, "{by}");
    }
    let proxy = |entry| {
        Some(Proxy {
            entry,
            document: PAPER,
        })
    };
    let by_proxy = |entry, by| Answer {
        proxy: proxy(by),
        ..yes(entry)
    };
    assert_eq!(
        refusal(&mut trial, Actor::Staff, by_proxy(1, 1)),
        "OWN_PROXY"
    );
    act(&mut trial, Action::Answer(by_proxy(1, 50))).unwrap();
    assert_eq!(
        refusal(&mut trial, Actor::Staff, by_proxy(2, 50)),
        "PROXY_OF_TOO_MANY"
    );
    // The owner overrides the proxy; the proxy does not override the owner.
    sign(&mut trial, [1]);
    assert_eq!(
        refusal(&mut trial, Actor::Staff, by_proxy(1, 50)),
        "ANSWERED_IN_PERSON"
    );
    assert_eq!(
        refusal(&mut trial, Actor::Staff, yes(1)),
        "ALREADY_ANSWERED"
    );
    act(&mut trial, Action::Answer(by_proxy(2, 50))).unwrap();
    let early = Answer {
        signed_on: Some(jiff::civil::date(2026, 3, 1)),
        ..yes(3)
    };
    assert_eq!(
        refusal(&mut trial, Actor::Staff, early),
        "SIGNED_OUT_OF_TIME"
    );
}

#[test]
fn the_roll_is_frozen_once_and_later_owners_change_nothing() {
    let mut trial = Trial::new(TIANNING, "2026-03-02T01:00:00Z");
    let homeless = Open {
        unit: None,
        ..open("lift")
    };
    assert_eq!(
        act(&mut trial, Action::Open(homeless)).unwrap_err().reason,
        "UNIT_MISSING"
    );
    act(&mut trial, Action::Open(open("lift"))).unwrap();
    assert_eq!(
        act(&mut trial, roll(0, 5)).unwrap_err().reason,
        "NOBODY_IN_UNIT"
    );
    assert_eq!(
        act(&mut trial, Action::Answer(yes(1))).unwrap_err().reason,
        "WRONG_PHASE"
    );
    act(&mut trial, roll(2, 2)).unwrap();
    assert_eq!(
        act(&mut trial, roll(3, 3)).unwrap_err().reason,
        "ROLL_FROZEN"
    );
    sign(&mut trial, 1..=2);
    assert_eq!(phase(&trial), Phase::Met);
}

#[test]
fn a_drive_that_is_given_up_says_why() {
    let mut trial = collecting(open("lift"), roll(2, 2));
    act(
        &mut trial,
        Action::End {
            reason: name("管线无法迁改"),
        },
    )
    .unwrap();
    assert_eq!(
        trial.members("consent.concluded"),
        [",tianning-2018,abandoned"]
    );
    assert!(!trial.state.as_ref().unwrap().is_open());
}

#[test]
fn a_mandate_is_given_acted_on_and_taken_back() {
    let mandate = || Open {
        mandatary: Some(name("法务代办组")),
        until: None,
        unit: None,
        ..open("legal-errand")
    };
    let own = Actor::Resident(Pseudonym(4));
    let mandatary = Actor::Handler(name("法务代办组"));
    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    let on_paper = trial.act(Actor::Staff, Action::Open(mandate()));
    assert_eq!(on_paper.unwrap_err().reason, "MANDATE_INCOMPLETE");
    trial.act(own.clone(), Action::Open(mandate())).unwrap();
    let stranger = Actor::Resident(Pseudonym(5));
    let state = trial.state.clone().unwrap();
    assert!(state.is_visible_to(&own) && state.is_visible_to(&mandatary));
    assert!(!state.is_visible_to(&stranger));
    let begun = trial.act(Actor::Handler(name("别的组")), Action::BeginActing);
    assert_eq!(begun.unwrap_err().reason, "NOT_YOURS");
    trial.act(mandatary.clone(), Action::BeginActing).unwrap();
    let back = Action::Withdraw {
        entry: None,
        channel: Channel::Online,
        document: None,
    };
    assert_eq!(
        trial.act(stranger, back.clone()).unwrap_err().reason,
        "NOT_YOURS"
    );
    trial.act(own, back).unwrap();
    assert_eq!(phase(&trial), Phase::Revoked);
    assert_eq!(
        trial
            .act(mandatary.clone(), Action::FinishActing)
            .unwrap_err()
            .reason,
        "WRONG_PHASE"
    );

    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    let paper = Open {
        principal: Some(7),
        document: Some(PAPER),
        ..mandate()
    };
    trial
        .act(Actor::Staff, Action::Open(paper.clone()))
        .unwrap();
    trial.act(mandatary.clone(), Action::BeginActing).unwrap();
    trial.act(mandatary, Action::FinishActing).unwrap();
    assert_eq!(trial.members("consent.mandate_ended"), [",done"]);

    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    trial.act(Actor::Staff, Action::Open(paper)).unwrap();
    trial.pass_to("2027-03-02T16:00:00Z");
    assert_eq!(phase(&trial), Phase::Expired);
}
