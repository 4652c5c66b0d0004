//! From a filter's text to its tests: the `cel` crate parses, this checks names
//! and types against the fact type and refuses everything that could loop, fail
//! or allocate.

use cel::{
    common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators},
    parser::Parser,
};

use super::{
    Comparison, FilterProblem, InvalidFilter, MAX_DEPTH, MAX_FILTER_BYTES, Number, Test, Text,
};
use crate::fact::FactType;

pub(super) fn check(source: &str, fact_type: &FactType) -> Result<Test, InvalidFilter> {
    let at_start = |problem| Err(InvalidFilter { column: 1, problem });
    if source.len() > MAX_FILTER_BYTES {
        return at_start(FilterProblem::TooLong(source.len()));
    }
    if source.trim().is_empty() {
        return Ok(Test::Constant(true));
    }
    let parsed = Parser::new()
        .max_recursion_depth(MAX_DEPTH)
        .parse_with_source_info(source);
    let (expression, positions) = parsed.map_err(|errors| syntax(&errors))?;
    let checker = Checker {
        fact_type,
        positions,
    };
    checker.test(&expression)
}

fn syntax(errors: &cel::ParseErrors) -> InvalidFilter {
    let first = errors.errors.first();
    let position = first.map_or(0, |error| usize::try_from(error.pos.1).unwrap_or(0));
    // The parser reports its own limits as text only.
    let problem = match first {
        Some(error) if error.msg.contains("Recursion limit") => FilterProblem::TooDeep,
        Some(error) => FilterProblem::Syntax(error.msg.clone()),
        None => FilterProblem::Syntax("not an expression".to_owned()),
    };
    InvalidFilter {
        column: position.max(1),
        problem,
    }
}

/// One side of a comparison.
enum Operand {
    Text(Text),
    Number(Number),
    Other(&'static str),
}

struct Checker<'a> {
    fact_type: &'a FactType,
    positions: SourceInfo,
}

impl Checker<'_> {
    fn test(&self, expression: &IdedExpr) -> Result<Test, InvalidFilter> {
        let not_a_test = |what| Err(self.wrong(expression, FilterProblem::NotATest(what)));
        match &expression.expr {
            Expr::Literal(LiteralValue::Boolean(constant)) => Ok(Test::Constant(*constant.inner())),
            Expr::Literal(_) => not_a_test("a constant"),
            Expr::List(_) => not_a_test("a list"),
            Expr::Ident(name) => {
                self.name(expression, name)?;
                not_a_test("a name alone")
            }
            Expr::Call(call) => self.call(expression, call),
            Expr::Select(select) => self.unavailable(expression, &format!(".{}", select.field)),
            Expr::Comprehension(_) => self.unavailable(expression, "all, exists, map, filter"),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.unavailable(expression, "{}")
            }
        }
    }

    fn call(&self, expression: &IdedExpr, call: &CallExpr) -> Result<Test, InvalidFilter> {
        let compare = |a, comparison, b| self.compare(expression, a, comparison, b);
        match (call.func_name.as_str(), &call.target, &call.args[..]) {
            (operators::LOGICAL_NOT, None, [test]) => Ok(Test::Not(Box::new(self.test(test)?))),
            (operators::LOGICAL_AND, None, [a, b]) => {
                Ok(Test::Both(Box::new((self.test(a)?, self.test(b)?))))
            }
            (operators::LOGICAL_OR, None, [a, b]) => {
                Ok(Test::Either(Box::new((self.test(a)?, self.test(b)?))))
            }
            (operators::EQUALS, None, [a, b]) => compare(a, Comparison::Equal, b),
            (operators::NOT_EQUALS, None, [a, b]) => {
                Ok(Test::Not(Box::new(compare(a, Comparison::Equal, b)?)))
            }
            (operators::LESS, None, [a, b]) => compare(a, Comparison::Less, b),
            (operators::LESS_EQUALS, None, [a, b]) => compare(a, Comparison::LessOrEqual, b),
            (operators::GREATER, None, [a, b]) => compare(b, Comparison::Less, a),
            (operators::GREATER_EQUALS, None, [a, b]) => compare(b, Comparison::LessOrEqual, a),
            (operators::IN, None, [name, list]) => self.contained(name, list),
            ("startsWith", Some(name), [prefix]) => {
                match (self.operand(name)?, self.operand(prefix)?) {
                    (Operand::Text(Text::Dimension(at)), Operand::Text(Text::Constant(prefix))) => {
                        Ok(Test::StartsWith(at, prefix))
                    }
                    _ => self.unavailable(expression, "startsWith"),
                }
            }
            (name, ..) => self.unavailable(expression, operator_name(name)),
        }
    }

    fn compare(
        &self,
        expression: &IdedExpr,
        a: &IdedExpr,
        comparison: Comparison,
        b: &IdedExpr,
    ) -> Result<Test, InvalidFilter> {
        let problem = match (self.operand(a)?, comparison, self.operand(b)?) {
            (
                Operand::Text(Text::Constant(_)) | Operand::Number(Number::Constant(_)),
                _,
                Operand::Text(Text::Constant(_)) | Operand::Number(Number::Constant(_)),
            ) => FilterProblem::Types("a constant", "a constant"),
            (Operand::Text(a), Comparison::Equal, Operand::Text(b)) => {
                return Ok(Test::Same(a, b));
            }
            (Operand::Text(_), _, Operand::Text(_)) => FilterProblem::StringOrder,
            (Operand::Number(a), comparison, Operand::Number(b)) => {
                return Ok(Test::Compare(a, comparison, b));
            }
            (a, _, b) => FilterProblem::Types(a.what(), b.what()),
        };
        Err(self.wrong(expression, problem))
    }

    fn contained(&self, name: &IdedExpr, list: &IdedExpr) -> Result<Test, InvalidFilter> {
        let wrong = |at| self.wrong(at, FilterProblem::List);
        let Expr::List(elements) = &list.expr else {
            return Err(wrong(list));
        };
        match self.operand(name)? {
            Operand::Text(Text::Dimension(at)) => {
                let options =
                    elements
                        .elements
                        .iter()
                        .map(|element| match self.operand(element)? {
                            Operand::Text(Text::Constant(option)) => Ok(option),
                            _ => Err(wrong(element)),
                        });
                Ok(Test::TextIn(at, options.collect::<Result<_, _>>()?))
            }
            Operand::Number(Number::Measure(at)) => {
                let options =
                    elements
                        .elements
                        .iter()
                        .map(|element| match self.operand(element)? {
                            Operand::Number(Number::Constant(option)) => Ok(option),
                            _ => Err(wrong(element)),
                        });
                Ok(Test::NumberIn(at, options.collect::<Result<_, _>>()?))
            }
            _ => Err(wrong(name)),
        }
    }

    fn operand(&self, expression: &IdedExpr) -> Result<Operand, InvalidFilter> {
        Ok(match &expression.expr {
            Expr::Ident(name) => self.name(expression, name)?,
            Expr::Literal(LiteralValue::String(text)) => {
                Operand::Text(Text::Constant(text.inner().into()))
            }
            Expr::Literal(LiteralValue::Int(number)) => {
                Operand::Number(Number::Constant(*number.inner()))
            }
            Expr::Literal(LiteralValue::Boolean(_)) => Operand::Other("true or false"),
            Expr::Literal(_) => Operand::Other("a number that is no integer, bytes or null"),
            Expr::List(_) => Operand::Other("a list"),
            // What is wrong inside is the better message.
            _ => {
                self.test(expression)?;
                Operand::Other("a test")
            }
        })
    }

    fn name(&self, expression: &IdedExpr, name: &str) -> Result<Operand, InvalidFilter> {
        if let Some(at) = self.fact_type.dimension(name) {
            return Ok(Operand::Text(Text::Dimension(at)));
        }
        if let Some(at) = self.fact_type.measure(name) {
            return Ok(Operand::Number(Number::Measure(at)));
        }
        let names = [self.fact_type.dimensions, self.fact_type.measures].concat();
        Err(self.wrong(
            expression,
            FilterProblem::UnknownName {
                name: name.to_owned(),
                fact_type: self.fact_type.code,
                known: names.join(", "),
            },
        ))
    }

    fn unavailable<T>(&self, expression: &IdedExpr, what: &str) -> Result<T, InvalidFilter> {
        Err(self.wrong(expression, FilterProblem::Unavailable(what.to_owned())))
    }

    fn wrong(&self, expression: &IdedExpr, problem: FilterProblem) -> InvalidFilter {
        let offset = self.positions.offset_for(expression.id);
        let before = self
            .positions
            .source
            .get(..offset.unwrap_or_default().0 as usize);
        InvalidFilter {
            column: before.map_or(1, |before| before.chars().count() + 1),
            problem,
        }
    }
}

impl Operand {
    fn what(&self) -> &'static str {
        match self {
            Operand::Text(_) => "a string",
            Operand::Number(_) => "an integer",
            Operand::Other(what) => what,
        }
    }
}

/// `_+_` is how CEL's tree calls `+`.
fn operator_name(name: &str) -> &str {
    name.trim_matches(['_', '@'])
}
