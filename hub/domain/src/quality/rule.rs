//! A rule between two numbers: left, operator, right, and what to make of one that
//! is missing. Knows no indicator.

use crate::query::{State, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// A side without a number: nothing reported, a divisor of 0, hidden, behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is said of the row.
    Skip,
    /// The rule is broken, unless both are missing.
    Breaks,
    /// Nothing reported, and no denominator, count as 0; what is hidden or behind
    /// is skipped all the same, because it need not be 0.
    Zero,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    Broken,
    Skipped,
}

pub fn judge(left: &Value, operator: Operator, right: &Value, missing: Missing) -> Verdict {
    let (known_left, known_right) = (number(left, missing), number(right, missing));
    let (left, right) = match (known_left, known_right, missing) {
        (Some(left), Some(right), _) => (left, right),
        (None, None, _) | (_, _, Missing::Skip | Missing::Zero) => return Verdict::Skipped,
        (_, _, Missing::Breaks) => return Verdict::Broken,
    };
    let holds = match operator {
        Operator::Equal => left == right,
        Operator::NotEqual => left != right,
        Operator::Less => left < right,
        Operator::AtMost => left <= right,
        Operator::Greater => left > right,
        Operator::AtLeast => left >= right,
    };
    match holds {
        true => Verdict::Holds,
        false => Verdict::Broken,
    }
}

fn number(value: &Value, missing: Missing) -> Option<f64> {
    match (value.state, missing) {
        (State::Value | State::Zero, _) => Some(value.number),
        (State::None | State::NotApplicable, Missing::Zero) => Some(0.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: f64) -> Value {
        Value::of_number(Some(number))
    }

    #[test]
    fn operators_compare_and_a_missing_side_follows_the_policy() {
        use {Missing::*, Operator::*, Verdict::*};
        let none = Value::of_number(None);
        for (left, operator, right, missing, verdict) in [
            (of(2.0), AtMost, of(2.0), Skip, Holds),
            (of(3.0), AtMost, of(2.0), Skip, Broken),
            (of(2.0), Less, of(2.0), Skip, Broken),
            (of(2.0), AtLeast, of(2.0), Skip, Holds),
            (of(2.0), Greater, of(2.0), Skip, Broken),
            (of(2.0), Equal, of(2.0), Skip, Holds),
            (of(2.0), NotEqual, of(2.0), Skip, Broken),
            (none.clone(), AtMost, of(2.0), Skip, Skipped),
            (none.clone(), AtMost, of(2.0), Breaks, Broken),
            (none.clone(), AtMost, none.clone(), Breaks, Skipped),
            (none.clone(), AtMost, of(2.0), Zero, Holds),
            (of(1.0), AtMost, none, Zero, Broken),
        ] {
            assert_eq!(
                judge(&left, operator, &right, missing),
                verdict,
                "{left:?} {operator:?}"
            );
        }
    }

    #[test]
    fn what_is_hidden_or_behind_is_no_zero() {
        let hidden = |state| Value {
            state,
            ..Value::of_number(None)
        };
        for state in [State::Protected, State::Stale] {
            let verdict = judge(&hidden(state), Operator::Less, &of(0.0), Missing::Zero);
            assert_eq!(verdict, Verdict::Skipped);
        }
    }
}
