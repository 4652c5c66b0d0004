//! What the writer decides about locks of periods, and which batches are late.

use hub_domain::{
    event::{Asked, Event},
    hub,
    network::reached,
    period::{Late, LockNumber, Passed, Proposal, Refusal, late},
    sync::batch::Accepted,
};
use jiff::Timestamp;
use journal::Appender;
use proto::{indicator::cell::IndicatorId, period::Period, place::Place};

use super::HubLedger;
use crate::store::fault::StoreFault;

pub enum PeriodCommand {
    Lock {
        asked: Asked,
        period: Period,
        /// Codes; none: all that the catalogue has.
        indicators: Vec<String>,
        note: String,
        now: Timestamp,
    },
    Reopen {
        asked: Asked,
        lock: LockNumber,
        note: String,
        now: Timestamp,
    },
}

impl HubLedger {
    /// The event that answers: this one's, or that of the request before.
    pub(super) fn period(
        &mut self,
        command: PeriodCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<LockNumber, Refusal>, StoreFault> {
        let (PeriodCommand::Lock { asked, .. } | PeriodCommand::Reopen { asked, .. }) = &command;
        if let Some(hub::Answer::Locked(number)) = self.hub.answered(asked) {
            return Ok(Ok(number));
        }
        let decided = match command {
            PeriodCommand::Lock {
                asked,
                period,
                indicators,
                note,
                now,
            } => self
                .proposal(period, &indicators, note, log.next_seq())
                .and_then(|proposal| {
                    let today = self.shared.zone.to_datetime(now).date();
                    self.hub.periods.propose(asked, proposal, now, today)
                }),
            PeriodCommand::Reopen {
                asked,
                lock,
                note,
                now,
            } => self.hub.periods.reopen(asked, lock, note, now),
        };
        let event = match decided {
            Ok(event) => event,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let number = event.lock();
        self.record(Event::Period(event), None, None, log)?;
        Ok(Ok(number))
    }

    /// `after`: the record that the lock is to be.
    fn proposal(
        &self,
        period: Period,
        indicators: &[String],
        note: String,
        after: u64,
    ) -> Result<Proposal, Refusal> {
        let catalogue = self.hub.catalogue.catalogue();
        let mut named = Vec::with_capacity(indicators.len());
        for code in indicators {
            named.push(match catalogue.by_code(code, None) {
                Some(definition) => definition.id,
                None if catalogue.derived_by_code(code, None).is_some() => {
                    return Err(Refusal::Derived(code.clone()));
                }
                None => return Err(Refusal::UnknownIndicator(code.chars().take(40).collect())),
            });
        }
        let is_named = |id: &IndicatorId| named.is_empty() || named.contains(id);
        let series = catalogue
            .definitions()
            .filter(|definition| is_named(&definition.id))
            .map(|definition| (definition.id, definition.revision));
        // Watermarks in the view may lie behind what is decided.
        let (expected, mut silent) = self.shared.roster.load().silent(period, &self.shared.zone);
        silent.retain(|code| {
            let line = Place::reporting(*code).and_then(|node| self.hub.lines.get(&node));
            let watermark = line.and_then(|line| line.complete_until);
            !Passed::by(watermark, &self.shared.zone, 0).has(period)
        });
        Ok(Proposal {
            period,
            series: series.collect(),
            indicators: named,
            note,
            expected,
            silent,
            after,
        })
    }

    /// Notes in what is to be recorded of `node` whether it is late, how far its cells
    /// go, and whether a month is whole with it.
    pub(super) fn note_lateness(&self, node: Place, accepted: &mut Accepted, now: Timestamp) {
        let Some(line) = self.hub.lines.get(&node) else {
            return;
        };
        let taken = self.hub.uptake.taken(node);
        let taken = taken.filter(|taken| line.counted != Some(*taken));
        accepted.counted = accepted.complete_until.and(taken);
        let (before, until) = (line.complete_until, accepted.complete_until);
        accepted.reached = reached(before, until, &self.shared.zone, now);
        let (book, log) = (&self.hub.periods, &self.hub.catalogue);
        let zone = &self.shared.zone;
        let found = late(book, line, node, log, zone, &accepted.cells, now);
        // What goes with an older lineage may be of any period.
        accepted.late = found.or_else(|| {
            accepted.sweeps.map(|_| Late {
                at: now,
                uncounted: Vec::new(),
            })
        });
    }
}
