//! `IndicatorService`: questions, the list of indicators, publication. Parses,
//! calls, converts; what an answer is, `hub_domain::query` decides.

mod page;
pub(super) mod parse;
pub(super) mod show;

use std::sync::Arc;

use hub_domain::{
    catalogue::Log,
    event::Asked,
    query::{Measure, Request as Question, Row, Unanswered, World, resolve, within},
    register::Register,
    rollout::mark_absent,
};
use jiff::Timestamp;
use proto::{
    identity::Subject,
    indicator::{
        catalogue::{Catalogue, Item},
        cell::{IndicatorId, Revision},
        mistake::InvalidItem,
    },
    pb::{hub as pb, types},
};
use proto_edge::{clock::Clock, hub::indicator_service_server::IndicatorService, problem::Problem};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};

use super::{
    auditor::About,
    field::{caller, foreign_page_token, now, page_size, request_id, today, wire_time},
    status::{
        beyond_scope, broken, catalogue_problem, ledger_problem, question_problem, unreadable,
    },
};
use crate::store::{Store, ViewFault};
use page::Page;

const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;

#[derive(Clone)]
pub struct IndicatorsRpc {
    store: Store,
    clock: Clock,
    turns: Arc<Semaphore>,
}

impl IndicatorsRpc {
    /// `queries`: questions answered at once.
    pub fn new(store: Store, clock: Clock, queries: usize) -> IndicatorsRpc {
        IndicatorsRpc {
            store,
            clock,
            turns: Arc::new(Semaphore::new(queries)),
        }
    }

    /// Also what it was about, for the audit log.
    async fn ask(
        &self,
        by: &Subject,
        wire: pb::QueryIndicatorsRequest,
    ) -> Result<(pb::QueryIndicatorsResponse, About), Problem> {
        let page = Page::of(&wire)?;
        let mut question = parse::question(&wire)?;
        if wire.register_as() == pb::RegisterAs::Now {
            question.register_date = Some(today(&self.clock, self.store.zone()));
        }
        let scope = self.store.scope(by);
        let log = self.store.catalogue();
        let asked = about(&question);
        let question = within(question, &scope, log.catalogue());
        let question = question.map_err(|beyond| beyond_scope(&beyond).with("scope", &asked))?;
        let (rows, known) = self.rows(question, measures).await?;
        let (rows, next_page_token) = page.cut(&rows)?;
        let shown = known.shown();
        let answer = pb::QueryIndicatorsResponse {
            rows: rows.iter().map(|row| shown.row(row)).collect(),
            next_page_token,
            answered_at: Some(wire_time(known.now)),
        };
        Ok((answer, About(asked)))
    }

    /// All rows of a question, in its turn, and what they are shown by. `of`: its
    /// measures out of the catalogue.
    pub(super) async fn rows(
        &self,
        question: Question,
        of: impl FnOnce(&Question, &Catalogue) -> Result<Vec<Measure>, Problem> + Send + 'static,
    ) -> Result<(Vec<Row>, Known), Problem> {
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|_| broken("question"))?;
        let (store, now) = (self.store.clone(), now(&self.clock));
        let answered = tokio::task::spawn_blocking(move || {
            // A caller that has gone does not free the turn before the work ends.
            let _turn = turn;
            answer(&store, question, of, now)
        });
        answered.await.map_err(|_| broken("question"))?
    }

    fn list(
        &self,
        by: &Subject,
        wire: &pb::ListIndicatorsRequest,
    ) -> Result<pb::ListIndicatorsResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let log = self.store.catalogue();
        let catalogue = log.catalogue();
        let after = match wire.page_token.as_str() {
            "" => None,
            token => Some(listed_after(token).ok_or_else(foreign_page_token)?),
        };
        let names = |of: &types::IndicatorDefinition| (of.id, of.revision);
        let is_next = |id: IndicatorId, revision: Revision| {
            after.is_none_or(|after| (id.0, revision.0) > after)
        };
        let scope = self.store.scope(by);
        // Each in ascending order, so the first of both are among these.
        let counted = catalogue.definitions();
        let counted = counted.filter(|held| scope.reads(held) && is_next(held.id, held.revision));
        let derived = catalogue.all_derived();
        let derived = derived.filter(|held| {
            scope.reads_code(&held.code, &held.centres) && is_next(held.id, held.revision)
        });
        let mut indicators: Vec<types::IndicatorDefinition> = (counted.take(size + 1))
            .map(|definition| (&**definition).into())
            .chain(derived.take(size + 1).map(|derived| (&**derived).into()))
            .collect();
        indicators.sort_by_key(names);
        let more = indicators.len() > size;
        indicators.truncate(size);
        let last = indicators.last().filter(|_| more).map(names);
        Ok(pb::ListIndicatorsResponse {
            next_page_token: last
                .map_or(String::new(), |(id, revision)| format!("{id}@{revision}")),
            dimensions: dimensions_of(catalogue, &indicators),
            indicators,
        })
    }

    async fn publish(
        &self,
        by: Subject,
        wire: pb::PublishCatalogueRequest,
    ) -> Result<pb::PublishCatalogueResponse, Problem> {
        let request = request_id(&wire.request_id)?;
        let items = items(wire.indicators, wire.dimensions)
            .map_err(|refused| catalogue_problem(&refused))?;
        let published = self.store.publish(Asked { by, request }, items).await;
        let published = published.map_err(ledger_problem)?;
        let published = published.map_err(|refused| catalogue_problem(&refused))?;
        Ok(pb::PublishCatalogueResponse {
            catalogue_seq: published.catalogue_seq,
            added: published.added,
            unchanged: published.unchanged,
        })
    }
}

/// What the rows of an answer are shown by.
pub(super) struct Known {
    log: Arc<Log>,
    register: Arc<Register>,
    question: Question,
    now: Timestamp,
}

impl Known {
    pub fn shown(&self) -> show::Shown<'_> {
        show::Shown {
            catalogue: self.log.catalogue(),
            register: &self.register,
            request: &self.question,
        }
    }
}

fn measures(question: &Question, catalogue: &Catalogue) -> Result<Vec<Measure>, Problem> {
    resolve(question, catalogue).map_err(|refusal| question_problem(&refusal))
}

/// Reads the view: for a thread that may block.
fn answer(
    store: &Store,
    question: Question,
    of: impl FnOnce(&Question, &Catalogue) -> Result<Vec<Measure>, Problem>,
    now: Timestamp,
) -> Result<(Vec<Row>, Known), Problem> {
    let log = store.catalogue();
    let mut measures = of(&question, log.catalogue())?;
    // The roster before any column: no watermark promises cells not yet seen.
    let (roster, register) = (store.roster(), store.register());
    mark_absent(&mut measures, &log, &store.uptake(), &roster);
    let world = World {
        register: &register,
        roster: &roster,
        zone: store.zone(),
        now,
    };
    let rows = store.answer(&question, &measures, world);
    let mut rows = rows.map_err(unanswered)?;
    let approved = store.put_approved(&mut rows, &question, &measures, world);
    approved.map_err(unanswered)?;
    let known = Known {
        log,
        register,
        question,
        now,
    };
    Ok((rows, known))
}

fn unanswered(unanswered: Unanswered<ViewFault>) -> Problem {
    match unanswered {
        Unanswered::Refused(refusal) => question_problem(&refusal),
        Unanswered::Unreadable(fault) => unreadable(&fault),
        Unanswered::Columns(fault) => unreadable(&fault),
    }
}

/// `QS.R01,QS.R02 510115003 202601-202603`
fn about(question: &Question) -> String {
    let codes = question.indicators.iter().map(|asked| asked.code.as_str());
    let codes = codes.collect::<Vec<_>>().join(",");
    let (place, from, to) = (question.place, question.from, question.to);
    format!("{codes} {place} {from}-{to}")
}

/// `12@3`: number and revision of the last definition listed.
fn listed_after(token: &str) -> Option<(u32, u32)> {
    let (id, revision) = token.split_once('@')?;
    Some((id.parse().ok()?, revision.parse().ok()?))
}

/// The dimensions that these definitions break down by.
fn dimensions_of(
    catalogue: &Catalogue,
    indicators: &[types::IndicatorDefinition],
) -> Vec<types::Dimension> {
    let used = |code: &str| {
        let mut breakdowns = indicators.iter().flat_map(|of| &of.breakdowns);
        breakdowns.any(|breakdown| breakdown == code)
    };
    let dimensions = catalogue.dimensions();
    dimensions
        .filter(|dimension| used(dimension.code().as_str()))
        .map(|dimension| (&**dimension).into())
        .collect()
}

pub(super) fn items(
    indicators: Vec<types::IndicatorDefinition>,
    dimensions: Vec<types::Dimension>,
) -> Result<Vec<Item>, Vec<InvalidItem>> {
    let (mut items, mut refused) = (Vec::new(), Vec::new());
    let dimensions = dimensions.into_iter().map(|dimension| {
        let parsed = dimension.try_into();
        parsed.map(|dimension| Item::Dimension(Arc::new(dimension)))
    });
    let definitions = indicators.into_iter().map(Item::from_definition);
    for parsed in dimensions.chain(definitions) {
        match parsed {
            Ok(item) => items.push(item),
            Err(invalid) => refused.push(invalid),
        }
    }
    match refused.is_empty() {
        true => Ok(items),
        false => Err(refused),
    }
}

#[tonic::async_trait]
impl IndicatorService for IndicatorsRpc {
    async fn query_indicators(
        &self,
        mut request: Request<pb::QueryIndicatorsRequest>,
    ) -> Result<Response<pb::QueryIndicatorsResponse>, Status> {
        let by = caller(&mut request)?;
        let (answer, about) = self.ask(&by, request.into_inner()).await?;
        let mut response = Response::new(answer);
        response.extensions_mut().insert(about);
        Ok(response)
    }

    async fn list_indicators(
        &self,
        mut request: Request<pb::ListIndicatorsRequest>,
    ) -> Result<Response<pb::ListIndicatorsResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.list(&by, request.get_ref())?))
    }

    async fn publish_catalogue(
        &self,
        mut request: Request<pb::PublishCatalogueRequest>,
    ) -> Result<Response<pb::PublishCatalogueResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.publish(by, request.into_inner()).await?))
    }
}
