//! `RegisterService`: the communities as of a day, and lists to import.

use hub_domain::{
    event::Asked,
    register::{Community, Row},
};
use jiff::civil::Date;
use proto::{
    identity::Subject,
    pb::hub as pb,
    place::{Level, Place},
};
use proto_edge::{clock::Clock, hub::register_service_server::RegisterService, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, date, foreign_page_token, page_size, place, request_id, today},
    status::{Mistakes, ledger_problem, register_problem},
};
use crate::{pki::ledger::LedgerFault, store::Store};

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;
const COLLECTION: &str = "communities/";

pub struct RegisterRpc {
    pub store: Store,
    pub clock: Clock,
}

/// A page of the communities that were open on `day`.
struct Listing {
    place: Place,
    day: Date,
    size: usize,
    after: Option<Place>,
}

impl RegisterRpc {
    fn listing(&self, wire: &pb::ListCommunitiesRequest) -> Result<Listing, Problem> {
        let mut mistakes = Mistakes::default();
        let place = mistakes.take(place("place", &wire.place));
        let as_of = mistakes.take(date("as_of", &wire.as_of));
        let size = mistakes.take(page_size(wire.page_size, LISTED, MOST_LISTED));
        let after = match wire.page_token.as_str() {
            "" => Some(None),
            token => {
                let last = token.parse().ok();
                let last = last.filter(|last: &Place| last.level() == Level::Community);
                mistakes.take(last.map(Some).ok_or_else(foreign_page_token))
            }
        };
        let parsed = (|| {
            Some(Listing {
                place: place?,
                day: as_of?.unwrap_or_else(|| today(&self.clock, self.store.zone())),
                size: size?,
                after: after?,
            })
        })();
        mistakes.finish(parsed)
    }

    fn list(
        &self,
        wire: &pb::ListCommunitiesRequest,
    ) -> Result<pb::ListCommunitiesResponse, Problem> {
        let listing = self.listing(wire)?;
        let register = self.store.register();
        let mut open = register
            .open_on(listing.place, listing.day)
            .skip_while(|community| listing.after.is_some_and(|after| community.code <= after));
        let communities: Vec<pb::Community> = open
            .by_ref()
            .take(listing.size)
            .map(|community| shown(community, listing.day))
            .collect();
        let last = communities.last().filter(|_| open.next().is_some());
        Ok(pb::ListCommunitiesResponse {
            next_page_token: last
                .map(|last| last.name.trim_start_matches(COLLECTION).to_owned())
                .unwrap_or_default(),
            communities,
        })
    }

    async fn import(
        &self,
        by: Subject,
        wire: pb::ImportCommunitiesRequest,
    ) -> Result<pb::ImportCommunitiesResponse, Problem> {
        let request = request_id(&wire.request_id)?;
        let rows = wire.communities.into_iter().map(row).collect();
        let today = today(&self.clock, self.store.zone());
        let imported = self.store.import(Asked { by, request }, rows, today).await;
        let imported = imported.map_err(ledger_problem)?;
        let imported = imported.map_err(|refusal| register_problem(&refusal))?;
        self.shown().await.map_err(ledger_problem)?;
        Ok(pb::ImportCommunitiesResponse {
            added: imported.added,
            changed: imported.changed,
            unchanged: imported.unchanged,
        })
    }
}

impl RegisterRpc {
    /// Waits until questions see what is in the journal by now.
    async fn shown(&self) -> Result<(), LedgerFault> {
        let head = self.store.journal_head().await?;
        let mut applied = self.store.applied();
        let shown = applied.wait_for(|seq| *seq >= head.size).await;
        shown.map(drop).map_err(|_| LedgerFault::Stopping)
    }
}

pub fn row(wire: pb::Community) -> Row {
    let code = wire.name.strip_prefix(COLLECTION).unwrap_or(&wire.name);
    let successors = wire.successors.iter();
    let successors = successors.map(|name| name.strip_prefix(COLLECTION).unwrap_or(name));
    Row {
        code: code.to_owned(),
        successors: successors.collect::<Vec<_>>().join(" "),
        name: wire.display_name,
        street: wire.street_name,
        kind: wire.r#type,
        opened: wire.opened,
        closed: wire.closed,
    }
}

fn shown(community: &Community, day: Date) -> pb::Community {
    let described = community.described_on(day);
    let closed = community.closed.as_ref();
    let successors = closed.map(|closing| closing.successors.as_slice());
    pb::Community {
        name: format!("{COLLECTION}{}", community.code),
        display_name: described.name.to_string(),
        street_name: described.street.to_string(),
        r#type: described
            .kind
            .map(|kind| kind.code().to_owned())
            .unwrap_or_default(),
        opened: community
            .opened
            .map(|day| day.to_string())
            .unwrap_or_default(),
        closed: closed
            .map(|closing| closing.on.to_string())
            .unwrap_or_default(),
        successors: successors
            .unwrap_or_default()
            .iter()
            .map(|successor| format!("{COLLECTION}{successor}"))
            .collect(),
    }
}

#[tonic::async_trait]
impl RegisterService for RegisterRpc {
    async fn list_communities(
        &self,
        request: Request<pb::ListCommunitiesRequest>,
    ) -> Result<Response<pb::ListCommunitiesResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref())?))
    }

    async fn import_communities(
        &self,
        mut request: Request<pb::ImportCommunitiesRequest>,
    ) -> Result<Response<pb::ImportCommunitiesResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.import(by, request.into_inner()).await?))
    }
}
