//! What happened to a case (全程监控): its records out of the journal, with the
//! role of who acted and what was said, as far as the reader may see it.

use std::collections::HashMap;

use node_domain::actor::Actor;
use node_domain::cases::{CaseId, Completion, Event, Happening, Visibility, visible_to};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::{Fields, wire_time};
use super::super::page::{Page, Place, Question};
use super::show::{self, name};
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::read::Happened;

pub struct HistoryAsk {
    pub case: CaseId,
    page: Page,
}

impl TryFrom<pb::ListCaseEventsRequest> for HistoryAsk {
    type Error = Problem;

    fn try_from(asked: pb::ListCaseEventsRequest) -> Result<HistoryAsk, Problem> {
        let mut fields = Fields::default();
        let case = fields.case("name", &asked.name);
        let question = Question::of(("events", &asked.name));
        let page = Page::parse(&mut fields, asked.page_size, &asked.page_token, question);
        let ask = case.zip(page).map(|(case, page)| HistoryAsk { case, page });
        fields.done(ask)
    }
}

/// `None`: there is no such case, as far as `actor` is concerned.
pub fn history(
    store: &Store,
    ask: &HistoryAsk,
    actor: &Actor,
) -> Result<Option<pb::ListCaseEventsResponse>, StoreFault> {
    let Some(row) = store.case(ask.case)? else {
        return Ok(None);
    };
    let seen = visible_to(&row.case, actor);
    if seen == Visibility::Hidden {
        return Ok(None);
    }
    let Place(from, skipped) = ask.page.from.unwrap_or(Place(0, 0));
    let mut shown = pb::ListCaseEventsResponse::default();
    for position in row.case.events.iter().skip_while(|at| *at < from) {
        let Some(happened) = store.happened(position)? else {
            return Err(StoreFault::record(position, "no event of a case"));
        };
        let before = if position == from { skipped } else { 0 };
        for (at, one) in (0..).zip(&happened.events).skip(before as usize) {
            if shown.events.len() == ask.page.size {
                shown.next_page_token = ask.page.token(Some(Place(position, at)));
                return Ok(Some(shown));
            }
            shown.events.push(event(store, &happened, one, seen)?);
        }
    }
    Ok(Some(shown))
}

/// One of a record's events.
pub fn event(
    store: &Store,
    happened: &Happened,
    event: &Event,
    seen: Visibility,
) -> Result<pb::CaseEvent, StoreFault> {
    let text = match event.happening.text() {
        Some(sealed) if seen == Visibility::Whole => match &event.happening {
            Happening::Reported(_) => {
                show::personal(store, happened.subject, &sealed.0, |error| {
                    StoreFault::row("cases", &event.case.0.to_be_bytes(), error)
                })?
                .map(|personal| personal.text)
            }
            _ => plain(store, happened, &sealed.0)?,
        },
        _ => None,
    };
    Ok(pb::CaseEvent {
        position: happened.position,
        happened_at: Some(wire_time(event.happened_at)),
        recorded_at: Some(wire_time(happened.recorded_at)),
        r#type: event.happening.code().to_owned(),
        actor: event.by.to_string(),
        details: details(&event.happening),
        text: text.unwrap_or_default(),
    })
}

fn plain(store: &Store, happened: &Happened, sealed: &[u8]) -> Result<Option<String>, StoreFault> {
    let plain = store.unseal(happened.subject, sealed)?;
    let text = plain.map(|plain| String::from_utf8(plain.to_vec()));
    let odd = |error| StoreFault::record(happened.position, error);
    text.transpose().map_err(odd)
}

fn details(happening: &Happening) -> HashMap<String, String> {
    let mut details = HashMap::new();
    let mut put = |key: &str, value: &dyn ToString| {
        details.insert(key.to_owned(), value.to_string());
    };
    match happening {
        Happening::Reported(reported) => {
            put("kind", &reported.kind);
            put("category", &reported.category);
            put("origin", &reported.origin.code());
            put("on_behalf", &reported.on_behalf);
            if let Some(grid) = reported.grid {
                put("grid", &grid);
            }
        }
        Happening::Dispatched { handler } => put("handler", handler),
        Happening::Paused { cause } => put("cause", cause),
        Happening::Completed { completion, .. } => {
            put("outcome", &completion.code());
            if let Completion::Referred(Some(to)) = completion {
                put("referred_to", to);
            }
        }
        Happening::Refused { by, refer_to, .. } => {
            put("by", by);
            put("refer_to", refer_to);
        }
        Happening::MarkedDuplicate { of } => put("duplicate_of", &name(of.0)),
        Happening::Rated {
            level,
            appeal_until,
            ..
        } => {
            put("level", &level.code());
            if let Some(until) = appeal_until {
                put("appeal_until", until);
            }
        }
        Happening::Reopened { round, handler } => {
            put("round", round);
            if let Some(handler) = handler {
                put("handler", handler);
            }
        }
        Happening::Escalated { to, handler } => {
            put("to", to);
            if let Some(handler) = handler {
                put("handler", handler);
            }
        }
        Happening::Appealed { review, .. } => put("review", review),
        Happening::AppealRuled { review, upheld, .. } => {
            put("review", review);
            put("upheld", upheld);
        }
        Happening::FellDue { clock, on_time } => {
            put("clock", &clock.code());
            put("on_time", on_time);
        }
        Happening::Settled { reopened } => put("reopened", reopened),
        Happening::Accepted
        | Happening::Bounced { .. }
        | Happening::Started
        | Happening::Resumed
        | Happening::Replied(_)
        | Happening::Noted(_)
        | Happening::Withdrawn { .. }
        | Happening::Closed => {}
    }
    details
}
