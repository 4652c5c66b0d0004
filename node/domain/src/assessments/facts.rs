//! What an assessment means for statistics. A correction counts as such; the first
//! version is what scores are averaged over.

use proto::fact::{Fact, FactTypeId, Member, assessment as fact_type};

use super::{Assessment, Happening, Outcome};
use crate::actor::Grid;
use crate::process::Happened;

pub(super) fn facts(before: Option<&Assessment>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(one) = before else {
        return Vec::new();
    };
    let at = happened.at;
    let first = if one.versions.is_empty() { "yes" } else { "no" };
    match &happened.what {
        Happening::Finalised { outcome } => match outcome {
            Outcome::Scored { average, listing } => {
                let own = [first, listing.code()];
                let points = [average.centipoints()];
                vec![fact(one, fact_type::SCORED, at, &own, &points)]
            }
            Outcome::Surveyed { satisfied, valid } => {
                let counts = [i64::from(*satisfied), i64::from(*valid)];
                vec![fact(one, fact_type::SURVEYED, at, &[first], &counts)]
            }
            Outcome::Suitable => vec![fact(one, fact_type::CHECKED, at, &[first, "yes", ""], &[])],
            Outcome::Unsuitable { reason } => {
                let own = [first, "no", reason.as_str()];
                vec![fact(one, fact_type::CHECKED, at, &own, &[])]
            }
        },
        Happening::Published { .. } => {
            // In the period of what is published, so that one is part of the other.
            let finalised_at = one.finalised_at.map_or(at, |finalised| finalised.0);
            let days = (at.as_second() - finalised_at.as_second()) / 86_400;
            let in_time = days <= i64::from(one.rules.publish_days);
            let own = [first, if in_time { "yes" } else { "no" }];
            let published = fact(one, fact_type::PUBLISHED, finalised_at, &own, &[days]);
            vec![published]
        }
        Happening::Corrected { .. } => vec![fact(one, fact_type::CORRECTED, at, &[], &[])],
        _ => Vec::new(),
    }
}

fn fact(
    one: &Assessment,
    fact_type: FactTypeId,
    occurred_at: jiff::Timestamp,
    own: &[&str],
    measures: &[i64],
) -> Fact {
    let grid = one.grid.map_or_else(|| "".into(), Grid::member);
    let own = own.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: [one.kind.member(), grid].into_iter().chain(own).collect(),
        measures: measures.into(),
    }
}
