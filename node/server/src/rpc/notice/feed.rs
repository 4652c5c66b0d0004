//! A consumer's stream: what it has not acknowledged when it comes, then what
//! happens. A recipient that was erased is told nothing, and nobody of it.

use node_domain::actor::Pseudonym;
use node_domain::code::Code;
use node_domain::notices::{Consumer, Mark, Recipient};
use node_domain::process::{Engine, ProcessId};
use node_domain::registers::Entry;
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::wire_time;
use super::super::status;
use super::super::stream::{Chunk, Feed};
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::consumer::Consumers;
use crate::store::keyspace::notice::{NoticeRow, Notices};
use crate::store::keyspace::process::Processes;
use crate::store::keyspace::{Rows as _, raw};
use crate::store::view::Direction;

/// Rows looked at, and recipients shown, before the stream is looked after again.
const CHUNK_ROWS: usize = 256;
const CHUNK_RECIPIENTS: usize = 1_024;

pub struct Feeding {
    name: Code,
    consumer: Consumer,
    /// Everything up to here has been shown.
    through: Mark,
}

impl Feeding {
    pub fn new(name: Code, consumer: Consumer) -> Feeding {
        Feeding {
            name,
            through: consumer.acked,
            consumer,
        }
    }

    fn answer(&self, notice: Option<pb::Notice>) -> pb::FollowNoticesResponse {
        pb::FollowNoticesResponse {
            notice,
            lost: self.consumer.lost,
        }
    }
}

impl Feed for Feeding {
    type Shown = pb::FollowNoticesResponse;

    fn first(&self) -> pb::FollowNoticesResponse {
        self.answer(None)
    }

    fn chunk(
        &mut self,
        store: &Store,
        _: u64,
    ) -> Result<Result<Chunk<pb::FollowNoticesResponse>, Problem>, StoreFault> {
        let Some(consumer) = store.view().load::<Consumers>(&self.name)? else {
            return Ok(Err(status::consumer_closed()));
        };
        self.through = self.through.max(consumer.acked);
        self.consumer = consumer;
        let from = raw::<Notices>(&self.through.next());
        let rows = store
            .view()
            .entries::<Notices>(Some(&from), None, Direction::Ascending);
        let (mut shown, mut told, mut is_full) = (Vec::new(), 0, false);
        for (looked_at, found) in rows.enumerate() {
            if looked_at == CHUNK_ROWS || told >= CHUNK_RECIPIENTS {
                is_full = true;
                break;
            }
            let (mark, row) = found?;
            self.through = mark;
            if let Some(notice) = notice(store, &self.consumer, mark, &row)? {
                told += notice.recipients.len();
                shown.push(self.answer(Some(notice)));
            }
        }
        Ok(Ok(Chunk { shown, is_full }))
    }
}

fn notice(
    store: &Store,
    consumer: &Consumer,
    mark: Mark,
    row: &NoticeRow,
) -> Result<Option<pb::Notice>, StoreFault> {
    let mut recipients = Vec::new();
    for recipient in row.recipients.iter().filter(|one| consumer.gets(one)) {
        recipients.extend(show(store, recipient)?);
    }
    let sentence = row.matter.sentence(&row.code);
    let shown = sentence.filter(|_| !recipients.is_empty());
    Ok(shown.map(|sentence| pb::Notice {
        id: mark.to_string(),
        name: row.matter.to_string(),
        r#type: sentence.code.to_owned(),
        happened_at: Some(wire_time(row.happened_at)),
        zh: sentence.zh(row.matter),
        en: sentence.en(row.matter),
        recipients,
    }))
}

/// `None`: nobody is there any more.
fn show(store: &Store, recipient: &Recipient) -> Result<Option<pb::NoticeRecipient>, StoreFault> {
    let of = |role: pb::Role, scope: String| pb::NoticeRecipient {
        role: role.into(),
        scope,
        entry: String::new(),
    };
    Ok(match recipient {
        Recipient::Resident(who) => resident(store, Some(*who))?,
        Recipient::Grid(grid) => Some(of(pb::Role::GridWorker, grid.to_string())),
        Recipient::Handler(name) => Some(of(pb::Role::Handler, name.to_string())),
        Recipient::Office => Some(of(pb::Role::Staff, String::new())),
        Recipient::Entry(entry) => {
            let key = (Engine::Registers, ProcessId(*entry));
            let state = store.view().load::<Processes>(&key)?;
            let found = state
                .as_ref()
                .and_then(|state| <&Entry>::try_from(state).ok());
            let known = resident(store, found.and_then(|entry| entry.resident))?;
            Some(pb::NoticeRecipient {
                entry: format!("entries/{entry}"),
                ..known.unwrap_or_default()
            })
        }
    })
}

fn resident(
    store: &Store,
    who: Option<Pseudonym>,
) -> Result<Option<pb::NoticeRecipient>, StoreFault> {
    let scope = who.map(|who| store.scope(who)).transpose()?.flatten();
    Ok(scope.map(|scope| pb::NoticeRecipient {
        role: pb::Role::Resident.into(),
        scope,
        entry: String::new(),
    }))
}
