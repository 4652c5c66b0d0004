//! A stream of what happens to the cases that its reader may see, from a journal
//! position on. The journal is the buffer: a slow reader is waited for, and
//! misses nothing.

use std::time::Duration;

use jiff::Timestamp;
use node_domain::cases::{Visibility, visible_to};
use proto::pb::node as pb;
use proto_edge::problem::Problem;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tonic::Status;

use super::super::caller::Caller;
use super::super::fields::Fields;
use super::super::office::Office;
use super::super::status::{self, NoBearer};
use super::events;
use super::mask::Mask;
use super::show;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::token::Tokens;
use crate::store::read::happened;

/// Answers that wait for a slow reader, beside those of the present chunk.
pub const WAITING: usize = 16;
/// Records read, and events shown, before the stream is looked after again.
const CHUNK_RECORDS: usize = 256;
const CHUNK_EVENTS: usize = 64;
/// A token's end is looked for at least so often.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// So long a slow reader may take to hear why its stream ends.
const LAST_WORD: Duration = Duration::from_secs(1);

type Sender = mpsc::Sender<Result<pb::WatchCasesResponse, Status>>;

pub struct Watch {
    office: Office,
    caller: Caller,
    reader: journal::Reader,
    /// Everything up to here has been shown.
    through: u64,
    _place: OwnedSemaphorePermit,
}

struct Chunk {
    shown: Vec<pb::WatchCasesResponse>,
    /// There is more to read at once.
    is_full: bool,
    token_ends_at: Option<Timestamp>,
}

enum Ended {
    /// Nobody listens any more.
    Left,
    Refused(Problem),
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Ended {
        Ended::Refused(problem)
    }
}

impl Watch {
    pub async fn new(
        office: Office,
        caller: Caller,
        asked: pb::WatchCasesRequest,
        place: OwnedSemaphorePermit,
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
            office,
            caller,
            through,
            _place: place,
        })
    }

    pub async fn run(self, sender: Sender) {
        let stop = self.office.stop.clone();
        let ended = tokio::select! {
            () = sender.closed() => Ended::Left,
            () = stop.cancelled() => Ended::Refused(status::stopping()),
            Err(ended) = self.follow(&sender) => ended,
        };
        if let Ended::Refused(problem) = ended {
            // A reader that takes nothing does not hold up the node's end.
            let _ = sender.send_timeout(Err(problem.into()), LAST_WORD).await;
        }
    }

    async fn follow(mut self, sender: &Sender) -> Result<std::convert::Infallible, Ended> {
        let mut marks = self.office.store.marks();
        send(sender, at(self.through)).await?;
        loop {
            marks.mark_unchanged();
            let office = self.office.clone();
            let read = office.read(move |_| self.chunk().map(|chunk| (self, chunk)));
            let chunk;
            (self, chunk) = read.await?;
            let chunk = chunk?;
            for shown in chunk.shown {
                send(sender, shown).await?;
            }
            if chunk.is_full {
                continue;
            }
            let changed = tokio::time::timeout(self.wait(chunk.token_ends_at), marks.changed());
            if let Ok(Err(_)) = changed.await {
                return Err(status::stopping().into());
            }
        }
    }

    fn wait(&self, token_ends_at: Option<Timestamp>) -> Duration {
        let left = token_ends_at.map(|at| at.duration_since((self.office.now)()));
        let left = left.map(|left| Duration::try_from(left).unwrap_or_default());
        left.map_or(LONGEST_WAIT, |left| left.min(LONGEST_WAIT))
    }

    /// Blocks. The inner problem: the token is good no more.
    fn chunk(&mut self) -> Result<Result<Chunk, Problem>, StoreFault> {
        let store = &self.office.store;
        let token = store.view().load::<Tokens>(&self.caller.token)?;
        let bearer = token
            .as_ref()
            .map(|token| token.bearer((self.office.now)()));
        match bearer {
            Some(Ok(_)) => {}
            Some(Err(why)) => return Ok(Err(status::no_bearer(NoBearer::Invalid(why)))),
            None => return Ok(Err(status::no_bearer(NoBearer::Unknown))),
        }
        // What the journal has beyond this is not in the rows yet.
        let last = store.marks().borrow().position;
        let mut shown = Vec::new();
        let mut records = 0;
        while self.through < last && records < CHUNK_RECORDS && shown.len() < CHUNK_EVENTS {
            let Some(record) = self.reader.next().transpose()? else {
                break;
            };
            self.record(record.seq, &record.payload, &mut shown)?;
            self.through = record.seq;
            records += 1;
        }
        let is_full = records == CHUNK_RECORDS || shown.len() >= CHUNK_EVENTS;
        if shown.is_empty() && is_full {
            shown.push(at(self.through));
        }
        Ok(Ok(Chunk {
            shown,
            is_full,
            token_ends_at: token.and_then(|token| token.expires_at),
        }))
    }

    fn record(
        &self,
        position: u64,
        payload: &[u8],
        shown: &mut Vec<pb::WatchCasesResponse>,
    ) -> Result<(), StoreFault> {
        let store = &self.office.store;
        let Some(happened) = happened(position, payload)? else {
            return Ok(());
        };
        let Some(first) = happened.events.first() else {
            return Ok(());
        };
        let row = store.case(first.case)?;
        let row = row.ok_or_else(|| StoreFault::record(position, "its case is not in the view"))?;
        let seen = visible_to(&row.case, &self.caller.actor);
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

/// Nothing but how far the stream is.
fn at(position: u64) -> pb::WatchCasesResponse {
    pb::WatchCasesResponse {
        position,
        ..pb::WatchCasesResponse::default()
    }
}

async fn send(sender: &Sender, shown: pb::WatchCasesResponse) -> Result<(), Ended> {
    sender.send(Ok(shown)).await.map_err(|_| Ended::Left)
}
