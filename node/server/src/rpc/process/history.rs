//! What happened to a process: its events out of the journal, a page at a time.

use jiff::Timestamp;
use node_domain::actor::Actor;
use node_domain::process::{Engine, Told};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::caller::Caller;
use super::super::fields::{Fields, wire_time};
use super::super::page::{Page, Place, Question};
use super::super::status;
use super::Desk;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::process::{ProcessKey, Processes};

pub struct HistoryAsk {
    process: ProcessKey,
    page: Page,
}

impl HistoryAsk {
    pub fn parse(
        engine: Engine,
        name: &str,
        size: i32,
        token: &str,
    ) -> Result<HistoryAsk, Problem> {
        let mut fields = Fields::default();
        let process = fields.process("name", engine, name);
        let page = Page::parse(&mut fields, size, token, Question::of(("history", name)));
        let built = process.zip(page);
        fields.done(built.map(|(process, page)| HistoryAsk {
            process: (engine, process),
            page,
        }))
    }
}

impl Desk {
    /// The events, and the next page's token.
    pub async fn history(
        &self,
        caller: Caller,
        ask: HistoryAsk,
    ) -> Result<(Vec<pb::ProcessEvent>, String), Problem> {
        let told = self
            .office
            .read(move |store| history(store, &ask, &caller.actor));
        told.await?.ok_or_else(status::unknown_process)
    }
}

fn history(
    store: &Store,
    ask: &HistoryAsk,
    actor: &Actor,
) -> Result<Option<(Vec<pb::ProcessEvent>, String)>, StoreFault> {
    let state = store.view().load::<Processes>(&ask.process)?;
    if !state.is_some_and(|state| state.is_visible_to(actor)) {
        return Ok(None);
    }
    let Place(from, skipped) = ask.page.from.unwrap_or(Place(0, 0));
    let mut events = Vec::new();
    for found in store.process_events(ask.process, from) {
        let position = found?;
        let (recorded_at, event) = store.process_event(position)?;
        let before = if position == from { skipped } else { 0 };
        for (at, told) in (0..).zip(event.happenings.told()).skip(before as usize) {
            if events.len() == ask.page.size {
                return Ok(Some((events, ask.page.token(Some(Place(position, at))))));
            }
            events.push(wire_event(position, recorded_at, told));
        }
    }
    Ok(Some((events, String::new())))
}

pub fn wire_event(position: u64, recorded_at: Timestamp, told: Told) -> pb::ProcessEvent {
    let details = told.details.into_iter();
    pb::ProcessEvent {
        position,
        happened_at: Some(wire_time(told.at)),
        recorded_at: Some(wire_time(recorded_at)),
        r#type: told.code.to_owned(),
        actor: told.by.to_string(),
        details: details
            .map(|(key, detail)| (key.to_owned(), detail))
            .collect(),
    }
}
