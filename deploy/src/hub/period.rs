//! `tongxin hub period …`: locks of periods, and what was revised.

use proto::pb::hub as pb;
use proto_edge::hub::period_service_client::PeriodServiceClient;
use tonic::transport::Channel;

use super::{Units, catalogue, query};
use crate::{
    cli::{self, Output, Period, PeriodLock, Revisions},
    client::{self, asked, request_id, time_text},
    failure::Failure,
    locale::pick,
    output::{Cell, Sheet, column},
    say,
};

pub fn run(command: &Period) -> Result<(), Failure> {
    match command {
        Period::Lock(lock) => self::lock(lock),
        Period::Reopen { at, number, note } => reopen(at, *number, note),
        Period::List {
            at,
            standing,
            output,
        } => list(at, *standing, *output),
        Period::Revisions(of) => revisions(of),
    }
}

fn client(at: &cli::Dir) -> Result<PeriodServiceClient<Channel>, Failure> {
    Ok(PeriodServiceClient::new(client::hub(&at.dir)?))
}

fn lock(lock: &PeriodLock) -> Result<(), Failure> {
    let locked = client::block_on(async {
        let request = pb::LockPeriodRequest {
            request_id: request_id()?,
            period: lock.period.clone(),
            indicators: lock.indicators.clone(),
            note: lock.note.clone(),
        };
        let answer = client(&lock.at)?.lock_period(asked(request)).await?;
        Ok(answer.into_inner().lock.unwrap_or_default())
    })?;
    say!(
        "第 {} 号锁定：{}，{} / {} 个社区已报齐；此后的变动记为修订",
        "Lock {}: {}, {} of {} communities had reported it whole; what changes from now on is a revision",
        bare(&locked.name),
        locked.period,
        locked.reporting,
        locked.expected
    );
    Ok(())
}

fn reopen(at: &cli::Dir, number: u32, note: &str) -> Result<(), Failure> {
    let reopened = client::block_on(async {
        let request = pb::ReopenPeriodRequest {
            request_id: request_id()?,
            name: format!("period-locks/{number}"),
            note: note.to_owned(),
        };
        let answer = client(at)?.reopen_period(asked(request)).await?;
        Ok(answer.into_inner().lock.unwrap_or_default())
    })?;
    say!(
        "已重开 {}（第 {} 号锁定）",
        "Reopened {} (lock {})",
        reopened.period,
        number
    );
    Ok(())
}

fn list(at: &cli::Dir, standing: bool, output: Output) -> Result<(), Failure> {
    let locks = client::block_on(async {
        let (mut client, mut locks, mut page_token) = (client(at)?, Vec::new(), String::new());
        loop {
            let request = pb::ListLocksRequest {
                page_size: 1_000,
                page_token,
                standing,
            };
            let page = client.list_locks(asked(request)).await?.into_inner();
            locks.extend(page.locks);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(locks);
            }
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("number", "编号", "number"),
        column("period", "周期", "period"),
        column("indicators", "指标", "indicators"),
        column("reporting", "已报", "reporting"),
        column("expected", "应报", "expected"),
        column("locked_by", "锁定人", "locked by"),
        column("locked_at", "锁定于", "locked"),
        column("note", "备注", "note"),
        column("reopened_by", "重开人", "reopened by"),
        column("reopened_at", "重开于", "reopened"),
        column("reopening_note", "重开原因", "reopening note"),
    ]);
    for lock in locks {
        sheet.rows.push(vec![
            bare(&lock.name).into(),
            lock.period.into(),
            Cell::List(lock.indicators),
            lock.reporting.into(),
            lock.expected.into(),
            lock.locked_by.into(),
            lock.locked_at.map(time_text).unwrap_or_default().into(),
            lock.note.into(),
            lock.reopened_by.into(),
            lock.reopened_at.map(time_text).unwrap_or_default().into(),
            lock.reopening_note.into(),
        ]);
    }
    Ok(sheet.print(output, false)?)
}

fn revisions(of: &Revisions) -> Result<(), Failure> {
    let (found, is_cut, units) = client::block_on(async {
        let (mut client, mut found, mut page_token) = (client(&of.at)?, Vec::new(), String::new());
        loop {
            let request = pb::ListRevisionsRequest {
                page_size: 1_000,
                page_token,
                period: of.period.clone(),
                indicator: of.indicator.clone(),
                place: of.place.clone(),
                locked: of.locked,
            };
            let page = client.list_revisions(asked(request)).await?.into_inner();
            found.extend(page.revisions);
            page_token = page.next_page_token;
            if page_token.is_empty() || found.len() > of.limit {
                break;
            }
        }
        let is_cut = found.len() > of.limit;
        found.truncate(of.limit);
        let indicators = catalogue::indicators(&of.at.dir).await?;
        Ok((found, is_cut, catalogue::units(&indicators)))
    })?;
    let mut sheet = Sheet::new(vec![
        column("period", "周期", "period"),
        column("community", "社区", "community"),
        column("name", "名称", "name"),
        column("indicator", "指标", "indicator"),
        column("members", "细分", "members"),
        column("revised_at", "修订于", "revised"),
        column("reason", "原因", "reason"),
        column("lock", "锁定", "lock"),
        column("before", "原值", "before"),
        column("after", "现值", "after"),
        column("numerator_before", "原分子", "numerator before"),
        column("numerator_after", "现分子", "numerator after"),
        column("denominator_before", "原分母", "denominator before"),
        column("denominator_after", "现分母", "denominator after"),
    ]);
    for one in found {
        let reason = reason(one.reason());
        let [before, after] =
            [one.before, one.after].map(|value| side(&one.indicator, value, &units));
        sheet.rows.push(vec![
            one.period.into(),
            one.community.into(),
            one.community_name.into(),
            format!("{}@{}", one.indicator, one.revision).into(),
            Cell::List(one.members),
            one.revised_at.map(time_text).unwrap_or_default().into(),
            reason.into(),
            bare(&one.lock).into(),
            before.0,
            after.0,
            before.1,
            after.1,
            before.2,
            after.2,
        ]);
    }
    sheet.print(of.output, false)?;
    if is_cut {
        say!(
            "只列出前 {} 条；可加 --limit，或缩小范围",
            "Only the first {} are listed; raise --limit or ask for less",
            of.limit
        );
    }
    Ok(())
}

/// A number, its numerator and its denominator; empty where there is none.
fn side(indicator: &str, value: Option<pb::Value>, units: &Units) -> (Cell, Cell, Cell) {
    let Some(value) = value else {
        return (Cell::Empty, Cell::Empty, Cell::Empty);
    };
    let row = pb::Row {
        indicator: indicator.to_owned(),
        ..pb::Row::default()
    };
    let shown = query::number(&row, &value, units);
    let of = |number: i64| match (value.denominator, value.state()) {
        (0, _) | (_, pb::ValueState::None | pb::ValueState::Protected) => Cell::Empty,
        _ => Cell::Whole(number),
    };
    (shown, of(value.numerator), of(value.denominator))
}

fn reason(reason: pb::RevisionReason) -> &'static str {
    match reason {
        pb::RevisionReason::LateReport => pick("迟报", "late report"),
        pb::RevisionReason::LateEntry => pick("补录", "late entry"),
        pb::RevisionReason::Correction => pick("更正", "correction"),
        pb::RevisionReason::Restated => pick("恢复后重报", "restated"),
        pb::RevisionReason::Repaired => pick("对账修复", "repaired"),
        pb::RevisionReason::FirstCounted => pick("新定义首次计数", "first counted"),
        pb::RevisionReason::Unspecified => pick("不明", "unknown"),
    }
}

/// A resource's own name.
fn bare(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}
