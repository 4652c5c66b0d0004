//! From what was observed to warnings raised and cleared: once each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proto::{period::Period, place::Place};

use super::{Book, Event, Rule, WarningId};

/// Events of one judgement, at most; the rest follows with the next.
pub const AT_ONCE: usize = 1_000;

/// A rule's indicator at one place in a period that is over and complete.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    pub place: Place,
    pub period: Period,
    /// `None`: nothing to divide by, protected, or nothing reported.
    pub number: Option<f64>,
}

/// What these observations, in any order, mean for `rule`.
pub fn judge(book: &Book, rule: &Rule, observed: &[Observed], now: Timestamp) -> Vec<Event> {
    let mut places: BTreeMap<Place, BTreeMap<Period, Option<f64>>> = BTreeMap::new();
    for seen in observed
        .iter()
        .filter(|seen| seen.period.grain() == rule.grain)
    {
        let periods = places.entry(seen.place).or_default();
        periods.insert(seen.period, seen.number);
    }
    let mut events = Vec::new();
    let mut next = book.next_warning();
    for (place, periods) in places {
        if events.len() == AT_ONCE {
            break;
        }
        let Some((&newest, _)) = periods.last_key_value() else {
            continue;
        };
        let standing = book.standing(&rule.code, place);
        if let Some(warning) = standing.open {
            let since = book.warning(warning).map(|warning| warning.period);
            let clears =
                measure(rule, &periods, newest).filter(|seen| rule.condition.clears(*seen));
            if clears.is_some() && Some(newest) >= since {
                events.push(Event::Cleared {
                    warning,
                    period: newest,
                    value: periods[&newest].unwrap_or_default(),
                    at: now,
                });
            }
            continue;
        }
        if standing.cleared.is_none_or(|cleared| newest > cleared) && warns(rule, &periods, newest)
        {
            events.push(Event::Raised {
                warning: next,
                rule: rule.code.clone(),
                place,
                period: newest,
                value: periods[&newest].unwrap_or_default(),
                at: now,
            });
            next = WarningId(next.0 + 1);
        }
    }
    events
}

/// Whether the last periods in a row all met the rule.
fn warns(rule: &Rule, periods: &BTreeMap<Period, Option<f64>>, newest: Period) -> bool {
    let mut period = Some(newest);
    (0..rule.periods).all(|_| {
        let Some(judged) = period else { return false };
        period = judged.previous();
        measure(rule, periods, judged).is_some_and(|seen| rule.condition.warns(seen))
    })
}

fn measure(rule: &Rule, periods: &BTreeMap<Period, Option<f64>>, of: Period) -> Option<f64> {
    let number = |period: Period| periods.get(&period).copied().flatten();
    let before = of.previous().and_then(number);
    rule.condition.measure(number(of)?, before)
}
