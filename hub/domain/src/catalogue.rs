//! The catalogue as a log: what was published, in order, for nodes that follow
//! it and for nodes that list it anew. What may be published is decided by
//! `proto`'s catalogue. Knows no node and no wave.

use proto::{
    identity::LogId,
    indicator::{
        catalogue::{Catalogue, Item, ItemId},
        mistake::InvalidItem,
    },
};

/// What a publication adds to the log, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub items: Vec<Item>,
    pub unchanged: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    log_id: LogId,
    incarnation: u64,
    /// Entry `n` has seq `n + 1`.
    entries: Vec<(ItemId, Item)>,
    catalogue: Catalogue,
}

impl Log {
    /// An empty log. `log_id` is random: no other log ever has it.
    pub fn new(log_id: LogId) -> Log {
        Log {
            log_id,
            incarnation: 0,
            entries: Vec::new(),
            catalogue: Catalogue::default(),
        }
    }

    /// All items or none; an item that is there already is not added again.
    pub fn publish(&self, items: Vec<Item>) -> Result<Published, Vec<InvalidItem>> {
        let publication = self.catalogue.publish(items)?;
        Ok(Published {
            items: publication.changed,
            unchanged: u32::try_from(publication.unchanged).unwrap_or(u32::MAX),
        })
    }

    /// Total: an item that the catalogue does not take is in the log all the
    /// same, for nodes to judge.
    pub fn apply(&mut self, items: &[Item]) {
        for item in items {
            self.entries.push((item.id(), item.clone()));
            let _ = self.catalogue.take(item.clone());
        }
    }

    /// Of this incarnation of the hub: a node that followed another one lists
    /// everything anew.
    pub fn log_id(&self) -> LogId {
        let mut id = self.log_id.0;
        for (byte, mixed) in id.iter_mut().zip(self.incarnation.to_le_bytes()) {
            *byte ^= mixed;
        }
        LogId(id)
    }

    pub fn renew(&mut self, incarnation: u64) {
        self.incarnation = incarnation;
    }

    /// Seq of the last entry; 0 when empty.
    pub fn head(&self) -> u64 {
        self.entries.len() as u64
    }

    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Entries after `seq`, ascending, each with its seq and name.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = (u64, &ItemId, &Item)> {
        let skip = usize::try_from(seq).unwrap_or(usize::MAX);
        let entries = (1..).zip(&self.entries).skip(skip);
        entries.map(|(seq, (id, item))| (seq, id, item))
    }

    /// Everything that holds at the head, each item's newest entry, ascending:
    /// what a node without a usable cursor is sent.
    pub fn snapshot(&self) -> Vec<(u64, &ItemId, &Item)> {
        let mut newest = std::collections::HashMap::new();
        for (seq, id, _) in self.after(0) {
            newest.insert(id, seq);
        }
        let holds = |(seq, id, _): &(u64, &ItemId, &Item)| newest[id] == *seq;
        self.after(0).filter(holds).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::indicator::catalogue::Catalogue;

    fn first() -> Catalogue {
        Catalogue::from_toml(include_str!("../../../deploy/catalogue/first.toml")).unwrap()
    }

    fn log() -> Log {
        Log::new(LogId([7; 16]))
    }

    #[test]
    fn publishing_twice_adds_nothing() {
        let mut log = log();
        let items: Vec<Item> = first().items().collect();
        let published = log.publish(items.clone()).unwrap();
        assert_eq!(
            (published.items.len(), published.unchanged),
            (items.len(), 0)
        );
        log.apply(&published.items);
        let again = log.publish(items.clone()).unwrap();
        assert_eq!(
            (again.items.len(), again.unchanged),
            (0, items.len() as u32)
        );
        assert_eq!(log.head(), items.len() as u64);
        assert_eq!(log.catalogue(), &first());
        assert_eq!(log.after(2).next().unwrap().0, 3);
        assert_eq!(log.after(log.head()).count(), 0);
    }

    #[test]
    fn a_changed_revision_is_refused_and_a_grown_dimension_replaces_the_old() {
        let mut log = log();
        let published = log.publish(first().items().collect()).unwrap();
        log.apply(&published.items);
        let text = include_str!("../../../deploy/catalogue/first.toml");
        let altered = text.replacen("unit = \"件\"", "unit = \"宗\"", 1);
        let altered = Catalogue::from_toml(&altered).unwrap();
        let refused = log.publish(altered.items().collect()).unwrap_err();
        assert_eq!(refused.len(), 1, "{refused:?}");

        let renamed = text.replacen("name_en = \"Counter\"", "name_en = \"Desk\"", 1);
        assert_ne!(renamed, text);
        let renamed = Catalogue::from_toml(&renamed).unwrap();
        let published = log.publish(renamed.items().collect()).unwrap();
        assert_eq!(published.items.len(), 1);
        log.apply(&published.items);
        let snapshot = log.snapshot();
        assert_eq!(snapshot.len() as u64, log.head() - 1);
        assert_eq!(snapshot.last().unwrap().0, log.head());
    }
}
