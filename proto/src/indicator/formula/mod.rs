//! Formulas of derived indicators: whole numbers times other indicators' merged
//! numbers, added up and divided once. A formula is kept in one normal form, so
//! it is total: what it has no number for, it has a reason for. Knows no
//! catalogue and no accumulator.

mod parse;

use crate::indicator::{cell::Revision, definition::IndicatorCode};

/// A formula's source in bytes, at most.
pub const MAX_FORMULA_BYTES: usize = 512;

/// Indicators that one formula names, at most.
pub const MAX_TERMS: usize = 16;

/// Nesting of parentheses, at most.
pub const MAX_DEPTH: usize = 16;

/// Coefficients, at most: times 64 bits and 16 terms they stay within 128 bits.
pub const MAX_COEFFICIENT: i64 = 1_000_000_000_000;

#[derive(Clone, Debug)]
pub struct Formula {
    source: String,
    terms: Vec<Term>,
    above: Sum,
    below: Sum,
}

/// A number of one indicator at one revision, as it is after merging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub part: Part,
    pub code: IndicatorCode,
    pub revision: Revision,
    /// Where it stands first: from 1, in characters.
    pub column: usize,
}

/// Which of an indicator's numbers. None of them is a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Of a count, sum, level or distinct count: itself.
    Whole,
    /// Of a ratio; of a mean its sum.
    Numerator,
    /// Of a ratio; of a mean how many were observed.
    Denominator,
    /// Of a mean, histogram or quantile: how many were observed.
    Observations,
}

/// A constant, and terms each times its coefficient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub constant: i64,
    /// By position in [`Formula::terms`], ascending; no coefficient is 0.
    pub coefficients: Vec<(usize, i64)>,
}

/// Formulas are the same when their sources are.
impl PartialEq for Formula {
    fn eq(&self, other: &Formula) -> bool {
        self.source == other.source
    }
}

impl Eq for Formula {}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {problem}")]
pub struct InvalidFormula {
    /// From 1, in characters.
    pub column: usize,
    pub problem: FormulaProblem,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormulaProblem {
    #[error("{0} bytes: want at most {MAX_FORMULA_BYTES}")]
    TooLong(usize),
    #[error("nested more than {MAX_DEPTH} deep: write it flatter")]
    TooDeep,
    #[error("more than {MAX_TERMS} indicators: derive fewer")]
    TooManyTerms,
    #[error("{found}: want {want}")]
    Syntax { found: String, want: &'static str },
    #[error("{0:?} is no indicator's code: want one such as QS.R01@1")]
    Code(String),
    #[error("{0} without a revision, which may change: write {0}@1")]
    Unpinned(IndicatorCode),
    #[error("{0:?} is not available: want numerator(...), denominator(...), observations(...)")]
    Function(String),
    #[error("multiplies two indicators: one side of * is a whole number")]
    Product,
    #[error("divides by an indicator twice: bring it over one divisor")]
    Quotient,
    #[error("divides by what is always 0")]
    Zero,
    #[error("names no indicator")]
    Constant,
    #[error("a coefficient is above {MAX_COEFFICIENT}: choose a smaller one")]
    TooLarge,
    // What a catalogue says of a term.
    #[error("no indicator {0} in the catalogue: publish it first")]
    UnknownTerm(String),
    #[error("{0} is derived itself: write its formula out")]
    DerivedTerm(String),
    #[error("{code} is a {kind}: write {want}")]
    PartOfKind {
        code: String,
        kind: &'static str,
        want: &'static str,
    },
    #[error("{0} is an upper bound: it can be added, not subtracted or divided by")]
    UpperBound(String),
    #[error("{code} is not answered by {grain}: leave the grain out")]
    Grain { code: String, grain: &'static str },
    #[error("{code} has no breakdown {dimension:?}: leave it out, or the term")]
    Breakdown { code: String, dimension: String },
}

impl Formula {
    pub fn parse(source: &str) -> Result<Formula, InvalidFormula> {
        parse::parse(source)
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// Each once, in the order of the source.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub const fn above(&self) -> &Sum {
        &self.above
    }

    /// `None`: nothing is divided by.
    pub fn below(&self) -> Option<&Sum> {
        let is_one = self.below.constant == 1 && self.below.coefficients.is_empty();
        (!is_one).then_some(&self.below)
    }
}

impl Sum {
    /// `number_of`: each term's, by position.
    pub fn of(&self, mut number_of: impl FnMut(usize) -> i64) -> i128 {
        let terms = self.coefficients.iter();
        let terms = terms.map(|(term, times)| i128::from(*times) * i128::from(number_of(*term)));
        i128::from(self.constant) + terms.sum::<i128>()
    }

    pub fn is_constant(&self) -> bool {
        self.coefficients.is_empty()
    }

    pub fn coefficient(&self, term: usize) -> i64 {
        let mut all = self.coefficients.iter();
        all.find(|(of, _)| *of == term)
            .map_or(0, |(_, times)| *times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(source: &str) -> Formula {
        Formula::parse(source).unwrap_or_else(|invalid| panic!("{source}: {invalid}"))
    }

    /// The formula over A.A = 7, B.B = 3, C.C = 0.
    fn value(source: &str) -> Option<(i128, i128)> {
        let formula = parsed(source);
        let numbers: Vec<i64> = formula
            .terms()
            .iter()
            .map(|term| match term.code.as_str() {
                "A.A" => 7,
                "B.B" => 3,
                _ => 0,
            })
            .collect();
        let above = formula.above().of(|at| numbers[at]);
        let below = formula.below().map_or(1, |sum| sum.of(|at| numbers[at]));
        (below != 0).then_some((above, below))
    }

    #[test]
    fn a_formula_is_one_division_of_two_sums() {
        for (source, above, below) in [
            ("A.A@1", 7, 1),
            ("1000 * A.A@1 / B.B@1", 7000, 3),
            ("A.A@1 - B.B@1", 4, 1),
            ("-(A.A@1 - 2 * B.B@1)", -1, 1),
            ("A.A@1 / (A.A@1 + B.B@1)", 7, 10),
            ("1 - A.A@1 / B.B@1", -4, 3),
            ("A.A@1 / B.B@1 - B.B@1 / B.B@1", 4, 3),
            ("(A.A@1 + B.B@1) / 2", 10, 2),
            ("A.A@1 / B.B@1 / 2", 7, 6),
            ("2 * (A.A@1 - A.A@1 + B.B@1)", 6, 1),
            ("numerator(A.A@1) / denominator(B.B@1)", 7, 3),
        ] {
            assert_eq!(value(source), Some((above, below)), "{source}");
        }
        assert_eq!(value("A.A@1 / C.C@1"), None);
        let twice = parsed("A.A@1 / (A.A@1 + numerator(A.A@1))");
        assert_eq!(twice.terms().len(), 2, "a part is a term of its own");
    }

    #[test]
    fn a_mistake_has_its_column_and_what_to_write() {
        for (source, said) in [
            ("", "column 1: the end: want an indicator such as QS.R01@1"),
            ("1000 *", "column 7: the end: want an indicator"),
            (
                "A.A@1 B.B@1",
                "column 7: \"B.B@1\": want + - * / or the end",
            ),
            ("A.A@1 + 人", "column 9: \"人\": want"),
            ("(A.A@1", "column 7: the end: want )"),
            ("A.A / B.B@1", "column 1: A.A without a revision"),
            ("A.A@0", "column 1: \"A.A@0\" is no indicator's code"),
            ("qs / A.A@1", "column 1: \"qs\" is no indicator's code"),
            ("sum(A.A@1)", "column 1: \"sum\" is not available"),
            ("A.A@1 * B.B@1", "column 7: multiplies two indicators"),
            (
                "A.A@1 / B.B@1 / A.A@1",
                "column 15: divides by an indicator twice",
            ),
            (
                "A.A@1 / B.B@1 + B.B@1 / A.A@1",
                "column 15: divides by an indicator twice",
            ),
            ("A.A@1 / 0", "column 7: divides by what is always 0"),
            (
                "A.A@1 / (B.B@1 - B.B@1)",
                "column 7: divides by what is always 0",
            ),
            ("1 + 2", "column 1: names no indicator"),
            ("1000000000001 * A.A@1", "column 1: a coefficient is above"),
            (
                "1000000 * (1000001 * A.A@1)",
                "column 9: a coefficient is above",
            ),
        ] {
            let invalid = Formula::parse(source).unwrap_err().to_string();
            assert!(invalid.starts_with(said), "{source}: {invalid}");
        }
        let deep = format!("{}A.A@1{}", "(".repeat(40), ")".repeat(40));
        let invalid = Formula::parse(&deep).unwrap_err();
        assert_eq!(invalid.problem, FormulaProblem::TooDeep);
        let many: Vec<String> = (0..17).map(|at| format!("A.A{at}@1")).collect();
        let invalid = Formula::parse(&many.join("+")).unwrap_err();
        assert_eq!(invalid.problem, FormulaProblem::TooManyTerms);
    }

    proptest! {
        #[test]
        fn any_text_is_a_formula_or_a_mistake_within_it(source in "[-+*/()@ .0-9A-Zn人]{0,60}") {
            if let Err(invalid) = Formula::parse(&source) {
                prop_assert!((1..=source.chars().count() + 1).contains(&invalid.column));
            }
        }
    }
}
