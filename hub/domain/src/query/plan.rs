//! Which spans a question asks for, or why it cannot be asked so. Knows no
//! numbers and no places.

use proto::{
    period::{Grain, Period},
    place::Level,
};

use super::{
    answer::is_of_communities,
    grouping::level_name,
    request::{
        COLUMN_LIMIT, Comparison, INDICATOR_LIMIT, Measure, PERIOD_LIMIT, RANK_LIMIT, Refusal,
        Request,
    },
    span::{self, Span},
};

/// For each measure, its spans.
#[derive(Debug)]
pub struct Plan {
    pub spans: Vec<Vec<Span>>,
}

impl Plan {
    pub fn new(request: &Request, measures: &[Measure]) -> Result<Plan, Refusal> {
        if measures.is_empty() || measures.len() > INDICATOR_LIMIT {
            return Err(Refusal::IndicatorCount(measures.len()));
        }
        check(request)?;
        let (from, to) = (request.from, request.to);
        let grain = request.grain.unwrap_or(from.grain());
        let periods = span::periods(from, to, grain).ok_or(Refusal::RangeGrain {
            asked: grain.name(),
            range: from.grain().name(),
        })?;
        if periods.len() > PERIOD_LIMIT {
            return Err(Refusal::TooManyPeriods(periods.len()));
        }
        let compares_in_time = request.comparisons.iter().any(|c| c.shifts());
        if compares_in_time && !request.group.period && periods.len() > 1 {
            return Err(Refusal::ComparisonRange);
        }
        let mut columns = 0;
        let mut spans = Vec::with_capacity(measures.len());
        for measure in measures {
            let made = measure.spans(&periods, grain, request.group.period)?;
            for span in &made {
                columns += measure.columns(span)?;
            }
            spans.push(made);
        }
        columns *= 1 + request.comparisons.len();
        if columns > COLUMN_LIMIT {
            return Err(Refusal::TooManyColumns(columns));
        }
        Ok(Plan { spans })
    }
}

fn check(request: &Request) -> Result<(), Refusal> {
    let (from, to) = (request.from, request.to);
    if from.grain() != to.grain() || from > to {
        return Err(Refusal::Range { from, to });
    }
    if let Some(level @ (Level::Country | Level::Grid)) = request.group.place {
        return Err(Refusal::PlaceLevel(level_name(level)));
    }
    let compares_types = request.comparisons.contains(&Comparison::TypeMedian);
    if compares_types && !is_of_communities(request) {
        return Err(Refusal::MedianPlace);
    }
    match request.rank {
        Some(rank) if !(1..=RANK_LIMIT).contains(&rank.limit) => {
            Err(Refusal::RankLimit(rank.limit))
        }
        _ => Ok(()),
    }
}

impl Measure {
    fn spans(&self, periods: &[Period], grain: Grain, apart: bool) -> Result<Vec<Span>, Refusal> {
        if grain != self.base_grain && !self.coarser_grains.contains(&grain) {
            return Err(self.grain_refused(grain));
        }
        let cut: Vec<&[Period]> = if apart {
            periods.chunks(1).collect()
        } else {
            vec![periods]
        };
        let spans = cut.into_iter().map(|cut| self.span(cut));
        spans.collect()
    }

    pub(super) fn span(&self, periods: &[Period]) -> Result<Span, Refusal> {
        Span::over(periods, self.base_grain).ok_or_else(|| {
            let grain = periods.first().map_or(self.base_grain, |p| p.grain());
            self.grain_refused(grain)
        })
    }

    /// The same stretch in the base periods of `term`, which this is derived of.
    pub(super) fn span_of(&self, term: &Measure, span: &Span) -> Result<Span, Refusal> {
        term.span(&span.bases).map(|over| Span {
            period: span.period,
            ..over
        })
    }

    /// How many columns are read for `span`.
    fn columns(&self, span: &Span) -> Result<usize, Refusal> {
        let Some(derivation) = &self.derivation else {
            return Ok(span.bases.len());
        };
        let terms = derivation.terms.iter();
        terms
            .map(|term| Ok(self.span_of(term, span)?.bases.len()))
            .sum()
    }

    fn grain_refused(&self, asked: Grain) -> Refusal {
        let base = std::iter::once(&self.base_grain);
        let allowed = base.chain(&self.coarser_grains).copied().map(Grain::name);
        Refusal::Grain {
            code: self.code.clone(),
            asked: asked.name(),
            allowed: allowed.collect::<Vec<_>>().join(", "),
        }
    }
}

impl Comparison {
    /// Whether it looks at another period.
    pub const fn shifts(self) -> bool {
        matches!(self, Comparison::PreviousPeriod | Comparison::YearBefore)
    }
}
