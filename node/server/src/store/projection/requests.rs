//! The answers that a repeated request gets, in memory, with the block being
//! filled. Knows only the last few ten thousand.

use std::collections::HashMap;

use super::pending::Pending;
use crate::store::fault::StoreFault;
use crate::store::keyspace::request::{BLOCK, BLOCKS, Earlier, RequestHash, Requests};
use crate::store::view::View;

#[derive(Default)]
pub struct RequestLog {
    earlier: HashMap<RequestHash, Earlier>,
    blocks: HashMap<u64, Vec<RequestHash>>,
    dirty: Vec<u64>,
}

impl RequestLog {
    pub fn read(view: &View) -> Result<RequestLog, StoreFault> {
        let mut log = RequestLog::default();
        for found in view.all::<Requests>() {
            let (block, requests) = found?;
            let hashes = requests.iter().map(|(hash, _)| *hash).collect();
            log.blocks.insert(block, hashes);
            log.earlier.extend(requests);
        }
        Ok(log)
    }

    pub fn get(&self, hash: &RequestHash) -> Option<Earlier> {
        self.earlier.get(hash).copied()
    }

    pub fn dirty_rows(&self) -> usize {
        self.dirty.len()
    }

    /// `number`: how many there were before.
    pub fn push(&mut self, number: u64, hash: RequestHash, earlier: Earlier, rows: &mut Pending) {
        let at = number / BLOCK;
        self.earlier.insert(hash, earlier);
        self.blocks.entry(at).or_default().push(hash);
        if self.dirty.last() != Some(&at) {
            self.dirty.push(at);
        }
        if let Some(old) = at.checked_sub(BLOCKS)
            && let Some(hashes) = self.blocks.remove(&old)
        {
            for hash in hashes {
                self.earlier.remove(&hash);
            }
            rows.remove::<Requests>(&old);
        }
    }

    pub fn flush(&mut self, rows: &mut Pending) {
        for at in self.dirty.drain(..) {
            let hashes = self.blocks.get(&at).into_iter().flatten();
            let answered = hashes.filter_map(|hash| Some((*hash, *self.earlier.get(hash)?)));
            rows.put::<Requests>(&at, &answered.collect());
        }
    }
}
