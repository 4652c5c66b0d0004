//! A line: what the hub durably knows about one node's sync. Decisions read it;
//! what they decide is applied to it, live and on replay alike. Holds no cell.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proto::{
    identity::{Nonce, StoreId},
    indicator::cell::{Cell, CellKey, Order},
    sync::{
        coverage::Coverage,
        head::{JournalHead, LastRelease},
        limits,
        uplink::{RejectReason, Rejected, Rejection, Retry, StartId, Welcome},
    },
};

use super::{batch::Accepted, hello::Granted, reclaim::Decided, repair::Listed};
use crate::network::{REMEMBERED, Reached};

/// Invariant: every cell that the hub holds of this node, and every marker, has
/// seq ≤ `acked`; so a cell of seq > `acked` is newer than what its key holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// `None`: the node was never here.
    pub store_id: Option<StoreId>,
    pub epoch: u64,
    pub lineage: u32,
    pub answered: Option<Answered>,
    /// The hub's cursor: it holds, or has refused by name, every cell up to here.
    pub acked: u64,
    pub complete_until: Option<Timestamp>,
    /// Of the catalogue's log: what it had taken when it last reported whole.
    pub counted: Option<u64>,
    /// When its months were whole, the oldest first, [`REMEMBERED`] of them.
    pub reached: Vec<Reached>,
    /// Of a child hub: how far the communities below it are complete.
    pub coverage: Option<Coverage>,
    /// Cells refused and not changed since, whichever version is held.
    pub rejected: BTreeMap<CellKey, Marker>,
    pub quarantine: Option<Quarantine>,
    /// What an operator decided about a quarantined store, last.
    pub decided: Option<Decided>,
    /// A store that came back has cells of older lineages still to replace;
    /// what it has not replaced at its next checkpoint is no longer its own.
    pub sweeps: bool,
    /// The starts that the store has told of, oldest first.
    pub starts: Vec<StartId>,
    /// What the store's journal had come to when its last batch was made.
    pub journal_head: Option<Box<JournalHead>>,
    /// The last of its releases, all of which are kept; histories that were given
    /// up stay in the row.
    pub released: LastRelease,
    /// When the last repair of a differing digest began: its first listing.
    pub repaired_at: Option<Timestamp>,
    pub agreed: Option<Agreed>,
    pub told: Told,
}

/// The greeting that the current epoch answers: said again, it gets the same
/// epoch again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    pub presented_epoch: u64,
    pub nonce: Nonce,
}

/// A refused cell; it counts in the digest in place of what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    pub order: Order,
    pub hash: u128,
    pub reason: RejectReason,
    pub retry: MarkerRetry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerRetry {
    OnChange,
    PastCatalogue(u64),
    At(Timestamp),
}

/// Somebody with this node's certificate presented another history. An operator
/// decides; the holder of the current epoch goes on, except after `HeadBehind`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    pub since: Timestamp,
    pub cause: Cause,
    /// As it presented itself.
    pub store_id: StoreId,
    pub epoch: u64,
    pub lineage: u32,
    pub head_seq: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A store from before the current epoch: restored, or one of two copies.
    StaleEpoch { presented: u64, current: u64 },
    /// Not the store that this line is of.
    OtherStore { presented: StoreId },
    /// A store that lost what the hub already acknowledged. No other store has
    /// a better claim, so nobody is let in.
    HeadBehind { head: u64, acked: u64 },
    /// A store of the current epoch whose journal is shorter than the hub knows it,
    /// or another at the same size.
    Parted { size: u64, known: u64 },
    /// It was to adopt what it lost, but the hub remembers none of its starts:
    /// what both have cannot be told from what is new.
    NothingShared,
}

/// Both ends' digests were equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    pub through: u64,
    pub at: Timestamp,
}

/// What the node said about itself at its last greeting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub at: Option<Timestamp>,
    pub head_seq: u64,
    pub catalogue_seq: u64,
    pub software: String,
    /// The line's version; 0: greeted before this was kept.
    pub protocol: u32,
    /// The node's clock less the hub's, whatever the message took.
    pub clock_skew: SignedDuration,
}

impl Line {
    pub fn grant(&mut self, granted: &Granted) {
        self.store_id = Some(granted.store_id);
        self.epoch = granted.epoch;
        self.lineage = granted.lineage;
        self.answered = Some(granted.answered);
        self.told = granted.told.clone();
        if granted.is_reclaimed {
            self.quarantine = None;
            self.sweeps = true;
            // What it had come to was of the history that is given up.
            self.journal_head = None;
            if let Some(decided) = &mut self.decided {
                decided.is_done = true;
            }
        }
        self.hear(&granted.starts);
    }

    /// Starts are known by name for good, the newest of them.
    pub fn hear(&mut self, starts: &[StartId]) {
        for start in starts {
            if !self.starts.contains(start) {
                self.starts.push(*start);
            }
        }
        let forgotten = self.starts.len().saturating_sub(limits::KNOWN_STARTS);
        self.starts.drain(..forgotten);
    }

    /// Nobody who was granted something before goes on.
    pub fn decide(&mut self, decided: &Decided) {
        self.epoch = decided.epoch;
        self.answered = None;
        self.decided = Some(decided.clone());
    }

    pub fn accept(&mut self, accepted: &Accepted) {
        if let Some(head) = &accepted.journal_head {
            self.keep(head);
            // Releases are kept by themselves.
            self.journal_head = Some(Box::new(JournalHead {
                release: None,
                ..(**head).clone()
            }));
        }
        self.acked = accepted.through;
        if let Some(until) = accepted.complete_until {
            self.complete_until = Some(until);
        }
        self.counted = accepted.counted.or(self.counted);
        self.reached.extend(accepted.reached);
        let forgotten = self.reached.len().saturating_sub(REMEMBERED);
        self.reached.drain(..forgotten);
        if let Some(coverage) = &accepted.coverage {
            self.coverage = Some(coverage.clone());
        }
        if !self.rejected.is_empty() {
            for cell in &accepted.cells {
                self.rejected.remove(&cell.key);
            }
        }
        self.rejected.extend(accepted.rejected.iter().copied());
        if let Some(lineage) = accepted.sweeps {
            self.sweeps = false;
            self.rejected
                .retain(|_, marker| marker.order.lineage >= lineage);
        }
    }

    /// Applies a listing that is authoritative for its bucket.
    pub fn list(&mut self, listed: &Listed) {
        for key in &listed.cleared {
            self.rejected.remove(key);
        }
        self.rejected.extend(listed.rejected.iter().copied());
    }

    /// The store turned away last is the one that an operator decides about.
    pub fn sight(&mut self, quarantine: &Quarantine) {
        self.quarantine = Some(quarantine.clone());
    }

    /// Why a store whose journal has come to `said` is not this line's; `None` as
    /// well when that cannot be told from the two alone.
    pub fn parts_from(&self, said: &JournalHead) -> Option<Cause> {
        let known = self.journal_head.as_ref()?;
        said.point
            .contradicts(&known.point)
            .then_some(Cause::Parted {
                size: said.point.size,
                known: known.point.size,
            })
    }

    /// The answer to a greeting, once its grant is durable.
    pub fn welcome(&self, hub_incarnation: u64, now: Timestamp) -> Welcome {
        let rejected = self.rejected.iter().take(limits::WELCOME_MARKERS);
        Welcome {
            protocol: limits::PROTOCOL_MAX,
            hub_incarnation,
            epoch: self.epoch,
            lineage: self.lineage,
            acked: self.acked,
            hub_time: now,
            rejected: rejected
                .map(|(key, marker)| marker.rejected(*key, now))
                .collect(),
            released: Some(self.released),
        }
    }
}

impl Marker {
    pub fn new(order: Order, hash: u128, rejection: Rejection, now: Timestamp) -> Marker {
        Marker {
            order,
            hash,
            reason: rejection.reason,
            retry: match rejection.retry {
                Retry::OnChange => MarkerRetry::OnChange,
                Retry::PastCatalogue(seq) => MarkerRetry::PastCatalogue(seq),
                Retry::After(span) => SignedDuration::try_from(span)
                    .ok()
                    .and_then(|span| now.checked_add(span).ok())
                    .map_or(MarkerRetry::OnChange, MarkerRetry::At),
            },
        }
    }

    pub fn of(cell: &Cell, rejection: Rejection, now: Timestamp) -> Marker {
        Marker::new(cell.order, cell.hash(), rejection, now)
    }

    /// As the node is told, at `now`.
    pub fn rejected(&self, key: CellKey, now: Timestamp) -> Rejected {
        let retry = match self.retry {
            MarkerRetry::OnChange => Retry::OnChange,
            MarkerRetry::PastCatalogue(seq) => Retry::PastCatalogue(seq),
            MarkerRetry::At(at) => {
                Retry::After(at.duration_since(now).try_into().unwrap_or_default())
            }
        };
        Rejected {
            key,
            seq: self.order.seq,
            rejection: Rejection {
                reason: self.reason,
                retry,
            },
        }
    }
}
