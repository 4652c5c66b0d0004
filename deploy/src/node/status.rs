//! How a serving node is: one row.

use proto::pb::node as pb;
use proto_edge::node::node_status_service_client::NodeStatusServiceClient;

use crate::{
    cli::Status,
    client::{self, time_text},
    failure::Failure,
    output::{Cell, Sheet, column},
};

use super::serve::door;

pub fn status(status: &Status) -> Result<(), Failure> {
    let node = client::block_on(async {
        let door = door(&status.at.dir)?;
        let mut service = NodeStatusServiceClient::new(door.channel.clone());
        Ok(service
            .get_node_status(door.request(pb::GetNodeStatusRequest {}))
            .await?
            .into_inner())
    })?;
    let time =
        |time: Option<prost_types::Timestamp>| Cell::from(time.map(time_text).unwrap_or_default());
    let consumers = &node.notice_consumers;
    let waiting: u64 = consumers.iter().map(|one| one.waiting).sum();
    let lost: u64 = consumers.iter().map(|one| one.lost).sum();
    let alarms = node.alarms.iter();
    let alarms = alarms.map(|alarm| crate::locale::pick(alarm.zh.clone(), alarm.en.clone()));
    let alarms: Vec<String> = alarms.collect();
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("identity", "身份", "identity"),
        column("cases", "报事", "cases"),
        column("open_cases", "未办结", "open"),
        column("cells", "单元格", "cells"),
        column("journal_seq", "日志", "journal"),
        column("view_seq", "视图", "view"),
        column("journal_root", "日志根", "journal root"),
        column("head_cell_seq", "头", "head"),
        column("acked_cell_seq", "已确认", "acked"),
        column("link_state", "线路", "link"),
        column("link_detail", "说明", "detail"),
        column("last_ack_at", "最近确认", "last ack"),
        column("rejected_cells", "被拒", "rejected"),
        column("catalogue_seq", "目录", "catalogue"),
        column("certificate_not_after", "证书至", "certificate until"),
        column("software", "版本", "version"),
        column("notices_waiting", "未确认通知", "notices waiting"),
        column("notices_lost", "放弃的通知", "notices lost"),
        column("alarms", "告警", "alarms"),
    ]);
    sheet.rows.push(vec![
        node.community.into(),
        node.identity.into(),
        node.cases.into(),
        node.open_cases.into(),
        node.cells.into(),
        node.journal_seq.into(),
        node.view_seq.into(),
        node.journal_root.into(),
        node.head_cell_seq.into(),
        node.acked_cell_seq.into(),
        node.link_state.into(),
        node.link_detail.into(),
        time(node.last_ack_at),
        node.rejected_cells.into(),
        node.catalogue_seq.into(),
        time(node.certificate_not_after),
        node.software.into(),
        waiting.into(),
        lost.into(),
        alarms.join("; ").into(),
    ]);
    Ok(sheet
        .transposed_when(status.output)
        .print(status.output, false)?)
}
