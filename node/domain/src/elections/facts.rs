//! What elections mean for statistics, and what their history says: of a count no
//! number before the result is announced.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, election as fact_type};

use super::{Election, Happening, Phase, Route};
use crate::actor::Grid;
use crate::process::Happened;

pub(super) fn facts(before: Option<&Election>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(election) = before else {
        return Vec::new();
    };
    let at = happened.at;
    let seats = |filled: usize| {
        let measures = [filled as i64, i64::from(election.seats)];
        vec![fact(election, fact_type::SEATED, at, &[], &measures)]
    };
    let sitting = election
        .seated
        .iter()
        .filter(|seat| seat.vacated_on.is_none())
        .count();
    match &happened.what {
        Happening::VotingOpened { .. } => {
            let standing = election.standing().count() as i64;
            let own = election
                .standing()
                .filter(|one| one.route == Route::Own)
                .count();
            let measures = [standing, i64::from(election.seats), own as i64];
            vec![fact(election, fact_type::CONTESTED, at, &[], &measures)]
        }
        Happening::Announced { outcome, .. } => {
            let measures = [
                outcome.heads as i64,
                outcome.voters as i64,
                outcome.ballots as i64,
                outcome.invalid as i64,
            ];
            let members = [outcome.ending.code()];
            vec![fact(
                election,
                fact_type::ANNOUNCED,
                at,
                &members,
                &measures,
            )]
        }
        Happening::Seated { .. } => seats(sitting),
        Happening::Vacated { .. } if election.phase == Phase::Seated => {
            seats(sitting.saturating_sub(1))
        }
        _ => Vec::new(),
    }
}

fn fact(
    election: &Election,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let grid = election.grid.map_or_else(|| "".into(), Grid::member);
    let own = members.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: [election.kind.member(), grid]
            .into_iter()
            .chain(own)
            .collect(),
        measures: measures.into(),
    }
}

type Details = Vec<(&'static str, String)>;

pub(super) fn told(what: &Happening) -> (&'static str, Details) {
    let entry = |entry: &u64| ("entry", format!("entries/{entry}"));
    let entries = |of: &[u64]| {
        let names: Vec<String> = of.iter().map(|entry| format!("entries/{entry}")).collect();
        names.join(" ")
    };
    let paper = |hash: &crate::sha256::Sha256| ("document_sha256", hash.to_string());
    match what {
        Happening::Opened {
            kind,
            rules,
            title,
            seats,
            committee,
            ..
        } => (
            "OPENED",
            vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("title", title.to_string()),
                ("seats", seats.to_string()),
                ("committee", entries(committee)),
            ],
        ),
        Happening::ViewsGathered { people, document } => (
            "VIEWS_GATHERED",
            vec![("people", people.to_string()), paper(document)],
        ),
        Happening::Nominated { entry: of, route } => (
            "NOMINATED",
            vec![entry(of), ("route", route.code().to_owned())],
        ),
        Happening::Reviewed {
            entry: of,
            is_accepted,
            reason,
        } => {
            let mut details = vec![entry(of), ("is_accepted", is_accepted.to_string())];
            details.extend(reason.as_ref().map(|reason| ("reason", reason.to_string())));
            ("REVIEWED", details)
        }
        Happening::StoodDown { entry: of } => ("STOOD_DOWN", vec![entry(of)]),
        Happening::CandidatesPublished { place, until } => (
            "CANDIDATES_PUBLISHED",
            vec![("place", place.to_string()), ("until", until.to_string())],
        ),
        Happening::RollFrozen { roll } => (
            "ROLL_FROZEN",
            vec![
                ("roll_sha256", roll.sha256.to_string()),
                ("heads", roll.heads().to_string()),
            ],
        ),
        Happening::VotingOpened { boxes, closes_at } => {
            let codes: Vec<&str> = boxes.iter().map(|(code, _)| code.as_str()).collect();
            let details = vec![
                ("boxes", codes.join(" ")),
                ("closes_at", closes_at.to_string()),
            ];
            ("VOTING_OPENED", details)
        }
        Happening::Marked { entry: of, .. } => ("MARKED", vec![entry(of)]),
        Happening::Unmarked { entry: of, reason } => {
            ("UNMARKED", vec![entry(of), ("reason", reason.to_string())])
        }
        Happening::VotingClosed => ("VOTING_CLOSED", vec![]),
        Happening::Mixed { .. } => ("MIXED", vec![]),
        Happening::Counted {
            counters, document, ..
        } => (
            "COUNTED",
            vec![("counters", entries(counters)), paper(document)],
        ),
        Happening::Voided { reason, .. } => ("VOIDED", vec![("reason", reason.to_string())]),
        Happening::Announced {
            outcome,
            signers,
            document,
            ..
        } => {
            let elected: Vec<u64> = outcome.elected.iter().map(|(entry, _)| *entry).collect();
            let details = vec![
                ("ending", outcome.ending.code().to_owned()),
                ("elected", entries(&elected)),
                ("ballots", outcome.ballots.to_string()),
                ("signers", entries(signers)),
                paper(document),
            ];
            ("ANNOUNCED", details)
        }
        Happening::Objected { document } => ("OBJECTED", vec![paper(document)]),
        Happening::Ruled {
            objection,
            is_upheld,
            reason,
        } => (
            "RULED",
            vec![
                ("objection", objection.to_string()),
                ("is_upheld", is_upheld.to_string()),
                ("reason", reason.to_string()),
            ],
        ),
        Happening::Declined { entry: of } => ("DECLINED", vec![entry(of)]),
        Happening::Seated { from, until } => (
            "SEATED",
            vec![("from", from.to_string()), ("until", until.to_string())],
        ),
        Happening::Vacated {
            entry: of,
            on,
            reason,
        } => (
            "VACATED",
            vec![
                entry(of),
                ("on", on.to_string()),
                ("reason", reason.to_string()),
            ],
        ),
        Happening::Cancelled { reason } => ("CANCELLED", vec![("reason", reason.to_string())]),
        Happening::TermEnded => ("TERM_ENDED", vec![]),
    }
}
