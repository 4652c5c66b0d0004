//! What a filter lets through, however it is written: one normal form for
//! filters that differ in order, spelling or negation only, and which filters
//! can never let the same fact through. Sound, not complete: unequal forms may
//! still mean the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Filter, Number, Test, Text};
use crate::fact::FactType;

/// Negations stand at the leaves, operands are a sorted set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Constant(bool),
    Leaf(String),
    Both(BTreeSet<Form>),
    Either(BTreeSet<Form>),
}

impl Filter {
    /// Equal texts let the same facts of `fact_type` through.
    pub fn canonical(&self, fact_type: &FactType) -> String {
        form(&self.test, true, fact_type).text()
    }

    /// Whether no fact passes both, as far as constants compared with one
    /// dimension show. Both filters are of one fact type.
    pub fn excludes(&self, other: &Filter) -> bool {
        let (mine, theirs) = (self.test.members(), other.test.members());
        mine.iter().any(|(dimension, members)| {
            let others = theirs.get(dimension);
            others.is_some_and(|others| members.is_disjoint(others))
        })
    }
}

impl Test {
    /// By dimension, the only members that pass. A dimension that is not there
    /// may have any.
    fn members(&self) -> BTreeMap<usize, BTreeSet<&str>> {
        match self {
            Test::Same(Text::Dimension(at), Text::Constant(member))
            | Test::Same(Text::Constant(member), Text::Dimension(at)) => {
                BTreeMap::from([(*at, BTreeSet::from([&**member]))])
            }
            Test::TextIn(at, options) => {
                let options = options.iter().map(|option| &**option);
                BTreeMap::from([(*at, options.collect())])
            }
            Test::Both(tests) => {
                let mut members = tests.0.members();
                for (at, others) in tests.1.members() {
                    let held = members.entry(at).or_insert_with(|| others.clone());
                    held.retain(|member| others.contains(member));
                }
                members
            }
            Test::Either(tests) => {
                let mut others = tests.1.members();
                let mut members = tests.0.members();
                members.retain(|at, held| match others.remove(at) {
                    Some(more) => {
                        held.extend(more);
                        true
                    }
                    None => false,
                });
                members
            }
            _ => BTreeMap::new(),
        }
    }
}

fn form(test: &Test, holds: bool, of: &FactType) -> Form {
    let leaf = |text: String| Form::Leaf(if holds { text } else { format!("!({text})") });
    match test {
        Test::Constant(constant) => Form::Constant(*constant == holds),
        Test::Not(test) => form(test, !holds, of),
        Test::Both(tests) => joined(holds, [&tests.0, &tests.1], holds, of),
        Test::Either(tests) => joined(!holds, [&tests.0, &tests.1], holds, of),
        Test::Same(a, b) => {
            let mut sides = [text(a, of), text(b, of)];
            sides.sort();
            match sides {
                [a, b] if a == b => Form::Constant(holds),
                [a, b] => leaf(format!("{a} == {b}")),
            }
        }
        Test::TextIn(at, options) => {
            let name = text(&Text::Dimension(*at), of);
            let options = options.iter().map(|option| format!("{option:?}"));
            let same = options.map(|option| {
                let mut sides = [name.clone(), option];
                sides.sort();
                leaf(sides.join(" == "))
            });
            // Being none of them is being each of them not.
            gathered(!holds, same)
        }
        Test::NumberIn(at, options) => {
            let name = number(Number::Measure(*at), of);
            let same = options.iter().map(|option| {
                let mut sides = [name.clone(), option.to_string()];
                sides.sort();
                leaf(sides.join(" == "))
            });
            gathered(!holds, same)
        }
        Test::StartsWith(at, prefix) => {
            let name = text(&Text::Dimension(*at), of);
            leaf(format!("{name}.startsWith({prefix:?})"))
        }
        Test::Compare(a, comparison, b) => {
            let (a, b) = (number(*a, of), number(*b, of));
            match (comparison, holds) {
                (Comparison::Equal, _) => {
                    let mut sides = [a, b];
                    sides.sort();
                    leaf(sides.join(" == "))
                }
                (Comparison::Less, true) => Form::Leaf(format!("{a} < {b}")),
                (Comparison::LessOrEqual, true) => Form::Leaf(format!("{a} <= {b}")),
                (Comparison::Less, false) => Form::Leaf(format!("{b} <= {a}")),
                (Comparison::LessOrEqual, false) => Form::Leaf(format!("{b} < {a}")),
            }
        }
    }
}

fn joined(both: bool, tests: [&Test; 2], holds: bool, of: &FactType) -> Form {
    gathered(both, tests.map(|test| form(test, holds, of)))
}

/// All of them (`both`), or any.
fn gathered(both: bool, forms: impl IntoIterator<Item = Form>) -> Form {
    let mut set = BTreeSet::new();
    for form in forms {
        match form {
            Form::Constant(constant) if constant == both => {}
            Form::Constant(_) => return Form::Constant(!both),
            Form::Both(inner) if both => set.extend(inner),
            Form::Either(inner) if !both => set.extend(inner),
            form => drop(set.insert(form)),
        }
    }
    match (set.len(), both) {
        (0, _) => Form::Constant(both),
        (1, _) => set.pop_first().unwrap_or(Form::Constant(both)),
        (_, true) => Form::Both(set),
        (_, false) => Form::Either(set),
    }
}

fn text(text: &Text, of: &FactType) -> String {
    match text {
        Text::Dimension(at) => of.dimensions.get(*at).map_or_else(
            || format!("dimension {at}"),
            |dimension| (*dimension).to_owned(),
        ),
        Text::Constant(constant) => format!("{constant:?}"),
    }
}

fn number(number: Number, of: &FactType) -> String {
    match number {
        Number::Measure(at) => of
            .measures
            .get(at)
            .map_or_else(|| format!("measure {at}"), |measure| (*measure).to_owned()),
        Number::Constant(constant) => constant.to_string(),
    }
}

impl Form {
    fn text(&self) -> String {
        let joined = |set: &BTreeSet<Form>, with: &str| {
            let forms = set.iter().map(|form| match form {
                Form::Both(_) | Form::Either(_) => format!("({})", form.text()),
                form => form.text(),
            });
            forms.collect::<Vec<_>>().join(with)
        };
        match self {
            Form::Constant(constant) => constant.to_string(),
            Form::Leaf(leaf) => leaf.clone(),
            Form::Both(set) => joined(set, " && "),
            Form::Either(set) => joined(set, " || "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact;

    fn filter(source: &str) -> Filter {
        let of = fact::case::FELL_DUE.schema().unwrap();
        Filter::compile(source, of).unwrap_or_else(|invalid| panic!("{source}: {invalid}"))
    }

    #[test]
    fn spelling_leaves_no_trace() {
        let of = fact::case::FELL_DUE.schema().unwrap();
        for (one, other) in [
            (r#"on_time == "yes""#, r#""yes" == on_time"#),
            (
                r#"on_time == "yes" && category != "suggestions""#,
                r#"!(category == "suggestions" || !(on_time == "yes"))"#,
            ),
            (
                r#"category in ["a", "b"]"#,
                r#"category == "b" || category == "a""#,
            ),
            (
                r#"!(category in ["a", "b"])"#,
                r#"category != "b" && category != "a""#,
            ),
            ("", r#"true || on_time == "no""#),
            (r#"grid == "1" && grid == "1""#, r#"grid == "1""#),
            (r#"grid == grid"#, ""),
        ] {
            assert_eq!(
                filter(one).canonical(of),
                filter(other).canonical(of),
                "{one}"
            );
        }
        let (one, other) = (filter(r#"on_time == "yes""#), filter(r#"on_time == "no""#));
        assert_ne!(one.canonical(of), other.canonical(of));
        assert_eq!(
            filter(r#"grid == "1" && (category == "b" || category == "a")"#).canonical(of),
            r#""1" == grid && ("a" == category || "b" == category)"#
        );
    }

    #[test]
    fn filters_that_want_other_members_exclude_each_other() {
        let excludes = |one: &str, other: &str| {
            let (one, other) = (filter(one), filter(other));
            assert_eq!(one.excludes(&other), other.excludes(&one));
            one.excludes(&other)
        };
        assert!(excludes(
            r#"on_time == "yes""#,
            r#"on_time == "no" && grid == "1""#
        ));
        assert!(excludes(
            r#"grid in ["1", "2"]"#,
            r#"grid == "3" || grid == "4""#
        ));
        assert!(!excludes(r#"grid in ["1", "2"]"#, r#"grid in ["2", "3"]"#));
        assert!(!excludes(r#"on_time == "yes""#, r#"grid == "1""#));
        assert!(!excludes(
            r#"on_time == "yes""#,
            r#"on_time == "no" || grid == "1""#
        ));
        assert!(!excludes("", r#"on_time == "no""#));
    }
}
