//! What an operator decides about a quarantined node.

use proto::pb::hub as pb;
use proto_edge::hub::node_service_client::NodeServiceClient;

use crate::{
    cli::Reclaim,
    client::{self, asked, request_id},
    failure::Failure,
    say,
};

pub fn reclaim(reclaim: &Reclaim, mode: pb::ReclaimMode) -> Result<(), Failure> {
    let answer = client::block_on(async {
        let request = pb::ReclaimNodeRequest {
            community: reclaim.community.clone(),
            mode: mode.into(),
            request_id: request_id()?,
        };
        let mut nodes = NodeServiceClient::new(client::hub(&reclaim.at.dir)?);
        Ok(nodes.reclaim_node(asked(request)).await?.into_inner())
    })?;
    if answer.done {
        say!("{} 已回到线上", "{} is back in line", reclaim.community);
        return Ok(());
    }
    say!(
        "已决定 {}。节点下次连接时照办（一小时内；重启节点即刻生效）",
        "Decided about {}. The node does so when it next connects: within an hour, or at once after a restart",
        reclaim.community
    );
    Ok(())
}
