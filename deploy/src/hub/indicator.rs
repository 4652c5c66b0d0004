//! `tongxin hub indicator …`: new definitions from file to retirement.

use std::path::Path;

use jiff::SignedDuration;
use proto::pb::hub as pb;
use proto_edge::hub::rollout_service_client::RolloutServiceClient;

use super::catalogue;
use crate::{
    cli::{Indicator, IndicatorPublish, IndicatorStatus},
    client::{self, asked, request_id},
    failure::Failure,
    output::{Cell, Sheet, column},
    say,
};

pub fn run(command: &Indicator) -> Result<(), Failure> {
    match command {
        Indicator::Publish(publish) => draft(publish),
        Indicator::Approve { at, code } => approve(&at.dir, code),
        Indicator::Status(status) => show(status),
        Indicator::Retire { at, code } => retire(&at.dir, code),
    }
}

fn draft(publish: &IndicatorPublish) -> Result<(), Failure> {
    let items = catalogue::read(&publish.file)?;
    let answer = client::block_on(async {
        let mut service = RolloutServiceClient::new(client::hub(&publish.at.dir)?);
        let whole = catalogue::publication(items.items(), request_id()?);
        let request = pb::DraftRolloutRequest {
            request_id: whole.request_id,
            indicators: whole.indicators,
            dimensions: whole.dimensions,
            wave_hold: publish.wave_hold.map(wire_duration),
            dry_run_on: publish.dry_run_on.clone(),
        };
        Ok(service.draft_rollout(asked(request)).await?.into_inner())
    })?;
    say!(
        "第 {} 号草案：新增 {} 项，未变 {} 项。看试算和重叠：tongxin hub indicator status；批准：… approve CODE",
        "Draft {}: {} new items, {} unchanged. Dry run and overlaps: tongxin hub indicator status; then: … approve CODE",
        answer.number,
        answer.added,
        answer.unchanged
    );
    Ok(())
}

fn approve(dir: &Path, code: &str) -> Result<(), Failure> {
    let answer = client::block_on(async {
        let mut service = RolloutServiceClient::new(client::hub(dir)?);
        let request = pb::ApproveRolloutRequest {
            request_id: request_id()?,
            indicator: code.to_owned(),
        };
        Ok(service.approve_rollout(asked(request)).await?.into_inner())
    })?;
    say!(
        "第 {} 号已批准，分批推行：1 %、10 %、全部",
        "Rollout {} approved; it goes out to 1 %, 10 %, all",
        answer.number
    );
    Ok(())
}

fn retire(dir: &Path, code: &str) -> Result<(), Failure> {
    let answer = client::block_on(async {
        let mut service = RolloutServiceClient::new(client::hub(dir)?);
        let request = pb::RetireIndicatorRequest {
            request_id: request_id()?,
            indicator: code.to_owned(),
        };
        Ok(service.retire_indicator(asked(request)).await?.into_inner())
    })?;
    say!(
        "{} 已停用 {} 版；历史数字仍可查",
        "{}: {} revisions retired; what was counted can still be asked for",
        code,
        answer.retired
    );
    Ok(())
}

fn show(status: &IndicatorStatus) -> Result<(), Failure> {
    let rollouts = client::block_on(rollouts(&status.at.dir, &status.code))?;
    let is_one = !status.code.is_empty();
    let mut sheet = Sheet::new(vec![
        column("number", "号", "number"),
        column("indicators", "指标", "indicators"),
        column("stage", "阶段", "stage"),
        column("since", "自", "since"),
        column("nodes_done", "已算节点", "nodes done"),
        column("nodes_behind", "未完", "behind"),
        column("nodes_refused", "不接受", "refused"),
        column("nodes_outside", "未及", "not yet sent"),
        column("halted", "停因", "halted because"),
    ]);
    if is_one {
        sheet.columns.extend([
            column("behind", "未完的节点", "nodes behind"),
            column("refusals", "不接受的节点", "refusals"),
            column("dry_runs", "试算", "dry runs"),
            column("overlaps", "重叠", "overlaps"),
        ]);
    }
    for rollout in &rollouts {
        let mut row = summary(rollout);
        if is_one {
            row.extend([
                Cell::List(rollout.behind.clone()),
                Cell::Rows(refusals(rollout)),
                Cell::Rows(dry_runs(rollout)),
                Cell::Rows(overlaps(rollout)),
            ]);
        }
        sheet.rows.push(row);
    }
    Ok(sheet
        .transposed_when(status.output)
        .print(status.output, false)?)
}

fn summary(rollout: &pb::Rollout) -> Vec<Cell> {
    let since = rollout.since.and_then(|at| {
        let at = jiff::Timestamp::new(at.seconds, at.nanos).ok()?;
        Some(at.to_string())
    });
    let halted = match rollout.halt_details.is_empty() {
        true => rollout.halt_reason.clone(),
        false => format!(
            "{}: {}",
            rollout.halt_reason,
            rollout.halt_details.join("; ")
        ),
    };
    vec![
        rollout.number.into(),
        Cell::List(rollout.indicators.clone()),
        stage(rollout).into(),
        since.map_or(Cell::Empty, Into::into),
        rollout.nodes_done.into(),
        rollout.nodes_behind.into(),
        rollout.nodes_refused.into(),
        rollout.nodes_outside.into(),
        halted.into(),
    ]
}

pub fn stage(rollout: &pb::Rollout) -> String {
    let stage = rollout.stage().as_str_name();
    stage.trim_start_matches("ROLLOUT_STAGE_").to_lowercase()
}

fn refusals(rollout: &pb::Rollout) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("reason", "原因", "reason"),
        column("detail", "说明", "detail"),
    ]);
    for refusal in &rollout.refusals {
        sheet.rows.push(vec![
            refusal.community.as_str().into(),
            refusal.reason.as_str().into(),
            refusal.detail.as_str().into(),
        ]);
    }
    sheet
}

/// One row for each node and definition; one for a node that counted none.
pub fn dry_runs(rollout: &pb::Rollout) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("state", "状态", "state"),
        column("indicator", "指标", "indicator"),
        column("facts", "事实", "facts"),
        column("took_ms", "毫秒", "ms"),
        column("cells", "单元格", "cells"),
        column("smallest", "最小", "smallest"),
        column("unrecorded", "从未记录", "never recorded"),
        column("detail", "说明", "detail"),
    ]);
    for run in &rollout.dry_runs {
        let state = match (run.answered, run.reason.is_empty()) {
            (false, _) => "waiting",
            (true, true) => "counted",
            (true, false) => "refused",
        };
        let mut line = |indicator: &str, count: Option<&pb::DryRunCount>, detail: String| {
            let cells = count.map_or(Cell::Empty, |count| whole(count.cells));
            let smallest = count.and_then(|count| count.smallest);
            sheet.rows.push(vec![
                run.community.as_str().into(),
                state.into(),
                indicator.into(),
                whole(run.facts),
                whole(run.took_ms),
                cells,
                smallest.map_or(Cell::Empty, whole),
                Cell::List(run.unrecorded.clone()),
                detail.into(),
            ]);
        };
        if run.counts.is_empty() {
            line(
                "",
                None,
                format!("{} {}", run.reason, run.detail).trim().to_owned(),
            );
        }
        for count in &run.counts {
            line(&count.indicator, Some(count), count.refusal.clone());
        }
    }
    sheet
}

pub fn overlaps(rollout: &pb::Rollout) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("indicator", "指标", "indicator"),
        column("with", "与", "with"),
        column("relation", "关系", "relation"),
        column("narrows", "互相泄露", "narrows"),
    ]);
    for overlap in &rollout.overlaps {
        let relation = overlap.relation().as_str_name();
        let narrows = match overlap.narrows {
            true => crate::locale::pick(
                "是：同一批人的受保护指标",
                "yes: protected, of the same people",
            ),
            false => "",
        };
        sheet.rows.push(vec![
            overlap.indicator.as_str().into(),
            overlap.with.as_str().into(),
            relation
                .trim_start_matches("OVERLAP_RELATION_")
                .to_lowercase()
                .into(),
            narrows.into(),
        ]);
    }
    sheet
}

fn whole(number: u64) -> Cell {
    Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX))
}

pub fn wire_duration(duration: SignedDuration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: duration.as_secs(),
        nanos: duration.subsec_nanos(),
    }
}

async fn rollouts(dir: &Path, code: &str) -> Result<Vec<pb::Rollout>, Failure> {
    let mut service = RolloutServiceClient::new(client::hub(dir)?);
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListRolloutsRequest {
            indicator: code.to_owned(),
            page_size: 100,
            page_token,
        };
        let answer = service.list_rollouts(asked(request)).await?.into_inner();
        all.extend(answer.rollouts);
        if answer.next_page_token.is_empty() {
            return Ok(all);
        }
        page_token = answer.next_page_token;
    }
}
