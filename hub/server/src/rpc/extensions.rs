//! `ExtensionService`: what outside teams run in the support cloud, from
//! registration to retirement. Parses, calls, converts; what may be done,
//! `hub_domain::extension` decides.

mod parse;

use std::sync::Arc;

use hub_domain::{
    event::Asked,
    extension::{Extension, Stage},
    issuance::{INVITE_VALID, INVITE_VALID_AT_MOST},
};
use proto::{
    identity::{Label, Subject},
    pb::hub as pb,
};
use proto_edge::{
    clock::Clock, hub::extension_service_server::ExtensionService, live::Live, problem::Problem,
};
use tonic::{Request, Response, Status};

use super::{
    feed::Followers,
    field::{caller, foreign_page_token, now, page_size, request_id, wire_time},
    members::MembersRpc,
    rollout::show,
    status::{Mistake, Mistakes, extension_problem, ledger_problem},
};
use crate::{
    pki::ledger::IssuanceLedger as _,
    store::{ExtensionCommand, Store},
};

const COLLECTION: &str = "extensions/";
const LISTED: usize = 20;
const MOST_LISTED: usize = 100;

pub struct ExtensionsRpc {
    pub store: Store,
    pub clock: Clock,
    pub members: MembersRpc<Store>,
    pub live: Arc<Live>,
    pub followers: Arc<Followers>,
}

impl ExtensionsRpc {
    async fn register(
        &self,
        by: Subject,
        wire: pb::RegisterExtensionRequest,
    ) -> Result<pb::Extension, Problem> {
        let request = request_id(&wire.request_id)?;
        let wanted = parse::wanted(wire)?;
        let code = wanted.registration.code.clone();
        let command = ExtensionCommand::Register {
            asked: Asked { by, request },
            wanted: Box::new(wanted),
            now: now(&self.clock),
        };
        self.decided(command, &code).await
    }

    async fn approve(
        &self,
        by: Subject,
        wire: pb::ApproveExtensionRequest,
    ) -> Result<pb::ApproveExtensionResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let code = mistakes.take(parse::code("name", &wire.name));
        let valid = mistakes.take(valid_for(wire.valid_for));
        let ((request, code), valid) = mistakes.finish(request.zip(code).zip(valid))?;
        let asked = Asked {
            by: by.clone(),
            request,
        };
        let command = ExtensionCommand::Approve {
            asked,
            code: code.clone(),
            now: now(&self.clock),
        };
        self.decided(command, &code).await?;
        // By the same request: asked again, the same token is given.
        let invite = pb::CreateInviteRequest {
            request_id: wire.request_id,
            subject: Subject::Extension(code.clone()).to_string(),
            valid_for: Some(valid),
        };
        let invited = self.members.invite(by, invite).await?;
        Ok(pb::ApproveExtensionResponse {
            extension: self.one(&code),
            token: invited.token,
            expires_at: invited.expires_at,
        })
    }

    async fn retire(
        &self,
        by: Subject,
        wire: &pb::RetireExtensionRequest,
    ) -> Result<pb::Extension, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let code = mistakes.take(parse::code("name", &wire.name));
        let (request, code) = mistakes.finish(request.zip(code))?;
        let command = ExtensionCommand::Retire {
            asked: Asked { by, request },
            code: code.clone(),
            now: now(&self.clock),
        };
        let retired = self.decided(command, &code).await?;
        let subject = Subject::Extension(code);
        let cut = self.live.cut(&subject);
        tracing::warn!(%subject, cut, "retired");
        Ok(retired)
    }

    async fn decided(
        &self,
        command: ExtensionCommand,
        code: &Label,
    ) -> Result<pb::Extension, Problem> {
        let decided = self.store.extend(command).await.map_err(ledger_problem)?;
        decided.map_err(|refusal| extension_problem(&refusal))?;
        Ok(self.one(code).unwrap_or_default())
    }

    /// `by` an extension: of itself alone.
    fn list(
        &self,
        by: &Subject,
        wire: &pb::ListExtensionsRequest,
    ) -> Result<pb::ListExtensionsResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let after = match wire.page_token.as_str() {
            "" => None,
            token => Some(token.parse::<Label>().map_err(|_| foreign_page_token())?),
        };
        let own = match by {
            Subject::Extension(code) => Some(code),
            _ => None,
        };
        let extensions = self.store.extensions();
        let listed = extensions.extensions().filter(|(code, _)| {
            after.as_ref().is_none_or(|after| *code > after) && own.is_none_or(|own| *code == own)
        });
        let mut listed: Vec<_> = listed.take(size + 1).collect();
        let more = listed.len() > size;
        listed.truncate(size);
        let last = listed.last().filter(|_| more);
        Ok(pb::ListExtensionsResponse {
            next_page_token: last.map(|(code, _)| code.to_string()).unwrap_or_default(),
            extensions: listed
                .into_iter()
                .map(|(code, held)| self.shown(code, held))
                .collect(),
        })
    }

    fn one(&self, code: &Label) -> Option<pb::Extension> {
        let extensions = self.store.extensions();
        let held = extensions.extension(code)?;
        Some(self.shown(code, held))
    }

    fn shown(&self, code: &Label, held: &Extension) -> pb::Extension {
        let of = &held.registration;
        let members = self.store.state();
        let member = members.member(&Subject::Extension(code.clone()));
        let (connected, fed) = self.followers.of(code);
        let (log, rollouts, uptake) = (
            self.store.catalogue(),
            self.store.rollouts(),
            self.store.uptake(),
        );
        let shown = show::Shown {
            log: &log,
            uptake: &uptake,
        };
        let rollout = held.rollout.and_then(|number| rollouts.get(number));
        pb::Extension {
            name: format!("{COLLECTION}{code}"),
            purpose_zh: of.purpose_zh.clone(),
            purpose_en: of.purpose_en.clone(),
            owner: of.owner.clone(),
            contact: of.contact.clone(),
            reads: of.reads.iter().map(ToString::to_string).collect(),
            places: of.places.iter().map(ToString::to_string).collect(),
            until: of.until.to_string(),
            stage: match held.stage {
                Stage::Registered => pb::ExtensionStage::Registered,
                Stage::Live => pb::ExtensionStage::Live,
                Stage::Retired => pb::ExtensionStage::Retired,
            }
            .into(),
            since: Some(wire_time(held.since)),
            ended: held.is_ended,
            enrolled: member.is_some_and(|member| member.revoked.is_none()),
            connected,
            acked_seq: fed.map_or(0, |fed| fed.seq),
            rollout: rollout.map(|rollout| shown.rollout(rollout)),
        }
    }
}

/// Of an invite: wrong ones are refused before anything is approved.
fn valid_for(wire: Option<prost_types::Duration>) -> Result<prost_types::Duration, Mistake> {
    let valid = wire.unwrap_or(prost_types::Duration {
        seconds: INVITE_VALID.as_secs(),
        nanos: 0,
    });
    let most = INVITE_VALID_AT_MOST.as_secs();
    match (1..=most).contains(&valid.seconds) {
        true => Ok(valid),
        false => Err(Mistake::new(
            "valid_for",
            format!("want 1 to {most} seconds; one hour when left out"),
            format!("应为 1 至 {most} 秒；不填为一小时"),
        )),
    }
}

#[tonic::async_trait]
impl ExtensionService for ExtensionsRpc {
    async fn register_extension(
        &self,
        mut request: Request<pb::RegisterExtensionRequest>,
    ) -> Result<Response<pb::RegisterExtensionResponse>, Status> {
        let by = caller(&mut request)?;
        let extension = Some(self.register(by, request.into_inner()).await?);
        Ok(Response::new(pb::RegisterExtensionResponse { extension }))
    }

    async fn approve_extension(
        &self,
        mut request: Request<pb::ApproveExtensionRequest>,
    ) -> Result<Response<pb::ApproveExtensionResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.approve(by, request.into_inner()).await?))
    }

    async fn retire_extension(
        &self,
        mut request: Request<pb::RetireExtensionRequest>,
    ) -> Result<Response<pb::RetireExtensionResponse>, Status> {
        let by = caller(&mut request)?;
        let extension = Some(self.retire(by, request.get_ref()).await?);
        Ok(Response::new(pb::RetireExtensionResponse { extension }))
    }

    async fn list_extensions(
        &self,
        mut request: Request<pb::ListExtensionsRequest>,
    ) -> Result<Response<pb::ListExtensionsResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.list(&by, request.get_ref())?))
    }
}
