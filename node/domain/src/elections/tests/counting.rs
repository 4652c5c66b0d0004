//! Boxes, sums, invalid ballots, ties, turnout.

use super::*;

#[test]
fn candidates_and_single_people_do_not_count() {
    let mut trial = voting(3, 1, 20, &["a"]);
    for entry in 1..=12 {
        act(&mut trial, mark(entry, "a")).unwrap();
    }
    close(&mut trial);
    let by = |counters: &[u64]| Action::Count {
        ballot_box: code("a"),
        tally: tally(&[6, 5, 0], 11, 1),
        counters: counters.to_vec(),
        document: PAPER,
    };
    assert_eq!(refused(&mut trial, by(&[901])), "TOO_FEW_COUNTERS");
    assert_eq!(refused(&mut trial, by(&[901, 901])), "TOO_FEW_COUNTERS");
    assert_eq!(
        refused(&mut trial, by(&[901, FIRST + 2])),
        "CANDIDATE_COUNTS"
    );
    act(&mut trial, by(&[901, 902])).unwrap();
    assert_eq!(refused(&mut trial, by(&[901, 902])), "BOX_IS_DONE");
    let signed = Action::Announce {
        signers: vec![901, FIRST],
        document: PAPER,
        drawn: vec![],
    };
    assert_eq!(refused(&mut trial, signed), "CANDIDATE_COUNTS");
}

#[test]
fn a_boxs_sums_add_up_or_are_refused() {
    let mut trial = voting(3, 2, 20, &["a"]);
    for entry in 1..=12 {
        act(&mut trial, mark(entry, "a")).unwrap();
    }
    close(&mut trial);
    let cases = [
        // Nobody gets more votes than there are valid ballots, nor all of them
        // together more than two a ballot.
        (tally(&[12, 0, 0], 11, 1), "DOES_NOT_ADD_UP"),
        (tally(&[8, 8, 7], 11, 1), "DOES_NOT_ADD_UP"),
        (tally(&[8, 8], 11, 1), "NOT_THE_BALLOT"),
        (tally(&[8, 8, 0, 0], 11, 1), "NOT_THE_BALLOT"),
        (tally(&[8, 8, 0], 12, 1), "MORE_BALLOTS_THAN_VOTERS"),
    ];
    for (sums, reason) in cases {
        assert_eq!(refused(&mut trial, count("a", sums)), reason);
    }
    // One ballot was taken home: fewer than voters is no mistake.
    act(&mut trial, count("a", tally(&[8, 8, 4], 10, 1))).unwrap();
    act(&mut trial, announce(&[])).unwrap();
    let outcome = election(&trial).outcome.clone().unwrap();
    assert_eq!(
        (
            outcome.heads,
            outcome.voters,
            outcome.ballots,
            outcome.invalid
        ),
        (20, 12, 11, 1)
    );
}

#[test]
fn few_ballots_are_mixed_before_anybody_opens_their_box() {
    let mut trial = voting(3, 1, 40, &["hall", "door", "post"]);
    for entry in 1..=20 {
        act(&mut trial, mark(entry, "hall")).unwrap();
    }
    act(&mut trial, mark(21, "door")).unwrap();
    close(&mut trial);
    assert_eq!(
        refused(&mut trial, count("door", tally(&[1, 0, 0], 1, 0))),
        "BOX_TOO_SMALL"
    );
    let mix = |from: &str, into: &str| Action::Mix {
        from: code(from),
        into: code(into),
    };
    assert_eq!(refused(&mut trial, mix("door", "door")), "SAME_BOX");
    act(&mut trial, mix("door", "hall")).unwrap();
    assert_eq!(
        refused(&mut trial, count("door", tally(&[1, 0, 0], 1, 0))),
        "BOX_IS_DONE"
    );
    assert_eq!(refused(&mut trial, announce(&[])), "BOX_IS_DUE");
    act(&mut trial, count("hall", tally(&[11, 10, 0], 21, 0))).unwrap();
    // An empty box says nothing about anybody.
    assert_eq!(refused(&mut trial, announce(&[])), "BOX_IS_DUE");
    act(&mut trial, count("post", tally(&[0, 0, 0], 0, 0))).unwrap();
    act(&mut trial, announce(&[])).unwrap();
    assert_eq!(elected(&trial), [(FIRST, 11)]);
}

#[test]
fn a_void_box_counts_for_nothing() {
    let mut trial = voting(2, 1, 40, &["a", "b"]);
    for entry in 1..=24 {
        act(&mut trial, mark(entry, if entry <= 12 { "a" } else { "b" })).unwrap();
    }
    close(&mut trial);
    act(
        &mut trial,
        Action::Void {
            ballot_box: code("a"),
            reason: name("票数多于发出数"),
        },
    )
    .unwrap();
    act(&mut trial, count("b", tally(&[5, 7], 12, 0))).unwrap();
    // 12 ballots of 40 are no quorum of half the roll.
    act(&mut trial, announce(&[])).unwrap();
    assert_eq!(
        election(&trial).outcome.as_ref().unwrap().ending,
        Ending::UnderTurnout
    );
}

#[test]
fn equal_votes_for_the_last_seat_are_drawn_by_lot() {
    let mut trial = voting(4, 2, 20, &["a"]);
    decided(&mut trial, 16, tally(&[9, 7, 7, 2], 14, 2));
    let refusal = act(&mut trial, announce(&[])).unwrap_err();
    assert_eq!(refusal.reason, "LOT_NEEDED");
    assert!(
        refusal
            .details
            .contains(&("tied", "entries/102 entries/103".to_owned()))
    );
    for drawn in [&[101][..], &[104], &[102, 103], &[102, 102]] {
        assert_eq!(
            refused(&mut trial, announce(drawn)),
            "LOT_NEEDED",
            "{drawn:?}"
        );
    }
    act(&mut trial, announce(&[103])).unwrap();
    assert_eq!(elected(&trial), [(101, 9), (103, 7)]);
    assert_eq!(
        election(&trial).outcome.as_ref().unwrap().ending,
        Ending::Elected
    );
}

#[test]
fn equal_votes_inside_the_seats_need_no_lot() {
    let mut trial = voting(4, 2, 20, &["a"]);
    decided(&mut trial, 16, tally(&[7, 7, 3, 2], 14, 2));
    assert_eq!(refused(&mut trial, announce(&[101])), "NO_LOT_NEEDED");
    act(&mut trial, announce(&[])).unwrap();
    assert_eq!(elected(&trial), [(101, 7), (102, 7)]);
}

#[test]
fn where_no_lot_is_drawn_equal_votes_leave_the_seat_empty() {
    let mut trial = open(RUIQUAN, "courtyard-director", None);
    nominate(&mut trial, 2);
    act(&mut trial, publish()).unwrap();
    act(&mut trial, roll(23)).unwrap();
    act(&mut trial, open_voting(&["a"])).unwrap();
    decided(&mut trial, 22, tally(&[11, 11], 22, 0));
    act(&mut trial, announce(&[])).unwrap();
    assert_eq!(phase(&trial), Phase::Failed);
    assert_eq!(trial.members("election.announced"), [",nobody-elected"]);
}

#[test]
fn turnout_and_majority_are_exact_at_their_edges() {
    // Half of the roll's ballots, invalid ones too; then half of the valid ones.
    let cases = [
        (20, 10, 9, 1, &[9, 0][..], Ending::Elected),
        (21, 10, 9, 1, &[9, 0], Ending::UnderTurnout),
        (20, 12, 12, 0, &[6, 6], Ending::NobodyElected),
        (20, 12, 12, 0, &[7, 5], Ending::Elected),
        (20, 12, 0, 12, &[0, 0], Ending::NobodyElected),
    ];
    for (heads, voters, valid, blank, votes, ending) in cases {
        let mut trial = open(RUIQUAN, "grid-leader", None);
        nominate(&mut trial, 2);
        act(&mut trial, publish()).unwrap();
        act(&mut trial, roll(heads)).unwrap();
        act(&mut trial, open_voting(&["a"])).unwrap();
        decided(&mut trial, voters, tally(votes, valid, blank));
        act(&mut trial, announce(&[])).unwrap();
        let outcome = election(&trial).outcome.as_ref().unwrap();
        assert_eq!(outcome.ending, ending, "{heads} {voters} {votes:?}");
    }
}

proptest! {
    /// Whoever is elected has no fewer votes than whoever is not; as many as there
    /// are seats; and the boxes' order changes nothing.
    #[test]
    fn the_elected_have_the_most_votes(
        votes in proptest::collection::vec((0u32..12, 0u32..12), 3..8),
        seats in 1u16..3,
    ) {
        let order = [["a", "b"], ["b", "a"]];
        let outcomes = order.map(|order| {
            let mut trial = voting(votes.len() as u64, seats, 40, &["a", "b"]);
            for entry in 1..=24 {
                act(&mut trial, mark(entry, if entry <= 12 { "a" } else { "b" })).unwrap();
            }
            close(&mut trial);
            for one in order {
                let sums: Vec<u32> = votes.iter().map(|(a, b)| if one == "a" { *a } else { *b }).collect();
                // Two names a ballot at most: enough to hold any of these sums.
                let sum: u32 = sums.iter().sum();
                let cut = sums.iter().map(|votes| if sum > 12 * u32::from(seats) { votes / 8 } else { *votes });
                let cut: Vec<u32> = cut.collect();
                act(&mut trial, count(one, tally(&cut, 12, 0))).unwrap();
            }
            if let Err(refusal) = act(&mut trial, announce(&[])) {
                assert_eq!(refusal.reason, "LOT_NEEDED");
                let detail = |name| refusal.details.iter().find(|(of, _)| *of == name).unwrap().1.clone();
                let open: usize = detail("seats").parse().unwrap();
                let tied = detail("tied");
                let tied = tied.split(' ').map(|one| one.trim_start_matches("entries/").parse().unwrap());
                let drawn: Vec<u64> = tied.take(open).collect();
                act(&mut trial, announce(&drawn)).unwrap();
            }
            election(&trial).outcome.clone().unwrap()
        });
        prop_assert_eq!(&outcomes[0], &outcomes[1]);
        let outcome = &outcomes[0];
        let least = outcome.elected.iter().map(|(_, votes)| *votes).min().unwrap_or(u64::MAX);
        for (entry, votes) in &*outcome.votes {
            let is_elected = outcome.elected.iter().any(|(of, _)| of == entry);
            prop_assert!(is_elected || *votes <= least || *votes == 0);
        }
        let able = outcome.votes.iter().filter(|(_, votes)| *votes > 0).count();
        prop_assert_eq!(outcome.elected.len(), able.min(usize::from(seats)));
    }
}
