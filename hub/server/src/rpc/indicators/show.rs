//! Rows as they are sent: codes and names in place of numbers. Knows no
//! question's text and computes nothing.

use hub_domain::{
    query::{Comparison, Coverage, Request, Row, State, Value},
    register::Register,
};
use proto::{
    indicator::{catalogue::Catalogue, cell::OTHER_MEMBER},
    pb::hub as pb,
};

use crate::rpc::field::wire_time;

pub struct Shown<'a> {
    pub catalogue: &'a Catalogue,
    pub register: &'a Register,
    pub request: &'a Request,
}

impl Shown<'_> {
    pub fn row(&self, row: &Row) -> pb::Row {
        let period = row.period.unwrap_or(self.request.to);
        let day = self.request.register_date.unwrap_or(period.last_day());
        let place = row.key.place;
        let kind = row.key.community_type;
        let (member, member_name) = row
            .member
            .map(|member| self.member(member))
            .unwrap_or_default();
        let code = self.catalogue.code(row.indicator);
        pb::Row {
            indicator: code.map(ToString::to_string).unwrap_or_default(),
            revision: row.revision.0,
            place: place.map(|place| place.to_string()).unwrap_or_default(),
            place_name: place
                .and_then(|place| self.register.name_of(place, day))
                .unwrap_or_default(),
            community_type: kind
                .map(|kind| kind.map_or(UNKNOWN_TYPE, |kind| kind.code()).to_owned())
                .unwrap_or_default(),
            period: row
                .period
                .map(|period| period.to_string())
                .unwrap_or_default(),
            member,
            member_name,
            value: Some(value(&row.value)),
            coverage: Some(coverage(&row.coverage)),
            compared: row.compared.iter().map(compared).collect(),
            rank: row.rank,
            approved: row.approval.as_ref().map(|held| pb::Approved {
                lock: format!("period-locks/{}", held.lock.0),
                value: Some(value(&held.value)),
                revised: held.value != row.value,
            }),
        }
    }

    /// Code and Chinese name of a breakdown member.
    fn member(&self, member: u16) -> (String, String) {
        if member == OTHER_MEMBER {
            return ("other".to_owned(), "其他".to_owned());
        }
        let grouped = self.request.group.breakdown.as_deref();
        let dimension = grouped.and_then(|code| self.catalogue.dimension(code));
        let Some(dimension) = dimension else {
            return (member.to_string(), String::new());
        };
        let code = dimension.member_code(member);
        (
            code.map_or_else(|| member.to_string(), |code| code.into_owned()),
            dimension
                .member(member)
                .map(|member| member.name.zh.clone())
                .unwrap_or_default(),
        )
    }
}

/// Communities whose type the register does not know.
const UNKNOWN_TYPE: &str = "unknown";

pub fn value(value: &Value) -> pb::Value {
    let state = match value.state {
        State::Value => pb::ValueState::Value,
        State::Zero => pb::ValueState::Zero,
        State::None => pb::ValueState::None,
        State::NotApplicable => pb::ValueState::NotApplicable,
        State::Protected => pb::ValueState::Protected,
        State::Stale => pb::ValueState::Stale,
    };
    pb::Value {
        state: state.into(),
        number: value.number,
        numerator: value.numerator,
        denominator: value.denominator,
        buckets: value.buckets.clone(),
        upper_bound: value.upper_bound,
        minimum: value.minimum,
        maximum: value.maximum,
        quantiles: value.quantiles.clone(),
        standard_error: value.standard_error,
    }
}

fn coverage(coverage: &Coverage) -> pb::Coverage {
    pb::Coverage {
        reporting: coverage.reporting,
        expected: coverage.expected,
        oldest_watermark: coverage.oldest_watermark.map(wire_time),
    }
}

fn compared((comparison, with): &(Comparison, Value)) -> pb::Compared {
    let comparison = match comparison {
        Comparison::PreviousPeriod => pb::Comparison::PreviousPeriod,
        Comparison::YearBefore => pb::Comparison::YearBefore,
        Comparison::TypeMedian => pb::Comparison::TypeMedian,
    };
    pb::Compared {
        comparison: comparison.into(),
        value: Some(value(with)),
    }
}
