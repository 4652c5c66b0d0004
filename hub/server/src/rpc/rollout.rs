//! `RolloutService`: new definitions from draft to retirement. Parses, calls,
//! converts; what may be done, `hub_domain::rollout` decides.

pub(super) mod show;

use hub_domain::{
    event::Asked,
    rollout::{Draft, HOLD, Terms},
};
use jiff::SignedDuration;
use proto::{
    identity::Subject,
    indicator::{catalogue::ItemId, cell::Revision},
    pb::hub as pb,
    place::{Level, Place},
};
use proto_edge::{clock::Clock, hub::rollout_service_server::RolloutService, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, foreign_page_token, now, page_size, place, request_id},
    indicators::items,
    status::{Mistake, Mistakes, catalogue_problem, ledger_problem, rollout_problem},
};
use crate::store::Store;

const LISTED: usize = 20;
const MOST_LISTED: usize = 100;

pub struct RolloutsRpc {
    pub store: Store,
    pub clock: Clock,
}

impl RolloutsRpc {
    async fn draft(
        &self,
        by: Subject,
        wire: pb::DraftRolloutRequest,
    ) -> Result<pb::DraftRolloutResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let trial = wire.dry_run_on.iter().map(|code| community(code));
        let trial = mistakes.take(trial.collect::<Result<Vec<Place>, Mistake>>());
        let hold = wire
            .wave_hold
            .map_or(HOLD, |hold| SignedDuration::from_secs(hold.seconds));
        let (request, trial) = mistakes.finish(request.zip(trial))?;
        let items = items(wire.indicators, wire.dimensions);
        let items = items.map_err(|refused| catalogue_problem(&refused))?;
        let terms = Terms { hold, trial };
        let draft = Draft { items, terms };
        let drafted = self
            .store
            .draft(Asked { by, request }, draft, now(&self.clock))
            .await;
        let drafted = drafted.map_err(ledger_problem)?;
        let drafted = drafted.map_err(|refusal| rollout_problem(&refusal))?;
        Ok(pb::DraftRolloutResponse {
            number: drafted.number,
            added: drafted.added,
            unchanged: drafted.unchanged,
        })
    }

    async fn approve(
        &self,
        by: Subject,
        wire: pb::ApproveRolloutRequest,
    ) -> Result<pb::ApproveRolloutResponse, Problem> {
        let request = request_id(&wire.request_id)?;
        let approved = self
            .store
            .approve(Asked { by, request }, wire.indicator, now(&self.clock))
            .await;
        let approved = approved.map_err(ledger_problem)?;
        let number = approved.map_err(|refusal| rollout_problem(&refusal))?;
        Ok(pb::ApproveRolloutResponse { number })
    }

    async fn retire(
        &self,
        by: Subject,
        wire: &pb::RetireIndicatorRequest,
    ) -> Result<pb::RetireIndicatorResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let named = mistakes.take(indicator(&wire.indicator));
        let (request, (code, revision)) = mistakes.finish(request.zip(named))?;
        let retired = self
            .store
            .retire(Asked { by, request }, code, revision, now(&self.clock))
            .await;
        let retired = retired.map_err(ledger_problem)?;
        let retired = retired.map_err(|refusal| rollout_problem(&refusal))?;
        Ok(pb::RetireIndicatorResponse { retired })
    }

    fn list(&self, wire: &pb::ListRolloutsRequest) -> Result<pb::ListRolloutsResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let below = match wire.page_token.as_str() {
            "" => u32::MAX,
            token => token.parse().map_err(|_| foreign_page_token())?,
        };
        let (log, rollouts) = (self.store.catalogue(), self.store.rollouts());
        let uptake = self.store.uptake();
        let shown = show::Shown {
            log: &log,
            uptake: &uptake,
        };
        let code = wire.indicator.as_str();
        let mut found: Vec<pb::Rollout> = (rollouts.all().rev())
            .filter(|rollout| rollout.number < below && (code.is_empty() || rollout.has(code)))
            .take(size + 1)
            .map(|rollout| shown.rollout(rollout))
            .collect();
        let more = found.len() > size;
        found.truncate(size);
        let last = found.last().filter(|_| more).map(|last| last.number);
        if found.is_empty() && !code.is_empty() && wire.page_token.is_empty() {
            found.extend(shown.published_at_once(code));
        }
        Ok(pb::ListRolloutsResponse {
            rollouts: found,
            next_page_token: last.map_or_else(String::new, |last| last.to_string()),
        })
    }
}

pub(super) fn community(text: &str) -> Result<Place, Mistake> {
    let parsed = place("dry_run_on", text)?;
    let is_one = parsed.level() == Level::Community;
    is_one.then_some(parsed).ok_or_else(|| {
        Mistake::new(
            "dry_run_on",
            "want twelve-digit codes",
            "应为十二位社区代码",
        )
    })
}

/// `QS.R02` or `QS.R02@1`.
fn indicator(text: &str) -> Result<(String, Option<Revision>), Mistake> {
    let wrong = || {
        Mistake::new(
            "indicator",
            "want a code such as QS.R02, or QS.R02@1",
            "应为指标代码，如 QS.R02 或 QS.R02@1",
        )
    };
    let whole = match text.contains('@') {
        true => format!("indicator/{text}"),
        false => format!("indicator/{text}@1"),
    };
    match whole.parse() {
        Ok(ItemId::Indicator(code, revision)) => {
            let revision = text.contains('@').then_some(revision);
            Ok((code.to_string(), revision))
        }
        _ => Err(wrong()),
    }
}

#[tonic::async_trait]
impl RolloutService for RolloutsRpc {
    async fn draft_rollout(
        &self,
        mut request: Request<pb::DraftRolloutRequest>,
    ) -> Result<Response<pb::DraftRolloutResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.draft(by, request.into_inner()).await?))
    }

    async fn approve_rollout(
        &self,
        mut request: Request<pb::ApproveRolloutRequest>,
    ) -> Result<Response<pb::ApproveRolloutResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.approve(by, request.into_inner()).await?))
    }

    async fn retire_indicator(
        &self,
        mut request: Request<pb::RetireIndicatorRequest>,
    ) -> Result<Response<pb::RetireIndicatorResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.retire(by, request.get_ref()).await?))
    }

    async fn list_rollouts(
        &self,
        request: Request<pb::ListRolloutsRequest>,
    ) -> Result<Response<pb::ListRolloutsResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref())?))
    }
}
