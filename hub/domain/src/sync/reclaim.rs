//! How a quarantined store comes back: an operator chooses, once; the hub then
//! holds its terms out to that store alone and fences off everybody else. Knows
//! no cell: what is given back is the store's to read.

use jiff::Timestamp;
use proto::{
    identity::StoreId,
    sync::uplink::{Hello, Reclaim, ReclaimMode, Since},
};

use super::line::{Cause, Line};
use crate::event::Asked;

/// An operator's decision, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub asked: Asked,
    pub mode: ReclaimMode,
    /// The store that it is about, as it presented itself.
    pub store_id: StoreId,
    pub presented_epoch: u64,
    /// The fence, and what the store greets with once its cells are anew.
    pub epoch: u64,
    pub lineage: u32,
    pub at: Timestamp,
    /// The store has come back.
    pub is_done: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Make it durable, apply it to the line, cut the line's sessions.
    Record(Decided),
    /// Decided like this before.
    Repeat(Decided),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotQuarantined,
    /// Both together would count twice.
    DecidedOtherwise(ReclaimMode),
    /// No lineage or epoch is left to grant.
    Exhausted,
}

pub fn decide_reclaim(
    line: &Line,
    asked: Asked,
    mode: ReclaimMode,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    if let Some(decided) = &line.decided
        && decided.asked == asked
    {
        return Ok(Decision::Repeat(decided.clone()));
    }
    let quarantine = line.quarantine.as_ref().ok_or(Refusal::NotQuarantined)?;
    let is_hopeless = matches!(quarantine.cause, Cause::NothingShared);
    // A word about a store that has not come back since binds no other store.
    let is_same = |decided: &&Decided| {
        let meant = (decided.store_id, decided.presented_epoch);
        !decided.is_done && meant == (quarantine.store_id, quarantine.epoch)
    };
    match line.decided.as_ref().filter(is_same) {
        Some(decided) if decided.mode == mode => return Ok(Decision::Repeat(decided.clone())),
        Some(decided) if !is_hopeless => return Err(Refusal::DecidedOtherwise(decided.mode)),
        _ => {}
    }
    let above = |a: u64, b: u64| a.max(b).checked_add(1).ok_or(Refusal::Exhausted);
    let lineage = line.lineage.max(quarantine.lineage).checked_add(1);
    Ok(Decision::Record(Decided {
        asked,
        mode,
        store_id: quarantine.store_id,
        presented_epoch: quarantine.epoch,
        epoch: above(line.epoch, quarantine.epoch)?,
        lineage: lineage.ok_or(Refusal::Exhausted)?,
        at: now,
        is_done: false,
    }))
}

impl Decided {
    /// The store that the operator meant, as it was when it was turned away.
    pub fn is_about(&self, hello: &Hello) -> bool {
        !self.is_done && (self.store_id, self.presented_epoch) == (hello.store_id, hello.epoch)
    }

    /// That store again, its cells anew.
    pub fn is_met_by(&self, hello: &Hello) -> bool {
        let terms = (self.store_id, self.epoch, self.lineage);
        !self.is_done && terms == (hello.store_id, hello.epoch, hello.lineage)
    }

    /// `None`: what the store shares with the one the hub knew cannot be told, so
    /// nothing can be added to what it lost.
    pub fn terms(&self, line: &Line, hello: &Hello, hub_incarnation: u64) -> Option<Reclaim> {
        let since = match self.mode {
            ReclaimMode::Adopt => since(line, hello)?,
            ReclaimMode::Restate => Since::Beginning,
        };
        Some(Reclaim {
            mode: self.mode,
            epoch: self.epoch,
            lineage: self.lineage,
            acked: line.acked,
            hub_incarnation,
            since,
        })
    }
}

/// A store's history is shared up to the first start that the hub never heard
/// of: its restored or copied process made that one.
fn since(line: &Line, hello: &Hello) -> Option<Since> {
    if line.store_id != Some(hello.store_id) {
        return Some(Since::Beginning);
    }
    let is_known = |start| line.starts.contains(start);
    match hello.starts.iter().rposition(is_known) {
        Some(last) => Some(
            hello
                .starts
                .get(last + 1)
                .copied()
                .map_or(Since::Now, Since::Start),
        ),
        None if hello.epoch == 0 => Some(Since::Beginning),
        None => None,
    }
}

#[cfg(test)]
#[path = "reclaim_tests.rs"]
mod tests;
