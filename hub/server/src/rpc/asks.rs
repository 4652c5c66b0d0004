//! `AskService`: the register of asked numbers. Parses, calls, converts.

use hub_domain::{
    asks::{self, Ask, Standing},
    network,
    rollout::Turned,
};
use proto::pb::hub as pb;
use proto_edge::{clock::Clock, hub::ask_service_server::AskService, problem::Problem};
use tonic::{Request, Response, Status};

use super::field::{foreign_page_token, page_size, share, today, wire_time};
use crate::store::Store;

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;

pub struct AsksRpc {
    pub store: Store,
    pub clock: Clock,
}

impl AsksRpc {
    fn list(&self, wire: &pb::ListAsksRequest) -> Result<pb::ListAsksResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let rollouts = self.store.rollouts();
        let today = today(&self.clock, self.store.zone());
        let catalogue = self.store.catalogue();
        let asks = asks::register(&catalogue, &rollouts, today);
        let from = match wire.page_token.as_str() {
            "" => 0,
            token => {
                1 + asks
                    .iter()
                    .position(|ask| named(ask) == token)
                    .ok_or_else(foreign_page_token)?
            }
        };
        let page = &asks[from..asks.len().min(from + size)];
        let last = page.last().filter(|_| from + page.len() < asks.len());
        let turned_count = u32::try_from(rollouts.turned().count()).unwrap_or(u32::MAX);
        Ok(pb::ListAsksResponse {
            asks: page.iter().map(ask).collect(),
            next_page_token: last.map(named).unwrap_or_default(),
            burden: u32::try_from(asks::burden(&asks)).unwrap_or(u32::MAX),
            turned: rollouts.turned().take(LISTED).map(turned).collect(),
            turned_count,
            asked_once: Some(share(network::asked_once(&catalogue, &asks))),
        })
    }
}

fn named(ask: &Ask) -> String {
    format!("{}@{}", ask.code, ask.revision.0)
}

fn ask(ask: &Ask) -> pb::Ask {
    let (standing, days_left) = match ask.standing {
        Standing::Collected => (pb::AskStanding::Collected, 0),
        Standing::Ending(days) => (pb::AskStanding::Ending, days.unsigned_abs()),
        Standing::Ended => (pb::AskStanding::Ended, 0),
        Standing::Retired => (pb::AskStanding::Retired, 0),
    };
    pb::Ask {
        indicator: named(ask),
        name_zh: ask.name_zh.clone(),
        owner: ask.owner.clone(),
        reason: ask.reason.clone(),
        legal_basis: ask.legal_basis.clone().unwrap_or_default(),
        sunset: ask.sunset.map(|day| day.to_string()).unwrap_or_default(),
        days_left,
        centres: ask.centres.clone(),
        standing: standing.into(),
        rollout: ask.rollout.unwrap_or_default(),
        derived: ask.cost.is_derived,
        tried_nodes: ask.cost.tried,
        facts: ask.cost.facts,
        took_ms: ask.cost.took_ms,
    }
}

fn turned(turned: &Turned) -> pb::TurnedAsk {
    pb::TurnedAsk {
        code: turned.code.clone(),
        indicator: turned.by.clone(),
        turned_at: Some(wire_time(turned.at)),
    }
}

#[tonic::async_trait]
impl AskService for AsksRpc {
    async fn list_asks(
        &self,
        request: Request<pb::ListAsksRequest>,
    ) -> Result<Response<pb::ListAsksResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref())?))
    }
}
