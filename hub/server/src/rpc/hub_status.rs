//! `HubStatusService`: how the hub is, and how each node is. Reads only.

mod alarm;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hub_domain::{issuance::State, sync::line::Line};
use jiff::Timestamp;
use proto::{identity::Subject, pb::hub as pb, place::Place};
use proto_edge::{hub::hub_status_service_server::HubStatusService, live::Live, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    field::{foreign_page_token, now, page_size, wire_time},
    heard::Heard,
    status::{ledger_problem, pki_problem},
};
use crate::{
    pki::{authority::Authority, ledger::IssuanceLedger as _},
    store::Store,
};
use alarm::{Known, alarm};

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;

pub const SOFTWARE: &str = concat!("tongxin/", env!("CARGO_PKG_VERSION"));

pub struct HubStatusRpc {
    pub store: Store,
    pub authority: Arc<Authority>,
    pub live: Arc<Live>,
    pub heard: Arc<Heard>,
}

impl HubStatusRpc {
    async fn hub(&self) -> Result<pb::GetHubStatusResponse, Problem> {
        let head = self.store.journal_head().await.map_err(ledger_problem)?;
        let own = self.authority.hub_credential().map_err(pki_problem)?;
        let ends = own.holder().ok();
        let ends = ends.and_then(|own| Timestamp::from_second(own.not_after_s as i64).ok());
        let members = self.store.state();
        let members = || {
            let all = members.members_after(None);
            all.filter(|(_, member)| member.revoked.is_none())
        };
        let nodes = members().filter(|(subject, _)| subject.place().is_some());
        let connected = nodes.filter(|(subject, _)| self.live.held_by(subject) > 0);
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
        })
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
        let members = self.store.state();
        // Whoever should report, has reported, or may.
        let mut all = self.open();
        all.extend(
            members
                .members_after(None)
                .filter_map(|(subject, _)| subject.place()),
        );
        let nodes = self.store.with_lines(|lines| {
            all.extend(lines.keys());
            let rest = all.into_iter().filter(|code| Some(*code) > after);
            let page = rest.take(size + 1);
            page.map(|code| self.node(code, lines, &members))
                .collect::<Vec<_>>()
        });
        let mut nodes = nodes;
        let more = nodes.len() > size;
        nodes.truncate(size);
        let last = nodes.last().filter(|_| more);
        Ok(pb::ListNodeStatusesResponse {
            next_page_token: last.map(|last| last.community.clone()).unwrap_or_default(),
            nodes,
        })
    }

    fn node(&self, code: Place, lines: &BTreeMap<Place, Line>, members: &State) -> pb::NodeStatus {
        let now = now(self.authority.clock());
        let never = Line::default();
        let line = lines.get(&code).unwrap_or(&never);
        let subject = Subject::reporting(code).unwrap_or(Subject::Community(code));
        let member = members.member(&subject);
        let word = self.heard.of(code);
        let is_connected = self.live.held_by(&subject) > 0;
        let state = if member.is_some_and(|member| member.revoked.is_some()) {
            pb::NodeState::Revoked
        } else if line.quarantine.is_some() {
            pb::NodeState::Quarantined
        } else if is_connected {
            pb::NodeState::Connected
        } else if line.store_id.is_some() {
            pb::NodeState::Away
        } else {
            pb::NodeState::NeverSeen
        };
        let agreed_at = line.agreed.map(|agreed| agreed.at);
        let seen_at = line.told.at.max(agreed_at).max(word.at);
        let alarm = alarm(&Known {
            node: code,
            line,
            member,
            raised: self.store.alarm(code),
            refused_items: &word.refused_items,
            now,
        });
        let register = self.store.register();
        let listed = register.get(code);
        pb::NodeStatus {
            community: code.to_string(),
            display_name: listed
                .map(|community| community.description().name.to_string())
                .unwrap_or_default(),
            state: state.into(),
            last_seen_at: if is_connected { Some(now) } else { seen_at }.map(wire_time),
            acked_seq: line.acked,
            head_seq: line.told.head_seq.max(word.head_seq).max(line.acked),
            complete_until: line.complete_until.map(wire_time),
            rejected_cells: count(line.rejected.len()),
            digest_agreed_at: agreed_at.map(wire_time),
            certificate_not_after: member.map(|member| wire_time(member.certificate.not_after)),
            software: line.told.software.clone(),
            catalogue_seq: line.told.catalogue_seq.max(word.catalogue_seq),
            refused_items: word.refused_items,
            alarm,
        }
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[tonic::async_trait]
impl HubStatusService for HubStatusRpc {
    async fn get_hub_status(
        &self,
        _: Request<pb::GetHubStatusRequest>,
    ) -> Result<Response<pb::GetHubStatusResponse>, Status> {
        Ok(Response::new(self.hub().await?))
    }

    async fn list_node_statuses(
        &self,
        request: Request<pb::ListNodeStatusesRequest>,
    ) -> Result<Response<pb::ListNodeStatusesResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref())?))
    }
}
