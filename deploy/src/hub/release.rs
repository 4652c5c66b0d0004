//! `tongxin hub release` and `tongxin hub moves`: communities that are counted
//! elsewhere from now on.

use proto::pb::hub as pb;
use proto_edge::hub::assignment_service_client::AssignmentServiceClient;

use crate::{
    cli::{Release, Status},
    client::{self, asked, request_id, time_text},
    failure::Failure,
    output::{Sheet, column},
    say,
};

pub fn release(release: &Release) -> Result<(), Failure> {
    let node = release.community.as_ref().or(release.child.as_ref());
    let node = node.cloned().unwrap_or_default();
    let answer = client::block_on(async {
        let request = pb::ReleaseNodeRequest {
            node: node.clone(),
            request_id: request_id()?,
        };
        let mut assignments = AssignmentServiceClient::new(client::hub(&release.at.dir)?);
        Ok(assignments.release_node(asked(request)).await?.into_inner())
    })?;
    say!(
        "{} 自 {} 起不再计入本枢纽，其数据留存；请在新枢纽 tongxin hub invite，再在节点上 tongxin node move",
        "{} is not counted here since {}; what it reported is kept. Invite it at its new hub (tongxin hub invite), then run tongxin node move there",
        node,
        answer.released_at.map(time_text).unwrap_or_default()
    );
    Ok(())
}

pub fn moves(status: &Status) -> Result<(), Failure> {
    let answer = client::block_on(async {
        let mut assignments = AssignmentServiceClient::new(client::hub(&status.at.dir)?);
        let request = asked(pb::ListMovesRequest {});
        Ok(assignments.list_moves(request).await?.into_inner())
    })?;
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("to", "转往", "to"),
        column("waits_for", "等待", "waits for"),
    ]);
    for one in answer.moves {
        let waits_for = one.waits_for.join(" ");
        sheet
            .rows
            .push(vec![one.community.into(), one.to.into(), waits_for.into()]);
    }
    Ok(sheet.print(status.output, false)?)
}
