//! What a duty means for statistics. An occurrence counts in the period of its
//! rule date, wherever it moved to.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, duty as fact_type};

use super::{Duty, Happening, Outcome};
use crate::actor::Grid;
use crate::process::Happened;

pub(super) fn facts(before: Option<&Duty>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(duty) = before else {
        return Vec::new();
    };
    let at = happened.at;
    match &happened.what {
        Happening::Concluded { on, outcome } => {
            let one = duty.position(*on).map(|at| duty.occurrences[at]);
            let moved = one.is_some_and(|one| one.moved_to.is_some());
            let (present, seats) = match outcome {
                Outcome::Held { present, seats } => (*present, *seats),
                _ => (0, 0),
            };
            let members = [outcome.code(), if moved { "yes" } else { "no" }];
            let measures = [i64::from(present), i64::from(seats)];
            vec![fact(
                duty,
                fact_type::CONCLUDED,
                on.noon(&duty.zone),
                &members,
                &measures,
            )]
        }
        Happening::Attempted { .. } => vec![fact(duty, fact_type::ATTEMPTED, at, &[], &[])],
        Happening::Alerted { .. } => vec![fact(duty, fact_type::ALERTED, at, &[], &[])],
        Happening::HeldExtra { present, seats } => {
            let measures = [i64::from(*present), i64::from(*seats)];
            vec![fact(duty, fact_type::HELD_EXTRA, at, &[], &measures)]
        }
        _ => Vec::new(),
    }
}

/// What a history says of it.
pub(super) fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
    match what {
        Happening::Opened {
            kind, rules, from, ..
        } => (
            "OPENED",
            vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("from", from.to_string()),
            ],
        ),
        Happening::Concluded { on, outcome } => {
            let mut details = vec![
                ("on", on.to_string()),
                ("outcome", outcome.code().to_owned()),
            ];
            if let Outcome::Held { present, seats } = outcome {
                details.push(("present", format!("{present}/{seats}")));
            }
            ("CONCLUDED", details)
        }
        Happening::Attempted { on } => ("ATTEMPTED", vec![("on", on.to_string())]),
        Happening::Alerted { no_answers } => {
            ("ALERTED", vec![("no_answers", no_answers.to_string())])
        }
        Happening::Postponed { on, to, reason } => (
            "POSTPONED",
            vec![
                ("on", on.to_string()),
                ("to", to.to_string()),
                ("reason", reason.to_string()),
            ],
        ),
        Happening::Triggered { window, cause } => (
            "TRIGGERED",
            vec![("on", window.on.to_string()), ("cause", cause.to_string())],
        ),
        Happening::HeldExtra { present, seats } => (
            "HELD_EXTRA",
            vec![("present", format!("{present}/{seats}"))],
        ),
        Happening::Ended { reason } => ("ENDED", vec![("reason", reason.to_string())]),
    }
}

fn fact(
    duty: &Duty,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let grid = duty.grid.map_or_else(|| "".into(), Grid::member);
    let own = members.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: [duty.kind.member(), grid].into_iter().chain(own).collect(),
        measures: measures.into(),
    }
}

impl Outcome {
    pub const fn code(self) -> &'static str {
        match self {
            Outcome::Held { .. } => "held",
            Outcome::Declined => "declined",
            Outcome::NoAnswer => "no-answer",
            Outcome::Missed => "missed",
        }
    }
}
