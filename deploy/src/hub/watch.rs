//! `tongxin hub watch …`: rules, warnings, and taking one up.

use proto::pb::{
    hub::{self as pb, watch_rule::Condition},
    types,
};
use proto_edge::hub::watch_service_client::WatchServiceClient;
use tonic::transport::Channel;

use crate::{
    cli::{self, Grain, Output, Watch, WatchLevel},
    client::{self, asked, request_id, time_text},
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    say,
};

pub fn run(watch: Watch) -> Result<(), Failure> {
    match watch {
        Watch::Set(rule) => set(*rule),
        Watch::Retire { at, code } => retire(&at, code),
        Watch::Rules(list) => rules(&list.at, list.output),
        Watch::Warnings {
            at,
            open,
            centre,
            output,
        } => warnings(&at, open, centre, output),
        Watch::Acknowledge { at, number, note } => acknowledge(&at, number, note),
    }
}

fn client(at: &cli::Dir) -> Result<WatchServiceClient<Channel>, Failure> {
    Ok(WatchServiceClient::new(client::hub(&at.dir)?))
}

fn set(rule: cli::WatchRule) -> Result<(), Failure> {
    let code = rule.code.clone();
    let at = rule.at.clone();
    let wire = wire(rule)?;
    client::block_on(async {
        let request = pb::SetWatchRuleRequest {
            request_id: request_id()?,
            rule: Some(wire),
        };
        client(&at)?.set_watch_rule(asked(request)).await?;
        Ok(())
    })?;
    say!(
        "预警规则 {} 已生效，周期结束且数已报齐时判断一次",
        "Watch rule {} stands: a period is judged once it is over and reported whole",
        code
    );
    Ok(())
}

fn wire(rule: cli::WatchRule) -> Result<pb::WatchRule, Failure> {
    let conditions = [
        rule.above
            .map(|warn| (warn, Condition::Above as fn(_) -> _)),
        rule.below
            .map(|warn| (warn, Condition::Below as fn(_) -> _)),
        rule.rising
            .map(|warn| (warn, Condition::Rising as fn(_) -> _)),
        rule.falling
            .map(|warn| (warn, Condition::Falling as fn(_) -> _)),
    ];
    let Some((warn, condition)) = conditions.into_iter().flatten().next() else {
        return Err(Failure::new(
            Exit::Usage,
            crate::text!(
                "应给出 --above、--below、--rising 或 --falling",
                "give --above, --below, --rising or --falling"
            ),
        ));
    };
    let clear = rule.clear.unwrap_or(warn);
    Ok(pb::WatchRule {
        name: format!("watch-rules/{}", rule.code),
        indicator: rule.indicator,
        place: rule.place,
        level: match rule.level {
            WatchLevel::Community => pb::WatchLevel::Community,
            WatchLevel::Street => pb::WatchLevel::Street,
            WatchLevel::District => pb::WatchLevel::District,
            WatchLevel::City => pb::WatchLevel::City,
            WatchLevel::Province => pb::WatchLevel::Province,
        }
        .into(),
        grain: match rule.grain {
            Grain::Day => types::Grain::Day,
            Grain::Week => types::Grain::Week,
            Grain::Month => types::Grain::Month,
            Grain::Quarter => types::Grain::Quarter,
            Grain::Half => types::Grain::Half,
            Grain::Year => types::Grain::Year,
        }
        .into(),
        condition: Some(condition(pb::WatchBounds { warn, clear })),
        periods: rule.periods,
        centre: rule.centre,
        note: rule.note,
    })
}

fn retire(at: &cli::Dir, code: String) -> Result<(), Failure> {
    client::block_on(async {
        let request = pb::RetireWatchRuleRequest {
            request_id: request_id()?,
            name: format!("watch-rules/{code}"),
        };
        client(at)?.retire_watch_rule(asked(request)).await?;
        Ok(())
    })?;
    say!("已停用预警规则 {}", "Retired watch rule {}", code);
    Ok(())
}

fn rules(at: &cli::Dir, output: Output) -> Result<(), Failure> {
    let rules = client::block_on(async {
        let (mut client, mut rules, mut page_token) = (client(at)?, Vec::new(), String::new());
        loop {
            let request = pb::ListWatchRulesRequest {
                page_size: 0,
                page_token,
            };
            let page = client.list_watch_rules(asked(request)).await?.into_inner();
            rules.extend(page.rules);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(rules);
            }
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("code", "规则", "rule"),
        column("indicator", "指标", "indicator"),
        column("place", "范围", "within"),
        column("condition", "条件", "condition"),
        column("warn", "预警", "warn"),
        column("clear", "解除", "clear"),
        column("periods", "连续周期", "periods"),
        column("centre", "中心", "centre"),
        column("note", "说明", "note"),
    ]);
    for rule in rules {
        let (condition, bounds) = match rule.condition {
            Some(Condition::Above(bounds)) => ("above", bounds),
            Some(Condition::Below(bounds)) => ("below", bounds),
            Some(Condition::Rising(bounds)) => ("rising", bounds),
            Some(Condition::Falling(bounds)) => ("falling", bounds),
            None => ("", pb::WatchBounds::default()),
        };
        sheet.rows.push(vec![
            bare(&rule.name).into(),
            rule.indicator.into(),
            rule.place.into(),
            condition.to_owned().into(),
            Cell::Number(bounds.warn, 2),
            Cell::Number(bounds.clear, 2),
            Cell::Whole(rule.periods.into()),
            rule.centre.into(),
            rule.note.into(),
        ]);
    }
    Ok(sheet.print(output, false)?)
}

fn warnings(at: &cli::Dir, open: bool, centre: String, output: Output) -> Result<(), Failure> {
    let warnings = client::block_on(async {
        let (mut client, mut warnings, mut page_token) = (client(at)?, Vec::new(), String::new());
        loop {
            let request = pb::ListWarningsRequest {
                page_size: 1_000,
                page_token,
                open,
                centre: centre.clone(),
            };
            let page = client.list_warnings(asked(request)).await?.into_inner();
            warnings.extend(page.warnings);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(warnings);
            }
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("number", "编号", "number"),
        column("rule", "规则", "rule"),
        column("centre", "中心", "centre"),
        column("place", "地点", "place"),
        column("place_name", "名称", "name"),
        column("period", "周期", "period"),
        column("value", "数值", "value"),
        column("raised_at", "预警于", "raised"),
        column("acknowledged_by", "接手", "taken up by"),
        column("note", "备注", "note"),
        column("cleared_at", "解除于", "cleared"),
    ]);
    for warning in warnings {
        sheet.rows.push(vec![
            bare(&warning.name).into(),
            bare(&warning.rule).into(),
            warning.centre.into(),
            warning.place.into(),
            warning.place_name.into(),
            warning.period.into(),
            Cell::Number(warning.value, 2),
            warning.raised_at.map(time_text).unwrap_or_default().into(),
            warning.acknowledged_by.into(),
            warning.note.into(),
            warning.cleared_at.map(time_text).unwrap_or_default().into(),
        ]);
    }
    Ok(sheet.print(output, false)?)
}

fn acknowledge(at: &cli::Dir, number: u64, note: String) -> Result<(), Failure> {
    client::block_on(async {
        let request = pb::AcknowledgeWarningRequest {
            request_id: request_id()?,
            name: format!("warnings/{number}"),
            note,
        };
        client(at)?.acknowledge_warning(asked(request)).await?;
        Ok(())
    })?;
    say!("预警 {} 已接手", "Warning {} is taken up", number);
    Ok(())
}

/// A resource's own name.
fn bare(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}
