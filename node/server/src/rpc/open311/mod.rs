//! Open311 GeoReport v2: a façade over the cases engine for tools that speak it
//! already. Reads and submits, under the same tokens and the same table of roles
//! as the gRPC calls; what a requester said of himself is never given back. Knows
//! no rule of cases; `docs/open311.md` says what is not offered.

mod answer;
mod find;
mod listener;
mod route;
mod service;
mod show;
mod submit;
mod value;

use std::sync::Arc;

use jiff::tz::TimeZone;
use node_domain::playbook::Playbooks;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use super::caller::{Caller, CallerLayer};
use super::case::CaseRpc;
use super::office::Office;
use answer::{Refused, Told};
use listener::Asked;
use route::{Route, Wanted};

/// The calls whose rows in the table of roles these are.
const REPORT: &str = "/tongxin.node.v1.CaseService/ReportCase";
const LIST: &str = "/tongxin.node.v1.CaseService/ListCases";
const GET: &str = "/tongxin.node.v1.CaseService/GetCase";

pub struct Open311 {
    office: Office,
    cases: CaseRpc,
    door: CallerLayer,
    zone: TimeZone,
    /// The jurisdiction: the community's twelve digits.
    community: String,
}

impl Open311 {
    pub fn new(office: Office, zone: TimeZone, community: String) -> Open311 {
        Open311 {
            cases: CaseRpc::new(office.clone(), TaskTracker::new()),
            door: CallerLayer::new(&office),
            office,
            zone,
            community,
        }
    }

    /// Serves until the office stops.
    pub async fn serve(self, listener: TcpListener) {
        let stop = self.office.stop.clone();
        let this = Arc::new(self);
        let answer = move |asked: Asked| {
            let this = this.clone();
            async move { this.answer(asked).await }
        };
        listener::serve(listener, answer, stop).await;
    }

    async fn answer(&self, asked: Asked) -> Told {
        let route = Route::parse(&asked);
        let format = route.format;
        let told = match route.wanted {
            Ok(wanted) => self.told(wanted, &asked).await,
            Err(refused) => Err(refused),
        };
        told.unwrap_or_else(Told::refused).in_format(format)
    }

    async fn told(&self, wanted: Wanted, asked: &Asked) -> Result<Told, Refused> {
        self.own_jurisdiction(asked)?;
        match wanted {
            Wanted::Discovery => Ok(service::discovery(&self.community)),
            Wanted::Services => Ok(service::list(&self.playbooks())),
            Wanted::Service(code) => service::definition(&self.playbooks(), &code),
            Wanted::Requests => {
                let caller = self.caller(LIST, asked)?;
                let query = find::Query::parse(&asked.query, (self.office.now)())?;
                let actor = caller.actor;
                let found = self
                    .office
                    .read(move |store| find::find(store, &actor, &query));
                Ok(Told::requests(self.shown(found.await?)))
            }
            Wanted::Request(number) => {
                let caller = self.caller(GET, asked)?;
                let name = super::case::name(number);
                let request = proto::pb::node::GetCaseRequest {
                    name,
                    read_mask: None,
                };
                let case = self.cases.get(caller, request).await?;
                Ok(Told::requests(self.shown(vec![case])))
            }
            Wanted::Submit => {
                let caller = self.caller(REPORT, asked)?;
                let request = submit::request(&asked.form, &self.playbooks())?;
                let case = self.cases.report(caller, request).await?;
                Ok(Told::submitted(&case.unwrap_or_default()))
            }
        }
    }

    /// In force now.
    fn playbooks(&self) -> Arc<Playbooks> {
        self.office.store.playbooks()
    }

    fn shown(&self, cases: Vec<proto::pb::node::Case>) -> Vec<value::Value> {
        let (shown, playbooks) = (cases.into_iter(), self.playbooks());
        shown
            .map(|case| show::request(&case, &playbooks, &self.zone))
            .collect()
    }

    /// A token, as `api_key` or as a bearer's header.
    fn caller(&self, call: &str, asked: &Asked) -> Result<Caller, Refused> {
        let key = [&asked.form, &asked.query]
            .into_iter()
            .find_map(|fields| fields.get("api_key"));
        Ok(self.door.bearer_of(call, key, &asked.headers)?)
    }

    fn own_jurisdiction(&self, asked: &Asked) -> Result<(), Refused> {
        let named = [&asked.form, &asked.query]
            .into_iter()
            .find_map(|fields| fields.get("jurisdiction_id"));
        match named {
            Some(named) if named != self.community => Err(Refused::not_found(format!(
                "jurisdiction_id {named:?}: this is {} · 本节点是 {}",
                self.community, self.community
            ))),
            _ => Ok(()),
        }
    }
}
