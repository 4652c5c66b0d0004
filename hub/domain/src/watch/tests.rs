//! A warning is given once, and again only when the number had come back.

use jiff::Timestamp;
use proto::{
    identity::{Label, Subject},
    period::{Grain, Period},
    place::{Level, Place},
};

use super::*;
use crate::{event::Asked, query};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn place(text: &str) -> Place {
    text.parse().unwrap()
}

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn asked(by: &str) -> Asked {
    Asked {
        by: by.parse().unwrap(),
        request: "r-1".parse().unwrap(),
    }
}

fn rule(condition: Condition, periods: u8) -> Rule {
    let rule = Rule {
        code: label("open-cases"),
        indicator: query::Asked {
            code: "QS.R01".to_owned(),
            revision: None,
        },
        place: place("510115"),
        level: Level::Community,
        grain: Grain::Month,
        condition,
        periods,
        centre: label("care"),
        note: String::new(),
    };
    rule.checked().unwrap()
}

/// A book with the rule, and the months that were observed one after another.
struct Year {
    book: Book,
    rule: Rule,
    seen: Vec<Observed>,
}

const HERE: &str = "510115003064";

impl Year {
    fn of(condition: Condition, periods: u8) -> Year {
        let rule = rule(condition, periods);
        let mut book = Book::default();
        let event = book.set(asked("operator/li"), rule.clone()).unwrap();
        book.apply(&event);
        Year {
            book,
            rule,
            seen: Vec::new(),
        }
    }

    /// The next month's number; what is said of it: raised, cleared or nothing.
    fn sees(&mut self, number: Option<f64>) -> &'static str {
        let period = match self.seen.last() {
            None => month("202601"),
            Some(last) => last.period.next().unwrap(),
        };
        self.seen.push(Observed {
            place: place(HERE),
            period,
            number,
        });
        self.judged()
    }

    fn judged(&mut self) -> &'static str {
        let events = judge(&self.book, &self.rule, &self.seen, NOW);
        events.iter().for_each(|event| self.book.apply(event));
        assert_eq!(judge(&self.book, &self.rule, &self.seen, NOW), [], "once");
        match &events[..] {
            [] => "nothing",
            [Event::Raised { .. }] => "raised",
            [Event::Cleared { .. }] => "cleared",
            other => panic!("{other:?}"),
        }
    }

    fn sees_all(&mut self, numbers: &[f64]) -> Vec<&'static str> {
        numbers
            .iter()
            .map(|number| self.sees(Some(*number)))
            .collect()
    }
}

const ABOVE: Condition = Condition::Above {
    warn: 10.0,
    clear: 8.0,
};

#[test]
fn a_number_that_wavers_warns_once() {
    let mut year = Year::of(ABOVE, 1);
    let said = year.sees_all(&[9.0, 10.0, 9.0, 12.0, 8.0, 7.9, 9.9, 10.0]);
    let want = [
        "nothing", "raised", "nothing", "nothing", "nothing", "cleared", "nothing", "raised",
    ];
    assert_eq!(said, want);
    let warnings: Vec<_> = year
        .book
        .warnings()
        .map(|(id, warning)| (id.0, warning.period))
        .collect();
    assert_eq!(warnings, [(1, month("202602")), (2, month("202608"))]);
}

#[test]
fn every_condition_at_its_edges() {
    let below = Condition::Below {
        warn: 0.5,
        clear: 0.6,
    };
    let said = Year::of(below, 1).sees_all(&[0.51, 0.5, 0.6, 0.61]);
    assert_eq!(said, ["nothing", "raised", "nothing", "cleared"]);
    let rising = Condition::Rising {
        warn: 0.5,
        clear: 0.25,
    };
    // From nothing no growth can be told; a half more is enough.
    let said = Year::of(rising, 1).sees_all(&[0.0, 4.0, 6.0, 7.5, 8.0]);
    assert_eq!(said, ["nothing", "nothing", "raised", "nothing", "cleared"]);
    let falling = Condition::Falling {
        warn: 0.25,
        clear: 0.0,
    };
    let said = Year::of(falling, 1).sees_all(&[8.0, 6.0, 6.0, 6.1]);
    assert_eq!(said, ["nothing", "raised", "nothing", "cleared"]);
}

#[test]
fn several_periods_in_a_row_and_none_left_out() {
    let mut year = Year::of(ABOVE, 3);
    assert_eq!(year.sees_all(&[11.0, 11.0]), ["nothing", "nothing"]);
    assert_eq!(
        year.sees(None),
        "nothing",
        "a month without a number breaks the row"
    );
    let said = year.sees_all(&[11.0, 11.0, 11.0]);
    assert_eq!(said, ["nothing", "nothing", "raised"]);
}

#[test]
fn a_number_put_right_clears_and_does_not_warn_of_its_month_again() {
    let mut year = Year::of(ABOVE, 1);
    assert_eq!(year.sees(Some(10.0)), "raised");
    year.seen[0].number = Some(2.0);
    assert_eq!(year.judged(), "cleared");
    year.seen[0].number = Some(20.0);
    assert_eq!(year.judged(), "nothing", "the month was warned of");
    assert_eq!(year.sees(Some(20.0)), "raised");
}

#[test]
fn only_the_centre_responsible_or_an_operator_takes_it_up() {
    let mut year = Year::of(ABOVE, 1);
    year.sees(Some(10.0));
    let first = WarningId(1);
    let mut take = |by: &str| {
        let event = year
            .book
            .acknowledge(asked(by), first, "去看".to_owned(), NOW)?;
        event.iter().for_each(|event| year.book.apply(event));
        Ok(event.is_some())
    };
    assert_eq!(take("centre/incubation"), Err(Refusal::NotYours));
    assert_eq!(take("centre/care"), Ok(true));
    assert_eq!(take("operator/li"), Ok(false), "once");
    let held = year.book.warning(first).unwrap();
    let by = held.acknowledged.as_ref().map(|taken| taken.by.clone());
    assert_eq!(by, Some(Subject::Centre(label("care"))));
    assert_eq!(held.change, 2);
    assert_eq!(year.book.changed_after(1).len(), 1);
    let unknown = year
        .book
        .acknowledge(asked("operator/li"), WarningId(9), String::new(), NOW);
    assert_eq!(unknown, Err(Refusal::UnknownWarning));
}

#[test]
fn a_retired_rule_takes_its_warnings_with_it() {
    let mut year = Year::of(ABOVE, 1);
    year.sees(Some(10.0));
    let code = year.rule.code.clone();
    let retired = year
        .book
        .retire(asked("operator/li"), code.clone(), NOW)
        .unwrap();
    year.book.apply(&retired);
    assert!(year.book.warning(WarningId(1)).unwrap().cleared.is_some());
    let again = year.book.retire(asked("operator/li"), code, NOW);
    assert_eq!(again, Err(Refusal::UnknownRule));
}

#[test]
fn a_rule_that_makes_no_sense_names_its_field() {
    let wrong = |change: &dyn Fn(&mut Rule)| {
        let mut rule = rule(ABOVE, 1);
        change(&mut rule);
        rule.checked().unwrap_err()
    };
    let above = |warn, clear| Condition::Above { warn, clear };
    assert_eq!(
        wrong(&|rule| rule.condition = above(1.0, 2.0)),
        InvalidRule::Inverted
    );
    assert_eq!(
        wrong(&|rule| rule.condition = above(f64::NAN, 2.0)),
        InvalidRule::NotANumber
    );
    assert_eq!(wrong(&|rule| rule.periods = 0), InvalidRule::Periods);
    assert_eq!(wrong(&|rule| rule.periods = 13), InvalidRule::Periods);
    assert_eq!(wrong(&|rule| rule.level = Level::Grid), InvalidRule::Level);
    assert_eq!(
        wrong(&|rule| rule.note = "长".repeat(501)),
        InvalidRule::Note
    );
}
