//! What a definition folds facts into, and the same from and to the wire.

use crate::{
    fact::{FactType, fact_types, network},
    indicator::{
        filter::Filter,
        kind::Kind,
        mistake::{Mistakes, Problem},
        state::MAX_BUCKETS,
    },
    pb::types as pb,
};

/// What the facts fold into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fold {
    Count(Selector),
    Sum(Measured),
    Ratio {
        numerator: Selector,
        denominator: Selector,
    },
    /// Sums of measures instead of facts; a negative measure counts as none.
    Share {
        numerator: Measured,
        denominator: Measured,
    },
    Mean(Measured),
    Range(Measured),
    Histogram {
        of: Measured,
        /// Inclusive, ascending, at most 63; the last bucket holds the rest.
        upper_bounds: Vec<i64>,
    },
    Quantile(Measured),
    Level(Measured),
    /// Members of `dimension`, each once.
    Distinct {
        of: Selector,
        dimension: &'static str,
    },
}

/// The facts of one type that a filter lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    pub fact_type: &'static FactType,
    pub filter: Filter,
}

/// A selector and one of its fact type's measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub selector: Selector,
    pub measure: &'static str,
}

impl Fold {
    pub const fn kind(&self) -> Kind {
        match self {
            Fold::Count(_) => Kind::Count,
            Fold::Sum(_) => Kind::Sum,
            Fold::Ratio { .. } | Fold::Share { .. } => Kind::Ratio,
            Fold::Mean(_) => Kind::Mean,
            Fold::Range(_) => Kind::Range,
            Fold::Histogram { .. } => Kind::Histogram,
            Fold::Quantile(_) => Kind::Quantile,
            Fold::Level(_) => Kind::Level,
            Fold::Distinct { .. } => Kind::Distinct,
        }
    }

    /// Whether a hub folds it, out of what it tells of its own net.
    pub fn is_observed(&self) -> bool {
        self.selectors()
            .any(|selector| network::tells_of(selector.fact_type))
    }

    /// Whose facts count; of a ratio, numerator and denominator.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let (first, second) = match self {
            Fold::Count(of) | Fold::Distinct { of, .. } => (of, None),
            Fold::Sum(of)
            | Fold::Mean(of)
            | Fold::Range(of)
            | Fold::Histogram { of, .. }
            | Fold::Quantile(of)
            | Fold::Level(of) => (&of.selector, None),
            Fold::Ratio {
                numerator,
                denominator,
            } => (numerator, Some(denominator)),
            Fold::Share {
                numerator,
                denominator,
            } => (&numerator.selector, Some(&denominator.selector)),
        };
        std::iter::once(first).chain(second)
    }
}

pub(super) fn read_fold(
    wire: Option<&pb::AccumulatorSpec>,
    mistakes: &mut Mistakes,
) -> Option<Fold> {
    let Some(wire) = wire else {
        mistakes.add("accumulator", Problem::Missing("kind and of"));
        return None;
    };
    let kind = u32::try_from(wire.kind)
        .ok()
        .and_then(|kind| Kind::try_from(kind).ok())
        .filter(|kind| Kind::ALL.contains(kind));
    let Some(kind) = kind else {
        let want = "count, sum, ratio, mean, range, histogram, quantile, level or distinct";
        mistakes.add("accumulator.kind", Problem::Missing(want));
        return None;
    };
    let of = read_selector("accumulator.of", wire.of.as_ref(), mistakes);
    let denominator = match kind {
        Kind::Ratio => read_selector(
            "accumulator.denominator",
            wire.denominator.as_ref(),
            mistakes,
        ),
        _ => None,
    };
    let is_share =
        kind == Kind::Ratio && !(wire.measure.is_empty() && wire.denominator_measure.is_empty());
    let takes_measure = is_share || !matches!(kind, Kind::Count | Kind::Ratio | Kind::Distinct);
    let known = |names: fn(&FactType) -> &'static [&'static str]| {
        of.as_ref().map_or(&[][..], |of| names(of.fact_type))
    };
    let measures = known(|fact_type| fact_type.measures);
    let dimensions = known(|fact_type| fact_type.dimensions);
    let measure = takes_measure
        .then(|| one_of("accumulator.measure", &wire.measure, measures, mistakes))
        .flatten();
    let below = denominator.as_ref();
    let below = below.map_or(&[][..], |below| below.fact_type.measures);
    let denominator_measure = is_share
        .then(|| {
            let field = "accumulator.denominator_measure";
            one_of(field, &wire.denominator_measure, below, mistakes)
        })
        .flatten();
    let dimension = (kind == Kind::Distinct)
        .then(|| {
            one_of(
                "accumulator.dimension",
                &wire.dimension,
                dimensions,
                mistakes,
            )
        })
        .flatten();
    let upper_bounds = match kind {
        Kind::Histogram => read_bounds(&wire.bucket_bounds, mistakes),
        _ => Vec::new(),
    };
    let stray = [
        (
            "denominator",
            wire.denominator.is_some() && kind != Kind::Ratio,
        ),
        ("measure", !wire.measure.is_empty() && !takes_measure),
        (
            "denominator_measure",
            !wire.denominator_measure.is_empty() && kind != Kind::Ratio,
        ),
        (
            "bucket_bounds",
            !wire.bucket_bounds.is_empty() && kind != Kind::Histogram,
        ),
        (
            "dimension",
            !wire.dimension.is_empty() && kind != Kind::Distinct,
        ),
    ];
    for (field, _) in stray.into_iter().filter(|(_, stray)| *stray) {
        mistakes.add(
            format!("accumulator.{field}"),
            Problem::NotUsed(kind.name()),
        );
    }

    let selector = of?;
    let measured = |selector| measure.map(|measure| Measured { selector, measure });
    Some(match kind {
        Kind::Count => Fold::Count(selector),
        Kind::Sum => Fold::Sum(measured(selector)?),
        Kind::Ratio if is_share => Fold::Share {
            numerator: measured(selector)?,
            denominator: Measured {
                selector: denominator?,
                measure: denominator_measure?,
            },
        },
        Kind::Ratio => Fold::Ratio {
            numerator: selector,
            denominator: denominator?,
        },
        Kind::Mean => Fold::Mean(measured(selector)?),
        Kind::Range => Fold::Range(measured(selector)?),
        Kind::Histogram => Fold::Histogram {
            of: measured(selector)?,
            upper_bounds,
        },
        Kind::Quantile => Fold::Quantile(measured(selector)?),
        Kind::Level => Fold::Level(measured(selector)?),
        Kind::Distinct => Fold::Distinct {
            of: selector,
            dimension: dimension?,
        },
        Kind::RoundedCount | Kind::RoundedRatio | Kind::RoundedHistogram => return None,
    })
}

fn read_selector(
    field: &str,
    wire: Option<&pb::Selector>,
    mistakes: &mut Mistakes,
) -> Option<Selector> {
    let Some(wire) = wire else {
        mistakes.add(
            field,
            Problem::Missing("fact_type, and filter where not all count"),
        );
        return None;
    };
    let codes: Vec<&str> = fact_types().map(|fact_type| fact_type.code).collect();
    let code = one_of(
        &format!("{field}.fact_type"),
        &wire.fact_type,
        &codes,
        mistakes,
    )?;
    let fact_type = FactType::by_code(code)?;
    match Filter::compile(&wire.filter, fact_type) {
        Ok(filter) => Some(Selector { fact_type, filter }),
        Err(invalid) => {
            mistakes.add(format!("{field}.filter"), Problem::Filter(invalid));
            None
        }
    }
}

fn one_of<'a>(
    field: &str,
    name: &str,
    known: &[&'a str],
    mistakes: &mut Mistakes,
) -> Option<&'a str> {
    let found = known.iter().copied().find(|known| *known == name);
    if found.is_none() {
        let found = name.chars().take(40).collect();
        let known = known.join(", ");
        mistakes.add(field, Problem::Unknown { found, known });
    }
    found
}

fn read_bounds(bounds: &[i64], mistakes: &mut Mistakes) -> Vec<i64> {
    if !(1..MAX_BUCKETS).contains(&bounds.len()) || !bounds.is_sorted_by(|a, b| a < b) {
        let found = format!("{bounds:?}").chars().take(80).collect();
        let want = "1 to 63 numbers, each greater than the one before";
        mistakes.add(
            "accumulator.bucket_bounds",
            Problem::Malformed { found, want },
        );
    }
    bounds.to_vec()
}

impl From<&Selector> for pb::Selector {
    fn from(selector: &Selector) -> pb::Selector {
        pb::Selector {
            fact_type: selector.fact_type.code.to_owned(),
            filter: selector.filter.source().to_owned(),
        }
    }
}

impl From<&Fold> for pb::AccumulatorSpec {
    fn from(fold: &Fold) -> pb::AccumulatorSpec {
        let mut wire = pb::AccumulatorSpec {
            of: fold.selectors().next().map(Into::into),
            denominator: fold.selectors().nth(1).map(Into::into),
            ..pb::AccumulatorSpec::default()
        };
        wire.set_kind(fold.kind().into());
        match fold {
            Fold::Count(_) | Fold::Ratio { .. } => {}
            Fold::Share {
                numerator,
                denominator,
            } => {
                wire.measure = numerator.measure.to_owned();
                wire.denominator_measure = denominator.measure.to_owned();
            }
            Fold::Distinct { dimension, .. } => wire.dimension = (*dimension).to_owned(),
            Fold::Histogram { of, upper_bounds } => {
                wire.measure = of.measure.to_owned();
                wire.bucket_bounds = upper_bounds.clone();
            }
            Fold::Sum(of)
            | Fold::Mean(of)
            | Fold::Range(of)
            | Fold::Quantile(of)
            | Fold::Level(of) => wire.measure = of.measure.to_owned(),
        }
        wire
    }
}
