//! What happens to an entry, for statistics.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, register as fact_type};

use super::{Entry, Grant, Happening, PlotChange};
use crate::actor::Grid;
use crate::process::Happened;
use crate::stored::Day;

pub(super) fn facts(before: Option<&Entry>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(entry) = before else {
        return Vec::new();
    };
    let at = happened.at;
    match &happened.what {
        Happening::Joined { on } => {
            vec![fact(
                entry,
                fact_type::JOINED,
                on.noon(&entry.zone),
                &[],
                &[],
            )]
        }
        Happening::Left { on, reason } => {
            let from = entry.terms.get(usize::from(entry.begun).wrapping_sub(1));
            let days = from.map_or(0, |term| on.days_since(term.from) + 1);
            let noon = on.noon(&entry.zone);
            let own = [reason.as_str()];
            let roles = entry.grants.iter().filter(|grant| grant.is_running);
            let roles = roles.map(|grant| role_ended(entry, grant, *on, reason.as_str()));
            let left = fact(entry, fact_type::LEFT, noon, &own, &[days]);
            roles.chain([left]).collect()
        }
        Happening::Moved { to, .. } => {
            let days = (at.as_second() - entry.stage_since.as_second()) / 86_400;
            let own = [entry.stage.as_str(), to.as_str()];
            let mut facts = vec![fact(entry, fact_type::MOVED, at, &own, &[days])];
            let begins = entry.rules.stage(to).is_some_and(|stage| stage.counts);
            if let Some(pair) = entry.pair.as_ref().filter(|_| begins && is_new(entry)) {
                let again = match pair.again {
                    None => "first",
                    Some((_, true)) => "in-time",
                    Some((_, false)) => "late",
                };
                let gap = pair.again.map_or(0, |(days, _)| i64::from(days));
                facts.push(fact(entry, fact_type::PAIR_BEGUN, at, &[again], &[gap]));
            }
            facts
        }
        Happening::RoleBegan { role, on, .. } => {
            let noon = on.noon(&entry.zone);
            vec![fact(
                entry,
                fact_type::ROLE_GRANTED,
                noon,
                &[role.as_str()],
                &[],
            )]
        }
        Happening::RoleEnded {
            role,
            holder,
            on,
            reason,
        } => {
            let mut held = entry.grants.iter();
            let held = held
                .find(|grant| grant.is_running && grant.role == *role && grant.holder == *holder);
            let ended = held.map(|grant| role_ended(entry, grant, *on, reason.as_str()));
            ended.into_iter().collect()
        }
        Happening::PlotClaimed { plot, by } => {
            let asked = entry.asks.iter().find(|ask| ask.by == *by);
            let waited = asked.map_or(0, |ask| at.as_second() - ask.at.as_second());
            plot_fact(
                entry,
                fact_type::PLOT_CLAIMED,
                at,
                *plot,
                &[],
                &[waited / 86_400],
            )
        }
        Happening::PlotChanged { plot, change } => match change {
            PlotChange::Cultivated => Vec::new(),
            PlotChange::Warned => plot_fact(entry, fact_type::PLOT_WARNED, at, *plot, &[], &[]),
            PlotChange::Released { reason } => {
                let own = [reason.as_str()];
                plot_fact(entry, fact_type::PLOT_RELEASED, at, *plot, &own, &[])
            }
        },
        _ => Vec::new(),
    }
}

/// A pair begins once; it may pause and go on.
fn is_new(entry: &Entry) -> bool {
    let first = entry.rules.stages.first();
    first.is_some_and(|first| first.code == entry.stage)
}

fn role_ended(entry: &Entry, grant: &Grant, on: Day, reason: &str) -> Fact {
    let days = on.days_since(grant.term.from) + 1;
    let own = [grant.role.as_str(), reason];
    let noon = on.noon(&entry.zone);
    fact(entry, fact_type::ROLE_ENDED, noon, &own, &[days])
}

fn plot_fact(
    entry: &Entry,
    fact_type: FactTypeId,
    at: Timestamp,
    plot: u16,
    own: &[&str],
    measures: &[i64],
) -> Vec<Fact> {
    let is_school = entry.plot(plot).is_some_and(|plot| plot.is_school);
    let school = [if is_school { "yes" } else { "no" }];
    let own: Vec<&str> = school.iter().chain(own).copied().collect();
    vec![fact(entry, fact_type, at, &own, measures)]
}

fn fact(
    entry: &Entry,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    own: &[&str],
    measures: &[i64],
) -> Fact {
    let group: Member = entry
        .group
        .as_ref()
        .map_or_else(|| "".into(), |group| group.member());
    let grid = entry.grid.map_or_else(|| "".into(), Grid::member);
    let first = [entry.register.member(), group, grid];
    let own = own.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: first.into_iter().chain(own).collect(),
        measures: measures.into(),
    }
}
