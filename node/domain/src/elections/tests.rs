//! Elections: opened contested or not at all, counted apart from the roll, decided
//! as the frozen rules say, seated after objections.

use proptest::prelude::*;

use super::{Action, Election, Ending, Happening, Invalid, Open, Phase, Route, Tally};
use crate::actor::{Actor, Pseudonym};
use crate::process::trial::Trial;
use crate::process::{Process as _, Refusal};
use crate::roll::{Channel, Line, Roll};
use crate::sha256::Sha256;

mod counting;
pub(crate) mod seats;

const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
const RUIQUAN: &str = include_str!("../../../../deploy/playbooks/ruiquan.toml");
const PAPER: Sha256 = Sha256([1; 32]);
/// Candidates are numbered from here; voters from 1; the committee from 901.
const FIRST: u64 = 101;

fn name(text: &str) -> crate::code::Name {
    text.parse().unwrap()
}

fn code(text: &str) -> crate::code::Code {
    text.parse().unwrap()
}

fn election(trial: &Trial) -> &Election {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn phase(trial: &Trial) -> Phase {
    election(trial).phase
}

fn act(trial: &mut Trial, action: Action) -> Result<(), Refusal> {
    trial.act(Actor::Staff, action)
}

fn refused(trial: &mut Trial, action: Action) -> &'static str {
    act(trial, action).unwrap_err().reason
}

fn open(playbook: &str, kind: &str, seats: Option<u16>) -> Trial {
    let mut trial = Trial::new(playbook, "2026-03-02T01:00:00Z");
    let open = Action::Open(Open {
        kind: code(kind),
        title: name("换届选举"),
        grid: None,
        seats,
        committee: vec![903, 901, 902],
        charter: Some(5),
    });
    act(&mut trial, open).unwrap();
    trial
}

/// So many accepted candidates; one route after the other.
fn nominate(trial: &mut Trial, candidates: u64) {
    let routes = [Route::Committee, Route::Others, Route::Own];
    for entry in FIRST..FIRST + candidates {
        let route = routes[(entry % 3) as usize];
        act(trial, Action::Nominate { entry, route }).unwrap();
        let review = Action::Review {
            entry,
            is_accepted: true,
            reason: None,
        };
        act(trial, review).unwrap();
    }
}

fn publish() -> Action {
    Action::PublishCandidates {
        place: name("公告栏"),
    }
}

fn roll(voters: u64) -> Action {
    let line = |entry| Line {
        entry,
        unit: None,
        area_cm2: 0,
        resident: None,
    };
    Action::Freeze {
        roll: Roll::freeze((1..=voters).map(line).collect(), |_| Sha256([9; 32])).unwrap(),
    }
}

fn open_voting(boxes: &[&str]) -> Action {
    Action::OpenVoting {
        boxes: boxes
            .iter()
            .map(|one| (code(one), Channel::Counter))
            .collect(),
        closes_at: "2026-04-01T10:00:00Z".parse().unwrap(),
    }
}

fn mark(entry: u64, ballot_box: &str) -> Action {
    Action::Mark {
        entry,
        ballot_box: code(ballot_box),
    }
}

/// The council of a courtyard or street with an open poll.
fn voting(candidates: u64, seats: u16, voters: u64, boxes: &[&str]) -> Trial {
    let mut trial = open(QINGHE, "deliberation-council", Some(seats));
    nominate(&mut trial, candidates);
    act(&mut trial, publish()).unwrap();
    act(&mut trial, roll(voters)).unwrap();
    trial.pass_to("2026-03-20T01:00:00Z");
    act(&mut trial, open_voting(boxes)).unwrap();
    trial
}

fn close(trial: &mut Trial) {
    trial.pass_to("2026-04-01T10:00:00Z");
    assert_eq!(phase(trial), Phase::Counting);
}

/// Sums in the ballot's order.
fn tally(votes: &[u32], valid: u32, blank: u32) -> Tally {
    Tally {
        votes: (FIRST..).zip(votes.iter().copied()).collect(),
        valid,
        invalid: Invalid {
            blank,
            ..Invalid::default()
        },
    }
}

fn count(ballot_box: &str, tally: Tally) -> Action {
    Action::Count {
        ballot_box: code(ballot_box),
        tally,
        counters: vec![901, 902],
        document: PAPER,
    }
}

fn announce(drawn: &[u64]) -> Action {
    Action::Announce {
        signers: vec![901, 903],
        document: PAPER,
        drawn: drawn.to_vec(),
    }
}

/// One box, so many voters, the sums, and the result.
fn decided(trial: &mut Trial, voters: u64, tally: Tally) {
    for entry in 1..=voters {
        act(trial, mark(entry, "a")).unwrap();
    }
    close(trial);
    act(trial, count("a", tally)).unwrap();
}

fn elected(trial: &Trial) -> Vec<(u64, u64)> {
    election(trial).outcome.as_ref().unwrap().elected.to_vec()
}

#[test]
fn an_election_without_more_candidates_than_seats_does_not_open() {
    for (playbook, kind, given, seats) in [
        (RUIQUAN, "courtyard-council", None, 23),
        (QINGHE, "deliberation-council", Some(9), 9),
        (QINGHE, "supervision-committee", Some(5), 5),
    ] {
        let mut trial = open(playbook, kind, given);
        assert_eq!(election(&trial).seats, seats);
        nominate(&mut trial, u64::from(seats));
        if kind == "courtyard-council" {
            assert_eq!(refused(&mut trial, publish()), "VIEWS_MISSING");
            act(
                &mut trial,
                Action::GatherViews {
                    people: 40,
                    document: PAPER,
                },
            )
            .unwrap();
        }
        let refusal = act(&mut trial, publish()).unwrap_err();
        assert_eq!(refusal.reason, "TOO_FEW_CANDIDATES");
        assert!(
            refusal
                .details
                .contains(&("least", (seats + 1).to_string()))
        );
        let one_more = FIRST + u64::from(seats);
        act(
            &mut trial,
            Action::Nominate {
                entry: one_more,
                route: Route::Own,
            },
        )
        .unwrap();
        assert_eq!(refused(&mut trial, publish()), "UNREVIEWED");
        let review = |is_accepted, reason| Action::Review {
            entry: one_more,
            is_accepted,
            reason,
        };
        assert_eq!(refused(&mut trial, review(false, None)), "REASON_MISSING");
        act(&mut trial, review(true, None)).unwrap();
        act(&mut trial, publish()).unwrap();
        act(&mut trial, roll(50)).unwrap();
        // Somebody stands down after the list was posted: no vote then, either.
        act(&mut trial, Action::StandDown { entry: FIRST }).unwrap();
        trial.pass_to("2026-03-20T01:00:00Z");
        assert_eq!(
            refused(&mut trial, open_voting(&["a"])),
            "TOO_FEW_CANDIDATES"
        );
    }
}

#[test]
fn twenty_three_seats_are_the_courtyards() {
    let mut trial = Trial::new(RUIQUAN, "2026-03-02T01:00:00Z");
    let open = |seats, committee| {
        Action::Open(Open {
            kind: code("courtyard-council"),
            title: name("院落议事会"),
            grid: None,
            seats,
            committee,
            charter: None,
        })
    };
    assert_eq!(
        refused(&mut trial, open(Some(22), vec![901, 902])),
        "SEATS_ARE_FIXED"
    );
    assert_eq!(
        refused(&mut trial, open(None, vec![901, 901])),
        "COMMITTEE_SIZE"
    );
    act(&mut trial, open(Some(23), vec![901, 902])).unwrap();
    let mut trial = Trial::new(QINGHE, "2026-03-02T01:00:00Z");
    let open = Action::Open(Open {
        kind: code("supervision-committee"),
        title: name("监督委员会"),
        grid: None,
        seats: None,
        committee: vec![901, 902],
        charter: None,
    });
    assert_eq!(refused(&mut trial, open), "SEATS_MISSING");
}

#[test]
fn residents_propose_the_office_reviews_and_the_committee_does_not_stand() {
    let mut trial = open(QINGHE, "deliberation-council", Some(2));
    let resident = Actor::Resident(Pseudonym(4));
    let nominate = |entry, route| Action::Nominate { entry, route };
    trial
        .act(resident.clone(), nominate(101, Route::Own))
        .unwrap();
    let refusal =
        |trial: &mut Trial, by: &Actor, action| trial.act(by.clone(), action).unwrap_err().reason;
    assert_eq!(
        refusal(&mut trial, &resident, nominate(101, Route::Others)),
        "ALREADY_NOMINATED"
    );
    assert_eq!(
        refusal(&mut trial, &resident, nominate(102, Route::Committee)),
        "NOT_THE_COMMITTEE"
    );
    assert_eq!(
        refusal(&mut trial, &Actor::Staff, nominate(902, Route::Own)),
        "COMMITTEE_STANDS"
    );
    let accept = Action::Review {
        entry: 101,
        is_accepted: true,
        reason: None,
    };
    assert_eq!(refusal(&mut trial, &resident, accept), "NOT_YOURS");
    assert_eq!(
        refusal(
            &mut trial,
            &Actor::Handler(name("物业")),
            nominate(103, Route::Own)
        ),
        "NOT_YOURS"
    );
    let unknown = Action::Review {
        entry: 999,
        is_accepted: true,
        reason: None,
    };
    assert_eq!(refused(&mut trial, unknown), "NO_CANDIDATE");
}

#[test]
fn one_person_votes_once_over_all_channels() {
    let mut trial = open(QINGHE, "deliberation-council", Some(1));
    nominate(&mut trial, 2);
    act(&mut trial, publish()).unwrap();
    assert_eq!(refused(&mut trial, open_voting(&["a"])), "WRONG_PHASE");
    act(&mut trial, roll(3)).unwrap();
    assert_eq!(refused(&mut trial, roll(4)), "ROLL_FROZEN");
    assert_eq!(refused(&mut trial, open_voting(&["a"])), "NOTICE_RUNS");
    trial.pass_to("2026-03-20T01:00:00Z");
    assert_eq!(refused(&mut trial, open_voting(&["a", "a"])), "BOXES");
    let boxes = Action::OpenVoting {
        boxes: vec![
            (code("hall"), Channel::Counter),
            (code("post"), Channel::Paper),
            (code("door"), Channel::DoorKnock),
        ],
        closes_at: "2026-04-01T10:00:00Z".parse().unwrap(),
    };
    act(&mut trial, boxes).unwrap();
    act(&mut trial, mark(1, "post")).unwrap();
    let again = act(&mut trial, mark(1, "hall")).unwrap_err();
    assert_eq!(again.reason, "ALREADY_VOTED");
    assert!(again.details.contains(&("ballot_box", "post".to_owned())));
    assert_eq!(refused(&mut trial, mark(4, "hall")), "NOT_ON_ROLL");
    assert_eq!(refused(&mut trial, mark(2, "car")), "NO_BOX");
    // The wrong line was marked: said so, and put right.
    let unmark = |entry| Action::Unmark {
        entry,
        reason: name("登记错行"),
    };
    act(&mut trial, unmark(1)).unwrap();
    assert_eq!(refused(&mut trial, unmark(1)), "NOT_MARKED");
    act(&mut trial, mark(1, "hall")).unwrap();
    assert_eq!(election(&trial).boxes[1].voters, 0);
    assert_eq!(refused(&mut trial, Action::CloseVoting), "VOTING_RUNS");
    assert_eq!(
        refused(&mut trial, count("hall", tally(&[1, 0], 1, 0))),
        "WRONG_PHASE"
    );
    for entry in 2..=3 {
        act(&mut trial, mark(entry, "door")).unwrap();
    }
    act(&mut trial, Action::CloseVoting).unwrap();
    assert_eq!(refused(&mut trial, mark(3, "hall")), "WRONG_PHASE");
}

#[test]
fn voting_closes_by_itself_and_nobody_votes_after() {
    let mut trial = voting(3, 1, 20, &["a"]);
    trial.pass_to("2026-04-01T09:59:59Z");
    act(&mut trial, mark(1, "a")).unwrap();
    close(&mut trial);
    assert_eq!(refused(&mut trial, mark(2, "a")), "WRONG_PHASE");
}

/// What is kept of votes is a box's sums: no happening holds a person and a
/// choice, and none a single ballot.
#[test]
fn no_record_leads_from_a_person_to_a_choice() {
    let mut trial = voting(3, 1, 20, &["a"]);
    let marked = [7, 3, 12];
    for entry in marked {
        act(&mut trial, mark(entry, "a")).unwrap();
    }
    assert!(election(&trial).boxes.iter().all(|one| one.tally.is_none()));
    let told = Election::told(&Happening::Marked {
        entry: 7,
        ballot_box: 0,
    });
    assert_eq!(told, ("MARKED", vec![("entry", "entries/7".to_owned())]));
    close(&mut trial);
    act(&mut trial, count("a", tally(&[1, 2, 0], 3, 0))).unwrap();
    let counted = Happening::Counted {
        ballot_box: 0,
        tally: tally(&[1, 2, 0], 3, 0),
        counters: [901, 902].into(),
        document: PAPER,
    };
    let (_, details) = Election::told(&counted);
    let names: Vec<&str> = details.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        ["counters", "document_sha256"],
        "no numbers before the result"
    );
    assert!(
        trial
            .facts
            .iter()
            .all(|fact| fact.fact_type != proto::fact::election::ANNOUNCED)
    );
}
