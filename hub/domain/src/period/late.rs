//! Which change of a cell is late: of a period that is locked, or that its node had
//! reported whole long before. Costs a comparison per cell, and nothing is read.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    indicator::{
        accumulator::Accumulator,
        catalogue::ItemId,
        cell::{Cell, CellKey, CellState, IndicatorId, Revision},
    },
    period::{Grain, Period},
    place::Place,
};

use super::{Book, CellRevision, Why};
use crate::{catalogue::Log, sync::line::Line};

/// So long after its end a period's numbers still come in the ordinary way, unless
/// it is locked: paper is typed in on another day.
pub const GRACE_DAYS: i64 = 7;

/// Of a batch that holds late cells, recorded with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    pub at: Timestamp,
    /// Of the late cells: what the node had not begun to count when it had last
    /// reported. What it finds in its history is no revision of what was shown.
    pub uncounted: Vec<(IndicatorId, Revision)>,
}

/// The periods that had ended when a day began: one comparison each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed([Option<Period>; Grain::ALL.len()]);

impl Passed {
    pub fn before(day: Date) -> Passed {
        Passed(Grain::ALL.map(|grain| Period::containing(day, grain)))
    }

    /// Those that a node had reported whole at `watermark`, `grace_days` before.
    pub fn by(watermark: Option<Timestamp>, zone: &TimeZone, grace_days: i64) -> Passed {
        let Some(watermark) = watermark else {
            return Passed::default();
        };
        let day = zone.to_datetime(watermark).date();
        Passed::before(day.saturating_sub(jiff::Span::new().days(grace_days)))
    }

    pub fn has(&self, period: Period) -> bool {
        let at = period.grain() as usize - 1;
        self.0[at].is_some_and(|running| period < running)
    }
}

/// What the writer records of a batch before it is applied to `line`; `None` when
/// no cell of it is late.
pub fn late(
    book: &Book,
    line: &Line,
    node: Place,
    log: &Log,
    zone: &TimeZone,
    cells: &[Cell],
    now: Timestamp,
) -> Option<Late> {
    let passed = Passed::by(line.complete_until, zone, GRACE_DAYS);
    let is_late = |cell: &&Cell| passed.has(cell.key.period) || book.touches(cell.key.period);
    let mut series: Vec<(IndicatorId, Revision)> = Vec::new();
    for cell in cells.iter().filter(is_late) {
        let found = (cell.key.indicator, cell.key.revision);
        if series.last() != Some(&found) && !series.contains(&found) {
            series.push(found);
        }
    }
    if series.is_empty() {
        return None;
    }
    series.retain(|(indicator, revision)| {
        let definition = log.catalogue().definition(*indicator, *revision);
        let issued = definition.and_then(|definition| {
            let item = ItemId::Indicator(definition.code.clone(), *revision);
            log.issued_to(node, &item)
        });
        // Of a node that has said nothing of the catalogue its numbers speak.
        issued > line.counted && line.counted.is_some()
    });
    Some(Late {
        at: now,
        uncounted: series,
    })
}

/// How late cells of one record are judged, against what was held.
pub struct Lateness<'a> {
    pub book: &'a Book,
    pub late: &'a Late,
    /// Of the journal.
    pub seq: u64,
    pub community: Place,
    /// Reported whole before this record; the same, long before.
    reported: Passed,
    settled: Passed,
    /// Known without looking at the cells.
    because: Option<Why>,
}

impl<'a> Lateness<'a> {
    /// `watermark`: of the node before this record.
    pub fn new(
        book: &'a Book,
        late: &'a Late,
        seq: u64,
        community: Place,
        watermark: Option<Timestamp>,
        zone: &TimeZone,
    ) -> Lateness<'a> {
        Lateness {
            book,
            late,
            seq,
            community,
            reported: Passed::by(watermark, zone, 0),
            settled: Passed::by(watermark, zone, GRACE_DAYS),
            because: None,
        }
    }

    pub fn because(self, why: Why) -> Lateness<'a> {
        Lateness {
            because: Some(why),
            ..self
        }
    }

    /// The revision that it is when `before` (`None`: nothing) became `after`.
    pub fn judge(
        &self,
        key: &CellKey,
        before: Option<&Cell>,
        after: Option<&Cell>,
    ) -> Option<CellRevision> {
        let shown = |cell: Option<&Cell>| {
            let cell = cell.filter(|cell| !cell.state.is_removed());
            cell.map(|cell| cell.state.clone())
        };
        let (was, is) = (shown(before), shown(after));
        if was == is {
            return None;
        }
        let lock = self.book.lock_of(key.indicator, key.revision, key.period);
        let series = (key.indicator, key.revision);
        let is_uncounted = self.late.uncounted.contains(&series);
        if lock.is_none() && (is_uncounted || !self.settled.has(key.period)) {
            return None;
        }
        let restated = || {
            let (before, after) = before.zip(after)?;
            (after.order.lineage > before.order.lineage).then_some(Why::Restated)
        };
        let why = match self.because.or_else(restated) {
            Some(why) => why,
            None if is_uncounted => Why::FirstCounted,
            None if !self.reported.has(key.period) => Why::LateReport,
            None if has_grown(was.as_ref(), is.as_ref()) => Why::LateEntry,
            None => Why::Correction,
        };
        Some(CellRevision {
            community: self.community,
            key: *key,
            seq: self.seq,
            at: self.late.at,
            why,
            lock: lock.map(|lock| lock.number),
            before: was,
            after: is,
        })
    }
}

/// Nothing in it has become less: more of the same was recorded.
fn has_grown(before: Option<&CellState>, after: Option<&CellState>) -> bool {
    let Some(before) = before else { return true };
    let Some(after) = after else { return false };
    let (Ok(before), Ok(after)) = (Accumulator::decode(before), Accumulator::decode(after)) else {
        return false;
    };
    if let (Some(before), Some(after)) = (before.fraction(), after.fraction()) {
        return after.0 >= before.0 && after.1 >= before.1;
    }
    if let (Some(before), Some(after)) = (before.buckets(), after.buckets()) {
        return before.len() == after.len()
            && before
                .iter()
                .zip(after)
                .all(|(before, after)| after >= before);
    }
    match (before.number(), after.number()) {
        (Some(before), Some(after)) => after >= before,
        // Extremes and quantiles: more observations.
        _ => after.observed() >= before.observed(),
    }
}
