//! `AuditService`: what an auditor takes along to a community. Parses, calls, converts.

use std::pin::Pin;

use proto::{
    identity::Subject,
    indicator::catalogue::Item,
    pb::{hub as pb, sync as wire},
    period::Period,
    place::{Level, Place},
};
use proto_edge::{clock::Clock, hub::audit_service_server::AuditService, problem::Problem};
use tokio_stream::{Stream, iter};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, foreign_page_token, now, page_size, place, wire_time},
    status::{Mistake, Mistakes, ledger_problem, not_your_community, unreadable},
};
use crate::store::{
    Store,
    stored::{Kept, pack},
};

/// Releases of a page.
const USUAL: usize = 100;
const MOST: usize = 1000;

pub struct AuditRpc {
    pub store: Store,
    pub clock: Clock,
}

type Cells = Pin<Box<dyn Stream<Item = Result<pb::ExportCellsResponse, Status>> + Send>>;

impl AuditRpc {
    async fn list(
        &self,
        by: &Subject,
        wire: pb::ListReleasesRequest,
    ) -> Result<pb::ListReleasesResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let community = mistakes.take(community(&wire.community));
        let limit = mistakes.take(page_size(wire.page_size, USUAL, MOST));
        let after = mistakes.take(after(&wire.page_token));
        let parsed = community.zip(limit).zip(after);
        let ((community, limit), after) = mistakes.finish(parsed)?;
        may_read(by, community)?;
        let store = self.store.clone();
        let read = move || store.releases(community, after, limit);
        let found = blocking(read).await?.map_err(|fault| unreadable(&fault))?;
        let next = found.get(limit - 1).map(|(seq, _)| seq.to_string());
        Ok(pb::ListReleasesResponse {
            releases: found.iter().map(|(_, kept)| shown(kept)).collect(),
            next_page_token: next.unwrap_or_default(),
        })
    }

    async fn export(&self, by: &Subject, asked: &pb::ExportCellsRequest) -> Result<Cells, Problem> {
        let mut mistakes = Mistakes::default();
        let community = mistakes.take(community(&asked.community));
        let period = mistakes.take(period(&asked.period));
        let (community, period) = mistakes.finish(community.zip(period))?;
        may_read(by, community)?;
        let mut exported = self.store.export(community).await.map_err(ledger_problem)?;
        let log = self.store.catalogue();
        let catalogue = log.catalogue();
        let mut definitions = catalogue.definitions().cloned().collect::<Vec<_>>();
        if !asked.indicator.is_empty() {
            definitions.retain(|definition| definition.code.as_str() == asked.indicator);
            if definitions.is_empty() {
                let mut mistakes = Mistakes::default();
                mistakes.add(unknown_indicator());
                return mistakes.finish(None);
            }
            let cells = &mut exported.cells;
            cells.retain(|cell| definitions.iter().any(|one| one.id == cell.key.indicator));
        }
        let cells = &mut exported.cells;
        cells.retain(|cell| period.is_none_or(|period| cell.key.period == period));
        let definitions = definitions.into_iter().map(Item::Definition);
        let dimensions = catalogue.dimensions().cloned();
        let items = definitions.chain(dimensions.map(Item::Dimension));
        let state = pb::ExportedState {
            district: self.store.district().to_string(),
            community: community.to_string(),
            zone: self.store.zone().iana_name().unwrap_or_default().to_owned(),
            lineage: exported.lineage,
            acked: exported.acked,
            released: Some((&exported.released).into()),
            buckets: exported.digest.buckets().iter().map(Into::into).collect(),
            refused_cells: exported.refused_cells,
            catalogue_seq: log.head(),
            items: items
                .map(|item| pb::ExportedItem {
                    kind: item.kind().into(),
                    payload: item.payload().into(),
                })
                .collect(),
            exported_at: Some(wire_time(now(&self.clock))),
        };
        let first = pb::ExportCellsResponse {
            state: Some(state),
            cells: None,
        };
        let rest = pack(&exported.cells)
            .into_iter()
            .map(|cells| pb::ExportCellsResponse {
                state: None,
                cells: Some(cells),
            });
        let all: Vec<_> = std::iter::once(first).chain(rest).map(Ok).collect();
        Ok(Box::pin(iter(all)))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ledger_problem(crate::pki::ledger::LedgerFault::Stopping))
}

/// A node reads of its own community; whom else the table lets in, of all.
fn may_read(by: &Subject, community: Place) -> Result<(), Problem> {
    match by {
        Subject::Community(own) if *own != community => Err(not_your_community()),
        _ => Ok(()),
    }
}

fn community(text: &str) -> Result<Place, Mistake> {
    let parsed = place("community", text)?;
    let wrong = || Mistake::new("community", "want twelve digits", "应为十二位社区代码");
    (parsed.level() == Level::Community)
        .then_some(parsed)
        .ok_or_else(wrong)
}

fn period(text: &str) -> Result<Option<Period>, Mistake> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        Mistake::new(
            "period",
            "want a period such as 20260131, 2026W05, 202601, 2026Q1, 2026S1 or 2026",
            "应为周期，如 20260131、2026W05、202601、2026Q1、2026S1、2026",
        )
    })
}

fn unknown_indicator() -> Mistake {
    Mistake::new(
        "indicator",
        "want the code of a definition in the catalogue",
        "目录中没有这个指标代码",
    )
}

/// The hub's record after which a page begins.
fn after(token: &str) -> Result<u64, Mistake> {
    match token {
        "" => Ok(0),
        token => token.parse().map_err(|_| foreign_page_token()),
    }
}

fn shown(kept: &Kept) -> pb::KeptRelease {
    let under = &kept.countersignature;
    pb::KeptRelease {
        id: kept.head.release_id().unwrap_or_default().to_vec().into(),
        head: Some(wire::JournalHead::from(&kept.head)),
        countersignature: Some(pb::Countersignature {
            time_ms: under.time_ms,
            incarnation: under.incarnation,
            public_key: under.public_key.to_vec().into(),
            signature: under.signature.to_vec().into(),
        }),
    }
}

#[tonic::async_trait]
impl AuditService for AuditRpc {
    type ExportCellsStream = Cells;

    async fn list_releases(
        &self,
        mut request: Request<pb::ListReleasesRequest>,
    ) -> Result<Response<pb::ListReleasesResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.list(&by, request.into_inner()).await?))
    }

    async fn export_cells(
        &self,
        mut request: Request<pb::ExportCellsRequest>,
    ) -> Result<Response<Self::ExportCellsStream>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.export(&by, request.get_ref()).await?))
    }
}
