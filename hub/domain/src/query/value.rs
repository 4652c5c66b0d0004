//! A number as it is shown, with what it is made of and how far it can be
//! trusted. Zero, nothing reported and no denominator are never confused.

use proto::indicator::{
    accumulator::Accumulator,
    cell::CellState,
    kind::Kind,
    rounded::{Base, Rounded},
    state::InvalidState,
};

use super::{coverage::Coverage, request::Measure};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Value,
    Zero,
    /// Nothing was reported.
    None,
    /// Without a denominator or an observation there is no number.
    NotApplicable,
    /// Too small to be shown: somebody could be told from it.
    Protected,
    /// What was reported ends before the span does.
    Stale,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub state: State,
    /// Count, sum, level, distinct: itself. Ratio: a fraction. Mean: the mean.
    /// Quantile: the median. Histogram: observations. Range: the greatest.
    pub number: f64,
    /// Of `number`, where communities rounded what it is made of; else 0.
    pub standard_error: f64,
    /// Of a ratio or mean; without a denominator the number itself.
    pub numerator: i64,
    pub denominator: i64,
    pub buckets: Vec<i64>,
    pub upper_bound: bool,
    pub minimum: i64,
    pub maximum: i64,
    /// 5, 50 and 95 per cent of a quantile sketch.
    pub quantiles: Vec<i64>,
}

const NOTHING: Value = empty(State::None);
const PROTECTED: Value = empty(State::Protected);

const fn empty(state: State) -> Value {
    Value {
        state,
        number: 0.0,
        standard_error: 0.0,
        numerator: 0,
        denominator: 0,
        buckets: Vec::new(),
        upper_bound: false,
        minimum: 0,
        maximum: 0,
        quantiles: Vec::new(),
    }
}

impl Value {
    /// What `merged` (`None`: no cell) says under `coverage`.
    pub fn of(merged: Option<&Accumulator>, measure: &Measure, coverage: &Coverage) -> Value {
        let heard = coverage.reporting > 0;
        match merged {
            None if !heard => NOTHING,
            // Cells that come to nothing are not released.
            None if measure.base.is_some() => PROTECTED,
            None => Value {
                state: without_cells(measure.kind),
                ..NOTHING
            },
            Some(merged) => {
                let shown = match (measure.base, merged) {
                    (Some(base), Accumulator::Rounded(rounded)) => rough(merged, rounded, base),
                    _ => shown(merged),
                };
                let state = match shown.state {
                    State::Value | State::Zero if !heard => State::Stale,
                    state => state,
                };
                Value { state, ..shown }
            }
        }
    }

    /// What one cell says by itself (`None`: there is none); `base`: of its
    /// definition.
    pub fn of_cell(state: Option<&CellState>, base: Option<Base>) -> Result<Value, InvalidState> {
        let Some(state) = state else {
            return Ok(match base {
                Some(_) => PROTECTED,
                None => NOTHING,
            });
        };
        let cell = Accumulator::decode(state)?;
        Ok(match (base, &cell) {
            (Some(base), Accumulator::Rounded(rounded)) => rough(&cell, rounded, base),
            _ => shown(&cell),
        })
    }

    /// Why there is no number, or whose number follows.
    pub(super) const fn without(state: State) -> Value {
        empty(state)
    }

    /// A number that is nobody's own, for example a median of others'.
    pub fn of_number(number: Option<f64>) -> Value {
        let state = match number {
            None => State::None,
            Some(0.0) => State::Zero,
            Some(_) => State::Value,
        };
        Value {
            state,
            number: number.unwrap_or_default(),
            ..NOTHING
        }
    }

    /// Whether it can stand beside others: known, and not behind.
    pub fn comparable(&self) -> bool {
        matches!(self.state, State::Value | State::Zero)
    }
}

/// Reported, and there was nothing to count.
const fn without_cells(kind: Kind) -> State {
    match kind {
        Kind::Count | Kind::Sum | Kind::Distinct | Kind::RoundedCount => State::Zero,
        Kind::Ratio
        | Kind::Mean
        | Kind::Range
        | Kind::Histogram
        | Kind::Quantile
        | Kind::RoundedRatio
        | Kind::RoundedHistogram => State::NotApplicable,
        // A stock that was never set is not known to be 0.
        Kind::Level => State::None,
    }
}

/// What communities rounded: hidden while it comes to no more than one base, with
/// its standard error above.
fn rough(merged: &Accumulator, rounded: &Rounded, base: Base) -> Value {
    let least = u128::from(base.get());
    let is_small = match rounded {
        Rounded::Count { count, .. } => *count <= least,
        Rounded::Ratio {
            numerator,
            denominator,
            ..
        } => *numerator.min(denominator) <= least,
        Rounded::Histogram { .. } => merged.observed() <= Some(least),
    };
    if is_small {
        return PROTECTED;
    }
    let [first, second] = rounded.variances();
    let [first, second] = [first, second].map(|variance| {
        // Another set may be there that came to 0.
        variance.saturating_add(u128::from(base.unseen_variance())) as f64
    });
    let shown = shown(merged);
    let standard_error = match rounded {
        // Errors above and below share some sets and mostly cancel: without
        // knowing which, this is the most that the share is uncertain by.
        Rounded::Ratio { denominator, .. } => {
            (first + shown.number.powi(2) * second).sqrt() / *denominator as f64
        }
        Rounded::Count { .. } | Rounded::Histogram { .. } => first.sqrt(),
    };
    Value {
        standard_error,
        ..shown
    }
}

fn shown(merged: &Accumulator) -> Value {
    let mut value = NOTHING;
    let (numerator, denominator) = merged.fraction().unwrap_or_else(|| (whole(merged), 0));
    (value.numerator, value.denominator) = (clamp(numerator), clamp(denominator));
    (value.minimum, value.maximum) = merged.extremes().unwrap_or_default();
    value.buckets = merged
        .buckets()
        .unwrap_or_default()
        .iter()
        .map(|n| clamp(*n))
        .collect();
    value.upper_bound = merged.upper_bound();
    let quantiles = [50, 500, 950].map(|per_mille| merged.quantile(per_mille));
    value.quantiles = quantiles.into_iter().flatten().collect();
    let number = match merged {
        merged if merged.fraction().is_some() => {
            (denominator > 0).then(|| numerator as f64 / denominator as f64)
        }
        Accumulator::Range(range) => range.map(|(_, greatest)| greatest as f64),
        Accumulator::Quantile(_) => merged.quantile(500).map(|median| median as f64),
        merged if merged.buckets().is_some() => {
            merged.observed().filter(|n| *n > 0).map(|n| n as f64)
        }
        _ => merged.number().map(|number| number as f64),
    };
    value.number = number.unwrap_or_default();
    value.state = match number {
        None if matches!(merged, Accumulator::Level(_)) => State::None,
        None => State::NotApplicable,
        Some(0.0) => State::Zero,
        Some(_) => State::Value,
    };
    value
}

/// What is counted or summed, and has no denominator.
fn whole(merged: &Accumulator) -> i128 {
    let buckets = merged.buckets().and(merged.observed());
    let observations = buckets.map(u128::cast_signed);
    merged.number().or(observations).unwrap_or_default()
}

/// The wire has 64 bits; whoever exceeds them sees the limit, not a wrapped one.
pub(super) fn clamp<N: TryInto<i64> + PartialOrd + Default>(number: N) -> i64 {
    let negative = number < N::default();
    number
        .try_into()
        .unwrap_or(if negative { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proto::{
        indicator::cell::{IndicatorId, Revision},
        period::Grain,
    };

    use super::*;

    fn measure(kind: Kind, base: Base) -> Measure {
        Measure {
            code: "T.1".into(),
            id: IndicatorId(1),
            revision: Revision(1),
            kind,
            base: Some(base),
            base_grain: Grain::Quarter,
            coarser_grains: Vec::new(),
            higher_is_better: None,
            filters: Vec::new(),
            breakdown: None,
            absent: Default::default(),
            observed: None,
            derivation: None,
        }
    }

    fn of(rounded: Rounded, base: Base) -> Value {
        let merged = Accumulator::Rounded(rounded);
        let kind = Kind::try_from(merged.kind_number()).unwrap();
        let coverage = Coverage {
            reporting: 3,
            expected: 3,
            oldest_watermark: Some(Timestamp::UNIX_EPOCH),
        };
        Value::of(Some(&merged), &measure(kind, base), &coverage)
    }

    #[test]
    fn small_rounded_numbers_are_hidden_and_others_say_how_rough_they_are() {
        let count = |count, variance| Rounded::Count { count, variance };
        assert_eq!(of(count(5, 20), Base::Five), PROTECTED);
        assert_eq!(of(count(10, 90), Base::Ten), PROTECTED);
        let shown = of(count(500, 380), Base::Five);
        assert_eq!((shown.state, shown.number), (State::Value, 500.0));
        assert_eq!(shown.standard_error, 20.0);
        let ratio = |numerator, denominator| Rounded::Ratio {
            numerator,
            denominator,
            numerator_variance: 44,
            denominator_variance: 80,
        };
        assert_eq!(of(ratio(5, 100), Base::Five), PROTECTED);
        let shown = of(ratio(50, 100), Base::Five);
        let expected = (64.0f64 + 0.25 * 100.0).sqrt() / 100.0;
        assert_eq!((shown.number, shown.standard_error), (0.5, expected));
        assert_eq!((shown.numerator, shown.denominator), (50, 100));
        let buckets = Rounded::Histogram {
            buckets: vec![0, 10, 5],
            variance: 24,
        };
        let shown = of(buckets, Base::Five);
        assert_eq!((shown.number, shown.buckets), (15.0, vec![0, 10, 5]));
        assert_eq!(shown.standard_error, 44f64.sqrt());
    }

    #[test]
    fn where_nothing_was_released_somebody_may_be() {
        let heard = |reporting| Coverage {
            reporting,
            expected: 3,
            oldest_watermark: None,
        };
        let measure = measure(Kind::RoundedCount, Base::Five);
        assert_eq!(Value::of(None, &measure, &heard(2)), PROTECTED);
        assert_eq!(Value::of(None, &measure, &heard(0)), NOTHING);
    }
}
