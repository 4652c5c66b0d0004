//! The rules that stand and the warnings that were given: a fold of their
//! events. Judges nothing.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use proto::{
    identity::{Label, Subject},
    period::Period,
    place::Place,
};

use super::{Event, Rule, WarningId, rule::NOTE_CHARS};
use crate::event::Asked;

/// Rules at once, at most.
pub const RULES: usize = 200;
/// Warnings that are remembered, at most: beyond, cleared ones are forgotten,
/// oldest first.
pub const WARNINGS: usize = 10_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    pub rule: Label,
    pub centre: Label,
    pub place: Place,
    /// The last of the periods that raised it, and its number then.
    pub period: Period,
    pub value: f64,
    pub raised_at: Timestamp,
    pub acknowledged: Option<Acknowledged>,
    pub cleared: Option<Cleared>,
    /// Rises with each change over all warnings: where a follower goes on.
    pub change: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    pub by: Subject,
    pub note: String,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cleared {
    /// The period that cleared it; none where its rule was retired.
    pub period: Option<Period>,
    pub value: Option<f64>,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownRule,
    UnknownWarning,
    TooManyRules,
    /// Another centre's.
    NotYours,
    NoteTooLong,
}

/// Of one rule at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub open: Option<WarningId>,
    /// No warning again until a period after this one.
    pub cleared: Option<Period>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    rules: BTreeMap<Label, Rule>,
    warnings: BTreeMap<WarningId, Warning>,
    standings: BTreeMap<(Label, Place), Standing>,
    /// Cleared ones, oldest first.
    over: VecDeque<WarningId>,
    last: u64,
    change: u64,
}

impl Book {
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    pub fn rule(&self, code: &Label) -> Option<&Rule> {
        self.rules.get(code)
    }

    pub fn warning(&self, id: WarningId) -> Option<&Warning> {
        self.warnings.get(&id)
    }

    /// In ascending order of their numbers.
    pub fn warnings(&self) -> impl DoubleEndedIterator<Item = (WarningId, &Warning)> {
        self.warnings.iter().map(|(id, warning)| (*id, warning))
    }

    /// Of the last change.
    pub const fn change(&self) -> u64 {
        self.change
    }

    /// Warnings that changed after `change`, in the order of their changes.
    pub fn changed_after(&self, change: u64) -> Vec<(WarningId, &Warning)> {
        let mut changed: Vec<_> = (self.warnings())
            .filter(|(_, warning)| warning.change > change)
            .collect();
        changed.sort_by_key(|(_, warning)| warning.change);
        changed
    }

    pub(super) const fn next_warning(&self) -> WarningId {
        WarningId(self.last + 1)
    }

    pub(super) fn standing(&self, rule: &Label, place: Place) -> Standing {
        let key = (rule.clone(), place);
        self.standings.get(&key).copied().unwrap_or_default()
    }

    pub fn set(&self, asked: Asked, rule: Rule) -> Result<Event, Refusal> {
        let is_new = !self.rules.contains_key(&rule.code);
        if is_new && self.rules.len() >= RULES {
            return Err(Refusal::TooManyRules);
        }
        Ok(Event::Ruled { asked, rule })
    }

    pub fn retire(&self, asked: Asked, rule: Label, at: Timestamp) -> Result<Event, Refusal> {
        match self.rules.contains_key(&rule) {
            true => Ok(Event::Retired { asked, rule, at }),
            false => Err(Refusal::UnknownRule),
        }
    }

    /// `None`: it was acknowledged before, by somebody.
    pub fn acknowledge(
        &self,
        asked: Asked,
        warning: WarningId,
        note: String,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        if note.chars().count() > NOTE_CHARS {
            return Err(Refusal::NoteTooLong);
        }
        let held = self.warning(warning).ok_or(Refusal::UnknownWarning)?;
        if let Subject::Centre(centre) = &asked.by
            && *centre != held.centre
        {
            return Err(Refusal::NotYours);
        }
        Ok(held.acknowledged.is_none().then_some(Event::Acknowledged {
            asked,
            warning,
            note,
            at,
        }))
    }

    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Ruled { rule, .. } => {
                self.rules.insert(rule.code.clone(), rule.clone());
            }
            Event::Retired { rule, at, .. } => self.retired(rule, *at),
            Event::Raised {
                warning,
                rule,
                place,
                period,
                value,
                at,
            } => {
                let Some(standing) = self.rules.get(rule) else {
                    return;
                };
                self.change += 1;
                self.last = warning.0;
                let raised = Warning {
                    rule: rule.clone(),
                    centre: standing.centre.clone(),
                    place: *place,
                    period: *period,
                    value: *value,
                    raised_at: *at,
                    acknowledged: None,
                    cleared: None,
                    change: self.change,
                };
                self.warnings.insert(*warning, raised);
                self.standings
                    .entry((rule.clone(), *place))
                    .or_default()
                    .open = Some(*warning);
            }
            Event::Cleared {
                warning,
                period,
                value,
                at,
            } => {
                let cleared = Cleared {
                    period: Some(*period),
                    value: Some(*value),
                    at: *at,
                };
                self.clear(*warning, cleared);
            }
            Event::Acknowledged {
                asked,
                warning,
                note,
                at,
            } => {
                self.change += 1;
                if let Some(held) = self.warnings.get_mut(warning) {
                    held.change = self.change;
                    held.acknowledged = Some(Acknowledged {
                        by: asked.by.clone(),
                        note: note.clone(),
                        at: *at,
                    });
                }
            }
        }
    }

    fn retired(&mut self, rule: &Label, at: Timestamp) {
        let of_rule = |(id, warning): (&WarningId, &Warning)| {
            (warning.rule == *rule && warning.cleared.is_none()).then_some(*id)
        };
        let open: Vec<WarningId> = self.warnings.iter().filter_map(of_rule).collect();
        for warning in open {
            let cleared = Cleared {
                period: None,
                value: None,
                at,
            };
            self.clear(warning, cleared);
        }
        self.rules.remove(rule);
        self.standings.retain(|(of, _), _| of != rule);
    }

    fn clear(&mut self, warning: WarningId, cleared: Cleared) {
        self.change += 1;
        let Some(held) = self.warnings.get_mut(&warning) else {
            return;
        };
        held.cleared = Some(cleared);
        held.change = self.change;
        let key = (held.rule.clone(), held.place);
        let standing = self.standings.entry(key).or_default();
        standing.open = None;
        standing.cleared = cleared.period;
        self.over.push_back(warning);
        if self.warnings.len() > WARNINGS
            && let Some(oldest) = self.over.pop_front()
        {
            self.warnings.remove(&oldest);
        }
    }
}
