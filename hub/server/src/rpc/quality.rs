//! `QualityService`: outliers and rules over the rows of an answer. Parses, calls,
//! converts; what is far or broken, `hub_domain::quality` decides.

use std::{collections::BTreeMap, sync::Arc};

use hub_domain::{
    quality::{BOUND, Missing, Operator, Verdict, judge, outliers},
    query::{Asked, Group, Request as Question, Row, Value, derived_measure, resolve},
};
use proto::{
    indicator::{catalogue::Catalogue, derived::Derived},
    pb::{hub as pb, types},
    period::Period,
    place::{Level, Place},
};
use proto_edge::{hub::quality_service_server::QualityService, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    indicators::{IndicatorsRpc, parse, show},
    status::{Mistake, Mistakes, question_problem},
};

pub struct QualityRpc(pub IndicatorsRpc);

/// One side of a rule.
#[derive(Clone)]
enum Side {
    Formula(Arc<Derived>),
    Number(i64),
}

impl QualityRpc {
    async fn outliers(
        &self,
        wire: &pb::ListOutliersRequest,
    ) -> Result<pb::ListOutliersResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let asked = mistakes.take(parse::indicator(0, &wire.indicator));
        let place = mistakes.take(parse::asked_place(&wire.place));
        let period = mistakes.take(parse::period("period", &wire.period));
        let bound = mistakes.take(bound(wire.bound));
        let (asked, rest) = mistakes.finish(asked.zip(place.zip(period).zip(bound)))?;
        let ((place, period), bound) = rest;
        let question = by_community(vec![asked], place, period);
        let (rows, known) = self
            .0
            .rows(question, |question, catalogue| {
                resolve(question, catalogue).map_err(|refusal| question_problem(&refusal))
            })
            .await?;
        let found = outliers(&rows, bound).into_iter();
        let judged = rows.iter().filter(|row| row.value.comparable());
        Ok(pb::ListOutliersResponse {
            judged: u32::try_from(judged.count()).unwrap_or(u32::MAX),
            outliers: found
                .map(|outlier| pb::Outlier {
                    row: Some(known.shown().row(outlier.row)),
                    score: outlier.score,
                    median: outlier.median,
                })
                .collect(),
        })
    }

    async fn rule(&self, wire: &pb::CheckRuleRequest) -> Result<pb::CheckRuleResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let place = mistakes.take(parse::asked_place(&wire.place));
        let period = mistakes.take(parse::period("period", &wire.period));
        let operator = mistakes.take(operator(wire.operator()));
        let asked = mistakes.finish(place.zip(period).zip(operator))?;
        let ((place, period), operator) = asked;
        let mut mistakes = Mistakes::default();
        let left = mistakes.take(side("left", &wire.left, period));
        let right = mistakes.take(side("right", &wire.right, period));
        let (left, right) = mistakes.finish(left.zip(right))?;
        let question = by_community(Vec::new(), place, period);
        let sides = [("left", left.clone()), ("right", right.clone())];
        let (rows, known) = self
            .0
            .rows(question, move |question, catalogue| {
                let formulas = sides.iter().filter_map(|(field, side)| match side {
                    Side::Formula(derived) => Some((*field, derived)),
                    Side::Number(_) => None,
                });
                formulas
                    .map(|(field, derived)| measure(field, derived, question, catalogue))
                    .collect()
            })
            .await?;
        let mut answer = pb::CheckRuleResponse::default();
        for (place, [left, right]) in by_place(&rows, &left, &right) {
            match judge(&left, operator, &right, missing(wire.missing())) {
                Verdict::Holds => answer.holds += 1,
                Verdict::Skipped => answer.skipped += 1,
                Verdict::Broken => answer.broken.push(pb::Breach {
                    community: place.to_string(),
                    community_name: known
                        .shown()
                        .register
                        .name_of(place, period.last_day())
                        .unwrap_or_default(),
                    left: Some(show::value(&left)),
                    right: Some(show::value(&right)),
                }),
            }
        }
        Ok(answer)
    }
}

fn by_community(indicators: Vec<Asked>, place: Place, period: Period) -> Question {
    Question {
        indicators,
        place,
        from: period,
        to: period,
        grain: None,
        group: Group {
            place: Some(Level::Community),
            ..Group::default()
        },
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: None,
    }
}

/// Both sides of every community that any side has a row of.
fn by_place(rows: &[Row], left: &Side, right: &Side) -> BTreeMap<Place, [Value; 2]> {
    let mut places: BTreeMap<Place, [Value; 2]> = BTreeMap::new();
    let constant = |side: &Side| match side {
        Side::Number(number) => Value::of_number(Some(*number as f64)),
        Side::Formula(_) => Value::of_number(None),
    };
    for row in rows {
        let Some(place) = row.key.place else { continue };
        let sides = places
            .entry(place)
            .or_insert_with(|| [constant(left), constant(right)]);
        for (side, value) in [left, right].into_iter().zip(sides) {
            if matches!(side, Side::Formula(derived) if derived.id == row.indicator) {
                *value = row.value.clone();
            }
        }
    }
    places
}

fn bound(bound: f64) -> Result<f64, Mistake> {
    match bound {
        0.0 => Ok(BOUND),
        bound if bound.is_finite() && bound > 0.0 => Ok(bound),
        _ => Err(Mistake::new(
            "bound",
            "want a number above 0, such as 3.5",
            "应为大于 0 的数，如 3.5",
        )),
    }
}

fn operator(operator: pb::RuleOperator) -> Result<Operator, Mistake> {
    Ok(match operator {
        pb::RuleOperator::Equal => Operator::Equal,
        pb::RuleOperator::NotEqual => Operator::NotEqual,
        pb::RuleOperator::Less => Operator::Less,
        pb::RuleOperator::AtMost => Operator::AtMost,
        pb::RuleOperator::Greater => Operator::Greater,
        pb::RuleOperator::AtLeast => Operator::AtLeast,
        pb::RuleOperator::Unspecified => {
            let (want, want_zh) = ("want ==, !=, <, <=, > or >=", "应为 ==、!=、<、<=、> 或 >=");
            return Err(Mistake::new("operator", want, want_zh));
        }
    })
}

const fn missing(missing: pb::RuleMissing) -> Missing {
    match missing {
        pb::RuleMissing::Unspecified | pb::RuleMissing::Skip => Missing::Skip,
        pb::RuleMissing::Breaks => Missing::Breaks,
        pb::RuleMissing::Zero => Missing::Zero,
    }
}

/// A whole number, or a formula: an indicator that is asked for once.
fn side(field: &str, text: &str, period: Period) -> Result<Side, Mistake> {
    if let Ok(number) = text.trim().parse() {
        return Ok(Side::Number(number));
    }
    let definition = types::IndicatorDefinition {
        // No catalogue has these two.
        id: match field {
            "left" => u32::MAX - 1,
            _ => u32::MAX,
        },
        code: format!("RULE.{}", field.to_uppercase()),
        revision: 1,
        name_zh: field.to_owned(),
        name_en: field.to_owned(),
        unit: "1".to_owned(),
        base_grain: types::Grain::from(period.grain()).into(),
        direction: types::Direction::Context.into(),
        owner: "rule".to_owned(),
        reason: "rule".to_owned(),
        formula: text.to_owned(),
        ..types::IndicatorDefinition::default()
    };
    let derived = Derived::try_from(definition).map_err(|wrong| unfit(field, &wrong))?;
    Ok(Side::Formula(Arc::new(derived)))
}

fn unfit(field: &str, wrong: &proto::indicator::mistake::InvalidItem) -> Mistake {
    let said = wrong.mistakes.iter().map(|one| one.problem.to_string());
    let said = said.collect::<Vec<_>>().join("; ");
    Mistake::new(field, said.clone(), format!("公式有误：{said}"))
}

fn measure(
    field: &str,
    derived: &Derived,
    question: &Question,
    catalogue: &Catalogue,
) -> Result<hub_domain::query::Measure, Problem> {
    let checked = derived.check(catalogue);
    checked.map_err(|wrong| unfit(field, &wrong))?;
    let measure = derived_measure(derived, question, catalogue);
    measure.map_err(|refusal| question_problem(&refusal))
}

#[tonic::async_trait]
impl QualityService for QualityRpc {
    async fn list_outliers(
        &self,
        request: Request<pb::ListOutliersRequest>,
    ) -> Result<Response<pb::ListOutliersResponse>, Status> {
        Ok(Response::new(self.outliers(request.get_ref()).await?))
    }

    async fn check_rule(
        &self,
        request: Request<pb::CheckRuleRequest>,
    ) -> Result<Response<pb::CheckRuleResponse>, Status> {
        Ok(Response::new(self.rule(request.get_ref()).await?))
    }
}
