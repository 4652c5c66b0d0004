//! `NodeService`: what an operator decides about a node. Parses, calls, converts.

use std::sync::Arc;

use hub_domain::{event::Asked, sync::reclaim::Decided};
use proto::{
    identity::Subject,
    pb::hub as pb,
    place::{Level, Place},
    sync::uplink::ReclaimMode,
};
use proto_edge::{
    clock::Clock, hub::node_service_server::NodeService, live::Live, problem::Problem,
};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, now, place, request_id, wire_time},
    status::{Mistake, Mistakes, ledger_problem, reclaim_problem},
};
use crate::store::Store;

pub struct NodesRpc {
    pub store: Store,
    pub clock: Clock,
    pub live: Arc<Live>,
}

impl NodesRpc {
    async fn reclaim(
        &self,
        by: Subject,
        wire: &pb::ReclaimNodeRequest,
    ) -> Result<pb::ReclaimNodeResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let node = mistakes.take(community(&wire.community));
        let mode = mistakes.take(mode(wire.mode()));
        let request = mistakes.take(request_id(&wire.request_id));
        let parsed = node.zip(mode).zip(request);
        let ((node, mode), request) = mistakes.finish(parsed)?;
        let asked = Asked { by, request };
        let decided = self
            .store
            .reclaim(node, asked, mode, now(&self.clock))
            .await;
        let decided = decided.map_err(ledger_problem)?;
        let decided = decided.map_err(|refusal| reclaim_problem(node, refusal))?;
        if !decided.is_done {
            // Whoever is connected as this node speaks by terms that are over.
            self.live.cut(&Subject::Community(node));
        }
        Ok(shown(&decided))
    }
}

fn community(text: &str) -> Result<Place, Mistake> {
    let wrong = || Mistake::new("community", "want twelve digits", "应为十二位社区代码");
    let parsed = place("community", text)?;
    (parsed.level() == Level::Community)
        .then_some(parsed)
        .ok_or_else(wrong)
}

fn mode(mode: pb::ReclaimMode) -> Result<ReclaimMode, Mistake> {
    match mode {
        pb::ReclaimMode::Adopt => Ok(ReclaimMode::Adopt),
        pb::ReclaimMode::Restate => Ok(ReclaimMode::Restate),
        pb::ReclaimMode::Unspecified => Err(Mistake::new(
            "mode",
            "want adopt or restate",
            "应为 adopt（取回）或 restate（重录）",
        )),
    }
}

fn shown(decided: &Decided) -> pb::ReclaimNodeResponse {
    let mode = match decided.mode {
        ReclaimMode::Adopt => pb::ReclaimMode::Adopt,
        ReclaimMode::Restate => pb::ReclaimMode::Restate,
    };
    pb::ReclaimNodeResponse {
        mode: mode.into(),
        decided_at: Some(wire_time(decided.at)),
        done: decided.is_done,
    }
}

#[tonic::async_trait]
impl NodeService for NodesRpc {
    async fn reclaim_node(
        &self,
        mut request: Request<pb::ReclaimNodeRequest>,
    ) -> Result<Response<pb::ReclaimNodeResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.reclaim(by, request.get_ref()).await?))
    }
}
