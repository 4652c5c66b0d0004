//! `AuthorityService`: the district's root and its replacement. Parses, calls,
//! converts.

use std::sync::Arc;

use hub_domain::issuance::{Holder, RollOver};
use proto::pb::hub as pb;
use proto_edge::{hub::authority_service_server::AuthorityService, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, wire_time},
    status::{pki_problem, roll_problem},
};
use crate::pki::{
    authority::Authority,
    ledger::IssuanceLedger,
    rollover::{retire, roll},
};

/// Of those who hang on the old root, so many are named.
const NAMED: usize = 100;

pub struct AuthorityRpc<L> {
    pub authority: Arc<Authority>,
    pub ledger: Arc<L>,
}

impl<L: IssuanceLedger> AuthorityRpc<L> {
    fn shown(&self) -> Result<pb::Authority, Problem> {
        let now = self.authority.now().map_err(pki_problem)?;
        let state = self.ledger.state();
        let roll_over = state
            .roll_over()
            .map(|roll_over| wire_roll_over(roll_over, &state.holders(now)));
        Ok(pb::Authority {
            root_sha256: hex(&self.authority.root_sha256()),
            issuer_not_after: Some(prost_types::Timestamp {
                seconds: i64::try_from(self.authority.issuer_not_after_s()).unwrap_or(i64::MAX),
                nanos: 0,
            }),
            root_key_present: self.authority.has_root_key().map_err(pki_problem)?,
            roll_over,
        })
    }
}

fn wire_roll_over(roll_over: RollOver, holders: &[Holder]) -> pb::RollOver {
    pb::RollOver {
        old_root_sha256: hex(&roll_over.old.0),
        since: Some(wire_time(roll_over.since)),
        held_by: holders.iter().take(NAMED).map(wire_holder).collect(),
        held_by_total: holders.len() as u32,
    }
}

fn wire_holder(holder: &Holder) -> pb::RootHolder {
    let (subject, until, invite) = match holder {
        Holder::Member { subject, until } => (subject, until, false),
        Holder::Invite { subject, until } => (subject, until, true),
    };
    pb::RootHolder {
        subject: subject.to_string(),
        invite,
        until: Some(wire_time(*until)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tonic::async_trait]
impl<L: IssuanceLedger> AuthorityService for AuthorityRpc<L> {
    async fn get_authority(
        &self,
        _: Request<pb::GetAuthorityRequest>,
    ) -> Result<Response<pb::Authority>, Status> {
        Ok(Response::new(self.shown()?))
    }

    async fn roll_root(
        &self,
        mut request: Request<pb::RollRootRequest>,
    ) -> Result<Response<pb::Authority>, Status> {
        let by = caller(&mut request)?;
        let rolled = roll(&self.authority, &*self.ledger, by).await;
        rolled.map_err(roll_problem)?;
        Ok(Response::new(self.shown()?))
    }

    async fn retire_root(
        &self,
        mut request: Request<pb::RetireRootRequest>,
    ) -> Result<Response<pb::Authority>, Status> {
        let by = Some(caller(&mut request)?);
        let is_forced = request.get_ref().force;
        let retired = retire(&self.authority, &*self.ledger, is_forced, by).await;
        retired.map_err(roll_problem)?;
        Ok(Response::new(self.shown()?))
    }
}
