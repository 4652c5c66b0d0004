//! `MemberService`: invite, list and revoke members.

use std::sync::Arc;

use hub_domain::issuance::{self, Command, Event, INVITE_VALID, INVITE_VALID_AT_MOST};
use jiff::SignedDuration;
use proto::{
    identity::Subject,
    pb::hub::{
        CreateInviteRequest, CreateInviteResponse, ListMembersRequest, ListMembersResponse, Member,
        RevokeMemberRequest, RevokeMemberResponse,
    },
};
use proto_edge::{
    hub::member_service_server::MemberService, live::Live, problem::Problem, token::JoinToken,
};
use tonic::{Request, Response, Status};

use super::{
    enrol::unexpected,
    field::{caller, page_size, request_id, wire_time},
    status::{issuance_problem, ledger_problem, pki_problem},
};
use crate::pki::{authority::Authority, invites::invite_of, ledger::IssuanceLedger};

const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;
const REASON_CHARS: usize = 500;
const COLLECTION: &str = "members/";

pub struct MembersRpc<L> {
    pub authority: Arc<Authority>,
    pub ledger: Arc<L>,
    pub live: Arc<Live>,
}

impl<L> Clone for MembersRpc<L> {
    fn clone(&self) -> MembersRpc<L> {
        MembersRpc {
            authority: self.authority.clone(),
            ledger: self.ledger.clone(),
            live: self.live.clone(),
        }
    }
}

impl<L: IssuanceLedger> MembersRpc<L> {
    async fn decided(&self, command: Command) -> Result<Event, Problem> {
        let decided = self.ledger.submit(command).await;
        decided.map_err(ledger_problem)?.map_err(issuance_problem)
    }

    pub(super) async fn invite(
        &self,
        by: Subject,
        request: CreateInviteRequest,
    ) -> Result<CreateInviteResponse, Problem> {
        let subject = subject("subject", &request.subject)?;
        let voucher = (self.authority.invite_key()).voucher(&by, &request_id(&request.request_id)?);
        let (invite, secret) = invite_of(&voucher);
        let now = self.authority.now().map_err(pki_problem)?;
        let valid = (request.valid_for).map_or(INVITE_VALID, |valid| {
            let beyond = INVITE_VALID_AT_MOST.as_secs() + 1;
            SignedDuration::from_secs(valid.seconds.clamp(0, beyond))
        });
        let command = Command::Invite {
            invite,
            secret,
            subject: subject.clone(),
            expires_at: now + valid,
            by,
            now,
        };
        let Event::Invited { expires_at, at, .. } = self.decided(command).await? else {
            return Err(ledger_problem(unexpected()));
        };
        let join_token = JoinToken {
            district: self.authority.district.clone(),
            subject,
            hub: self.authority.address.clone(),
            root_sha256: self.authority.root_sha256(),
            voucher,
            invited_at_s: u64::try_from(at.as_second()).unwrap_or(0),
        };
        Ok(CreateInviteResponse {
            token: join_token.to_string(),
            expires_at: Some(wire_time(expires_at)),
        })
    }

    fn list(&self, request: &ListMembersRequest) -> Result<ListMembersResponse, Problem> {
        let size = page_size(request.page_size, PAGE, LARGEST_PAGE)?;
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(subject("page_token", token)?),
        };
        let state = self.ledger.state();
        let mut members: Vec<Member> = state
            .members_after(after.as_ref())
            .take(size + 1)
            .map(|(subject, member)| wire_member(subject, member))
            .collect();
        let more = members.len() > size;
        members.truncate(size);
        let last = members.last().filter(|_| more);
        let next_page_token = last
            .map(|last| last.name.trim_start_matches(COLLECTION).to_owned())
            .unwrap_or_default();
        Ok(ListMembersResponse {
            members,
            next_page_token,
        })
    }

    async fn revoke(
        &self,
        by: Subject,
        request: RevokeMemberRequest,
    ) -> Result<RevokeMemberResponse, Problem> {
        let named = request.name.strip_prefix(COLLECTION);
        let member = subject("name", named.unwrap_or(&request.name))?;
        if request.reason.chars().count() > REASON_CHARS {
            return Err(Problem::field(
                "REASON_TOO_LONG",
                "reason",
                "want at most 500 characters",
                "最多 500 字",
            ));
        }
        let command = Command::Revoke {
            subject: member.clone(),
            reason: request.reason,
            request: request_id(&request.request_id)?,
            by,
            now: self.authority.now().map_err(pki_problem)?,
        };
        let Event::Revoked { at, .. } = self.decided(command).await? else {
            return Err(ledger_problem(unexpected()));
        };
        let cut = self.live.cut(&member);
        tracing::warn!(subject = %member, cut, "revoked");
        let state = self.ledger.state();
        let revoked = match state.member(&member) {
            Some(held) => wire_member(&member, held),
            // Only an invite was withdrawn.
            None => Member {
                name: format!("{COLLECTION}{member}"),
                revoked: true,
                revoked_at: Some(wire_time(at)),
                ..Member::default()
            },
        };
        Ok(RevokeMemberResponse {
            member: Some(revoked),
        })
    }
}

#[tonic::async_trait]
impl<L: IssuanceLedger> MemberService for MembersRpc<L> {
    async fn create_invite(
        &self,
        mut request: Request<CreateInviteRequest>,
    ) -> Result<Response<CreateInviteResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.invite(by, request.into_inner()).await?))
    }

    async fn list_members(
        &self,
        request: Request<ListMembersRequest>,
    ) -> Result<Response<ListMembersResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref())?))
    }

    async fn revoke_member(
        &self,
        mut request: Request<RevokeMemberRequest>,
    ) -> Result<Response<RevokeMemberResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.revoke(by, request.into_inner()).await?))
    }
}

fn subject(field: &str, text: &str) -> Result<Subject, Problem> {
    text.parse().map_err(|invalid: proto::identity::InvalidIdentity| {
        Problem::field(
            "SUBJECT_INVALID",
            field,
            invalid.to_string(),
            "应为 community/<12 位代码>、operator/<名>、centre/<代码>、extension/<代码> 或 auditor/<名>",
        )
    })
}

fn wire_member(subject: &Subject, member: &issuance::Member) -> Member {
    let revoked = member.revoked.as_ref();
    Member {
        name: format!("{COLLECTION}{subject}"),
        enrolled_at: Some(wire_time(member.enrolled_at)),
        certificate_not_after: Some(wire_time(member.certificate.not_after)),
        revoked: revoked.is_some(),
        revoked_at: revoked.map(|revocation| wire_time(revocation.at)),
    }
}
