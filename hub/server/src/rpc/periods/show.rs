//! Locks and revisions as they are sent. Computes nothing.

use hub_domain::{
    period::{CellRevision, Lock},
    query::Value,
    register::Register,
};
use proto::{
    indicator::{
        catalogue::Catalogue,
        cell::{CellState, IndicatorId, OTHER_MEMBER},
        definition::Definition,
        state::InvalidState,
    },
    pb::hub as pb,
};

use super::{COLLECTION, reason};
use crate::rpc::{field::wire_time, indicators::show::value};

pub fn lock(lock: &Lock, catalogue: &Catalogue) -> pb::PeriodLock {
    let code = |id: &IndicatorId| catalogue.code(*id).map(ToString::to_string);
    let reopened = lock.reopened.as_ref();
    let silent = u32::try_from(lock.silent.len()).unwrap_or(u32::MAX);
    pb::PeriodLock {
        name: format!("{COLLECTION}{}", lock.number.0),
        period: lock.period.to_string(),
        indicators: lock.indicators.iter().filter_map(code).collect(),
        locked_by: lock.by.to_string(),
        locked_at: Some(wire_time(lock.at)),
        note: lock.note.clone(),
        reporting: lock.expected.saturating_sub(silent),
        expected: lock.expected,
        reopened_by: reopened.map(|of| of.by.to_string()).unwrap_or_default(),
        reopened_at: reopened.map(|of| wire_time(of.at)),
        reopening_note: reopened.map(|of| of.note.clone()).unwrap_or_default(),
    }
}

pub struct Shown<'a> {
    pub catalogue: &'a Catalogue,
    pub register: &'a Register,
}

impl Shown<'_> {
    pub fn revision(&self, revision: &CellRevision) -> Result<pb::CellRevision, InvalidState> {
        let key = &revision.key;
        let definition = self.catalogue.definition(key.indicator, key.revision);
        let base = definition.and_then(|definition| definition.protection.base());
        let shown = |state: &Option<CellState>| {
            Value::of_cell(state.as_ref(), base).map(|said| Some(value(&said)))
        };
        let code = self.catalogue.code(key.indicator);
        let lock = revision.lock;
        Ok(pb::CellRevision {
            indicator: code.map(ToString::to_string).unwrap_or_default(),
            revision: key.revision.0,
            period: key.period.to_string(),
            community: revision.community.to_string(),
            community_name: self
                .register
                .name_of(revision.community, key.period.last_day())
                .unwrap_or_default(),
            members: definition
                .map(|definition| self.members(definition, revision))
                .unwrap_or_default(),
            revised_at: Some(wire_time(revision.at)),
            reason: reason(revision.why).into(),
            lock: lock
                .map(|lock| format!("{COLLECTION}{}", lock.0))
                .unwrap_or_default(),
            before: shown(&revision.before)?,
            after: shown(&revision.after)?,
        })
    }

    fn members(&self, definition: &Definition, revision: &CellRevision) -> Vec<String> {
        let breakdowns = definition.breakdowns.iter().enumerate();
        let members = breakdowns.map(|(at, code)| {
            let member = revision.key.breakdown.member(at);
            if member == OTHER_MEMBER {
                return "other".to_owned();
            }
            let dimension = self.catalogue.dimension(code.as_str());
            let code = dimension.and_then(|dimension| dimension.member_code(member));
            code.map_or_else(|| member.to_string(), |code| code.into_owned())
        });
        members.collect()
    }
}
