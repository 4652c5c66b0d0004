//! Residents vote on a frozen roll; boxes are opened when voting is over.

use super::*;

const STAFF: Actor = Actor::Staff;

/// Six steps up to an open vote of ten, until 20 March.
fn voting() -> Trial {
    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    for act in [
        propose("six-step"),
        talk(&["居民", "居委会", "物业公司"]),
        draft("公约"),
        Action::Post,
    ] {
        trial.act(STAFF, act).unwrap();
    }
    trial.pass_to("2026-03-10T01:00:00Z");
    for act in [
        advise(90),
        answer(1, false),
        fix("公约"),
        open_vote("公约", date(2026, 3, 20)),
    ] {
        trial.act(STAFF, act).unwrap();
    }
    trial
}

fn mark(voters: &[u64], origin: Origin) -> Action {
    Action::MarkVoters {
        voters: voters.to_vec(),
        origin,
    }
}

fn count(origin: Origin, yes: u32, no: u32) -> Action {
    Action::CountBallots(Count {
        origin,
        yes,
        no,
        abstained: 0,
        invalid: 0,
        counters: [201, 202],
    })
}

#[test]
pub(super) fn one_person_one_vote_over_all_channels_and_no_count_before_the_end() {
    let mut trial = voting();
    assert_eq!(
        reason(trial.act(STAFF, open_vote("公约", date(2026, 3, 20)))),
        "VOTE_OPEN"
    );
    trial.act(STAFF, mark(&[1, 2, 3], Origin::Online)).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, mark(&[4, 3], Origin::Paper))),
        "ALREADY_VOTED"
    );
    assert_eq!(
        reason(trial.act(STAFF, mark(&[4, 4], Origin::Paper))),
        "ALREADY_VOTED"
    );
    assert_eq!(
        reason(trial.act(STAFF, mark(&[11], Origin::Paper))),
        "NOT_ON_ROLL"
    );
    assert_eq!(reason(trial.act(STAFF, mark(&[], Origin::Paper))), "VOTERS");
    // What was refused marked nobody.
    trial.act(STAFF, mark(&[4, 5, 6], Origin::Paper)).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, count(Origin::Paper, 1, 0))),
        "STILL_VOTING"
    );
    assert_eq!(reason(trial.act(STAFF, Action::CloseVote)), "STILL_VOTING");
    trial.pass_to("2026-03-20T15:59:59Z");
    assert_eq!(
        reason(trial.act(STAFF, count(Origin::Paper, 1, 0))),
        "STILL_VOTING"
    );
    trial.pass_to("2026-03-20T16:00:00Z");
    assert_eq!(
        reason(trial.act(STAFF, mark(&[7], Origin::Paper))),
        "VOTING_OVER"
    );
    assert_eq!(
        reason(trial.act(STAFF, count(Origin::Paper, 3, 1))),
        "MORE_BALLOTS_THAN_VOTERS"
    );
    let alone = Action::CountBallots(Count {
        origin: Origin::Paper,
        yes: 2,
        no: 1,
        abstained: 0,
        invalid: 0,
        counters: [201, 201],
    });
    assert_eq!(reason(trial.act(STAFF, alone)), "ONE_COUNTER");
    trial.act(STAFF, count(Origin::Paper, 2, 1)).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, count(Origin::Paper, 2, 1))),
        "ALREADY_COUNTED"
    );
    assert_eq!(reason(trial.act(STAFF, Action::CloseVote)), "BOXES_CLOSED");
    trial.act(STAFF, count(Origin::Online, 2, 1)).unwrap();
    trial.act(STAFF, Action::CloseVote).unwrap();
    let decision = topic(&trial).decision.clone().unwrap();
    assert_eq!((decision.passed, decision.yes, decision.no), (true, 4, 2));
    let voters = trial.members("deliberation.voter");
    assert_eq!(voters.len(), 10);
    assert_eq!(voters.iter().filter(|voted| *voted == "yes").count(), 6);
    assert_eq!(trial.members("deliberation.decided"), ["office,,yes,yes"]);
}

#[test]
fn turnout_and_majority_are_exact_at_the_edge() {
    // Of ten: (voters, yes, no), passed. Turnout and yes are "more than 1/2".
    for ((voters, yes, no), passed) in [
        ((5, 5, 0), false),
        ((6, 4, 2), true),
        ((6, 3, 3), false),
        // Ballots that were not cast do not make a turnout.
        ((6, 5, 0), false),
        ((10, 6, 4), true),
        ((10, 5, 5), false),
    ] {
        let mut trial = voting();
        let marked: Vec<u64> = (1..=voters).collect();
        trial.act(STAFF, mark(&marked, Origin::Paper)).unwrap();
        trial.pass_to("2026-03-21T01:00:00Z");
        trial.act(STAFF, count(Origin::Paper, yes, no)).unwrap();
        trial.act(STAFF, Action::CloseVote).unwrap();
        let decision = topic(&trial).decision.as_ref().unwrap();
        assert_eq!(
            decision.passed, passed,
            "{voters} voted, {yes} yes, {no} no"
        );
        if !passed {
            let follow_up = Action::FollowUp {
                owner: "物业公司".parse().unwrap(),
                what: words("执行"),
                due: date(2026, 4, 1),
            };
            assert_eq!(reason(trial.act(STAFF, follow_up)), "NOT_NOW");
            assert_eq!(reason(trial.act(STAFF, Action::Close)), "NOT_ANNOUNCED");
            let announce = Action::Announce {
                channel: "notice".parse().unwrap(),
            };
            trial.act(STAFF, announce).unwrap();
            trial.act(STAFF, Action::Close).unwrap();
            assert_eq!(topic(&trial).stage, Stage::Closed(Ending::Rejected));
        }
    }
}
