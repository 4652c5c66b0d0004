//! `tongxin hub head`: what a community's journal had come to when the hub last
//! heard of it. Knows not how a head is signed.

use proto::pb::hub as pb;
use proto_edge::hub::hub_status_service_client::HubStatusServiceClient;

use super::status::nodes;
use crate::{
    cli::{Head, Output},
    client::{self, time_text},
    failure::{Exit, Failure},
    output::{Sheet, column},
};

/// The head goes to stdout, alone on its line, so that it can be piped.
pub fn head(head: &Head) -> Result<(), Failure> {
    let nodes = client::block_on(async {
        let mut service = HubStatusServiceClient::new(client::hub(&head.at.dir)?);
        nodes(&mut service).await
    })?;
    let of = |node: &&pb::NodeStatus| node.community == head.community;
    let known = nodes.iter().find(of).map(|node| node.journal_head.as_str());
    let known = known.filter(|known| !known.is_empty()).ok_or_else(|| {
        let text = crate::text!(
            "枢纽不知道 {} 的日志头：它从未送来",
            "The hub knows no head of {}: none ever came",
            head.community
        );
        Failure::new(Exit::Failure, text)
    })?;
    if head.output == Output::Table {
        println!("{known}");
        return Ok(());
    }
    let signed: journal::SignedHead = known
        .parse()
        .map_err(|bad: journal::BadSignedHead| Failure::new(Exit::Failure, bad.to_string()))?;
    let root: String = signed
        .root
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let signed_at = prost_types::Timestamp {
        seconds: (signed.time_ms / 1000) as i64,
        nanos: 0,
    };
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("records", "记录", "records"),
        column("root", "日志根", "root"),
        column("signed_at", "时间", "signed at"),
        column("head", "头", "head"),
    ]);
    sheet.rows.push(vec![
        head.community.as_str().into(),
        signed.size.into(),
        root.into(),
        time_text(signed_at).into(),
        known.into(),
    ]);
    Ok(sheet.print(head.output, false)?)
}
