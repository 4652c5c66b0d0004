//! What nodes said on their lines since this process began, and need not be
//! journalled. Lost with the process; the next greeting brings it back.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use proto::{place::Place, sync::downlink::Taken};

/// Refused items that are remembered of one node, at most.
const REFUSED: usize = 100;

#[derive(Debug, Default)]
pub struct Heard(Mutex<HashMap<Place, Word>>);

/// A node's last word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    pub at: Option<Timestamp>,
    /// The end of the node's own log of cells.
    pub head_seq: u64,
    /// The catalogue's log, as far as the node has taken it.
    pub catalogue_seq: u64,
    /// Items that the node refused, by name.
    pub refused_items: Vec<String>,
}

impl Heard {
    pub fn of(&self, node: Place) -> Word {
        self.lock().get(&node).cloned().unwrap_or_default()
    }

    /// The node said something; `head_seq` when it was about its log's end.
    pub fn seen(&self, node: Place, head_seq: Option<u64>, at: Timestamp) {
        let mut words = self.lock();
        let word = words.entry(node).or_default();
        word.at = Some(at);
        word.head_seq = word.head_seq.max(head_seq.unwrap_or_default());
    }

    /// The node took the catalogue up to `taken.seq`, or refused parts of it.
    pub fn took(&self, node: Place, taken: &Taken, at: Timestamp) {
        let mut words = self.lock();
        let word = words.entry(node).or_default();
        word.at = Some(at);
        word.catalogue_seq = taken.seq;
        for refused in &taken.refused {
            let is_known = word.refused_items.contains(&refused.item_id);
            if !is_known && word.refused_items.len() < REFUSED {
                word.refused_items.push(refused.item_id.clone());
            }
        }
    }

    /// The node is sent everything anew: what it refused before is open again.
    pub fn relisted(&self, node: Place) {
        if let Some(word) = self.lock().get_mut(&node) {
            word.refused_items.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, Word>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::sync::downlink::Refused;

    #[test]
    fn refused_items_stand_until_everything_is_sent_anew() {
        let (heard, node) = (Heard::default(), "510115001001".parse().unwrap());
        let refused = |item: &str| Refused {
            seq: 3,
            item_id: item.into(),
            reason: "HASH_MISMATCH".into(),
            detail: String::new(),
        };
        let taken = |seq, items: &[&str]| Taken {
            seq,
            refused: items.iter().map(|item| refused(item)).collect(),
            trials: Vec::new(),
        };
        heard.took(node, &taken(3, &["a@1"]), Timestamp::UNIX_EPOCH);
        heard.took(node, &taken(5, &["b@1", "a@1"]), Timestamp::UNIX_EPOCH);
        assert_eq!(heard.of(node).refused_items, ["a@1", "b@1"]);
        assert_eq!(heard.of(node).catalogue_seq, 5);
        heard.seen(node, Some(9), Timestamp::UNIX_EPOCH);
        heard.seen(node, None, Timestamp::UNIX_EPOCH);
        assert_eq!(heard.of(node).head_seq, 9);
        heard.relisted(node);
        assert!(heard.of(node).refused_items.is_empty());
    }
}
