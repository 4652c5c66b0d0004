//! A stream of what happens to the cases that its reader may see, from a journal
//! position on. The journal is the buffer.

use node_domain::actor::Actor;
use node_domain::cases::{Visibility, visible_to};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::caller::Caller;
use super::super::fields::Fields;
use super::super::office::Office;
use super::super::stream::{Chunk, Feed};
use super::events;
use super::mask::Mask;
use super::show;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::read::happened;

/// Records read, and events shown, before the stream is looked after again.
const CHUNK_RECORDS: usize = 256;
const CHUNK_EVENTS: usize = 64;

pub struct Watch {
    actor: Actor,
    reader: journal::Reader,
    /// Everything up to here has been shown.
    through: u64,
}

impl Watch {
    pub async fn new(
        office: &Office,
        caller: &Caller,
        asked: pb::WatchCasesRequest,
    ) -> Result<Watch, Problem> {
        let now = office.store.marks().borrow().position;
        let mut fields = Fields::default();
        let through = match asked.after_position {
            0 => Some(now),
            after if after <= now => Some(after),
            _ => fields.wrong(
                "after_position",
                format!("want a position of this node's journal, at most {now}, or 0"),
                format!("应为本节点日志中的位置，最大 {now}，或 0"),
            ),
        };
        let through = fields.done(through)?;
        let reader = office.read(move |store| Ok(store.source().reader(through + 1)?));
        Ok(Watch {
            reader: reader.await?,
            actor: caller.actor.clone(),
            through,
        })
    }

    fn record(
        &self,
        store: &Store,
        (position, payload): (u64, &[u8]),
        shown: &mut Vec<pb::WatchCasesResponse>,
    ) -> Result<(), StoreFault> {
        let Some(happened) = happened(position, payload)? else {
            return Ok(());
        };
        let Some(first) = happened.events.first() else {
            return Ok(());
        };
        let row = store.case(first.case)?;
        let row = row.ok_or_else(|| StoreFault::record(position, "its case is not in the view"))?;
        let seen = visible_to(&row.case, &self.actor);
        if seen == Visibility::Hidden {
            return Ok(());
        }
        let case = show::case(store, &row, seen, &Mask::ALL)?;
        for event in &happened.events {
            shown.push(pb::WatchCasesResponse {
                // Whoever goes on from within a record sees all of it again.
                position: position - 1,
                case: Some(case.clone()),
                event: Some(events::event(store, &happened, event, seen)?),
            });
        }
        if let Some(last) = shown.last_mut() {
            last.position = position;
        }
        Ok(())
    }
}

impl Feed for Watch {
    type Shown = pb::WatchCasesResponse;

    /// Nothing but how far the stream is.
    fn first(&self) -> pb::WatchCasesResponse {
        pb::WatchCasesResponse {
            position: self.through,
            ..pb::WatchCasesResponse::default()
        }
    }

    fn chunk(
        &mut self,
        store: &Store,
        last: u64,
    ) -> Result<Result<Chunk<pb::WatchCasesResponse>, Problem>, StoreFault> {
        let mut shown = Vec::new();
        let mut records = 0;
        while self.through < last && records < CHUNK_RECORDS && shown.len() < CHUNK_EVENTS {
            let Some(record) = self.reader.next().transpose()? else {
                break;
            };
            self.record(store, (record.seq, &record.payload), &mut shown)?;
            self.through = record.seq;
            records += 1;
        }
        let is_full = records == CHUNK_RECORDS || shown.len() >= CHUNK_EVENTS;
        if shown.is_empty() && is_full {
            shown.push(self.first());
        }
        Ok(Ok(Chunk { shown, is_full }))
    }
}
