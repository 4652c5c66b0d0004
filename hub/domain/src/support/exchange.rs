//! What a hub takes of a node's letters: those that follow, of the store that the
//! uplink knows. Everything else is left to the node, which is told how far they are.

use proto::{
    place::Place,
    support::{Exchange, Up},
    sync::{
        end::{End, Reason},
        limits,
    },
};

use super::{Event, OPEN_REQUESTS, State};
use crate::sync::line::Line;

/// `Ok(None)`: there is nothing to keep.
pub fn decide_exchange(
    state: &State,
    line: Option<&Line>,
    community: Place,
    exchange: &Exchange,
) -> Result<Option<Event>, End> {
    let granted = line.map(|line| (line.lineage, line.epoch));
    if granted != Some((exchange.lineage, exchange.epoch)) {
        let detail = "not the store that the uplink was granted to last";
        return Err(End::of(Reason::EpochStale, None, detail));
    }
    let received = state.received(community, exchange.lineage);
    let known = (received + 1).saturating_sub(exchange.first) as usize;
    if exchange.letters.is_empty() || exchange.first > received + 1 {
        return Ok(None);
    }
    let letters = exchange.letters.get(known..).unwrap_or_default();
    if letters.is_empty() {
        return Ok(None);
    }
    let asked = letters
        .iter()
        .filter(|letter| matches!(letter, Up::Asked(_)));
    let open = state.open_requests(community);
    if open > 0 && open + asked.count() > OPEN_REQUESTS {
        let detail = format!("{open} requests of this community are not over");
        return Err(End::of(Reason::Busy, Some(limits::BACKOFF_MAX), detail));
    }
    Ok(Some(Event::Received {
        community,
        lineage: exchange.lineage,
        first: received + 1,
        letters: letters.to_vec(),
    }))
}
