//! Who may send, and how much: every connected node waits at no credit until
//! its turn, so that what is received and not yet durable fits one budget.

use std::collections::{BTreeMap, VecDeque};

use proto::sync::limits;

/// Over the connections of a hub; `K` names one.
#[derive(Clone, Debug)]
pub struct Admission<K> {
    quantum: u64,
    max_holders: usize,
    /// Granted, and neither settled nor given back.
    outstanding: BTreeMap<K, u64>,
    /// Round-robin; each waits once.
    waiting: VecDeque<K>,
}

impl<K: Ord + Copy> Default for Admission<K> {
    fn default() -> Admission<K> {
        Admission::new(limits::CREDIT_BYTES, limits::CREDIT_HOLDERS)
    }
}

impl<K: Ord + Copy> Admission<K> {
    pub fn new(budget_bytes: u64, max_holders: usize) -> Admission<K> {
        let max_holders = max_holders.max(1);
        Admission {
            quantum: budget_bytes / max_holders as u64,
            max_holders,
            outstanding: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// A node waits, or waits no longer, and gives this much back.
    pub fn demand(&mut self, who: K, waits: bool, returned_bytes: u64) {
        self.settle(who, returned_bytes);
        let at = self.waiting.iter().position(|other| *other == who);
        match (waits, at) {
            (true, None) => self.waiting.push_back(who),
            (false, Some(at)) => {
                self.waiting.remove(at);
            }
            _ => {}
        }
    }

    /// What was received is durable, or dropped.
    pub fn settle(&mut self, who: K, bytes: u64) {
        if let Some(outstanding) = self.outstanding.get_mut(&who) {
            *outstanding = outstanding.saturating_sub(bytes);
            if *outstanding == 0 {
                self.outstanding.remove(&who);
            }
        }
    }

    /// The connection is gone.
    pub fn leave(&mut self, who: K) {
        self.outstanding.remove(&who);
        self.waiting.retain(|other| *other != who);
    }

    /// The next in turn, if the budget has room.
    pub fn poll_grant(&mut self) -> Option<(K, u64)> {
        let at = self.waiting.iter().position(|who| {
            let held = self.outstanding.get(who);
            let has_room = held.is_some() || self.outstanding.len() < self.max_holders;
            has_room && held.copied().unwrap_or(0) <= self.quantum / 2
        })?;
        let who = self.waiting.remove(at)?;
        let held = self.outstanding.entry(who).or_default();
        let bytes = self.quantum - *held;
        *held = self.quantum;
        Some((who, bytes))
    }

    /// Granted over all holders; never above the budget.
    pub fn outstanding_bytes(&self) -> u64 {
        self.outstanding.values().sum()
    }

    pub fn holders(&self) -> usize {
        self.outstanding.len()
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn turns_go_round() {
        let mut admission = Admission::new(100, 2);
        for who in 1..=3 {
            admission.demand(who, true, 0);
        }
        assert_eq!(admission.poll_grant(), Some((1, 50)));
        assert_eq!(admission.poll_grant(), Some((2, 50)));
        assert_eq!(admission.poll_grant(), None);
        // The first spent all and wants more: behind the third.
        admission.settle(1, 50);
        admission.demand(1, true, 0);
        assert_eq!(admission.poll_grant(), Some((3, 50)));
        admission.demand(2, false, 50);
        assert_eq!(admission.poll_grant(), Some((1, 50)));
        assert_eq!(admission.waiting(), 0);
    }

    #[test]
    fn who_still_holds_much_waits_for_its_own() {
        let mut admission = Admission::new(100, 1);
        admission.demand(1, true, 0);
        assert_eq!(admission.poll_grant(), Some((1, 100)));
        admission.demand(1, true, 10);
        assert_eq!(admission.poll_grant(), None);
        admission.settle(1, 40);
        assert_eq!(admission.poll_grant(), Some((1, 50)));
    }

    proptest! {
        // Whatever connections do, the budget holds; and whoever waits is served
        // once everybody has settled and left off.
        #[test]
        fn the_budget_holds_and_nobody_starves(
            steps in proptest::collection::vec((0u8..4, 0usize..6, 0u64..80), 1..200)
        ) {
            let mut admission = Admission::new(160, 2);
            let mut held = [0u64; 6];
            for (step, who, bytes) in steps {
                let spent = bytes.min(held[who]);
                match step {
                    0 => {
                        admission.demand(who, true, spent);
                        held[who] -= spent;
                    }
                    1 => {
                        admission.demand(who, false, spent);
                        held[who] -= spent;
                    }
                    2 => {
                        admission.settle(who, spent);
                        held[who] -= spent;
                    }
                    _ => {
                        admission.leave(who);
                        held[who] = 0;
                    }
                }
                while let Some((who, bytes)) = admission.poll_grant() {
                    held[who] += bytes;
                }
                prop_assert!(admission.outstanding_bytes() <= 160);
                prop_assert!(admission.holders() <= 2);
                prop_assert_eq!(admission.outstanding_bytes(), held.iter().sum::<u64>());
            }
            for _ in 0..6 {
                for (who, held) in held.iter_mut().enumerate() {
                    admission.settle(who, std::mem::take(held));
                }
                while let Some((who, bytes)) = admission.poll_grant() {
                    held[who] += bytes;
                }
            }
            prop_assert_eq!(admission.waiting(), 0);
        }
    }
}
