//! `AuditService`: decisions about calls, for auditors. Parses, calls, converts.

use hub_domain::audit::Decision;
use jiff::Timestamp;
use proto::{identity::Subject, pb::hub as pb};
use proto_edge::{hub::audit_service_server::AuditService, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    field::{foreign_page_token, page_size, wire_time},
    status::{Mistake, Mistakes, broken, unreadable},
};
use crate::store::{Audited, Store};

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;

pub struct AuditRpc {
    pub store: Store,
}

/// Whose decisions, and of when.
struct Wanted {
    subject: Option<Subject>,
    from: Timestamp,
    until: Timestamp,
}

impl AuditRpc {
    async fn list(
        &self,
        wire: &pb::ListDecisionsRequest,
    ) -> Result<pb::ListDecisionsResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let from = match wire.page_token.as_str() {
            "" => (0, 0),
            token => place(token).ok_or_else(foreign_page_token)?,
        };
        let (wanted, store) = (wanted(wire)?, self.store.clone());
        let read = move || store.audited(from, size, |decision| wanted.includes(decision));
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.map_err(|_| broken("audit"))?;
        let (found, next) = read.map_err(|fault| unreadable(&fault))?;
        Ok(pb::ListDecisionsResponse {
            decisions: found.into_iter().map(shown).collect(),
            next_page_token: next.map_or(String::new(), |(seq, at)| format!("{seq}.{at}")),
        })
    }
}

impl Wanted {
    fn includes(&self, decision: &Decision) -> bool {
        let is_of = |subject: &Subject| *subject == decision.what.subject;
        self.subject.as_ref().is_none_or(is_of)
            && decision.last_at >= self.from
            && decision.first_at <= self.until
    }
}

fn wanted(wire: &pb::ListDecisionsRequest) -> Result<Wanted, Problem> {
    let mut mistakes = Mistakes::default();
    let subject = match wire.subject.as_str() {
        "" => Some(None),
        text => {
            let subject = text
                .parse()
                .map_err(|invalid: proto::identity::InvalidIdentity| {
                    Mistake::new(
                        "subject",
                        invalid.to_string(),
                        "应为 centre/<代码> 一类的身份",
                    )
                });
            mistakes.take(subject).map(Some)
        }
    };
    let from = mistakes.take(time("from", wire.from.as_ref(), Timestamp::MIN));
    let until = mistakes.take(time("until", wire.until.as_ref(), Timestamp::MAX));
    let parsed = subject.zip(from).zip(until);
    let ((subject, from), until) = mistakes.finish(parsed)?;
    Ok(Wanted {
        subject,
        from,
        until,
    })
}

fn time(
    field: &str,
    given: Option<&prost_types::Timestamp>,
    unsaid: Timestamp,
) -> Result<Timestamp, Mistake> {
    given.map_or(Ok(unsaid), |at| {
        Timestamp::new(at.seconds, at.nanos)
            .map_err(|_| Mistake::new(field, "want a time that exists", "应为有效时间"))
    })
}

/// `12.3`: record and place in it.
fn place(token: &str) -> Option<(u64, u32)> {
    let (seq, at) = token.split_once('.')?;
    Some((seq.parse().ok()?, at.parse().ok()?))
}

fn shown(audited: Audited) -> pb::Decision {
    let decision = audited.decision;
    pb::Decision {
        first_at: Some(wire_time(decision.first_at)),
        last_at: Some(wire_time(decision.last_at)),
        identity: decision.what.subject.to_string(),
        method: decision.what.method,
        scope: decision.what.scope,
        allowed: decision.what.is_allowed,
        result: decision.what.result,
        count: decision.count,
        journal_seq: audited.seq,
    }
}

#[tonic::async_trait]
impl AuditService for AuditRpc {
    async fn list_decisions(
        &self,
        request: Request<pb::ListDecisionsRequest>,
    ) -> Result<Response<pb::ListDecisionsResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref()).await?))
    }
}
