//! `EnrolService`: a token or a current certificate becomes a new certificate.

use std::sync::Arc;

use hub_domain::issuance::{Command, Event, Refusal, Serial};
use prost::bytes::Bytes;
use prost_types::Timestamp;
use proto::{
    identity::Subject,
    pb::enrol::{Credential, EnrolRequest, EnrolResponse, RenewRequest, RenewResponse},
};
use proto_edge::{
    enrol::enrol_service_server::EnrolService, live::Live, peer::Peer, problem::Problem,
    token::Voucher,
};
use tonic::{Request, Response, Status};

use super::status::{issuance_problem, ledger_problem, no_certificate, pki_problem};
use crate::pki::{
    authority::{Authority, Draft},
    invites::invite_of,
    ledger::IssuanceLedger,
    request::ProvedKey,
};

pub struct EnrolRpc<L> {
    pub authority: Arc<Authority>,
    pub ledger: Arc<L>,
    pub live: Arc<Live>,
}

impl<L: IssuanceLedger> EnrolRpc<L> {
    async fn decided(&self, command: Command) -> Result<Event, Problem> {
        let decided = self.ledger.submit(command).await;
        decided.map_err(ledger_problem)?.map_err(issuance_problem)
    }

    fn signed(
        &self,
        subject: Subject,
        key: &ProvedKey,
        draft: &Draft,
    ) -> Result<Credential, Problem> {
        let identity = self.authority.identity(subject.clone()).to_string();
        let chain = self.authority.sign(subject, &key.key, draft);
        Ok(Credential {
            chain: der(chain.map_err(pki_problem)?),
            roots: der(self.authority.roots()),
            identity,
            not_after: Some(Timestamp {
                seconds: draft.validity.not_after_s as i64,
                nanos: 0,
            }),
        })
    }

    async fn enrol_with(&self, request: EnrolRequest) -> Result<Credential, Problem> {
        let voucher: Voucher = request.token.parse().map_err(|_| {
            Problem::field(
                "TOKEN_INVALID",
                "token",
                "want the secret part of the line that `tongxin hub invite` printed",
                "应为 `tongxin hub invite` 所打印令牌中的密文部分",
            )
        })?;
        let (invite, secret) = invite_of(&voucher);
        // Whoever guesses takes the time of neither the writer nor a signature.
        if !self.ledger.state().holds(invite, secret) {
            return Err(issuance_problem(Refusal::InviteUnknown));
        }
        let key = ProvedKey::from_request(&request.csr)?;
        let draft = self.authority.draft().map_err(pki_problem)?;
        let command = Command::Redeem {
            invite,
            secret,
            certificate: draft.certificate(key.sha256).map_err(pki_problem)?,
            now: self.authority.now().map_err(pki_problem)?,
        };
        let Event::Enrolled { subject, .. } = self.decided(command).await? else {
            return Err(ledger_problem(unexpected()));
        };
        // A machine that this one replaces is out from now on.
        self.live.cut(&subject);
        tracing::info!(%subject, "enrolled");
        self.signed(subject, &key, &draft)
    }

    async fn renew_with(&self, peer: Peer, request: RenewRequest) -> Result<Credential, Problem> {
        let key = ProvedKey::from_request(&request.csr)?;
        let shown = Serial::from_bytes(&peer.serial).ok_or_else(no_certificate)?;
        let draft = self.authority.draft().map_err(pki_problem)?;
        let command = Command::Renew {
            subject: peer.identity.subject,
            shown,
            certificate: draft.certificate(key.sha256).map_err(pki_problem)?,
            now: self.authority.now().map_err(pki_problem)?,
        };
        let Event::Renewed { subject, .. } = self.decided(command).await? else {
            return Err(ledger_problem(unexpected()));
        };
        self.signed(subject, &key, &draft)
    }
}

#[tonic::async_trait]
impl<L: IssuanceLedger> EnrolService for EnrolRpc<L> {
    async fn enrol(
        &self,
        request: Request<EnrolRequest>,
    ) -> Result<Response<EnrolResponse>, Status> {
        let credential = self.enrol_with(request.into_inner()).await?;
        Ok(Response::new(EnrolResponse {
            credential: Some(credential),
        }))
    }

    async fn renew(
        &self,
        mut request: Request<RenewRequest>,
    ) -> Result<Response<RenewResponse>, Status> {
        let peer = request.extensions_mut().remove::<Peer>();
        let peer = peer.ok_or_else(no_certificate)?;
        let credential = self.renew_with(peer, request.into_inner()).await?;
        Ok(Response::new(RenewResponse {
            credential: Some(credential),
        }))
    }
}

fn der(chain: Vec<rustls_pki_types::CertificateDer<'static>>) -> Vec<Bytes> {
    chain.iter().map(|der| der.to_vec().into()).collect()
}

pub(super) fn unexpected() -> crate::pki::ledger::LedgerFault {
    crate::pki::ledger::LedgerFault::Store("another event than was asked for".into())
}
