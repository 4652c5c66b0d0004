//! Derived indicators: a formula over what its terms came to in the same row,
//! after all merging. A number that a term lacks is never a 0: the reason goes
//! on to the answer. Knows no catalogue.

use proto::indicator::{
    accumulator::Accumulator,
    formula::{Part, Sum},
    rounded::Rounded,
};

use super::{
    answer::Table,
    coverage::Coverage,
    grouping::{Grouping, Key},
    request::{Derivation, Measure},
    value::{State, Value, clamp},
};

/// One term's number in one row.
struct Known {
    state: State,
    number: i64,
    /// At most this uncertain.
    error: f64,
    upper_bound: bool,
}

/// What the formula comes to in the row `key`.
pub fn value(derivation: &Derivation, tables: &[Table], key: &Key, member: u16) -> Value {
    let formula = &derivation.formula;
    let terms = formula.terms().iter().zip(&derivation.terms).zip(tables);
    let known: Vec<Known> = terms
        .map(|((term, measure), table)| known(term.part, measure, table, key, member))
        .collect();
    let has = |state| known.iter().any(|term| term.state == state);
    for state in [State::None, State::Protected, State::NotApplicable] {
        if has(state) {
            return Value::without(state);
        }
    }
    let sum = |of: &Sum| of.of(|at| known[at].number);
    // Terms may be about the same people, so errors add up at worst.
    let error = |of: &Sum| -> f64 {
        let terms = of.coefficients.iter();
        terms
            .map(|(at, times)| times.unsigned_abs() as f64 * known[*at].error)
            .sum()
    };
    let above = sum(formula.above());
    let below = formula.below().map(|below| (sum(below), error(below)));
    let (number, standard_error, denominator) = match below {
        None => (above as f64, error(formula.above()), 0),
        Some((0, _)) => return Value::without(State::NotApplicable),
        Some((below, below_error)) => {
            let number = above as f64 / below as f64;
            let error = (error(formula.above()) + number.abs() * below_error) / below as f64;
            (number, error.abs(), below)
        }
    };
    let state = match number {
        _ if has(State::Stale) => State::Stale,
        0.0 => State::Zero,
        _ => State::Value,
    };
    Value {
        number,
        standard_error,
        numerator: clamp(above),
        denominator: clamp(denominator),
        upper_bound: known.iter().any(|term| term.upper_bound),
        ..Value::without(state)
    }
}

fn known(part: Part, measure: &Measure, table: &Table, key: &Key, member: u16) -> Known {
    let nothing = |state| Known {
        state,
        number: 0,
        error: 0.0,
        upper_bound: false,
    };
    let Some(row) = table.grouping.find(key) else {
        return nothing(State::None);
    };
    let member = measure.breakdown.map_or(0, |_| member);
    let value = table.value(measure, row, member);
    let merged = table.merged(row, member);
    let state = match (value.state, part) {
        // A ratio of nothing has no value; its sides are 0 all the same.
        (State::NotApplicable, Part::Numerator | Part::Denominator | Part::Observations) => {
            State::Zero
        }
        (state, _) => state,
    };
    let number = match merged {
        None => 0,
        Some(merged) => match part {
            Part::Whole => merged.number().map_or(0, clamp),
            Part::Numerator => merged.fraction().map_or(0, |(above, _)| clamp(above)),
            Part::Denominator => merged.fraction().map_or(0, |(_, below)| clamp(below)),
            Part::Observations => merged.observed().map_or(0, clamp),
        },
    };
    let error = match (measure.base, merged) {
        (Some(base), Some(Accumulator::Rounded(rounded))) => {
            let [first, second] = rounded.variances();
            let variance = match (part, rounded) {
                (Part::Denominator, Rounded::Ratio { .. }) => second,
                _ => first,
            };
            (variance.saturating_add(u128::from(base.unseen_variance())) as f64).sqrt()
        }
        _ => 0.0,
    };
    Known {
        state,
        number,
        error,
        upper_bound: value.upper_bound,
    }
}

/// The worst of the terms' in each row; `own`: of the rows themselves.
pub fn coverage(grouping: &Grouping, own: &[Coverage], terms: &[Table]) -> Vec<Coverage> {
    let rows = grouping.keys.iter().zip(own);
    rows.map(|(key, own)| {
        let of_terms = terms.iter().filter_map(|table| {
            let row = table.grouping.find(key)?;
            Some(table.coverage[row])
        });
        of_terms.fold(*own, |worst, other| Coverage {
            reporting: worst.reporting.min(other.reporting),
            expected: worst.expected.max(other.expected),
            oldest_watermark: worst.oldest_watermark.min(other.oldest_watermark),
        })
    })
    .collect()
}
