//! `NodeStatusService`: how the store and the line to the hub are, for whoever
//! looks after the node. Says nothing about any case.

use proto::pb::node::{GetNodeStatusRequest, GetNodeStatusResponse};
use proto_edge::node::node_status_service_server::NodeStatusService;
use proto_edge::problem::Problem;
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use super::fields::wire_time;
use super::notice::status as notice_status;
use super::office::Office;
use super::status;
use crate::link::LinkStatus;
use crate::store::fault::hex;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::link::{Link, LinkKey, Links};
use crate::store::ledger::command::{Answer, Command};

pub struct NodeStatusRpc {
    office: Office,
    link: watch::Receiver<LinkStatus>,
}

impl NodeStatusRpc {
    pub fn new(office: Office, link: watch::Receiver<LinkStatus>) -> NodeStatusRpc {
        NodeStatusRpc { office, link }
    }

    async fn status(&self) -> Result<GetNodeStatusResponse, Problem> {
        let head = match self.office.ask(Command::Head).await? {
            Answer::Head(head) => head,
            _ => return Err(status::fault(&"an answer to something else")),
        };
        let catalogue = self.office.read(|store| {
            let cursor = store.view().load::<Links>(&LinkKey::Downlink)?;
            Ok(match cursor {
                Some(Link::Downlink(cursor)) => cursor.seq,
                _ => 0,
            })
        });
        let catalogue_seq = catalogue.await?;
        let notice_consumers = self.office.read(notice_status::consumers).await?;
        let marks = self.office.store.marks().borrow().clone();
        let link = self.link.borrow().clone();
        Ok(GetNodeStatusResponse {
            community: link.community,
            identity: link.identity,
            certificate_not_after: link.certificate_not_after.map(wire_time),
            journal_seq: head.size,
            journal_root: hex(&head.root),
            view_seq: marks.position,
            cells: marks.cells,
            head_cell_seq: marks.cell_seq,
            acked_cell_seq: link.acked_cell_seq,
            link_state: link.state.to_owned(),
            link_detail: link.detail,
            last_ack_at: link.last_ack_at.map(wire_time),
            rejected_cells: link.rejected_cells,
            catalogue_seq,
            cases: marks.cases,
            open_cases: marks.open_cases,
            software: format!("tongxin/{}", env!("CARGO_PKG_VERSION")),
            alarms: notice_status::alarms(&notice_consumers),
            notice_consumers,
        })
    }
}

#[tonic::async_trait]
impl NodeStatusService for NodeStatusRpc {
    async fn get_node_status(
        &self,
        _: Request<GetNodeStatusRequest>,
    ) -> Result<Response<GetNodeStatusResponse>, Status> {
        Ok(Response::new(self.status().await?))
    }
}
