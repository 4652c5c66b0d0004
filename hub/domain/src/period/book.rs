//! The locks that stand and those that were taken back: a fold of their events,
//! and what may be locked. Judges no cell.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};
use proto::{
    identity::Subject,
    indicator::cell::{IndicatorId, Revision},
    period::{Grain, Period},
};

use super::{Event, LockNumber};
use crate::event::Asked;

/// Locks that are remembered, standing or not, at most.
pub const LOCKS: usize = 10_000;
pub const NOTE_CHARS: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    pub number: LockNumber,
    pub period: Period,
    /// As they were named; none: all that the catalogue then had.
    pub indicators: Vec<IndicatorId>,
    /// What is approved, ascending. A definition published later is not.
    pub series: Arc<[(IndicatorId, Revision)]>,
    /// Of the hub's journal: what came in records up to there is approved.
    pub after: u64,
    pub by: Subject,
    pub at: Timestamp,
    pub note: String,
    /// Communities that should have reported by then, and [`Place::aligned`] of
    /// those that had not.
    ///
    /// [`Place::aligned`]: proto::place::Place::aligned
    pub expected: u32,
    pub silent: Arc<BTreeSet<u64>>,
    pub reopened: Option<Reopened>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reopened {
    pub by: Subject,
    pub at: Timestamp,
    pub note: String,
}

/// A lock as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub period: Period,
    pub indicators: Vec<IndicatorId>,
    /// Revisions in the catalogue of what it is about, in any order.
    pub series: Vec<(IndicatorId, Revision)>,
    pub note: String,
    pub expected: u32,
    pub silent: BTreeSet<u64>,
    pub after: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its numbers can still come in the ordinary way.
    NotOver(Period),
    /// Everything that was asked for is locked already.
    AlreadyLocked(LockNumber),
    UnknownLock(LockNumber),
    AlreadyReopened(LockNumber),
    TooManyLocks,
    NoteTooLong,
    /// Nothing to approve: no such indicator, or one that has no cells of its own.
    UnknownIndicator(String),
    Derived(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    locks: BTreeMap<LockNumber, Lock>,
    /// Ascending by number.
    standing: BTreeMap<Period, Vec<LockNumber>>,
}

impl Book {
    /// Whether nothing is locked: then nothing needs to be looked up.
    pub fn is_open(&self) -> bool {
        self.standing.is_empty()
    }

    pub fn lock(&self, number: LockNumber) -> Option<&Lock> {
        self.locks.get(&number)
    }

    /// Ascending by number.
    pub fn locks(&self) -> impl DoubleEndedIterator<Item = &Lock> {
        self.locks.values()
    }

    /// The first lock that stands on these cells of `base`: of this very period or
    /// of one that holds it.
    pub fn lock_of(
        &self,
        indicator: IndicatorId,
        revision: Revision,
        base: Period,
    ) -> Option<&Lock> {
        if self.standing.is_empty() {
            return None;
        }
        let series = (indicator, revision);
        let holding = self.holding(base);
        let covering = holding.filter(|lock| lock.series.binary_search(&series).is_ok());
        covering.min_by_key(|lock| lock.number)
    }

    /// Whether any lock stands on `base`, whatever it is about.
    pub fn touches(&self, base: Period) -> bool {
        !self.standing.is_empty() && self.holding(base).next().is_some()
    }

    fn holding(&self, base: Period) -> impl Iterator<Item = &Lock> {
        let periods = Grain::ALL.into_iter();
        let periods = periods.filter_map(move |grain| base.within(grain));
        let numbers = periods.filter_map(move |period| self.standing.get(&period));
        numbers
            .flatten()
            .filter_map(move |number| self.locks.get(number))
    }

    /// `today`: the district's day.
    pub fn propose(
        &self,
        asked: Asked,
        proposal: Proposal,
        now: Timestamp,
        today: Date,
    ) -> Result<Event, Refusal> {
        let Proposal {
            period,
            indicators,
            mut series,
            note,
            expected,
            silent,
            after,
        } = proposal;
        if period.last_day() >= today {
            return Err(Refusal::NotOver(period));
        }
        check_note(&note)?;
        series.sort_unstable();
        series.dedup();
        let standing = series
            .iter()
            .map(|(indicator, revision)| self.lock_of(*indicator, *revision, period));
        // `None` when one of them is still open.
        let standing: Option<Vec<&Lock>> = standing.collect();
        if let Some(first) = standing.as_ref().and_then(|standing| standing.first()) {
            return Err(Refusal::AlreadyLocked(first.number));
        }
        if self.locks.len() >= LOCKS {
            return Err(Refusal::TooManyLocks);
        }
        let last = self.locks.keys().next_back().map_or(0, |number| number.0);
        let lock = Lock {
            number: LockNumber(last + 1),
            period,
            indicators,
            series: series.into(),
            after,
            by: asked.by.clone(),
            at: now,
            note,
            expected,
            silent: Arc::new(silent),
            reopened: None,
        };
        Ok(Event::Locked {
            asked,
            lock: Box::new(lock),
        })
    }

    pub fn reopen(
        &self,
        asked: Asked,
        lock: LockNumber,
        note: String,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        check_note(&note)?;
        match self.locks.get(&lock) {
            None => Err(Refusal::UnknownLock(lock)),
            Some(held) if held.reopened.is_some() => Err(Refusal::AlreadyReopened(lock)),
            Some(_) => Ok(Event::Reopened {
                asked,
                lock,
                note,
                at,
            }),
        }
    }

    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Locked { lock, .. } => {
                let at = self.standing.entry(lock.period).or_default();
                at.push(lock.number);
                self.locks.insert(lock.number, (**lock).clone());
            }
            Event::Reopened {
                asked,
                lock,
                note,
                at,
            } => {
                let Some(held) = self.locks.get_mut(lock) else {
                    return;
                };
                held.reopened = Some(Reopened {
                    by: asked.by.clone(),
                    at: *at,
                    note: note.clone(),
                });
                if let Some(standing) = self.standing.get_mut(&held.period) {
                    standing.retain(|number| number != lock);
                    if standing.is_empty() {
                        self.standing.remove(&held.period);
                    }
                }
            }
        }
    }
}

fn check_note(note: &str) -> Result<(), Refusal> {
    match note.chars().count() > NOTE_CHARS {
        true => Err(Refusal::NoteTooLong),
        false => Ok(()),
    }
}
