//! `HubStatusService`: how the hub is, and how each node is. Reads only.

mod alarm;
mod ending;
mod halted;
mod moving;
mod node;
mod rejected;

use std::{collections::BTreeSet, sync::Arc};

use hub_domain::{
    asks::{self, Ask},
    network,
};
use jiff::{Timestamp, civil::Date};
use proto::{identity::Subject, pb::hub as pb, period::Period, place::Place};
use proto_edge::{hub::hub_status_service_server::HubStatusService, live::Live, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    field::{foreign_page_token, now, page_size, place, share, today, wire_time},
    heard::Heard,
    status::{Mistake, ledger_problem, pki_problem, unknown_node},
};
use crate::{
    pki::{authority::Authority, ledger::IssuanceLedger as _},
    store::Store,
};

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;

pub const SOFTWARE: &str = concat!("tongxin/", env!("CARGO_PKG_VERSION"));

#[derive(Clone)]
pub struct HubStatusRpc {
    pub store: Store,
    pub authority: Arc<Authority>,
    pub live: Arc<Live>,
    pub heard: Arc<Heard>,
}

impl HubStatusRpc {
    pub async fn hub(
        &self,
        wire: &pb::GetHubStatusRequest,
    ) -> Result<pb::GetHubStatusResponse, Problem> {
        let head = self.store.journal_head().await.map_err(ledger_problem)?;
        let own = self.authority.hub_credential().map_err(pki_problem)?;
        let ends = own.holder().ok();
        let ends = ends.and_then(|own| Timestamp::from_second(own.not_after_s as i64).ok());
        let issuer = self.authority.issuer_not_after_s() as i64;
        let issuer = Timestamp::from_second(issuer).ok();
        let now = now(self.authority.clock());
        let today = self.store.zone().to_datetime(now).date();
        let month = month(&wire.month, today)?;
        let members = self.store.state();
        let members = || {
            let all = members.members_after(None);
            all.filter(|(_, member)| member.revoked.is_none())
        };
        let nodes = members().filter(|(subject, _)| subject.place().is_some());
        let connected = nodes.filter(|(subject, _)| self.live.held_by(subject) > 0);
        let enrolled = self.store.enrolled();
        let (register, zone) = (self.store.register(), self.store.zone());
        let in_time = |month| {
            let of = |lines: &_| network::in_time(&register, &enrolled, lines, zone, month);
            share(self.store.with_lines(of))
        };
        Ok(pb::GetHubStatusResponse {
            district: self.store.district().to_string(),
            incarnation: self.store.incarnation(),
            journal_seq: head.size,
            journal_root: head.root.iter().map(|byte| format!("{byte:02x}")).collect(),
            view_seq: *self.store.applied().borrow(),
            communities: count(self.open().len()),
            members: count(members().count()),
            connected: count(connected.count()),
            cells: self.store.cells(),
            catalogue_seq: self.store.catalogue().head(),
            certificate_not_after: ends.map(wire_time),
            software: SOFTWARE.to_owned(),
            alarms: issuer
                .and_then(|ends| alarm::issuer(ends, now))
                .into_iter()
                .chain(halted::halted(&self.store.rollouts()))
                .chain(ending::ending(&self.asks()))
                .chain(ending::extensions(&self.store.extensions(), today))
                .collect(),
            issuer_not_after: issuer.map(wire_time),
            joined: Some(share(network::joined(&register, &enrolled, zone, today))),
            in_time: month.map(in_time),
            month: month.map(|month| month.to_string()).unwrap_or_default(),
        })
    }

    fn asks(&self) -> Vec<Ask> {
        let today = today(self.authority.clock(), self.store.zone());
        asks::register(&self.store.catalogue(), &self.store.rollouts(), today)
    }

    /// The communities that are open today.
    fn open(&self) -> BTreeSet<Place> {
        let now = now(self.authority.clock());
        let today = self.store.zone().to_datetime(now).date();
        let register = self.store.register();
        let open = register.open_on(Place::COUNTRY, today);
        open.map(|community| community.code).collect()
    }

    fn list(
        &self,
        wire: &pb::ListNodeStatusesRequest,
    ) -> Result<pb::ListNodeStatusesResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let after = match wire.page_token.as_str() {
            "" => None,
            token => {
                let last = token.parse().ok();
                let last = last.filter(|last: &Place| Subject::reporting(*last).is_some());
                Some(last.ok_or_else(foreign_page_token)?)
            }
        };
        let rest = self.known().into_iter().filter(|code| Some(*code) > after);
        let mut nodes = self.nodes(rest.take(size + 1));
        let more = nodes.len() > size;
        nodes.truncate(size);
        let last = nodes.last().filter(|_| more);
        Ok(pb::ListNodeStatusesResponse {
            next_page_token: last.map(|last| last.community.clone()).unwrap_or_default(),
            nodes,
        })
    }

    fn one(&self, wire: &pb::GetNodeStatusRequest) -> Result<pb::NodeStatus, Problem> {
        let code = place("community", &wire.community)?;
        let known = self.known().contains(&code);
        let found = known.then(|| self.nodes([code].into_iter()));
        found
            .and_then(|mut nodes| nodes.pop())
            .ok_or_else(|| unknown_node(code))
    }
}

/// The month asked for, or the last one that is due.
fn month(text: &str, today: Date) -> Result<Option<Period>, Problem> {
    if text.is_empty() {
        return Ok(network::month_due(today));
    }
    let month = text.parse().ok();
    let month = month.filter(|month| network::is_remembered(*month, today));
    let (want, want_zh) = (
        "want a month such as 202603, this one or one of the 23 before",
        "应为月份，如 202603：本月或之前 23 个月",
    );
    let month = month.ok_or_else(|| Mistake::new("month", want, want_zh))?;
    Ok(Some(month))
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[tonic::async_trait]
impl HubStatusService for HubStatusRpc {
    async fn get_hub_status(
        &self,
        request: Request<pb::GetHubStatusRequest>,
    ) -> Result<Response<pb::GetHubStatusResponse>, Status> {
        Ok(Response::new(self.hub(request.get_ref()).await?))
    }

    async fn list_node_statuses(
        &self,
        request: Request<pb::ListNodeStatusesRequest>,
    ) -> Result<Response<pb::ListNodeStatusesResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref())?))
    }

    async fn get_node_status(
        &self,
        request: Request<pb::GetNodeStatusRequest>,
    ) -> Result<Response<pb::NodeStatus>, Status> {
        Ok(Response::new(self.one(request.get_ref())?))
    }
}
