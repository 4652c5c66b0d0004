//! Filters over facts: CEL syntax without comprehensions, checked against the
//! fact type when a definition is loaded, then a closed tree of tests that
//! cannot fail, loop or allocate. Dimensions are strings, measures integers.

mod canonical;
mod check;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::fact::{Fact, FactType};

/// A filter's source in bytes, at most.
pub const MAX_FILTER_BYTES: usize = 1024;

/// Nesting of a filter, at most.
pub const MAX_DEPTH: u16 = 16;

#[derive(Clone, Debug)]
pub struct Filter {
    source: String,
    test: Test,
}

/// Filters of one fact type are the same when their sources are.
impl PartialEq for Filter {
    fn eq(&self, other: &Filter) -> bool {
        self.source == other.source
    }
}

impl Eq for Filter {}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {problem}")]
pub struct InvalidFilter {
    /// From 1, in characters.
    pub column: usize,
    pub problem: FilterProblem,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterProblem {
    #[error("{0} bytes: want at most {MAX_FILTER_BYTES}")]
    TooLong(usize),
    #[error("nested more than {MAX_DEPTH} deep: write it flatter")]
    TooDeep,
    #[error("{0}")]
    Syntax(String),
    #[error("{name:?} is no dimension or measure of {fact_type}: want one of {known}")]
    UnknownName {
        name: String,
        fact_type: &'static str,
        known: String,
    },
    #[error("compares {0} with {1}: want two strings or two integers, at least one of them a name")]
    Types(&'static str, &'static str),
    #[error("strings are equal or not: want == or !=, in [...] or startsWith")]
    StringOrder,
    #[error("{0} is not yes or no: want a comparison, such as outcome == \"done\"")]
    NotATest(&'static str),
    #[error(
        "want a list of strings or integers on the right of `in`, a name of that type on its left"
    )]
    List,
    #[error(
        "{0:?} is not available: want ==, !=, <, <=, >, >=, in, &&, ||, !, name.startsWith(\"...\")"
    )]
    Unavailable(String),
}

#[derive(Clone, Debug)]
enum Test {
    Constant(bool),
    Not(Box<Test>),
    Both(Box<(Test, Test)>),
    Either(Box<(Test, Test)>),
    Same(Text, Text),
    TextIn(usize, Vec<Arc<str>>),
    StartsWith(usize, Arc<str>),
    Compare(Number, Comparison, Number),
    NumberIn(usize, Vec<i64>),
}

#[derive(Clone, Debug)]
enum Text {
    Dimension(usize),
    Constant(Arc<str>),
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Measure(usize),
    Constant(i64),
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
}

impl Filter {
    /// The empty source lets every fact through.
    pub fn compile(source: &str, fact_type: &FactType) -> Result<Filter, InvalidFilter> {
        let test = check::check(source, fact_type)?;
        let source = source.to_owned();
        Ok(Filter { source, test })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn lets_through(&self, fact: &Fact) -> bool {
        self.test.holds(fact)
    }
}

impl Test {
    fn holds(&self, fact: &Fact) -> bool {
        match self {
            Test::Constant(constant) => *constant,
            Test::Not(test) => !test.holds(fact),
            Test::Both(tests) => tests.0.holds(fact) && tests.1.holds(fact),
            Test::Either(tests) => tests.0.holds(fact) || tests.1.holds(fact),
            Test::Same(a, b) => a.of(fact) == b.of(fact),
            Test::TextIn(dimension, options) => {
                let member = member(fact, *dimension);
                options.iter().any(|option| **option == *member)
            }
            Test::StartsWith(dimension, prefix) => member(fact, *dimension).starts_with(&**prefix),
            Test::Compare(a, Comparison::Equal, b) => a.of(fact) == b.of(fact),
            Test::Compare(a, Comparison::Less, b) => a.of(fact) < b.of(fact),
            Test::Compare(a, Comparison::LessOrEqual, b) => a.of(fact) <= b.of(fact),
            Test::NumberIn(at, options) => options.contains(&measure(fact, *at)),
        }
    }
}

impl Text {
    fn of<'a>(&'a self, fact: &'a Fact) -> &'a str {
        match self {
            Text::Dimension(at) => member(fact, *at),
            Text::Constant(constant) => constant,
        }
    }
}

impl Number {
    fn of(self, fact: &Fact) -> i64 {
        match self {
            Number::Measure(at) => measure(fact, at),
            Number::Constant(constant) => constant,
        }
    }
}

/// A fact recorded before its type had this dimension has no member.
fn member(fact: &Fact, at: usize) -> &str {
    fact.members.get(at).map_or("", |member| member)
}

fn measure(fact: &Fact, at: usize) -> i64 {
    fact.measures.get(at).copied().unwrap_or(0)
}
