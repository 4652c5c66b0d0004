//! `WatchService`: watch rules and warnings. Parses, calls, converts.

mod parse;
mod show;

use std::{pin::Pin, sync::Arc};

use hub_domain::{
    event::Asked,
    query::resolve,
    watch::{Book, WarningId},
};
use proto::{
    identity::{Label, Subject},
    pb::hub as pb,
};
use proto_edge::{clock::Clock, hub::watch_service_server::WatchService, problem::Problem};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{
    field::{caller, foreign_page_token, now, page_size, request_id, today},
    status::{Mistakes, ledger_problem, question_problem, watch_problem},
};
use crate::{
    store::{Store, WatchCommand},
    watching::question,
};

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;
/// Warnings of one follower that wait to be sent.
const QUEUED: usize = 64;

pub struct WatchRpc {
    pub store: Store,
    pub clock: Clock,
    pub stop: CancellationToken,
}

impl WatchRpc {
    async fn set(
        &self,
        by: Subject,
        wire: &pb::SetWatchRuleRequest,
    ) -> Result<pb::WatchRule, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let rule = parse::rule(wire.rule.as_ref(), &mut mistakes);
        let (rule, request) = mistakes.finish(rule.zip(request))?;
        // A rule about what is not there would never say anything.
        if let Some(question) = question(&rule, today(&self.clock, self.store.zone())) {
            let log = self.store.catalogue();
            resolve(&question, log.catalogue()).map_err(|refusal| question_problem(&refusal))?;
        }
        let shown = show::rule(&rule);
        let asked = Asked { by, request };
        self.call(WatchCommand::Set { asked, rule }).await?;
        Ok(shown)
    }

    async fn retire(&self, by: Subject, wire: &pb::RetireWatchRuleRequest) -> Result<(), Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let rule = mistakes.take(parse::named(&wire.name));
        let (rule, request) = mistakes.finish(rule.zip(request))?;
        let (asked, now) = (Asked { by, request }, now(&self.clock));
        self.call(WatchCommand::Retire { asked, rule, now }).await
    }

    async fn acknowledge(
        &self,
        by: Subject,
        wire: pb::AcknowledgeWarningRequest,
    ) -> Result<pb::AcknowledgeWarningResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let warning = mistakes.take(parse::warning(&wire.name));
        let (warning, request) = mistakes.finish(warning.zip(request))?;
        let acknowledge = WatchCommand::Acknowledge {
            asked: Asked { by, request },
            warning,
            note: wire.note,
            now: now(&self.clock),
        };
        self.call(acknowledge).await?;
        Ok(pb::AcknowledgeWarningResponse {
            warning: self.shown(&self.store.watch_book(), warning),
        })
    }

    async fn call(&self, command: WatchCommand) -> Result<(), Problem> {
        let answer = self.store.watch(command).await.map_err(ledger_problem)?;
        answer.map_err(watch_problem)
    }

    fn rules(
        &self,
        wire: &pb::ListWatchRulesRequest,
    ) -> Result<pb::ListWatchRulesResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let after: Option<Label> = match wire.page_token.as_str() {
            "" => None,
            token => Some(token.parse().map_err(|_| foreign_page_token())?),
        };
        let book = self.store.watch_book();
        let mut rules = book
            .rules()
            .skip_while(|rule| after.as_ref().is_some_and(|after| rule.code <= *after));
        let page: Vec<_> = rules.by_ref().take(size).collect();
        let last = page.last().map(|rule| rule.code.to_string());
        Ok(pb::ListWatchRulesResponse {
            rules: page.into_iter().map(show::rule).collect(),
            next_page_token: rules.next().and(last).unwrap_or_default(),
        })
    }

    fn warnings(
        &self,
        by: &Subject,
        wire: &pb::ListWarningsRequest,
    ) -> Result<pb::ListWarningsResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let before: u64 = match wire.page_token.as_str() {
            "" => u64::MAX,
            token => token.parse().map_err(|_| foreign_page_token())?,
        };
        let book = self.store.watch_book();
        let mut warnings = book.warnings().rev().filter(|(id, warning)| {
            id.0 < before
                && (!wire.open || warning.cleared.is_none())
                && (wire.centre.is_empty() || warning.centre.to_string() == wire.centre)
                && is_for(by, &warning.centre)
        });
        let page: Vec<_> = warnings.by_ref().take(size).map(|(id, _)| id).collect();
        let last = page.last().map(|id| id.0.to_string());
        let next_page_token = warnings.next().and(last).unwrap_or_default();
        Ok(pb::ListWarningsResponse {
            warnings: page
                .into_iter()
                .filter_map(|id| self.shown(&book, id))
                .collect(),
            next_page_token,
        })
    }

    fn shown(&self, book: &Book, id: WarningId) -> Option<pb::Warning> {
        let register = self.store.register();
        book.warning(id)
            .map(|warning| show::warning(id, warning, &register, self.store.zone()))
    }

    /// Sends what changes until the follower or the hub goes.
    async fn follow(
        self: Arc<Self>,
        by: Subject,
        mut after: u64,
        out: mpsc::Sender<Result<pb::FollowWarningsResponse, Status>>,
    ) {
        let mut change = self.store.watch_change();
        let mut is_new = true;
        loop {
            change.borrow_and_update();
            let book = self.store.watch_book();
            for (id, warning) in book.changed_after(after) {
                after = warning.change;
                if !is_for(&by, &warning.centre) {
                    continue;
                }
                let next = pb::FollowWarningsResponse {
                    warning: self.shown(&book, id),
                    change: after,
                };
                if out.send(Ok(next)).await.is_err() {
                    return;
                }
            }
            if std::mem::take(&mut is_new) {
                let current = pb::FollowWarningsResponse {
                    warning: None,
                    change: after,
                };
                if out.send(Ok(current)).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                () = out.closed() => return,
                () = self.stop.cancelled() => {
                    let stopping = ledger_problem(crate::pki::ledger::LedgerFault::Stopping);
                    let _ = out.send(Err(stopping.into())).await;
                    return;
                }
                changed = change.changed() => if changed.is_err() {
                    return;
                },
            }
        }
    }
}

/// A centre sees its own; who else may call sees all.
fn is_for(by: &Subject, centre: &Label) -> bool {
    match by {
        Subject::Centre(own) => own == centre,
        _ => true,
    }
}

/// Shared, for the tasks of its followers.
#[derive(Clone)]
pub struct Watch(pub Arc<WatchRpc>);

#[tonic::async_trait]
impl WatchService for Watch {
    async fn set_watch_rule(
        &self,
        mut request: Request<pb::SetWatchRuleRequest>,
    ) -> Result<Response<pb::SetWatchRuleResponse>, Status> {
        let by = caller(&mut request)?;
        let rule = Some(self.0.set(by, request.get_ref()).await?);
        Ok(Response::new(pb::SetWatchRuleResponse { rule }))
    }

    async fn retire_watch_rule(
        &self,
        mut request: Request<pb::RetireWatchRuleRequest>,
    ) -> Result<Response<pb::RetireWatchRuleResponse>, Status> {
        let by = caller(&mut request)?;
        self.0.retire(by, request.get_ref()).await?;
        Ok(Response::new(pb::RetireWatchRuleResponse {}))
    }

    async fn list_watch_rules(
        &self,
        request: Request<pb::ListWatchRulesRequest>,
    ) -> Result<Response<pb::ListWatchRulesResponse>, Status> {
        Ok(Response::new(self.0.rules(request.get_ref())?))
    }

    async fn list_warnings(
        &self,
        mut request: Request<pb::ListWarningsRequest>,
    ) -> Result<Response<pb::ListWarningsResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.0.warnings(&by, request.get_ref())?))
    }

    async fn acknowledge_warning(
        &self,
        mut request: Request<pb::AcknowledgeWarningRequest>,
    ) -> Result<Response<pb::AcknowledgeWarningResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(
            self.0.acknowledge(by, request.into_inner()).await?,
        ))
    }

    type FollowWarningsStream =
        Pin<Box<dyn Stream<Item = Result<pb::FollowWarningsResponse, Status>> + Send>>;

    async fn follow_warnings(
        &self,
        mut request: Request<pb::FollowWarningsRequest>,
    ) -> Result<Response<Self::FollowWarningsStream>, Status> {
        let by = caller(&mut request)?;
        let (out, warnings) = mpsc::channel(QUEUED);
        let after = request.get_ref().after_change;
        // Ends with its follower, whose connection the hub cuts at the latest.
        tokio::spawn(self.0.clone().follow(by, after, out));
        Ok(Response::new(Box::pin(ReceiverStream::new(warnings))))
    }
}
