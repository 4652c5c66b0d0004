//! From a formula's text to its normal form. Knows no catalogue.

use super::{
    Formula, FormulaProblem, InvalidFormula, MAX_COEFFICIENT, MAX_DEPTH, MAX_FORMULA_BYTES,
    MAX_TERMS, Part, Sum, Term,
};
use crate::indicator::{cell::Revision, definition::IndicatorCode};

pub(super) fn parse(source: &str) -> Result<Formula, InvalidFormula> {
    if source.len() > MAX_FORMULA_BYTES {
        return Err(wrong(1, FormulaProblem::TooLong(source.len())));
    }
    let tokens = tokens(source)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        terms: Vec::new(),
    };
    let quotient = parser.sum(0)?;
    if let Some((column, token)) = parser.peek() {
        return Err(syntax(column, token, "+ - * / or the end"));
    }
    if quotient.above.is_constant() && quotient.below.is_constant() {
        return Err(wrong(1, FormulaProblem::Constant));
    }
    Ok(Formula {
        source: source.to_owned(),
        terms: parser.terms,
        above: quotient.above,
        below: quotient.below,
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(i64),
    /// A code with its revision, or a function's name.
    Word(String),
    Sign(char),
    End,
}

fn tokens(source: &str) -> Result<Vec<(usize, Token)>, InvalidFormula> {
    let characters: Vec<char> = source.chars().collect();
    let run = |from: usize, holds: fn(char) -> bool| -> usize {
        let rest = characters[from..].iter();
        from + rest.take_while(|c| holds(**c)).count()
    };
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let (column, first) = (at + 1, characters[at]);
        let end = match first {
            ' ' | '\t' => {
                at += 1;
                continue;
            }
            '+' | '-' | '*' | '/' | '(' | ')' => {
                tokens.push((column, Token::Sign(first)));
                at + 1
            }
            '0'..='9' => {
                let end = run(at, |c| c.is_ascii_digit());
                let digits: String = characters[at..end].iter().collect();
                let number = digits.parse().ok();
                let number = number.filter(|number| *number <= MAX_COEFFICIENT);
                let number = number.ok_or_else(|| wrong(column, FormulaProblem::TooLarge))?;
                tokens.push((column, Token::Number(number)));
                end
            }
            'A'..='Z' | 'a'..='z' => {
                let end = run(at, |c| c.is_ascii_alphanumeric() || c == '.' || c == '@');
                let word = characters[at..end].iter().collect();
                tokens.push((column, Token::Word(word)));
                end
            }
            other => {
                let found = format!("{:?}", other.to_string());
                let want = "a whole number, an indicator such as QS.R01@1, + - * / ( )";
                return Err(wrong(column, FormulaProblem::Syntax { found, want }));
            }
        };
        at = end;
    }
    tokens.push((characters.len() + 1, Token::End));
    Ok(tokens)
}

/// One sum over another.
#[derive(Clone, Debug)]
struct Quotient {
    above: Sum,
    below: Sum,
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    terms: Vec<Term>,
}

impl Parser {
    fn sum(&mut self, depth: usize) -> Result<Quotient, InvalidFormula> {
        let mut whole = self.product(depth)?;
        while let Some((column, sign @ ('+' | '-'))) = self.sign() {
            self.at += 1;
            let mut other = self.product(depth)?;
            if sign == '-' {
                other.above = times(&other.above, -1, column)?;
            }
            whole = whole.plus(&other, column)?;
        }
        Ok(whole)
    }

    fn product(&mut self, depth: usize) -> Result<Quotient, InvalidFormula> {
        let mut whole = self.factor(depth)?;
        while let Some((column, sign @ ('*' | '/'))) = self.sign() {
            self.at += 1;
            let mut other = self.factor(depth)?;
            if sign == '/' {
                std::mem::swap(&mut other.above, &mut other.below);
                if other.below == Sum::default() {
                    return Err(wrong(column, FormulaProblem::Zero));
                }
            }
            let problem = match sign {
                '*' => FormulaProblem::Product,
                _ => FormulaProblem::Quotient,
            };
            whole = Quotient {
                above: product(&whole.above, &other.above, column, FormulaProblem::Product)?,
                below: product(&whole.below, &other.below, column, problem)?,
            };
        }
        Ok(whole)
    }

    fn factor(&mut self, depth: usize) -> Result<Quotient, InvalidFormula> {
        const WANT: &str = "an indicator such as QS.R01@1, a whole number or (";
        let (column, token) = self.tokens[self.at].clone();
        if depth > MAX_DEPTH {
            return Err(wrong(column, FormulaProblem::TooDeep));
        }
        if token != Token::End {
            self.at += 1;
        }
        match token {
            Token::Number(constant) => Ok(whole(Sum {
                constant,
                coefficients: Vec::new(),
            })),
            Token::Sign('-') => {
                let mut of = self.factor(depth + 1)?;
                of.above = times(&of.above, -1, column)?;
                Ok(of)
            }
            Token::Sign('(') => {
                let inner = self.sum(depth + 1)?;
                self.close()?;
                Ok(inner)
            }
            Token::Word(name) if self.sign().is_some_and(|(_, sign)| sign == '(') => {
                let part = match name.as_str() {
                    "numerator" => Part::Numerator,
                    "denominator" => Part::Denominator,
                    "observations" => Part::Observations,
                    _ => return Err(wrong(column, FormulaProblem::Function(name))),
                };
                self.at += 1;
                let (column, token) = self.tokens[self.at].clone();
                let Token::Word(code) = token else {
                    return Err(syntax(column, &token, "an indicator such as QS.R02@1"));
                };
                self.at += 1;
                let term = self.term(part, column, &code)?;
                self.close()?;
                Ok(term)
            }
            Token::Word(code) => self.term(Part::Whole, column, &code),
            token => Err(syntax(column, &token, WANT)),
        }
    }

    fn term(&mut self, part: Part, column: usize, word: &str) -> Result<Quotient, InvalidFormula> {
        let not_a_code = || wrong(column, FormulaProblem::Code(word.to_owned()));
        let (code, revision) = match word.split_once('@') {
            Some((code, revision)) => (code, Some(revision)),
            None => (word, None),
        };
        let code: IndicatorCode = code.parse().map_err(|_| not_a_code())?;
        let Some(revision) = revision else {
            return Err(wrong(column, FormulaProblem::Unpinned(code)));
        };
        let number = revision.parse().ok();
        let number = number.filter(|number: &u32| *number > 0 && number.to_string() == revision);
        let term = Term {
            part,
            code,
            revision: Revision(number.ok_or_else(not_a_code)?),
            column,
        };
        let same = |held: &Term| {
            held.part == term.part && held.code == term.code && held.revision == term.revision
        };
        let at = match self.terms.iter().position(same) {
            Some(at) => at,
            None if self.terms.len() == MAX_TERMS => {
                return Err(wrong(column, FormulaProblem::TooManyTerms));
            }
            None => {
                self.terms.push(term);
                self.terms.len() - 1
            }
        };
        Ok(whole(Sum {
            constant: 0,
            coefficients: vec![(at, 1)],
        }))
    }

    fn close(&mut self) -> Result<(), InvalidFormula> {
        let (column, token) = &self.tokens[self.at];
        if *token != Token::Sign(')') {
            return Err(syntax(*column, token, ")"));
        }
        self.at += 1;
        Ok(())
    }

    fn sign(&self) -> Option<(usize, char)> {
        match &self.tokens[self.at] {
            (column, Token::Sign(sign)) => Some((*column, *sign)),
            _ => None,
        }
    }

    /// What is left, but for the end.
    fn peek(&self) -> Option<(usize, &Token)> {
        let (column, token) = &self.tokens[self.at];
        (*token != Token::End).then_some((*column, token))
    }
}

impl Quotient {
    fn plus(&self, other: &Quotient, column: usize) -> Result<Quotient, InvalidFormula> {
        if self.below == other.below {
            return Ok(Quotient {
                above: plus(&self.above, &other.above, column)?,
                below: self.below.clone(),
            });
        }
        let over = |a, b| product(a, b, column, FormulaProblem::Quotient);
        let (left, right) = (
            over(&self.above, &other.below)?,
            over(&other.above, &self.below)?,
        );
        Ok(Quotient {
            above: plus(&left, &right, column)?,
            below: over(&self.below, &other.below)?,
        })
    }
}

fn whole(above: Sum) -> Quotient {
    let below = Sum {
        constant: 1,
        coefficients: Vec::new(),
    };
    Quotient { above, below }
}

fn plus(a: &Sum, b: &Sum, column: usize) -> Result<Sum, InvalidFormula> {
    let mut sum = std::collections::BTreeMap::new();
    for (term, times) in a.coefficients.iter().chain(&b.coefficients) {
        *sum.entry(*term).or_insert(0) += times;
    }
    bounded(
        Sum {
            constant: a.constant + b.constant,
            coefficients: sum.into_iter().filter(|(_, times)| *times != 0).collect(),
        },
        column,
    )
}

fn product(
    a: &Sum,
    b: &Sum,
    column: usize,
    problem: FormulaProblem,
) -> Result<Sum, InvalidFormula> {
    match (a.is_constant(), b.is_constant()) {
        (true, _) => times(b, a.constant, column),
        (_, true) => times(a, b.constant, column),
        _ => Err(wrong(column, problem)),
    }
}

fn times(sum: &Sum, times: i64, column: usize) -> Result<Sum, InvalidFormula> {
    let too_large = || wrong(column, FormulaProblem::TooLarge);
    let multiplied = |number: i64| number.checked_mul(times).ok_or_else(too_large);
    let coefficients = sum.coefficients.iter();
    let coefficients = coefficients.map(|(term, number)| Ok((*term, multiplied(*number)?)));
    let mut coefficients: Vec<_> = coefficients.collect::<Result<_, _>>()?;
    coefficients.retain(|(_, times)| *times != 0);
    let constant = multiplied(sum.constant)?;
    bounded(
        Sum {
            constant,
            coefficients,
        },
        column,
    )
}

fn bounded(sum: Sum, column: usize) -> Result<Sum, InvalidFormula> {
    let fits = |number: i64| number.unsigned_abs() <= MAX_COEFFICIENT.unsigned_abs();
    let coefficients = &sum.coefficients;
    match fits(sum.constant) && coefficients.iter().all(|(_, times)| fits(*times)) {
        true => Ok(sum),
        false => Err(wrong(column, FormulaProblem::TooLarge)),
    }
}

fn syntax(column: usize, token: &Token, want: &'static str) -> InvalidFormula {
    let found = match token {
        Token::Number(number) => number.to_string(),
        Token::Word(word) => format!("{word:?}"),
        Token::Sign(sign) => format!("{:?}", sign.to_string()),
        Token::End => "the end".to_owned(),
    };
    wrong(column, FormulaProblem::Syntax { found, want })
}

const fn wrong(column: usize, problem: FormulaProblem) -> InvalidFormula {
    InvalidFormula { column, problem }
}
