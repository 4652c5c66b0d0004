//! `PeriodService`: locks of periods, and revisions of cells. Parses, calls,
//! converts; what is late, `hub_domain::period` decides.

mod show;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hub_domain::{
    catalogue::Log,
    centre::Scope,
    event::Asked,
    period::{CellRevision, Lock, LockNumber, Why},
};
use proto::{
    identity::Subject,
    indicator::{catalogue::Catalogue, cell::IndicatorId},
    pb::hub as pb,
    period::{Grain, Period},
};
use proto_edge::{clock::Clock, hub::period_service_server::PeriodService, problem::Problem};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, foreign_page_token, now, page_size, request_id},
    indicators::parse,
    status::{
        Mistake, Mistakes, broken, ledger_problem, period_problem, unknown_indicator, unreadable,
    },
};
use crate::store::{PeriodCommand, Store, Wanted};
use show::Shown;

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;
const COLLECTION: &str = "period-locks/";

pub struct PeriodsRpc {
    pub store: Store,
    pub clock: Clock,
}

impl PeriodsRpc {
    async fn lock(
        &self,
        by: Subject,
        wire: pb::LockPeriodRequest,
    ) -> Result<pb::PeriodLock, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let period = mistakes.take(parse::period("period", &wire.period));
        let (request, period) = mistakes.finish(request.zip(period))?;
        let lock = PeriodCommand::Lock {
            asked: Asked { by, request },
            period,
            indicators: wire.indicators,
            note: wire.note,
            now: now(&self.clock),
        };
        self.call(lock).await
    }

    async fn reopen(
        &self,
        by: Subject,
        wire: pb::ReopenPeriodRequest,
    ) -> Result<pb::PeriodLock, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let lock = mistakes.take(named(&wire.name));
        let (request, lock) = mistakes.finish(request.zip(lock))?;
        let reopen = PeriodCommand::Reopen {
            asked: Asked { by, request },
            lock,
            note: wire.note,
            now: now(&self.clock),
        };
        self.call(reopen).await
    }

    async fn call(&self, command: PeriodCommand) -> Result<pb::PeriodLock, Problem> {
        let answer = self.store.period(command).await.map_err(ledger_problem)?;
        let number = answer.map_err(|refusal| period_problem(&refusal))?;
        let (book, log) = (self.store.locks(), self.store.catalogue());
        let lock = book.lock(number).ok_or_else(|| broken("period lock"))?;
        Ok(show::lock(lock, log.catalogue()))
    }

    fn locks(
        &self,
        by: &Subject,
        wire: &pb::ListLocksRequest,
    ) -> Result<pb::ListLocksResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let before = match wire.page_token.as_str() {
            "" => u32::MAX,
            token => token.parse().map_err(|_| foreign_page_token())?,
        };
        let (book, log) = (self.store.locks(), self.store.catalogue());
        let scope = self.store.centres().scope(by);
        let mut locks = book.locks().rev().filter(|lock| {
            lock.number.0 < before
                && (!wire.standing || lock.reopened.is_none())
                && reads(&scope, lock, log.catalogue())
        });
        let page: Vec<&Lock> = locks.by_ref().take(size).collect();
        let last = page.last().map(|lock| lock.number.0.to_string());
        Ok(pb::ListLocksResponse {
            next_page_token: locks.next().and(last).unwrap_or_default(),
            locks: page
                .into_iter()
                .map(|lock| show::lock(lock, log.catalogue()))
                .collect(),
        })
    }

    async fn revisions(
        &self,
        by: &Subject,
        wire: pb::ListRevisionsRequest,
    ) -> Result<pb::ListRevisionsResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let size = mistakes.take(page_size(wire.page_size, LISTED, MOST_LISTED));
        let after = mistakes.take(after(&wire.page_token));
        let place = mistakes.take(parse::asked_place(&wire.place));
        let bases = mistakes.take(match wire.period.as_str() {
            "" => Ok(Vec::new()),
            text => parse::period("period", text).map(inside),
        });
        let parsed = size.zip(after).zip(place.zip(bases));
        let ((size, after), (place, bases)) = mistakes.finish(parsed)?;
        let (log, register) = (self.store.catalogue(), self.store.register());
        let indicator = match wire.indicator.as_str() {
            "" => None,
            code => Some(counted(code, &log)?),
        };
        let scope = self.store.centres().scope(by);
        let wanted = Wanted {
            bases,
            place,
            after,
            size,
        };
        let (store, known, is_locked) = (self.store.clone(), log.clone(), wire.locked);
        let read = tokio::task::spawn_blocking(move || {
            store.revisions(&wanted, |revision| {
                indicator.is_none_or(|indicator| indicator == revision.key.indicator)
                    && (!is_locked || revision.lock.is_some())
                    && sees(&scope, revision, known.catalogue())
            })
        });
        let page = read.await.map_err(|_| broken("revisions"))?;
        let page = page.map_err(|fault| unreadable(&fault))?;
        let shown = Shown {
            catalogue: log.catalogue(),
            register: &register,
        };
        let revisions = page.revisions.iter().map(|one| shown.revision(one));
        Ok(pb::ListRevisionsResponse {
            revisions: revisions
                .collect::<Result<_, _>>()
                .map_err(|fault| unreadable(&fault))?,
            next_page_token: URL_SAFE_NO_PAD.encode(page.next),
        })
    }
}

/// Whether a lock says something to whoever has this scope.
fn reads(scope: &Scope, lock: &Lock, catalogue: &Catalogue) -> bool {
    let mut series = lock.series.iter();
    series.any(|(indicator, revision)| {
        let definition = catalogue.definition(*indicator, *revision);
        definition.is_some_and(|definition| scope.reads(definition))
    })
}

fn sees(scope: &Scope, revision: &CellRevision, catalogue: &Catalogue) -> bool {
    let key = &revision.key;
    let definition = catalogue.definition(key.indicator, key.revision);
    definition.is_some_and(|definition| scope.reads(definition))
        && scope.sees(revision.community)
        && scope.allows(key.period.grain())
}

/// All periods that count to `period`, itself among them, as cells are kept by.
fn inside(period: Period) -> Vec<Period> {
    let mut all = Vec::new();
    for grain in Grain::ALL {
        let first = Period::containing(period.first_day(), grain);
        // A week may count to a month in which it does not begin.
        let mut next = first.map(|first| first.previous().unwrap_or(first));
        while let Some(at) = next.filter(|at| at.first_day() <= period.last_day()) {
            if at.within(period.grain()) == Some(period) {
                all.push(at);
            }
            next = at.next();
        }
    }
    all.sort_unstable_by_key(|base| base.number());
    all
}

fn counted(code: &str, log: &Log) -> Result<IndicatorId, Problem> {
    let definition = log.catalogue().by_code(code, None);
    let definition = definition.ok_or_else(|| unknown_indicator("indicator", code))?;
    Ok(definition.id)
}

fn named(name: &str) -> Result<LockNumber, Mistake> {
    let number = name.strip_prefix(COLLECTION).and_then(|n| n.parse().ok());
    number.map(LockNumber).ok_or_else(|| {
        Mistake::new(
            "name",
            "want period-locks/ and a number",
            "应为 period-locks/ 加编号",
        )
    })
}

fn after(token: &str) -> Result<Vec<u8>, Mistake> {
    URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| foreign_page_token())
}

fn reason(why: Why) -> pb::RevisionReason {
    match why {
        Why::LateReport => pb::RevisionReason::LateReport,
        Why::LateEntry => pb::RevisionReason::LateEntry,
        Why::Correction => pb::RevisionReason::Correction,
        Why::Restated => pb::RevisionReason::Restated,
        Why::Repaired => pb::RevisionReason::Repaired,
        Why::FirstCounted => pb::RevisionReason::FirstCounted,
    }
}

#[tonic::async_trait]
impl PeriodService for PeriodsRpc {
    async fn lock_period(
        &self,
        mut request: Request<pb::LockPeriodRequest>,
    ) -> Result<Response<pb::LockPeriodResponse>, Status> {
        let by = caller(&mut request)?;
        let lock = Some(self.lock(by, request.into_inner()).await?);
        Ok(Response::new(pb::LockPeriodResponse { lock }))
    }

    async fn reopen_period(
        &self,
        mut request: Request<pb::ReopenPeriodRequest>,
    ) -> Result<Response<pb::ReopenPeriodResponse>, Status> {
        let by = caller(&mut request)?;
        let lock = Some(self.reopen(by, request.into_inner()).await?);
        Ok(Response::new(pb::ReopenPeriodResponse { lock }))
    }

    async fn list_locks(
        &self,
        mut request: Request<pb::ListLocksRequest>,
    ) -> Result<Response<pb::ListLocksResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.locks(&by, request.get_ref())?))
    }

    async fn list_revisions(
        &self,
        mut request: Request<pb::ListRevisionsRequest>,
    ) -> Result<Response<pb::ListRevisionsResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(
            self.revisions(&by, request.into_inner()).await?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_holds_its_days_and_weeks() {
        let inside = inside("202602".parse().unwrap());
        let of = |grain: Grain| inside.iter().filter(|base| base.grain() == grain).count();
        assert_eq!([Grain::Day, Grain::Week, Grain::Month].map(of), [28, 4, 1]);
        assert_eq!(inside.len(), 33);
        assert!(inside.is_sorted_by_key(|base| base.number()));
    }
}
