//! What an operator may do about extensions, and what the hub does by itself when
//! one's last day is over.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, civil::Date};
use proto::{
    identity::{Label, Subject},
    indicator::catalogue::ItemId,
    place::Place,
};

use super::{EXTENSIONS, Event, LONGEST_DAYS, Refusal, Registration, Stage, State};
use crate::{
    catalogue::Log,
    centre::{self, Group},
    event::Asked,
    rollout::{Draft, Rollouts},
};

/// What is registered: who, and with which new definitions.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub registration: Registration,
    /// `None`: it reads what is there.
    pub draft: Option<Draft>,
}

impl State {
    /// `was_here`: whether a place's node has ever been connected.
    pub fn register(
        &self,
        (log, rollouts): (&Log, &Rollouts),
        was_here: impl Fn(Place) -> bool,
        asked: Asked,
        wanted: Wanted,
        (today, at): (Date, Timestamp),
    ) -> Result<Event, Refusal> {
        let Wanted {
            registration,
            draft,
        } = wanted;
        let code = &registration.code;
        if centre::fixed(code).is_some() {
            return Err(Refusal::CentreCode(code.clone()));
        }
        let known = self.extension(code);
        if known.is_some_and(|known| known.stage != Stage::Retired) {
            return Err(Refusal::AlreadyRegistered(code.clone()));
        }
        if known.is_none() && self.0.len() >= EXTENSIONS {
            return Err(Refusal::TooMany);
        }
        let until = registration.until;
        let ahead = until.duration_since(today);
        let longest = SignedDuration::from_hours(24 * i64::from(LONGEST_DAYS));
        if !(SignedDuration::ZERO..=longest).contains(&ahead) {
            return Err(Refusal::EndDate { until, today });
        }
        if draft.is_none() && registration.reads.is_empty() {
            return Err(Refusal::NothingWanted);
        }
        if let Some(group) = registration
            .reads
            .iter()
            .find(|group| !is_there(group, log))
        {
            return Err(Refusal::ReadsNothing(group.to_string()));
        }
        let drafted = draft.map(|draft| rollouts.draft(log, was_here, asked.clone(), draft, at));
        Ok(Event::Registered {
            asked,
            draft: drafted.transpose()?.map(Box::new),
            registration: Box::new(registration),
            at,
        })
    }

    pub fn approve(&self, code: &Label, asked: Asked, at: Timestamp) -> Result<Event, Refusal> {
        let known = self.extension(code);
        let known = known.ok_or_else(|| Refusal::Unknown(code.clone()))?;
        match known.stage {
            Stage::Registered => Ok(Event::Approved {
                asked,
                code: code.clone(),
                at,
            }),
            Stage::Live | Stage::Retired => Err(Refusal::NotWaiting(code.clone())),
        }
    }

    /// Refused while something else is computed from its definitions.
    pub fn retire(
        &self,
        (log, rollouts): (&Log, &Rollouts),
        code: &Label,
        asked: Asked,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        let known = self.extension(code);
        let known = known.ok_or_else(|| Refusal::Unknown(code.clone()))?;
        if known.stage == Stage::Retired {
            return Err(Refusal::AlreadyRetired(code.clone()));
        }
        let items = rollouts.own(known.rollout, log);
        if let Some(refusal) = rollouts.derived(&items, log) {
            return Err(refusal.into());
        }
        Ok(retired(asked, code, items, at))
    }

    /// Extensions whose last day is over, retired. What others are computed from
    /// stays: it was not theirs to know that it would go.
    pub fn due(
        &self,
        (log, rollouts): (&Log, &Rollouts),
        (today, at): (Date, Timestamp),
    ) -> Vec<Event> {
        let over = self.over(today).filter_map(|code| {
            let mut items = rollouts.own(self.extension(code)?.rollout, log);
            items.retain(|item| {
                let alone = std::slice::from_ref(item);
                rollouts.derived(alone, log).is_none()
            });
            let request = format!("end-{}", self.extension(code)?.registration.until);
            let asked = Asked {
                by: Subject::Hub,
                request: request.parse().ok()?,
            };
            Some(retired(asked, code, items, at))
        });
        over.collect()
    }
}

fn retired(asked: Asked, code: &Label, items: Vec<ItemId>, at: Timestamp) -> Event {
    Event::Retired {
        asked,
        code: code.clone(),
        items: Arc::from(items),
        at,
    }
}

fn is_there(group: &Group, log: &Log) -> bool {
    let catalogue = log.catalogue();
    let counted = catalogue
        .definitions()
        .any(|of| group.holds(of.code.as_str()));
    counted
        || catalogue
            .all_derived()
            .any(|of| group.holds(of.code.as_str()))
}
