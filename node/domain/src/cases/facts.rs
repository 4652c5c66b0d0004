//! What an event means for statistics: facts of the public schema in
//! `proto::fact`. No person, no text, no place below the grid.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, case as fact_type};

use super::{Case, ClockKind, Event, Happening, Level, Origin, Standing};
use crate::{actor::Grid, code::Code};

/// `before` is the case as the event found it; none for a report.
pub fn facts(before: Option<&Case>, event: &Event) -> Vec<Fact> {
    let at = event.happened_at;
    let case = match (before, &event.happening) {
        (_, Happening::Reported(new)) => {
            let of = Of::new(&new.kind, &new.category, new.origin, new.grid);
            return vec![of.fact(fact_type::REPORTED, at, [], [])];
        }
        (Some(case), _) => case,
        (None, _) => return Vec::new(),
    };
    let of = Of::new(&case.kind, &case.category, case.origin, case.grid);
    let plain = |fact_type| vec![of.fact(fact_type, at, [], [])];
    match &event.happening {
        Happening::Accepted => {
            let wait_s = seconds(case.reported_at, at);
            vec![of.fact(fact_type::ACCEPTED, at, [], [wait_s])]
        }
        Happening::Completed { completion, .. } => {
            let first = case.first_completed_at.is_none();
            let since = case.returned_at.filter(|_| !first);
            let duration_s = seconds(since.unwrap_or(case.reported_at), at);
            let members = [completion.code(), yes_no(first)];
            vec![of.fact(fact_type::COMPLETED, at, members, [duration_s])]
        }
        Happening::FellDue {
            clock: ClockKind::Complete,
            on_time,
        } => vec![of.fact(fact_type::FELL_DUE, at, [yes_no(*on_time)], [])],
        Happening::Settled { reopened } => {
            let completed_at = case.first_completed_at.unwrap_or(at);
            let members = [yes_no(*reopened)];
            vec![of.fact(fact_type::SETTLED, completed_at, members, [])]
        }
        Happening::Rated { level, .. } => rated(case, &of, at, *level),
        Happening::AppealRuled { review, upheld, .. } => {
            let reviewed_at = case.reviews.get(*review as usize).map(|r| r.reviewed_at);
            let fact_type = match (upheld, case.is_rated_well()) {
                (true, _) => fact_type::BAD_REVIEW_ANNULLED,
                (false, true) => fact_type::BAD_REVIEW_RIGHTED,
                (false, false) => return Vec::new(),
            };
            let fact = |reviewed_at| of.fact(fact_type, reviewed_at, [], []);
            reviewed_at.map(fact).into_iter().collect()
        }
        Happening::Reopened { .. } => plain(fact_type::REOPENED),
        Happening::Escalated { .. } => plain(fact_type::ESCALATED),
        Happening::Bounced { .. } => plain(fact_type::BOUNCED),
        Happening::Refused { .. } => plain(fact_type::REFUSED),
        Happening::MarkedDuplicate { .. } => plain(fact_type::DUPLICATE),
        Happening::Withdrawn { .. } => plain(fact_type::WITHDRAWN),
        _ => Vec::new(),
    }
}

fn rated(case: &Case, of: &Of, at: Timestamp, level: Level) -> Vec<Fact> {
    let members = [level.code(), yes_no(level.is_bad())];
    let completed_at = case.completed_at.unwrap_or(at);
    let mut facts = vec![
        of.fact(fact_type::RATED, at, members, []),
        of.fact(fact_type::COMPLETION_RATED, completed_at, [], []),
    ];
    if !level.is_bad() {
        let counts = |standing| matches!(standing, Standing::Stands | Standing::Confirmed);
        let reviews = case.reviews.iter().filter(|review| counts(review.standing));
        facts
            .extend(reviews.map(|r| of.fact(fact_type::BAD_REVIEW_RIGHTED, r.reviewed_at, [], [])));
    }
    facts
}

/// The members that every fact of a case starts with.
struct Of([Member; 4]);

impl Of {
    fn new(kind: &Code, category: &Code, origin: Origin, grid: Option<Grid>) -> Of {
        Of([
            kind.member(),
            category.member(),
            origin.code().into(),
            grid.map_or_else(|| "".into(), Grid::member),
        ])
    }

    fn fact<const D: usize, const M: usize>(
        &self,
        fact_type: FactTypeId,
        occurred_at: Timestamp,
        members: [&str; D],
        measures: [i64; M],
    ) -> Fact {
        let own = members.into_iter().map(Member::from);
        Fact {
            fact_type,
            occurred_at,
            members: self.0.iter().cloned().chain(own).collect(),
            measures: Box::new(measures),
        }
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    from.duration_until(to).as_secs().max(0)
}
