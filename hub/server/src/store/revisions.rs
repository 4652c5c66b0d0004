//! Revisions of cells in the view, as readers have them. Judges nothing.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use hub_domain::{
    period::{Book, CellRevision, LockNumber, Refusal},
    query::{
        Column, ColumnId, Columns, Measure, REVISION_LIMIT, Request, Revisions, Row, Unanswered,
        World, approve,
    },
};
use prost::Message as _;
use proto::{period::Period, place::Place};

use super::{
    Store,
    columns::Reading,
    command::{Answer, Command},
    crossed,
    fault::ViewFault,
    key,
    ledger::PeriodCommand,
    stored::StoredRevision,
    view::View,
};
use crate::pki::ledger::LedgerFault;

/// Rows that one page looks at, however few it wants of them.
pub const LOOKED_AT: usize = 50_000;

/// What a page of revisions is of.
pub struct Wanted {
    /// Base periods, ascending by their numbers; empty: all there are.
    pub bases: Vec<Period>,
    pub place: Place,
    /// The key after which to go on; empty: from the first.
    pub after: Vec<u8>,
    pub size: usize,
}

/// A page, and the key after which the next one goes on; empty at the end.
pub struct RevisionPage {
    pub revisions: Vec<CellRevision>,
    pub next: Vec<u8>,
}

impl Store {
    pub async fn period(
        &self,
        command: PeriodCommand,
    ) -> Result<Result<LockNumber, Refusal>, LedgerFault> {
        match self.call(Command::Period(command)).await? {
            Answer::Period(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    pub fn locks(&self) -> Arc<Book> {
        self.shared.periods.load_full()
    }

    /// Says of `rows` what was approved. Reads the view: blocks.
    pub fn put_approved(
        &self,
        rows: &mut [Row],
        request: &Request,
        measures: &[Measure],
        world: World<'_>,
    ) -> Result<(), Unanswered<ViewFault>> {
        let own = self.shared.tree.load().place;
        let reading = Revising {
            reading: Reading::new(&self.view, &self.cache, own),
            view: &self.view,
            read: RefCell::default(),
        };
        approve(rows, request, measures, world, &self.locks(), &reading)
    }

    /// Ascending by base period, community and record. Reads the view: blocks.
    pub fn revisions(
        &self,
        wanted: &Wanted,
        is_wanted: impl Fn(&CellRevision) -> bool,
    ) -> Result<RevisionPage, ViewFault> {
        page(&self.view, wanted, is_wanted)
    }
}

fn page(
    view: &View,
    wanted: &Wanted,
    is_wanted: impl Fn(&CellRevision) -> bool,
) -> Result<RevisionPage, ViewFault> {
    let mut page = RevisionPage {
        revisions: Vec::new(),
        next: Vec::new(),
    };
    let mut looked_at = 0;
    let mut last: Vec<u8> = Vec::new();
    let ranges: Vec<(Vec<u8>, Vec<u8>)> = match wanted.bases.as_slice() {
        [] => vec![(key::REVISIONS.to_vec(), key::REVISIONS.to_vec())],
        bases => bases
            .iter()
            .map(|base| {
                let prefix = key::revisions_of(*base);
                (
                    key::revisions_from(*base, wanted.place).to_vec(),
                    prefix.to_vec(),
                )
            })
            .collect(),
    };
    for (from, prefix) in ranges {
        let from = from.max([wanted.after.as_slice(), &[0]].concat());
        view.scan_from(&from, &prefix, |key, value| {
            if page.revisions.len() == wanted.size || looked_at == LOOKED_AT {
                page.next.clone_from(&last);
                return Ok(false);
            }
            let revision = read(key, value)?;
            if !wanted.bases.is_empty()
                && revision.community.aligned() >= wanted.place.aligned_end()
            {
                return Ok(false);
            }
            looked_at += 1;
            last = key.to_vec();
            if wanted.place.contains(revision.community) && is_wanted(&revision) {
                page.revisions.push(revision);
            }
            Ok(true)
        })?;
        if !page.next.is_empty() {
            break;
        }
    }
    Ok(page)
}

fn read(key: &[u8], value: &[u8]) -> Result<CellRevision, ViewFault> {
    let (community, cell, seq) =
        key::parse_revision(key).ok_or_else(|| ViewFault::damaged(key, "key"))?;
    let stored = StoredRevision::decode(value).map_err(|cause| ViewFault::damaged(key, cause))?;
    let read = stored.read(community, cell, seq);
    read.map_err(|cause| ViewFault::damaged(key, cause))
}

/// Columns and revisions for one question.
struct Revising<'a> {
    reading: Reading<'a>,
    view: &'a View,
    read: RefCell<HashMap<(Period, Place), Found>>,
}

type Found = Arc<Vec<CellRevision>>;

impl Columns for Revising<'_> {
    type Fault = ViewFault;

    fn columns(&self, ids: &[ColumnId], place: Place) -> Result<Vec<Arc<Column>>, ViewFault> {
        self.reading.columns(ids, place)
    }
}

impl Revisions for Revising<'_> {
    fn revisions(&self, base: Period, place: Place) -> Result<Arc<Vec<CellRevision>>, ViewFault> {
        if let Some(found) = self.read.borrow().get(&(base, place)) {
            return Ok(found.clone());
        }
        let mut found = Vec::new();
        let (from, prefix) = (key::revisions_from(base, place), key::revisions_of(base));
        self.view.scan_from(&from, &prefix, |key, value| {
            let revision = read(key, value)?;
            let is_inside = revision.community.aligned() < place.aligned_end();
            if is_inside {
                found.push(revision);
            }
            Ok(is_inside && found.len() <= REVISION_LIMIT)
        })?;
        let found = Arc::new(found);
        self.read.borrow_mut().insert((base, place), found.clone());
        Ok(found)
    }
}
