//! When this node puts its name to what it releases: at a checkpoint that brings
//! cells which no release has yet. Keeps nothing: the hub says what it has.

use proto::sync::{
    head::{JournalHead, LastRelease, Release},
    uplink::{Down, Up},
};
use proto_child::uplink::action::{Attached, Scanned};

use super::Driver;
use crate::store::ledger::command::Basis;

impl Driver {
    /// Scans and batches go one after the other, so that what was sent last is what
    /// the hub will have kept last when this comes.
    pub(super) fn release(&self, head: &mut JournalHead, scanned: &Scanned, basis: Basis) {
        let Some(Attached::Digest(cells)) = scanned.attached else {
            return;
        };
        let last = self.released.zip(self.line.community);
        let Some((last, node)) = last.filter(|(last, _)| last.through != scanned.through) else {
            return;
        };
        let release = Release {
            node,
            records: basis.records,
            previous: last.id,
            lineage: self.machine.standing().lineage,
            through: scanned.through,
            cells,
            catalogue_seq: basis.catalogue_seq,
            software: concat!("tongxin/", env!("CARGO_PKG_VERSION")).to_owned(),
            signature: [0; 64],
        };
        self.line.heads.release(head, release);
    }

    pub(super) fn heard_of_releases(&mut self, down: &Down) {
        if let Down::Welcome(welcome) = down {
            self.released = welcome.released;
        }
    }

    pub(super) fn has_released(&mut self, up: &Up) {
        let Up::Batch(batch) = up else { return };
        let Some(head) = batch.journal_head.as_deref() else {
            return;
        };
        if let Some(id) = head.release_id() {
            let through = batch.through;
            self.released = Some(LastRelease { id, through });
        }
    }
}
