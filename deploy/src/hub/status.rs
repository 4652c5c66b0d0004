//! How the hub and its nodes are: a line on stderr for the hub, a row a node on
//! stdout.

use proto::pb::hub as pb;
use proto_edge::hub::hub_status_service_client::HubStatusServiceClient;

use crate::{
    cli::Status,
    client::{self, asked, time_text},
    failure::Failure,
    output::{Cell, Sheet, column},
    say,
};

pub fn status(status: &Status) -> Result<(), Failure> {
    let (hub, nodes) = client::block_on(async {
        let mut service = HubStatusServiceClient::new(client::hub(&status.at.dir)?);
        let hub = service
            .get_hub_status(asked(pb::GetHubStatusRequest {}))
            .await?
            .into_inner();
        Ok((hub, nodes(&mut service).await?))
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
    Ok(sheet(&nodes).print(status.output, false)?)
}

async fn nodes(
    service: &mut HubStatusServiceClient<tonic::transport::Channel>,
) -> Result<Vec<pb::NodeStatus>, Failure> {
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

fn sheet(nodes: &[pb::NodeStatus]) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("name", "名称", "name"),
        column("state", "状态", "state"),
        column("last_seen_at", "最近", "last seen"),
        column("acked_seq", "已收", "acked"),
        column("head_seq", "节点头", "head"),
        column("complete_until", "水位", "complete until"),
        column("rejected_cells", "被拒", "rejected"),
        column("digest_agreed_at", "核对", "digest agreed"),
        column("certificate_not_after", "证书至", "certificate until"),
        column("refused_items", "拒收定义", "refused items"),
        column("alarm", "告警", "alarm"),
    ]);
    let time =
        |time: Option<prost_types::Timestamp>| Cell::from(time.map(time_text).unwrap_or_default());
    for node in nodes {
        sheet.rows.push(vec![
            node.community.as_str().into(),
            node.display_name.as_str().into(),
            state(node.state()).into(),
            time(node.last_seen_at),
            node.acked_seq.into(),
            node.head_seq.into(),
            time(node.complete_until),
            node.rejected_cells.into(),
            time(node.digest_agreed_at),
            time(node.certificate_not_after),
            Cell::List(node.refused_items.clone()),
            node.alarm.as_str().into(),
        ]);
    }
    sheet
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
