//! A number as it is shown, with what it is made of and how far it can be
//! trusted. Zero, nothing reported and no denominator are never confused.

use proto::indicator::{accumulator::Accumulator, kind::Kind};

use super::coverage::Coverage;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Value,
    Zero,
    /// Nothing was reported.
    None,
    /// Without a denominator or an observation there is no number.
    NotApplicable,
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

const NOTHING: Value = Value {
    state: State::None,
    number: 0.0,
    numerator: 0,
    denominator: 0,
    buckets: Vec::new(),
    upper_bound: false,
    minimum: 0,
    maximum: 0,
    quantiles: Vec::new(),
};

impl Value {
    /// What `merged` (`None`: no cell) says under `coverage`.
    pub fn of(merged: Option<&Accumulator>, kind: Kind, coverage: &Coverage) -> Value {
        let heard = coverage.reporting > 0;
        match merged {
            None if !heard => NOTHING,
            None => Value {
                state: without_cells(kind),
                ..NOTHING
            },
            Some(merged) => {
                let shown = shown(merged);
                let state = match shown.state {
                    State::Value | State::Zero if !heard => State::Stale,
                    state => state,
                };
                Value { state, ..shown }
            }
        }
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
        Kind::Count | Kind::Sum | Kind::Distinct => State::Zero,
        Kind::Ratio | Kind::Mean | Kind::Range | Kind::Histogram | Kind::Quantile => {
            State::NotApplicable
        }
        // A stock that was never set is not known to be 0.
        Kind::Level => State::None,
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
        Accumulator::Ratio { .. } | Accumulator::Mean { .. } => {
            (denominator > 0).then(|| numerator as f64 / denominator as f64)
        }
        Accumulator::Range(range) => range.map(|(_, greatest)| greatest as f64),
        Accumulator::Quantile(_) => merged.quantile(500).map(|median| median as f64),
        Accumulator::Histogram(_) => merged.observed().filter(|n| *n > 0).map(|n| n as f64),
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
    let observations = match merged {
        Accumulator::Histogram(_) => merged.observed().map(u128::cast_signed),
        _ => None,
    };
    merged.number().or(observations).unwrap_or_default()
}

/// The wire has 64 bits; whoever exceeds them sees the limit, not a wrapped one.
fn clamp<N: TryInto<i64> + PartialOrd + Default>(number: N) -> i64 {
    let negative = number < N::default();
    number
        .try_into()
        .unwrap_or(if negative { i64::MIN } else { i64::MAX })
}
