//! `tongxin node audit`: whether the numbers that the hub holds follow from this node's
//! journal. Says what was found; changes nothing.

use node_server::store::Setup;
use proto::indicator::cell::Cell as IndicatorCell;
use proto_edge::membership::Membership;

use super::serve::config;
use crate::{
    audit::{self, Asked, Inspection, Material},
    cli::{Audit, Output},
    client,
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    progress, say,
};

/// Findings that are named one by one.
const NAMED: usize = 100;

pub fn audit(audit: &Audit) -> Result<(), Failure> {
    let dir = &audit.at.dir;
    let config = config(dir)?;
    let material = match &audit.bundle {
        Some(bundle) => audit::read(bundle)?,
        None => ask(audit, &config.community.to_string())?,
    };
    if material.about.community != config.community.to_string() {
        let text = crate::text!(
            "审计包属于社区 {}，本节点是 {}",
            "The bundle is of community {}, this node is {}",
            material.about.community,
            config.community
        );
        return Err(Failure::new(Exit::BadData, text));
    }
    let records = material.releases.last();
    let records = records.map_or(0, |last| last.head.point.size);
    let bar = progress::bytes(records);
    let found = audit::inspect(dir, &Setup::of(&config), &material, |at| {
        bar.set_position(at);
    })?;
    bar.finish_and_clear();
    let sheet = sheet(&material, &found, audit.output).transposed_when(audit.output);
    sheet.print(audit.output, false)?;
    if found.agrees() {
        say!(
            "相符：枢纽所存的数由本日志逐字节得出",
            "They agree: what the hub holds follows from this journal, byte by byte"
        );
        return Ok(());
    }
    let text = crate::text!(
        "不相符：{} 个问题、{} 个单元格；请保留日志与审计包，勿再改动",
        "They do not agree: {} problems, {} cells; keep journal and bundle as they are",
        found.problems.len(),
        found.findings.len()
    );
    Err(Failure::new(Exit::BadData, text))
}

/// Over the node's own line.
fn ask(audit: &Audit, community: &str) -> Result<Material, Failure> {
    let dir = &audit.at.dir;
    if !Membership::exists(dir) {
        let text = crate::text!(
            "{}：节点尚未入网；请用 --bundle 带来的审计包",
            "{}: the node has joined no district; bring a bundle and use --bundle",
            dir.display()
        );
        return Err(Failure::new(Exit::Configuration, text));
    }
    let asked = Asked {
        community: community.to_owned(),
        period: audit.period.clone(),
        indicator: audit.indicator.clone(),
    };
    client::block_on(async { audit::fetch(client::hub(dir)?, &asked).await })
}

fn sheet(material: &Material, found: &Inspection, output: Output) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("agrees", "相符", "agrees"),
        column("community", "社区", "community"),
        column("period", "周期", "period"),
        column("indicator", "指标", "indicator"),
        column("releases", "核实的发布头", "releases verified"),
        column(
            "foreign_releases",
            "旧日志的发布头",
            "releases of other journals",
        ),
        column("records", "重放的记录", "records replayed"),
        column("journal_size", "发布头所签的记录", "records signed"),
        column("compared_cells", "核对的单元格", "cells compared"),
        column("problems", "问题", "problems"),
        column("differing_cells", "不符的单元格", "cells that differ"),
        column("findings", "逐项", "one by one"),
    ]);
    let about = &material.about;
    let head = found.release.as_ref().map(|kept| &kept.head);
    let release = head.and_then(|head| head.release.as_deref());
    let problems = found.problems.iter();
    let problems = problems.map(|(zh, en)| crate::locale::pick(zh, en).clone());
    let (zh, en) = match found.agrees() {
        true => ("是", "yes"),
        false => ("否", "no"),
    };
    let agrees = match output {
        Output::Table => crate::locale::pick(zh, en),
        _ => en,
    };
    sheet.rows.push(vec![
        agrees.into(),
        about.community.as_str().into(),
        about.period.as_str().into(),
        about.indicator.as_str().into(),
        found.releases.into(),
        found.foreign_releases.into(),
        release.map_or(Cell::Empty, |release| release.records.into()),
        head.map_or(Cell::Empty, |head| head.point.size.into()),
        found.compared_cells.into(),
        Cell::List(problems.collect()),
        (found.findings.len() as u64).into(),
        Cell::Rows(findings(found)),
    ]);
    sheet
}

fn findings(found: &Inspection) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("indicator", "指标编号", "indicator id"),
        column("revision", "版次", "revision"),
        column("period", "周期", "period"),
        column("breakdown", "细分", "breakdown"),
        column("held", "枢纽", "hub"),
        column("replayed", "日志", "journal"),
    ]);
    for finding in found.findings.iter().take(NAMED) {
        let key = &finding.key;
        sheet.rows.push(vec![
            key.indicator.0.into(),
            key.revision.0.into(),
            key.period.to_string().into(),
            key.breakdown.0.into(),
            shown(finding.held.as_ref()).into(),
            shown(finding.replayed.as_ref()).into(),
        ]);
    }
    sheet
}

/// Order, kind and state, as they would be compared.
fn shown(cell: Option<&IndicatorCell>) -> String {
    let Some(cell) = cell else {
        return "-".to_owned();
    };
    let state = cell.state.bytes.iter();
    let state: String = state.map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}.{} {}:{state}",
        cell.order.lineage, cell.order.seq, cell.state.kind
    )
}
