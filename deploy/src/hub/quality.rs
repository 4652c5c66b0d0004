//! `tongxin hub quality …`: communities far from the others, and rules between
//! indicators.

use proto::pb::hub as pb;
use proto_edge::hub::quality_service_client::QualityServiceClient;

use super::{Units, catalogue, query};
use crate::{
    cli::{Missing, Operator, Outliers, Quality, Rule},
    client::{self, asked},
    failure::Failure,
    output::{Cell, Sheet, column},
    say,
};

pub fn run(command: &Quality) -> Result<(), Failure> {
    match command {
        Quality::Outliers(outliers) => far(outliers),
        Quality::Rule(rule) => check(rule),
    }
}

fn far(outliers: &Outliers) -> Result<(), Failure> {
    let (answer, units) = client::block_on(async {
        let mut service = QualityServiceClient::new(client::hub(&outliers.at.dir)?);
        let request = pb::ListOutliersRequest {
            indicator: outliers.indicator.clone(),
            place: outliers.place.clone(),
            period: outliers.period.clone(),
            bound: outliers.bound,
        };
        let answer = service.list_outliers(asked(request)).await?.into_inner();
        let indicators = catalogue::indicators(&outliers.at.dir).await?;
        Ok((answer, catalogue::units(&indicators)))
    })?;
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("name", "名称", "name"),
        column("value", "值", "value"),
        column("median", "中位", "median"),
        column("score", "偏离", "score"),
    ]);
    for outlier in &answer.outliers {
        let Some(row) = &outlier.row else { continue };
        let value = row.value.as_ref();
        sheet.rows.push(vec![
            row.place.as_str().into(),
            row.place_name.as_str().into(),
            value.map_or(Cell::Empty, |value| query::number(row, value, &units)),
            Cell::Number(outlier.median, 2),
            Cell::Number(outlier.score, 1),
        ]);
    }
    sheet.print(outliers.output, false)?;
    say!("判断了 {} 个社区", "{} communities judged", answer.judged);
    Ok(())
}

fn check(rule: &Rule) -> Result<(), Failure> {
    let answer = client::block_on(async {
        let mut service = QualityServiceClient::new(client::hub(&rule.at.dir)?);
        let request = pb::CheckRuleRequest {
            left: rule.left.clone(),
            operator: operator(rule.operator).into(),
            right: rule.right.clone(),
            missing: missing(rule.missing).into(),
            place: rule.place.clone(),
            period: rule.period.clone(),
        };
        Ok(service.check_rule(asked(request)).await?.into_inner())
    })?;
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("name", "名称", "name"),
        column("left", "左", "left"),
        column("right", "右", "right"),
    ]);
    let none = Units::default();
    let side = |value: &Option<pb::Value>| {
        let value = value.as_ref();
        value.map_or(Cell::Empty, |value| {
            query::number(&pb::Row::default(), value, &none)
        })
    };
    for breach in &answer.broken {
        sheet.rows.push(vec![
            breach.community.as_str().into(),
            breach.community_name.as_str().into(),
            side(&breach.left),
            side(&breach.right),
        ]);
    }
    sheet.print(rule.output, false)?;
    say!(
        "不符 {}，符合 {}，跳过 {}",
        "{} broken, {} hold, {} skipped",
        answer.broken.len(),
        answer.holds,
        answer.skipped
    );
    Ok(())
}

const fn operator(operator: Operator) -> pb::RuleOperator {
    match operator {
        Operator::Eq => pb::RuleOperator::Equal,
        Operator::Ne => pb::RuleOperator::NotEqual,
        Operator::Lt => pb::RuleOperator::Less,
        Operator::Le => pb::RuleOperator::AtMost,
        Operator::Gt => pb::RuleOperator::Greater,
        Operator::Ge => pb::RuleOperator::AtLeast,
    }
}

const fn missing(missing: Missing) -> pb::RuleMissing {
    match missing {
        Missing::Skip => pb::RuleMissing::Skip,
        Missing::Breaks => pb::RuleMissing::Breaks,
        Missing::Zero => pb::RuleMissing::Zero,
    }
}
