//! Groups of cells that changed since they were last merged for the parent. A
//! hint that may say too much and never too little: what is merged again comes
//! out the same. Knows no cell.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Period and group, by number; with the journal's seq that last touched them.
pub type Groups = BTreeMap<(u32, u32), u64>;

#[derive(Default)]
pub struct Stale {
    groups: Mutex<Groups>,
    grown: Notify,
}

impl Stale {
    pub fn mark(&self, groups: impl IntoIterator<Item = (u32, u32)>, seq: u64) {
        let mut stale = self.lock();
        stale.extend(groups.into_iter().map(|group| (group, seq)));
        if !stale.is_empty() {
            self.grown.notify_one();
        }
    }

    pub fn groups(&self) -> Groups {
        self.lock().clone()
    }

    /// Forgets those that were not touched since; answers which.
    pub fn settle(&self, merged: &Groups) -> Vec<(u32, u32)> {
        let mut stale = self.lock();
        let same = merged
            .iter()
            .filter(|(group, seq)| stale.get(group) == Some(seq));
        let same: Vec<(u32, u32)> = same.map(|(group, _)| *group).collect();
        for group in &same {
            stale.remove(group);
        }
        same
    }

    /// Returns when something was marked since it last did.
    pub async fn grown(&self) {
        self.grown.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Groups> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_touched_meanwhile_stays() {
        let stale = Stale::default();
        stale.mark([(1, 1), (1, 2)], 5);
        let merged = stale.groups();
        stale.mark([(1, 2)], 6);
        assert_eq!(stale.settle(&merged), [(1, 1)]);
        assert_eq!(
            stale.groups().into_iter().collect::<Vec<_>>(),
            [((1, 2), 6)]
        );
    }
}
