//! Which connection speaks for a node: the newest that the listener accepted. A
//! greeting that a dead connection had under way must not count as a copy of
//! the store, so connections are told apart by the order in which they came.

use std::collections::BTreeMap;

/// `N` names a node. Lives as long as the hub's process, as connections do.
#[derive(Clone, Debug)]
pub struct Roster<N> {
    newest: BTreeMap<N, Newest>,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    number: u64,
    is_live: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Speaks for the node; end the session of this other connection.
    Newest { supersedes: Option<u64> },
    /// A later connection has greeted already: refuse as superseded, undecided.
    Late,
}

impl<N> Default for Roster<N> {
    fn default() -> Roster<N> {
        Roster {
            newest: BTreeMap::new(),
        }
    }
}

impl<N: Ord + Clone> Roster<N> {
    /// At a greeting. `number`: of the connection, in order of acceptance.
    pub fn enter(&mut self, node: &N, number: u64) -> Entry {
        let entered = Newest {
            number,
            is_live: true,
        };
        match self.newest.get_mut(node) {
            Some(newest) if newest.number > number => Entry::Late,
            Some(newest) => {
                let before = std::mem::replace(newest, entered);
                let is_other = before.is_live && before.number != number;
                Entry::Newest {
                    supersedes: is_other.then_some(before.number),
                }
            }
            None => {
                self.newest.insert(node.clone(), entered);
                Entry::Newest { supersedes: None }
            }
        }
    }

    pub fn leave(&mut self, node: &N, number: u64) {
        if let Some(newest) = self.newest.get_mut(node)
            && newest.number == number
        {
            newest.is_live = false;
        }
    }

    /// Nodes with a live session.
    pub fn live(&self) -> impl Iterator<Item = &N> {
        let live = self.newest.iter().filter(|(_, newest)| newest.is_live);
        live.map(|(node, _)| node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_connection_wins_and_older_ones_stay_out() {
        let mut roster = Roster::default();
        let newest = |supersedes| Entry::Newest { supersedes };
        assert_eq!(roster.enter(&"a", 5), newest(None));
        assert_eq!(roster.enter(&"a", 7), newest(Some(5)));
        assert_eq!(roster.enter(&"a", 6), Entry::Late);
        roster.leave(&"a", 5);
        assert_eq!(roster.live().count(), 1);
        roster.leave(&"a", 7);
        assert_eq!(roster.live().count(), 0);
        assert_eq!(roster.enter(&"a", 6), Entry::Late);
        assert_eq!(roster.enter(&"a", 8), newest(None));
        assert_eq!(roster.enter(&"b", 1), newest(None));
    }
}
