//! The catalogue as a log: what was published, in order, for nodes that follow
//! it and for nodes that list it anew; and which nodes an entry is for. What may
//! be published is decided by `proto`'s catalogue, when by a rollout.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use proto::{
    identity::LogId,
    indicator::{
        catalogue::{Catalogue, Item, ItemId},
        mistake::InvalidItem,
    },
    place::Place,
    sync::wave,
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
    entries: Vec<Entry>,
    /// Positions of an item's entries, ascending.
    by_item: HashMap<ItemId, Vec<usize>>,
    /// Of everything that was issued, retired or not.
    catalogue: Catalogue,
    retired: BTreeSet<ItemId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: Name,
    pub what: Issued,
    pub audience: Audience,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    Item(ItemId),
    /// Of the rollout with this number.
    DryRun(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issued {
    Item(Item),
    Withdrawn,
    /// To be counted once, answered and forgotten.
    DryRun(Vec<Item>),
}

/// Whom an entry is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    Everyone,
    /// By [`wave::position`], both inclusive.
    Wave {
        from: u64,
        through: u64,
    },
    Nodes(Vec<Place>),
}

impl Audience {
    pub fn has(&self, node: Place) -> bool {
        match self {
            Audience::Everyone => true,
            Audience::Wave { from, through } => (*from..=*through).contains(&wave::position(node)),
            Audience::Nodes(nodes) => nodes.contains(&node),
        }
    }
}

impl Entry {
    /// A community's node counts nothing by what is derived; a child hub answers
    /// by it.
    pub fn is_for(&self, node: Place) -> bool {
        let is_derived = matches!(self.what, Issued::Item(Item::Derived(_)));
        (node.is_of_a_hub() || !is_derived) && self.audience.has(node)
    }
}

impl Log {
    /// An empty log. `log_id` is random: no other log ever has it.
    pub fn new(log_id: LogId) -> Log {
        Log {
            log_id,
            incarnation: 0,
            entries: Vec::new(),
            by_item: HashMap::new(),
            catalogue: Catalogue::default(),
            retired: BTreeSet::new(),
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
        self.issue(items, &Audience::Everyone);
    }

    /// The same, for some nodes only.
    pub fn issue(&mut self, items: &[Item], audience: &Audience) {
        for item in items {
            let _ = self.catalogue.take(item.clone());
            let what = Issued::Item(item.clone());
            self.push(Name::Item(item.id()), what, audience.clone());
        }
    }

    /// Nodes count by these no more. What was counted stays, and can be asked for.
    pub fn withdraw(&mut self, items: &[ItemId]) {
        for item in items {
            // What nobody was sent is dropped: the revision is free again.
            if self.was_issued(item) {
                self.retired.insert(item.clone());
            }
            let name = Name::Item(item.clone());
            self.push(name, Issued::Withdrawn, Audience::Everyone);
        }
    }

    pub fn try_out(&mut self, rollout: u32, items: &[Item], nodes: &[Place]) {
        let what = Issued::DryRun(items.to_vec());
        let audience = Audience::Nodes(nodes.to_vec());
        self.push(Name::DryRun(rollout), what, audience);
    }

    fn push(&mut self, name: Name, what: Issued, audience: Audience) {
        if let Name::Item(item) = &name {
            let positions = self.by_item.entry(item.clone()).or_default();
            positions.push(self.entries.len());
        }
        self.entries.push(Entry {
            name,
            what,
            audience,
        });
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

    /// Seq of the last entry that is for `node`; 0 when none is.
    pub fn head_for(&self, node: Place) -> u64 {
        let last = self.entries.iter().rposition(|entry| entry.is_for(node));
        last.map_or(0, |at| at as u64 + 1)
    }

    /// With what is retired: it can still be asked for.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    pub fn is_retired(&self, item: &ItemId) -> bool {
        self.retired.contains(item)
    }

    /// Seq of the newest entry by which `node` has, or had, this item; `None`:
    /// it was not issued to it.
    pub fn issued_to(&self, node: Place, item: &ItemId) -> Option<u64> {
        let positions = self.by_item.get(item)?.iter().rev();
        let mut issued = positions.filter(|at| {
            let entry = &self.entries[**at];
            entry.what != Issued::Withdrawn && entry.is_for(node)
        });
        issued.next().map(|at| *at as u64 + 1)
    }

    fn was_issued(&self, item: &ItemId) -> bool {
        let mut positions = self.by_item.get(item).into_iter().flatten();
        positions.any(|at| matches!(self.entries[*at].what, Issued::Item(_)))
    }

    /// Seq of the entry by which it was retired.
    pub fn withdrawn_at(&self, item: &ItemId) -> Option<u64> {
        let mut positions = self.by_item.get(item)?.iter().rev();
        let last = positions.find(|at| self.entries[**at].what == Issued::Withdrawn)?;
        Some(*last as u64 + 1)
    }

    /// Whether some nodes have not been issued this item.
    pub fn is_for_some(&self, item: &ItemId) -> bool {
        let positions = self.by_item.get(item).into_iter().flatten();
        let mut issued = positions.map(|at| &self.entries[*at]);
        !issued.any(|entry| entry.audience == Audience::Everyone)
    }

    /// Entries for `node` after `seq`, ascending, each with its seq.
    pub fn after(&self, seq: u64, node: Place) -> impl Iterator<Item = (u64, &Entry)> {
        let skip = usize::try_from(seq).unwrap_or(usize::MAX);
        let entries = (1..).zip(&self.entries).skip(skip);
        entries.filter(move |(_, entry)| entry.is_for(node))
    }

    /// Everything that holds at the head for `node`, each item's newest entry,
    /// ascending: what it is sent without a usable cursor.
    pub fn snapshot(&self, node: Place) -> Vec<(u64, &Entry)> {
        let mut newest = HashMap::new();
        for (seq, entry) in self.after(0, node) {
            newest.insert(&entry.name, seq);
        }
        let holds = |(seq, entry): &(u64, &Entry)| {
            newest[&entry.name] == *seq && matches!(entry.what, Issued::Item(_))
        };
        self.after(0, node).filter(holds).collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Item(item) => item.fmt(f),
            Name::DryRun(rollout) => write!(f, "dry-run/{rollout}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = include_str!("../../../deploy/catalogue/first.toml");

    fn first() -> Catalogue {
        Catalogue::from_toml(FIRST).unwrap()
    }

    fn log() -> Log {
        Log::new(LogId([7; 16]))
    }

    fn node(n: u32) -> Place {
        format!("5101150010{n:02}").parse().unwrap()
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
        assert_eq!(log.after(2, node(1)).next().unwrap().0, 3);
        assert_eq!(log.after(log.head(), node(1)).count(), 0);
    }

    #[test]
    fn a_changed_revision_is_refused_and_a_grown_dimension_replaces_the_old() {
        let mut log = log();
        let published = log.publish(first().items().collect()).unwrap();
        log.apply(&published.items);
        let altered = FIRST.replacen("unit = \"件\"", "unit = \"宗\"", 1);
        let altered = Catalogue::from_toml(&altered).unwrap();
        let refused = log.publish(altered.items().collect()).unwrap_err();
        assert_eq!(refused.len(), 1, "{refused:?}");

        let renamed = FIRST.replacen("name_en = \"Counter\"", "name_en = \"Desk\"", 1);
        assert_ne!(renamed, FIRST);
        let renamed = Catalogue::from_toml(&renamed).unwrap();
        let published = log.publish(renamed.items().collect()).unwrap();
        assert_eq!(published.items.len(), 1);
        log.apply(&published.items);
        let snapshot = log.snapshot(node(1));
        assert_eq!(snapshot.len() as u64, log.head() - 1);
        assert_eq!(snapshot.last().unwrap().0, log.head());
    }

    #[test]
    fn a_wave_reaches_its_own_nodes_and_a_listing_shows_what_holds_for_each() {
        let mut log = log();
        let items: Vec<Item> = first().items().collect();
        let (early, late) = items.split_at(items.len() - 1);
        log.apply(early);
        let item = late[0].id();
        let mut nodes: Vec<Place> = (1..=9).map(node).collect();
        nodes.sort_by_key(|node| wave::position(*node));
        let through = wave::position(nodes[2]);
        let child: Place = "5101".parse().unwrap();
        log.issue(late, &Audience::Wave { from: 0, through });
        let first_wave = log.head();
        let has = |log: &Log, node: &Place| {
            let listed = log.snapshot(*node).len() == items.len();
            let followed = log.after(early.len() as u64, *node).count() == 1;
            let issued = log.issued_to(*node, &item).is_some();
            assert_eq!((listed, followed), (issued, issued), "{node}");
            issued
        };
        let count = |log: &Log| nodes.iter().filter(|node| has(log, node)).count();
        assert_eq!((count(&log), has(&log, &child)), (3, false));
        assert_eq!(log.head_for(nodes[5]), early.len() as u64);
        assert!(log.is_for_some(&item) && !log.is_for_some(&early[0].id()));

        let from = through + 1;
        let through = u64::MAX;
        log.issue(late, &Audience::Wave { from, through });
        assert_eq!((count(&log), has(&log, &child)), (9, true));
        assert_eq!(log.issued_to(nodes[0], &item), Some(first_wave));
        assert_eq!(log.issued_to(nodes[5], &item), Some(first_wave + 1));

        log.withdraw(std::slice::from_ref(&item));
        assert_eq!(log.snapshot(nodes[0]).len(), early.len());
        let withdrawn = log.after(log.head() - 1, nodes[0]).next().unwrap().1;
        assert_eq!(withdrawn.what, Issued::Withdrawn);
        assert!(log.is_retired(&item) && log.catalogue().items().count() == items.len());
    }

    #[test]
    fn a_dry_run_is_told_once_and_never_listed() {
        let mut log = log();
        log.try_out(4, &first().items().collect::<Vec<_>>(), &[node(3)]);
        let told = log.after(0, node(3)).next().unwrap();
        assert_eq!((told.0, told.1.name.to_string()), (1, "dry-run/4".into()));
        assert_eq!(log.after(0, node(1)).count(), 0);
        assert!(log.snapshot(node(3)).is_empty());
        assert_eq!(log.catalogue(), &Catalogue::default());
    }
}
