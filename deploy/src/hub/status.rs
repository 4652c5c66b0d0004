//! How the hub and its nodes are: a line on stderr for the hub, a row a node on
//! stdout, and the alarms with their commands. Knows what is shown, not what is
//! wrong.

use proto::pb::hub as pb;
use proto_edge::hub::{
    centre_service_client::CentreServiceClient, hub_status_service_client::HubStatusServiceClient,
};

use super::{
    centres::{centres, tell},
    share::share,
};
use crate::{
    cli::{HubStatus, Output},
    client::{self, asked, time_text},
    failure::Failure,
    locale::pick,
    output::{Cell, Column, Sheet, column},
    say,
};

pub(super) type Service = HubStatusServiceClient<tonic::transport::Channel>;

pub fn status(status: &HubStatus) -> Result<(), Failure> {
    let (hub, nodes, centres) = client::block_on(async {
        let mut service = HubStatusServiceClient::new(client::hub(&status.at.dir)?);
        let hub = service
            .get_hub_status(asked(pb::GetHubStatusRequest {
                month: status.month.clone().unwrap_or_default(),
            }))
            .await?
            .into_inner();
        let nodes = match &status.community {
            None => nodes(&mut service).await?,
            Some(community) => vec![node(&mut service, community.clone()).await?],
        };
        let mut service = CentreServiceClient::new(client::hub(&status.at.dir)?);
        Ok((hub, nodes, centres(&mut service).await?))
    })?;
    say!(
        "区 {}：社区 {}，成员 {}，在线 {}，单元格 {}，日志 {}，目录 {}，版本 {}",
        "District {}: {} communities, {} members, {} connected, {} cells, journal {}, catalogue {}, version {}",
        hub.district,
        hub.communities,
        hub.members,
        hub.connected,
        hub.cells,
        hub.journal_seq,
        hub.catalogue_seq,
        hub.software
    );
    say!(
        "WJ.N01 接入社区率 {}；WJ.N02 数据及时率（{}）{}",
        "WJ.N01 communities enrolled {}; WJ.N02 reports in time ({}) {}",
        share(hub.joined),
        hub.month,
        share(hub.in_time)
    );
    for alarm in &hub.alarms {
        let [what, why] = words(alarm);
        let command = alarm.commands.join(pick("；或 ", "; or "));
        say!(
            "告警：{}。{}。命令：{}",
            "Alarm: {}. {}. Run: {}",
            what,
            why,
            command
        );
    }
    tell(&centres);
    print(&nodes, status)
}

/// A person sees what matters of all nodes, and their alarms below; a program,
/// or whoever asks for one node, everything.
fn print(nodes: &[pb::NodeStatus], status: &HubStatus) -> Result<(), Failure> {
    let output = status.output;
    if output != Output::Table || status.community.is_some() {
        let mut sheet = full(nodes);
        if output != Output::Json {
            sheet.columns.pop();
            sheet.rows.iter_mut().for_each(|row| drop(row.pop()));
        }
        return Ok(sheet.transposed_when(output).print(output, false)?);
    }
    brief(nodes).print(output, false)?;
    let alarms = alarms(nodes);
    if !alarms.rows.is_empty() {
        alarms.print(output, false)?;
    }
    Ok(())
}

async fn node(service: &mut Service, community: String) -> Result<pb::NodeStatus, Failure> {
    let request = pb::GetNodeStatusRequest { community };
    Ok(service.get_node_status(asked(request)).await?.into_inner())
}

pub(super) async fn nodes(service: &mut Service) -> Result<Vec<pb::NodeStatus>, Failure> {
    let (mut nodes, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListNodeStatusesRequest {
            page_size: 1000,
            page_token,
        };
        let answer = service
            .list_node_statuses(asked(request))
            .await?
            .into_inner();
        nodes.extend(answer.nodes);
        if answer.next_page_token.is_empty() {
            return Ok(nodes);
        }
        page_token = answer.next_page_token;
    }
}

fn brief(nodes: &[pb::NodeStatus]) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("name", "名称", "name"),
        column("state", "状态", "state"),
        column("last_seen_at", "最近", "last seen"),
        column("lag_seq", "差（条）", "lag"),
        column("lag", "差（时）", "lag time"),
        column("complete_until", "水位", "complete until"),
        column("rejected_cells", "被拒", "rejected"),
        column("digest_agreed_at", "核对", "digest agreed"),
        column("certificate_left", "证书余", "certificate left"),
        column("software", "版本", "version"),
        column("alarms", "告警", "alarms"),
    ]);
    for node in nodes {
        let kinds = node.alarms.iter().map(|alarm| alarm.kind.clone());
        sheet.rows.push(vec![
            node.community.as_str().into(),
            node.display_name.as_str().into(),
            state(node.state()).into(),
            time(node.last_seen_at),
            node.head_seq.saturating_sub(node.acked_seq).into(),
            node.lag.map_or(Cell::Empty, |lag| span(&lag).into()),
            time(node.complete_until),
            node.rejected_cells.into(),
            time(node.digest_agreed_at),
            node.certificate_left
                .map_or(Cell::Empty, |left| span(&left).into()),
            node.software.as_str().into(),
            match kinds.collect::<Vec<_>>() {
                none if none.is_empty() => Cell::Empty,
                kinds => Cell::List(kinds),
            },
        ]);
    }
    sheet
}

/// Everything that is known of each node; keys are stable.
fn full(nodes: &[pb::NodeStatus]) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("name", "名称", "name"),
        column("state", "状态", "state"),
        column("last_seen_at", "最近", "last seen"),
        column("acked_seq", "已收", "acked"),
        column("head_seq", "节点头", "head"),
        column("lag_seq", "差（条）", "lag"),
        column("lag_s", "差（秒）", "lag, s"),
        column("complete_until", "水位", "complete until"),
        column("quarantined_at", "隔离自", "quarantined since"),
        column("rejected_cells", "被拒", "rejected"),
        column("rejected", "被拒原因", "rejected by reason"),
        column("digest_agreed_at", "核对", "digest agreed"),
        column("digest_agreed_seq", "核对至", "agreed up to"),
        column("digest_repaired_at", "上次修复", "last repair"),
        column("certificate_not_after", "证书至", "certificate until"),
        column("certificate_left_s", "证书余（秒）", "certificate left, s"),
        column("software", "版本", "version"),
        column("protocol", "协议", "protocol"),
        column("clock_skew_s", "时钟差（秒）", "clock skew, s"),
        column("catalogue_seq", "目录", "catalogue"),
        column("refused_items", "拒收定义", "refused items"),
        column("alarm", "告警", "alarm"),
        // The last: an object each, for JSON alone; `alarm` says the same.
        column("alarms", "告警", "alarms"),
    ]);
    for node in nodes {
        sheet.rows.push(vec![
            node.community.as_str().into(),
            node.display_name.as_str().into(),
            state(node.state()).into(),
            time(node.last_seen_at),
            node.acked_seq.into(),
            node.head_seq.into(),
            node.head_seq.saturating_sub(node.acked_seq).into(),
            seconds(node.lag),
            time(node.complete_until),
            time(node.quarantined_at),
            node.rejected_cells.into(),
            Cell::Rows(rejected(&node.rejected)),
            time(node.digest_agreed_at),
            node.digest_agreed_seq.into(),
            time(node.digest_repaired_at),
            time(node.certificate_not_after),
            seconds(node.certificate_left),
            node.software.as_str().into(),
            match node.protocol {
                0 => Cell::Empty,
                protocol => protocol.into(),
            },
            seconds(node.clock_skew),
            node.catalogue_seq.into(),
            Cell::List(node.refused_items.clone()),
            alarm(&node.alarms),
            Cell::Rows(alarms_of(node)),
        ]);
    }
    sheet
}

fn rejected(groups: &[pb::RejectedCells]) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("reason", "原因", "reason"),
        column("count", "个", "count"),
        column("first", "首几个", "first"),
    ]);
    for group in groups {
        sheet.rows.push(vec![
            group.reason.as_str().into(),
            group.count.into(),
            Cell::List(group.first.clone()),
        ]);
    }
    sheet
}

/// Whom somebody has to help, with what.
fn alarms(nodes: &[pb::NodeStatus]) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("alarm", "告警", "alarm"),
        column("why", "原因", "why"),
        column("commands", "命令（择一）", "run one of"),
    ]);
    for node in nodes {
        for alarm in &node.alarms {
            let [what, why] = words(alarm);
            sheet.rows.push(vec![
                node.community.as_str().into(),
                what.into(),
                why.into(),
                alarm.commands.join("\n").into(),
            ]);
        }
    }
    sheet
}

/// For programs, in both languages.
fn alarms_of(node: &pb::NodeStatus) -> Sheet {
    let keys: [Column; 6] = [
        column("kind", "类", "kind"),
        column("what_zh", "告警", "alarm (zh)"),
        column("what_en", "告警（英）", "alarm"),
        column("why_zh", "原因", "why (zh)"),
        column("why_en", "原因（英）", "why"),
        column("commands", "命令", "commands"),
    ];
    let mut sheet = Sheet::new(keys.into());
    for alarm in &node.alarms {
        sheet.rows.push(vec![
            alarm.kind.as_str().into(),
            alarm.what_zh.as_str().into(),
            alarm.what_en.as_str().into(),
            alarm.why_zh.as_str().into(),
            alarm.why_en.as_str().into(),
            Cell::List(alarm.commands.clone()),
        ]);
    }
    sheet
}

/// All alarms as one text in the reader's language; empty when all is well.
fn alarm(alarms: &[pb::Alarm]) -> Cell {
    let texts = alarms.iter().map(|alarm| {
        let [what, why] = words(alarm);
        let commands = alarm.commands.join(pick("；或 ", "; or "));
        format!("{what}: {why}: {commands}")
    });
    texts.collect::<Vec<_>>().join("\n").into()
}

fn words(alarm: &pb::Alarm) -> [&str; 2] {
    pick(
        [&alarm.what_zh, &alarm.why_zh],
        [&alarm.what_en, &alarm.why_en],
    )
}

fn time(time: Option<prost_types::Timestamp>) -> Cell {
    time.map(time_text).unwrap_or_default().into()
}

fn seconds(span: Option<prost_types::Duration>) -> Cell {
    span.map_or(Cell::Empty, |span| Cell::Whole(span.seconds))
}

/// The two greatest units: `13d 4h`, `-2h 5m`, `8s`.
fn span(span: &prost_types::Duration) -> String {
    let sign = if span.seconds < 0 { "-" } else { "" };
    let all = span.seconds.unsigned_abs();
    let [days, hours, minutes, seconds] = [all / 86_400, all / 3_600 % 24, all / 60 % 60, all % 60];
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{seconds}s"),
        (0, 0, _) => format!("{sign}{minutes}m {seconds}s"),
        (0, _, _) => format!("{sign}{hours}h {minutes}m"),
        _ => format!("{sign}{days}d {hours}h"),
    }
}

/// Stable words: scripts compare them.
fn state(state: pb::NodeState) -> &'static str {
    match state {
        pb::NodeState::Unspecified | pb::NodeState::NeverSeen => "never-seen",
        pb::NodeState::Connected => "connected",
        pb::NodeState::Away => "away",
        pb::NodeState::Quarantined => "quarantined",
        pb::NodeState::Revoked => "revoked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node() -> pb::NodeStatus {
        pb::NodeStatus {
            community: "510115001001".into(),
            head_seq: 9,
            acked_seq: 4,
            lag: Some(prost_types::Duration {
                seconds: 90_000,
                nanos: 0,
            }),
            rejected: vec![pb::RejectedCells {
                reason: "SHAPE".into(),
                count: 2,
                first: vec!["QS.R01@1 202603 0/0/0/0".into()],
            }],
            alarms: vec![pb::Alarm {
                kind: "quarantined".into(),
                what_zh: "已隔离".into(),
                what_en: "quarantined".into(),
                why_zh: "两份".into(),
                why_en: "two of it".into(),
                commands: vec!["tongxin hub adopt".into(), "tongxin hub restate".into()],
            }],
            ..Default::default()
        }
    }

    #[test]
    fn spans_show_their_two_greatest_units() {
        for (seconds, text) in [
            (8, "8s"),
            (605, "10m 5s"),
            (-7_500, "-2h 5m"),
            (1_137_600, "13d 4h"),
        ] {
            let given = prost_types::Duration { seconds, nanos: 0 };
            assert_eq!(span(&given), text);
        }
    }

    #[test]
    fn every_row_has_every_column() {
        let nodes = [node()];
        for sheet in [brief(&nodes), full(&nodes), alarms(&nodes)] {
            for row in &sheet.rows {
                assert_eq!(row.len(), sheet.columns.len());
            }
            let keys: std::collections::HashSet<_> =
                sheet.columns.iter().map(|column| column.key).collect();
            assert_eq!(keys.len(), sheet.columns.len());
        }
        let at = |sheet: &Sheet, key| {
            let at = sheet.columns.iter().position(|column| column.key == key);
            sheet.rows[0][at.unwrap()].clone()
        };
        let full = full(&nodes);
        assert_eq!(at(&full, "lag_seq"), Cell::Whole(5));
        assert_eq!(at(&full, "lag_s"), Cell::Whole(90_000));
        assert_eq!(at(&brief(&nodes), "lag"), "1d 1h".into());
        let Cell::Text(text) = at(&full, "alarm") else {
            panic!("an alarm");
        };
        assert!(text.contains("adopt") && text.contains("restate"), "{text}");
    }
}
