//! The same as facts, which definitions over `network.*` fold when a question is
//! asked. Knows no definition and keeps nothing.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    fact::{Fact, FactTypeId, Member, network},
    period::{Grain, Period},
    place::Place,
};

use super::{collected, due, is_remembered, month_due, open};
use crate::{asks, catalogue::Log, register::Register, rollout::Rollouts, sync::line::Line};

/// A fact of the net.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// `None`: of the hub as a whole, and so of every place alike.
    pub place: Option<Place>,
    pub fact: Fact,
}

/// What the hub sees of its net at `now`.
#[derive(Clone, Copy)]
pub struct Net<'a> {
    pub register: &'a Register,
    /// The communities that are members, and since when.
    pub enrolled: &'a BTreeMap<Place, Timestamp>,
    pub lines: &'a BTreeMap<Place, Line>,
    pub catalogue: &'a Log,
    pub rollouts: &'a Rollouts,
    pub zone: &'a TimeZone,
    pub now: Timestamp,
}

impl Net<'_> {
    /// Of the months that lines remember, and of today.
    pub fn observations(&self) -> Vec<Observation> {
        let today = self.zone.to_datetime(self.now).date();
        let running = Period::containing(today, Grain::Month);
        let months = std::iter::successors(running, |month| month.previous());
        let months = months.take_while(|month| is_remembered(*month, today));
        let mut seen = Vec::new();
        for month in months {
            self.month(month, today, &mut seen);
        }
        self.asks(today, &mut seen);
        seen
    }

    fn month(&self, month: Period, today: Date, seen: &mut Vec<Observation>) {
        let last = month.last_day();
        let day = last.min(today);
        let of = |fact_type, day, (place, is_so)| Observation {
            place: Some(place),
            fact: fact(fact_type, self.noon(day), &[yes(is_so)]),
        };
        let joined = open(self.register, self.enrolled, self.zone, day);
        seen.extend(joined.map(|one| of(network::COMMUNITY, day, one)));
        if Some(month) <= month_due(today) {
            let reports = due(self.register, self.enrolled, self.lines, self.zone, month);
            seen.extend(reports.map(|one| of(network::REPORT, last, one)));
        }
    }

    fn asks(&self, today: Date, seen: &mut Vec<Observation>) {
        let of = |fact_type, at, members: &[&str]| Observation {
            place: None,
            fact: fact(fact_type, at, members),
        };
        let asks = asks::register(self.catalogue, self.rollouts, today);
        let collected = collected(self.catalogue, &asks).map(|(ask, is_once)| {
            let members = [yes(is_once), yes(ask.rollout.is_none())];
            of(network::ASK, self.now, &members)
        });
        seen.extend(collected);
        let turned = self.rollouts.turned();
        seen.extend(turned.map(|turned| of(network::TURNED, turned.at, &[])));
    }

    fn noon(&self, day: Date) -> Timestamp {
        let noon = self.zone.to_timestamp(day.at(12, 0, 0, 0));
        noon.unwrap_or(Timestamp::MAX)
    }
}

fn fact(fact_type: FactTypeId, occurred_at: Timestamp, members: &[&str]) -> Fact {
    Fact {
        fact_type,
        occurred_at,
        members: members.iter().map(|member| Member::from(*member)).collect(),
        measures: [].into(),
    }
}

const fn yes(is_so: bool) -> &'static str {
    match is_so {
        true => "yes",
        false => "no",
    }
}
