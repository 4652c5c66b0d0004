//! Elections as their clients read them: no number of a count before the result,
//! no box's sums ever, and of the roll neither hour nor place.

use node_domain::elections::{BallotBox, Candidate, Election, Objection, Outcome, Route, Seat};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;

use super::super::fields::wire_time;
use super::super::process::{Shown, wire_channel};
use super::ENGINE;

impl Shown for pb::Election {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Election> {
        let election: &Election = state.try_into().ok()?;
        let roll = election.roll.as_ref();
        let (from, until) = election.term.unzip();
        Some(pb::Election {
            name,
            kind: election.kind.to_string(),
            rules: election.rules.playbook.to_string(),
            title: election.title.to_string(),
            grid: text(&election.grid),
            body: election.rules.body.to_string(),
            seats: election.seats.into(),
            criteria: election
                .rules
                .criteria
                .iter()
                .map(ToString::to_string)
                .collect(),
            committee: election.committee.iter().copied().map(entry).collect(),
            charter: election
                .charter
                .map_or_else(String::new, |document| format!("documents/{document}")),
            phase: election.phase.code().to_owned(),
            candidates: election.candidates.iter().map(candidate).collect(),
            notice_until_day: text(&election.notice_until),
            roll_sha256: roll.map_or_else(String::new, |roll| roll.sha256.to_string()),
            heads: roll.map_or(0, |roll| roll.heads()),
            voters: election.voters(),
            closes_at: election.closes_at.map(wire_time),
            boxes: election
                .boxes
                .iter()
                .map(|one| ballot_box(one, &election.boxes))
                .collect(),
            outcome: election.outcome.as_ref().map(outcome),
            objections_until_day: text(&election.objections_until),
            objections: election.objections.iter().map(objection).collect(),
            elected: election.seated.iter().map(seat).collect(),
            term_from_day: text(&from),
            term_until_day: text(&until),
            updated_at: Some(wire_time(election.acted_at)),
        })
    }
}

fn candidate(one: &Candidate) -> pb::Candidate {
    let mut shown = pb::Candidate {
        entry: entry(one.entry),
        standing: one.standing.code().to_owned(),
        ..Default::default()
    };
    shown.set_route(match one.route {
        Route::Committee => pb::NominationRoute::Committee,
        Route::Others => pb::NominationRoute::Others,
        Route::Own => pb::NominationRoute::Own,
    });
    shown
}

fn ballot_box(one: &BallotBox, all: &[BallotBox]) -> pb::BallotBox {
    let into = one.mixed_into.and_then(|at| all.get(usize::from(at)));
    let mut shown = pb::BallotBox {
        code: one.code.to_string(),
        is_counted: one.tally.is_some(),
        mixed_into: into.map_or_else(String::new, |into| into.code.to_string()),
        ..Default::default()
    };
    shown.set_channel(wire_channel(one.channel));
    shown
}

fn outcome(outcome: &Outcome) -> pb::ElectionOutcome {
    let votes = |of: &[(u64, u64)]| {
        let votes = of.iter().map(|(of, votes)| pb::CandidateVotes {
            entry: entry(*of),
            votes: *votes,
        });
        votes.collect()
    };
    pb::ElectionOutcome {
        ending: outcome.ending.code().to_owned(),
        votes: votes(&outcome.votes),
        elected: votes(&outcome.elected),
        heads: outcome.heads,
        voters: outcome.voters,
        ballots: outcome.ballots,
        invalid: outcome.invalid,
    }
}

fn objection(one: &Objection) -> pb::Objection {
    pb::Objection {
        document_sha256: one.document.to_string(),
        is_ruled_on: one.is_upheld.is_some(),
        is_upheld: one.is_upheld == Some(true),
    }
}

fn seat(one: &Seat) -> pb::Seat {
    pb::Seat {
        entry: entry(one.entry),
        vacated_day: text(&one.vacated_on),
    }
}

/// The roll's people from `from` on, at most `most`, and who comes after them.
pub fn voters(election: &Election, from: u64, most: usize) -> (Vec<pb::Voter>, Option<u64>) {
    let roll = election.roll.iter();
    let mut entries = roll
        .flat_map(|roll| roll.entries())
        .skip_while(|entry| *entry < from);
    let shown = entries.by_ref().take(most).map(|of| pb::Voter {
        entry: entry(of),
        has_voted: election.marked.contains_key(&of),
    });
    let shown = shown.collect();
    (shown, entries.next())
}

fn entry(entry: u64) -> String {
    format!("entries/{entry}")
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}
