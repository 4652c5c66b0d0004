//! `AssignmentService`: communities and child hubs that are counted elsewhere
//! from now on. Parses, calls, converts.

use std::sync::Arc;

use hub_domain::{event::Asked, tree::assignment::Released};
use proto::{
    identity::Subject,
    pb::hub as pb,
    place::{Level, Place},
};
use proto_edge::{
    clock::Clock, hub::assignment_service_server::AssignmentService, live::Live, problem::Problem,
};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, now, place, request_id, wire_time},
    status::{Mistake, Mistakes, ledger_problem, unknown_node},
};
use crate::{pki::ledger::IssuanceLedger as _, store::Store};

/// Moves of one answer: there are that many at once when a district is made anew.
const LISTED: usize = 1_000;

pub struct AssignmentsRpc {
    pub store: Store,
    pub clock: Clock,
    pub live: Arc<Live>,
}

impl AssignmentsRpc {
    async fn release(
        &self,
        by: Subject,
        wire: &pb::ReleaseNodeRequest,
    ) -> Result<pb::ReleaseNodeResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let node = mistakes.take(reporter(&wire.node));
        let request = mistakes.take(request_id(&wire.request_id));
        let (node, request) = mistakes.finish(node.zip(request))?;
        let subject = match node.level() {
            Level::Community => Subject::Community(node),
            _ => Subject::Child(node),
        };
        let is_member = self.store.state().member(&subject).is_some();
        if !is_member && self.store.line(node).is_none() {
            return Err(unknown_node(node));
        }
        let asked = Asked { by, request };
        let at = now(&self.clock);
        let released = self.store.release(Released { asked, node, at }).await;
        let released = released.map_err(ledger_problem)?;
        self.live.cut(&subject);
        Ok(pb::ReleaseNodeResponse {
            released_at: Some(wire_time(released.at)),
        })
    }

    fn moves(&self) -> pb::ListMovesResponse {
        let moves = self.store.moves().into_iter().take(LISTED);
        let moves = moves.map(|(assigned, waits_for)| pb::Move {
            community: assigned.community.to_string(),
            to: assigned.holder.map(|to| to.to_string()).unwrap_or_default(),
            waits_for: waits_for.iter().map(Place::to_string).collect(),
        });
        pb::ListMovesResponse {
            moves: moves.collect(),
        }
    }
}

/// Whoever reports: a community, or a child hub.
fn reporter(text: &str) -> Result<Place, Mistake> {
    let parsed = place("node", text)?;
    let is_reporter = parsed.level() == Level::Community || parsed.is_of_a_hub();
    is_reporter.then_some(parsed).ok_or_else(|| {
        Mistake::new(
            "node",
            "want the twelve digits of a community, or the 2, 4 or 6 of a child hub",
            "应为十二位社区代码，或下级枢纽的 2、4、6 位代码",
        )
    })
}

#[tonic::async_trait]
impl AssignmentService for AssignmentsRpc {
    async fn release_node(
        &self,
        mut request: Request<pb::ReleaseNodeRequest>,
    ) -> Result<Response<pb::ReleaseNodeResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.release(by, request.get_ref()).await?))
    }

    async fn list_moves(
        &self,
        _: Request<pb::ListMovesRequest>,
    ) -> Result<Response<pb::ListMovesResponse>, Status> {
        Ok(Response::new(self.moves()))
    }
}
