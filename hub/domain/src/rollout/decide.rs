//! What an operator may do with new definitions: draft, approve, retire.

use jiff::{SignedDuration, Timestamp, civil::Date};
use proto::{
    identity::Subject,
    indicator::{
        catalogue::{Catalogue, Item, ItemId},
        cell::Revision,
    },
    place::Place,
};

use super::{Event, ITEMS, LONGEST_HOLD, Refusal, Rollouts, Stage, TRIAL_NODES, Terms};
use crate::{
    catalogue::Log,
    event::Asked,
    overlap::{Overlap, Relation, overlap},
};

/// What is to be rolled out, and how.
#[derive(Clone, Debug)]
pub struct Draft {
    pub items: Vec<Item>,
    pub terms: Terms,
}

impl Rollouts {
    /// `was_here`: whether a place's node has ever been connected.
    pub fn draft(
        &self,
        log: &Log,
        was_here: impl Fn(Place) -> bool,
        asked: Asked,
        draft: Draft,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        let Draft { items, terms } = draft;
        check(&terms, was_here)?;
        if !(1..=ITEMS).contains(&items.len()) {
            return Err(Refusal::ItemCount(items.len()));
        }
        for item in &items {
            let ItemId::Indicator(code, revision) = item.id() else {
                continue;
            };
            let mut open = self.all().filter(|held| is_open(held.stage));
            let same = open.find(|held| held.items.iter().any(|other| other.id() == item.id()));
            if let Some(held) = same {
                return Err(Refusal::Underway {
                    code: format!("{code}@{}", revision.0),
                    number: held.number,
                });
            }
        }
        let published = log.publish(items).map_err(Refusal::Invalid)?;
        if let Some(refusal) = published
            .items
            .iter()
            .find_map(|item| there_already(item, log))
        {
            return Err(refusal);
        }
        if published.items.is_empty() {
            return Err(Refusal::NothingNew);
        }
        Ok(Event::Drafted {
            asked,
            number: self.next_number(),
            items: published.items.into(),
            unchanged: published.unchanged,
            terms,
            at,
        })
    }

    /// The first wave may begin; or the next one although some refused.
    pub fn approve(&self, code: &str, asked: Asked, at: Timestamp) -> Result<Event, Refusal> {
        let rollout = self.of(code);
        let rollout = rollout.ok_or_else(|| Refusal::UnknownIndicator(cut(code)))?;
        let waits = matches!(rollout.stage, Stage::Draft | Stage::DryRun);
        if !waits && rollout.halted.is_none() {
            return Err(Refusal::NothingToApprove(cut(code)));
        }
        Ok(Event::Approved {
            asked,
            number: rollout.number,
            at,
        })
    }

    /// All revisions when none is named. What is only drafted is dropped.
    pub fn retire(
        &self,
        log: &Log,
        (code, revision): (&str, Option<Revision>),
        asked: Asked,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        let is_meant = |item: &ItemId| {
            matches!(item, ItemId::Indicator(of, at)
                if of.as_str() == code && revision.is_none_or(|wanted| wanted == *at))
        };
        let issued = log.catalogue().items().map(|item| item.id());
        let drafted = self.all().filter(|held| is_open(held.stage));
        let drafted = drafted.flat_map(|rollout| rollout.indicators());
        let mut items: Vec<ItemId> = issued.chain(drafted).filter(is_meant).collect();
        items.sort();
        items.dedup();
        if items.is_empty() {
            return Err(Refusal::UnknownIndicator(cut(code)));
        }
        // What was issued and withdrawn before.
        items.retain(|item| !log.is_retired(item));
        if items.is_empty() {
            return Err(Refusal::AlreadyRetired(cut(code)));
        }
        match derived_of(&items, log) {
            Some(by) => Err(Refusal::Derived {
                code: cut(code),
                by,
            }),
            None => Ok(Event::Retired {
                asked,
                items: items.into(),
                at,
            }),
        }
    }
}

impl Rollouts {
    /// The indicators of this rollout that are not retired.
    pub fn own(&self, number: Option<u32>, log: &Log) -> Vec<ItemId> {
        let rollout = number.and_then(|number| self.get(number));
        let items = rollout.into_iter().flat_map(|rollout| rollout.indicators());
        items.filter(|item| !log.is_retired(item)).collect()
    }

    /// Why these cannot be retired: something else is computed from them.
    pub fn derived(&self, items: &[ItemId], log: &Log) -> Option<Refusal> {
        let code = items.iter().find_map(|item| match item {
            ItemId::Indicator(code, _) => Some(code.to_string()),
            ItemId::Dimension(..) => None,
        })?;
        let by = derived_of(items, log)?;
        Some(Refusal::Derived { code, by })
    }

    /// Whether it waits for its first approval.
    pub fn waits(&self, number: u32) -> bool {
        let rollout = self.get(number);
        rollout.is_some_and(|rollout| matches!(rollout.stage, Stage::Draft | Stage::DryRun))
    }
}

/// Indicators whose last day is over and that nodes still hold.
pub fn past_sunset(log: &Log, today: Date) -> Vec<ItemId> {
    let catalogue = log.catalogue();
    let counted = catalogue.definitions();
    let counted = counted.map(|of| (&of.code, of.revision, of.sunset));
    let derived = catalogue.all_derived();
    let derived = derived.map(|of| (&of.code, of.revision, of.sunset));
    let over = counted
        .chain(derived)
        .filter(|(_, _, sunset)| sunset.is_some_and(|last| last < today));
    let over = over.map(|(code, revision, _)| ItemId::Indicator(code.clone(), revision));
    over.filter(|item| !log.is_retired(item)).collect()
}

/// The hub itself retires what was asked for until a day that is over.
pub fn sunset(log: &Log, today: Date, at: Timestamp) -> Option<Event> {
    let items = past_sunset(log, today);
    let asked = Asked {
        by: Subject::Hub,
        request: format!("sunset-{today}").parse().ok()?,
    };
    (!items.is_empty()).then(|| Event::Retired {
        asked,
        items: items.into(),
        at,
    })
}

fn check(terms: &Terms, was_here: impl Fn(Place) -> bool) -> Result<(), Refusal> {
    let holds = SignedDuration::from_secs(1)..=LONGEST_HOLD;
    if !holds.contains(&terms.hold) {
        return Err(Refusal::Hold(format!("{:#}", terms.hold)));
    }
    if terms.trial.len() > TRIAL_NODES {
        return Err(Refusal::TrialNodes(terms.trial.len()));
    }
    match terms.trial.iter().find(|node| !was_here(**node)) {
        Some(unknown) => Err(Refusal::UnknownNode(unknown.to_string())),
        None => Ok(()),
    }
}

/// The number can be read from what is collected: nobody asks for it twice.
fn there_already(item: &Item, log: &Log) -> Option<Refusal> {
    let Item::Definition(new) = item else {
        return None;
    };
    let catalogue = log.catalogue();
    let others = overlap(new, catalogue).into_iter().filter(|other| {
        let held = ItemId::Indicator(other.code.clone(), other.revision);
        other.code != new.code && !log.is_retired(&held)
    });
    let answers = |other: &Overlap| matches!(other.relation, Relation::Same | Relation::Answered);
    let first = others.filter(|other| !other.narrows).find(answers)?;
    let held = catalogue.by_code(first.code.as_str(), Some(first.revision))?;
    Some(Refusal::AlreadyAsked {
        code: new.code.to_string(),
        by: format!("{}@{}", held.code, held.revision.0),
        owner: held.owner.clone(),
    })
}

const fn is_open(stage: Stage) -> bool {
    !matches!(stage, Stage::Live | Stage::Retired)
}

/// A derived indicator, not retired, that one of these is a term of.
fn derived_of(items: &[ItemId], log: &Log) -> Option<String> {
    let catalogue: &Catalogue = log.catalogue();
    let live = catalogue.all_derived().filter(|derived| {
        let item = ItemId::Indicator(derived.code.clone(), derived.revision);
        !log.is_retired(&item) && !items.contains(&item)
    });
    let mut dependent = live.filter(|derived| {
        let mut terms = derived.formula.terms().iter();
        terms.any(|term| items.contains(&ItemId::Indicator(term.code.clone(), term.revision)))
    });
    let found = dependent.next()?;
    Some(format!("{}@{}", found.code, found.revision.0))
}

fn cut(code: &str) -> String {
    code.chars().take(40).collect()
}
