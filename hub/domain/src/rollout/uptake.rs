//! How far each node has taken the catalogue, and what it refused. From this
//! follows who counts an indicator: whoever does not is never shown as a zero.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use proto::{indicator::catalogue::ItemId, place::Place, sync::downlink::Refused};

use crate::{
    catalogue::Log,
    query::{Measure, Roster},
};

/// Refusals that are kept of one node, at most.
const REFUSALS: usize = 200;

/// A node's word about the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    pub node: Place,
    /// Of the catalogue's log: taken, or refused by name, up to here.
    pub seq: u64,
    /// Everything was listed anew: earlier refusals are open again.
    pub relisted: bool,
    pub refused: Vec<Refused>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uptake {
    nodes: BTreeMap<Place, Taken>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Taken {
    seq: u64,
    /// By item: reason and detail.
    refused: BTreeMap<String, (String, String)>,
}

/// How a node stands to an item; the later the worse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It was not sent it.
    Outside,
    Has,
    /// It was sent it, and has not said anything of it yet.
    Behind,
    Refused {
        reason: String,
        detail: String,
    },
}

impl Uptake {
    pub fn apply(&mut self, taking: &Taking) {
        let taken = self.nodes.entry(taking.node).or_default();
        taken.seq = taking.seq;
        if taking.relisted {
            taken.refused.clear();
        }
        for refused in &taking.refused {
            if taken.refused.len() < REFUSALS || taken.refused.contains_key(&refused.item_id) {
                let why = (refused.reason.clone(), refused.detail.clone());
                taken.refused.insert(refused.item_id.clone(), why);
            }
        }
    }

    /// Whether `taking` is worth a record: a refusal, a new beginning, or that the
    /// node has come to the end of what is for it. What lies between is not.
    pub fn is_news(&self, taking: &Taking, log: &Log) -> bool {
        let known = self.nodes.get(&taking.node).map(|taken| taken.seq);
        let has_moved = known != Some(taking.seq);
        let is_back = known.is_some_and(|known| taking.seq < known);
        taking.relisted
            || !taking.refused.is_empty()
            || is_back
            || (has_moved && taking.seq >= log.head_for(taking.node))
    }

    /// How far the node has taken the catalogue, if it ever followed it.
    pub fn taken(&self, node: Place) -> Option<u64> {
        self.nodes.get(&node).map(|taken| taken.seq)
    }

    /// Whether the node has ever followed the catalogue.
    pub fn knows(&self, node: Place) -> bool {
        self.nodes.contains_key(&node)
    }

    pub fn nodes(&self) -> impl Iterator<Item = Place> + '_ {
        self.nodes.keys().copied()
    }

    pub fn standing(&self, log: &Log, node: Place, item: &ItemId) -> Standing {
        let Some(seq) = log.issued_to(node, item) else {
            return Standing::Outside;
        };
        let Some(taken) = self.nodes.get(&node) else {
            return Standing::Behind;
        };
        match taken.refused.get(&item.to_string()) {
            Some((reason, detail)) => Standing::Refused {
                reason: reason.clone(),
                detail: detail.clone(),
            },
            None if taken.seq < seq => Standing::Behind,
            None => Standing::Has,
        }
    }
}

impl Uptake {
    /// Of what is retired: whether the node was told, and has taken it.
    pub fn has_let_go(&self, log: &Log, node: Place, item: &ItemId) -> bool {
        let taken = self.nodes.get(&node).map_or(0, |taken| taken.seq);
        log.withdrawn_at(item).is_some_and(|seq| taken >= seq)
    }
}

/// Marks in every measure the communities whose nodes do not count it. Of a node
/// that has said nothing since this is kept, its numbers speak.
pub fn mark_absent(measures: &mut [Measure], log: &Log, uptake: &Uptake, roster: &Roster) {
    for measure in measures {
        if let Some(derivation) = &mut measure.derivation {
            let derivation = Arc::make_mut(derivation);
            mark_absent(&mut derivation.terms, log, uptake, roster);
            continue;
        }
        let Ok(code) = measure.code.parse() else {
            continue;
        };
        let item = ItemId::Indicator(code, measure.revision);
        let lacks = |node: Place| match uptake.standing(log, node, &item) {
            Standing::Has => false,
            Standing::Behind => uptake.knows(node),
            Standing::Outside | Standing::Refused { .. } => true,
        };
        // All have been sent it, so only those who have said something can lack it.
        let absent: BTreeSet<u64> = match log.is_for_some(&item) {
            false => uptake
                .nodes()
                .filter(|node| lacks(*node))
                .map(Place::aligned)
                .collect(),
            true => {
                let places = (0..roster.len()).filter_map(|slot| roster.place(slot));
                places
                    .filter(|node| lacks(*node))
                    .map(Place::aligned)
                    .collect()
            }
        };
        measure.absent = Arc::new(absent);
    }
}
