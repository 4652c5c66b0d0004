//! Answers a question: spans, groups, roll-up, coverage, comparisons and rank
//! put together. Reads columns through a trait; knows no store.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};
use proto::{
    indicator::{
        accumulator::Accumulator,
        cell::{IndicatorId, Revision},
        definition::Fold,
        kind::Kind,
    },
    period::Period,
    place::{Level, Place},
};

use super::{
    approved::Approval,
    column::{Column, ColumnId},
    compare,
    coverage::{self, Coverage},
    derive,
    grouping::{Grouping, Key},
    observed,
    plan::Plan,
    rank,
    request::{Comparison, Derivation, Measure, ROW_LIMIT, Refusal, Request},
    roster::Roster,
    span::Span,
    tally::{Cells, Tally, Unreadable},
    value::Value,
};
use crate::{network::Observation, register::Register};

/// What a question is asked of. The roster is taken before any column is
/// read, so that no watermark promises cells that were not seen.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub register: &'a Register,
    pub roster: &'a Roster,
    pub zone: &'a TimeZone,
    pub now: Timestamp,
}

/// Where columns come from.
pub trait Columns {
    type Fault;

    /// The columns `ids`, in their order; empty where there is nothing. Cells
    /// outside `place` may be left out.
    fn columns(&self, ids: &[ColumnId], place: Place) -> Result<Vec<Arc<Column>>, Self::Fault>;

    /// What the hub sees of its own net. Asked for only where a measure needs it.
    fn observations(&self) -> Vec<Observation> {
        Vec::new()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub indicator: IndicatorId,
    pub revision: Revision,
    pub key: Key,
    /// The period, when rows are apart by it or there is only one.
    pub period: Option<Period>,
    /// When rows are apart by a breakdown.
    pub member: Option<u16>,
    pub value: Value,
    pub coverage: Coverage,
    pub compared: Vec<(Comparison, Value)>,
    /// From 1; 0 without a ranking.
    pub rank: u32,
    /// Where all that it is made of is locked (`approve`).
    pub approval: Option<Approval>,
}

#[derive(Debug, thiserror::Error)]
pub enum Unanswered<F> {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("columns cannot be read")]
    Columns(F),
}

/// One measure over one span.
pub(super) struct Table {
    pub grouping: Arc<Grouping>,
    pub numbers: Numbers,
    pub coverage: Arc<Vec<Coverage>>,
}

pub(super) enum Numbers {
    Merged(Tally),
    /// Of a derived measure, for each of its terms.
    Derived(Arc<Derivation>, Vec<Table>),
}

impl Table {
    pub(super) fn value(&self, measure: &Measure, row: usize, member: u16) -> Value {
        match &self.numbers {
            Numbers::Merged(tally) => {
                Value::of(tally.get((row, member)), measure, &self.coverage[row])
            }
            Numbers::Derived(derivation, terms) => {
                derive::value(derivation, terms, &self.grouping.keys[row], member)
            }
        }
    }

    pub(super) fn merged(&self, row: usize, member: u16) -> Option<&Accumulator> {
        match &self.numbers {
            Numbers::Merged(tally) => tally.get((row, member)),
            Numbers::Derived(..) => None,
        }
    }

    /// Whether any cell is of this row.
    fn has(&self, row: usize, member: u16) -> bool {
        match &self.numbers {
            Numbers::Merged(tally) => tally.get((row, member)).is_some(),
            Numbers::Derived(derivation, terms) => {
                let key = &self.grouping.keys[row];
                derivation.terms.iter().zip(terms).any(|(term, table)| {
                    let member = term.breakdown.map_or(0, |_| member);
                    let found = table.grouping.find(key);
                    found.is_some_and(|row| table.has(row, member))
                })
            }
        }
    }

    /// The breakdown members that it has cells of.
    fn members(&self) -> BTreeSet<u16> {
        match &self.numbers {
            Numbers::Merged(tally) => tally.keys().map(|(_, member)| member).collect(),
            Numbers::Derived(derivation, terms) => {
                let apart = derivation.terms.iter().zip(terms);
                let apart = apart.filter(|(term, _)| term.breakdown.is_some());
                apart.flat_map(|(_, table)| table.members()).collect()
            }
        }
    }
}

/// Groupings and coverage do not depend on the measure: made once per span.
pub(super) type Shared = HashMap<(Vec<Period>, Place), (Arc<Grouping>, Arc<Vec<Coverage>>)>;

pub(super) struct Engine<'a, C: Columns> {
    pub world: World<'a>,
    pub request: &'a Request,
    pub columns: &'a C,
    pub shared: Shared,
    /// What the hub sees of its net, once a measure needed it.
    pub seen: Option<Vec<Observation>>,
}

/// Answers `request`, whose indicators are `measures`.
pub fn answer<C: Columns>(
    request: &Request,
    measures: &[Measure],
    world: World<'_>,
    columns: &C,
) -> Result<Vec<Row>, Unanswered<C::Fault>> {
    let plan = Plan::new(request, measures)?;
    let mut engine = Engine {
        world,
        request,
        columns,
        shared: Shared::new(),
        seen: None,
    };
    let mut rows = Vec::new();
    for (measure, spans) in measures.iter().zip(&plan.spans) {
        let mut answered = engine.measure(measure, spans)?;
        rows.append(&mut answered);
        if rows.len() > ROW_LIMIT {
            return Err(Refusal::TooManyRows(rows.len()).into());
        }
    }
    Ok(rows)
}

impl<C: Columns> Engine<'_, C> {
    fn measure(
        &mut self,
        measure: &Measure,
        spans: &[Span],
    ) -> Result<Vec<Row>, Unanswered<C::Fault>> {
        let mut tables = Vec::with_capacity(spans.len());
        for span in spans {
            tables.push(self.table(measure, span, self.request.place)?);
        }
        let members = members(measure, &tables);
        let mut rows = Vec::new();
        for (span, table) in spans.iter().zip(&tables) {
            let mut order: Vec<usize> = (0..table.grouping.keys.len()).collect();
            order.sort_by_key(|row| table.grouping.keys[*row]);
            let count = rows.len() + order.len() * members.len();
            if count > ROW_LIMIT && self.request.rank.is_none() {
                return Err(Refusal::TooManyRows(count).into());
            }
            for row in order {
                let coverage = table.coverage[row];
                for member in &members {
                    // A community that was not there in this span has no row.
                    if coverage.expected == 0 && !table.has(row, *member) {
                        continue;
                    }
                    rows.push(Row {
                        indicator: measure.id,
                        revision: measure.revision,
                        key: table.grouping.keys[row],
                        period: span.period,
                        member: measure.breakdown.map(|_| *member),
                        value: table.value(measure, row, *member),
                        coverage,
                        compared: Vec::new(),
                        rank: 0,
                        approval: None,
                    });
                }
            }
        }
        if let Some(rank) = self.request.rank {
            rows = rank::ranked(rows, rank, measure);
        }
        compare::compare(self, measure, spans, &mut rows)?;
        Ok(rows)
    }

    pub(super) fn table(
        &mut self,
        measure: &Measure,
        span: &Span,
        place: Place,
    ) -> Result<Table, Unanswered<C::Fault>> {
        if let Some(derivation) = &measure.derivation {
            return self.derived(measure, derivation, span, place);
        }
        if let Some(fold) = &measure.observed {
            return self.observed(measure, fold, span, place);
        }
        let (grouping, mut coverage) = self.shared(span, place);
        if !measure.absent.is_empty() {
            let World {
                roster, zone, now, ..
            } = self.world;
            let absent = &measure.absent;
            let without = coverage::of(&grouping, roster, span, zone, now, absent);
            coverage = Arc::new(without);
        }
        let bases = match measure.kind {
            // A stock stands until it is set again.
            Kind::Level => &span.with_year_before(),
            _ => &span.bases,
        };
        let ids: Vec<ColumnId> = bases.iter().map(|base| measure.column(*base)).collect();
        // As of another date, cells of elsewhere may count here.
        let read = match self.request.register_date {
            Some(_) => Place::COUNTRY,
            None => place,
        };
        let columns = self.columns.columns(&ids, read);
        let columns = columns.map_err(Unanswered::Columns)?;
        let cells = Cells {
            columns: &columns,
            measure,
            place: read,
            span,
            grouping: &grouping,
            roster: self.world.roster,
        };
        Ok(Table {
            numbers: Numbers::Merged(cells.tally()?),
            grouping,
            coverage,
        })
    }

    fn derived(
        &mut self,
        measure: &Measure,
        derivation: &Arc<Derivation>,
        span: &Span,
        place: Place,
    ) -> Result<Table, Unanswered<C::Fault>> {
        let (grouping, coverage) = self.shared(span, place);
        let mut terms = Vec::with_capacity(derivation.terms.len());
        for term in &derivation.terms {
            let span = measure.span_of(term, span)?;
            terms.push(self.table(term, &span, place)?);
        }
        Ok(Table {
            coverage: Arc::new(derive::coverage(&grouping, &coverage, &terms)),
            numbers: Numbers::Derived(derivation.clone(), terms),
            grouping,
        })
    }

    fn observed(
        &mut self,
        measure: &Measure,
        fold: &Fold,
        span: &Span,
        place: Place,
    ) -> Result<Table, Unanswered<C::Fault>> {
        let (grouping, _) = self.shared(span, place);
        let World {
            roster, zone, now, ..
        } = self.world;
        let seen = (self.seen).get_or_insert_with(|| self.columns.observations());
        let tally = observed::tally(seen, measure, fold, span, (&grouping, roster), zone)?;
        Ok(Table {
            coverage: Arc::new(observed::coverage(&grouping, roster, span, zone, now)),
            numbers: Numbers::Merged(tally),
            grouping,
        })
    }

    fn shared(&mut self, span: &Span, place: Place) -> (Arc<Grouping>, Arc<Vec<Coverage>>) {
        let World {
            roster, zone, now, ..
        } = self.world;
        let key = (span.bases.clone(), place);
        let shared = self.shared.entry(key).or_insert_with(|| {
            let grouping = if place == self.request.place {
                Grouping::new(&self.world, self.request, span)
            } else {
                let request = Request {
                    place,
                    ..self.request.clone()
                };
                Grouping::new(&self.world, &request, span)
            };
            let coverage = coverage::of(&grouping, roster, span, zone, now, &BTreeSet::new());
            (Arc::new(grouping), Arc::new(coverage))
        });
        shared.clone()
    }
}

/// The members that rows are made for: those asked for by name, or else those
/// that any span has a cell of.
fn members(measure: &Measure, tables: &[Table]) -> Vec<u16> {
    let Some(at) = measure.breakdown else {
        return vec![0];
    };
    if let Some((_, asked)) = measure.filters.iter().find(|(filter, _)| *filter == at) {
        return asked.clone();
    }
    let seen: BTreeSet<u16> = tables.iter().flat_map(Table::members).collect();
    seen.into_iter().collect()
}

impl Measure {
    fn column(&self, period: Period) -> ColumnId {
        ColumnId {
            indicator: self.id,
            revision: self.revision,
            period,
        }
    }
}

/// The level of one community's rows.
pub(super) fn is_of_communities(request: &Request) -> bool {
    request.group.place == Some(Level::Community)
}
