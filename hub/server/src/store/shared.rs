//! What readers see of the hub: control state as it is on disk, and how far the
//! view has come. Written by the writer's and the applier's thread only.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use hub_domain::{
    catalogue::Log,
    centre,
    event::Founded,
    extension,
    hub::Hub,
    issuance, period,
    query::Roster,
    register::Register,
    rollout::{Rollouts, Uptake},
    support,
    sync::line::Line,
    tree::Tree,
    watch::Book,
};
use jiff::tz::TimeZone;
use proto::place::Place;
use tokio::sync::watch;

use super::stale::Stale;

pub struct Shared {
    pub founded: Founded,
    pub zone: TimeZone,
    pub register: ArcSwap<Register>,
    pub catalogue: ArcSwap<Log>,
    pub issuance: ArcSwap<issuance::State>,
    pub centres: ArcSwap<centre::State>,
    pub extensions: ArcSwap<extension::State>,
    pub tree: ArcSwap<Tree>,
    pub watch: ArcSwap<Book>,
    pub periods: ArcSwap<period::Book>,
    /// Of the last change of a warning.
    pub watch_change: watch::Sender<u64>,
    pub rollouts: ArcSwap<Rollouts>,
    pub uptake: ArcSwap<Uptake>,
    pub support: ArcSwap<support::State>,
    /// The last place of the log of letters.
    pub support_head: watch::Sender<u64>,
    /// What has to be merged for the parent.
    pub stale: Stale,
    /// Watermarks as far as the view holds the cells they stand for.
    pub roster: ArcSwap<Roster>,
    pub incarnation: AtomicU64,
    pub cells: AtomicU64,
    /// Journal records that are durable.
    pub committed: watch::Sender<u64>,
    /// Journal records that the view holds.
    pub applied: watch::Sender<u64>,
    /// The catalogue log's head.
    pub catalogue_head: watch::Sender<u64>,
    lines: RwLock<BTreeMap<Place, Line>>,
    alarms: RwLock<BTreeMap<Place, String>>,
}

impl Shared {
    pub fn new(hub: &Hub, founded: Founded, zone: TimeZone, cells: u64) -> Shared {
        Shared {
            founded,
            zone,
            register: ArcSwap::new(hub.register.clone()),
            catalogue: ArcSwap::new(hub.catalogue.clone()),
            issuance: ArcSwap::new(hub.issuance.clone()),
            centres: ArcSwap::new(hub.centres.clone()),
            extensions: ArcSwap::new(hub.extensions.clone()),
            tree: ArcSwap::new(hub.tree.clone()),
            watch: ArcSwap::new(hub.watch.clone()),
            periods: ArcSwap::new(hub.periods.clone()),
            watch_change: watch::Sender::new(hub.watch.change()),
            rollouts: ArcSwap::new(hub.rollouts.clone()),
            uptake: ArcSwap::new(hub.uptake.clone()),
            support: ArcSwap::new(hub.support.clone()),
            support_head: watch::Sender::new(hub.support.head()),
            stale: Stale::default(),
            roster: ArcSwap::default(),
            incarnation: AtomicU64::new(hub.incarnation),
            cells: AtomicU64::new(cells),
            committed: watch::Sender::new(0),
            applied: watch::Sender::new(0),
            catalogue_head: watch::Sender::new(hub.catalogue.head()),
            lines: RwLock::new(hub.lines.clone()),
            alarms: RwLock::default(),
        }
    }

    pub fn line(&self, node: Place) -> Option<Line> {
        let lines = self.lines.read().unwrap_or_else(PoisonError::into_inner);
        lines.get(&node).cloned()
    }

    /// What `look` finds in all lines.
    pub fn with_lines<T>(&self, look: impl FnOnce(&BTreeMap<Place, Line>) -> T) -> T {
        look(&self.lines.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn alarm(&self, node: Place) -> Option<String> {
        let alarms = self.alarms.read().unwrap_or_else(PoisonError::into_inner);
        alarms.get(&node).cloned()
    }

    pub(super) fn set_alarm(&self, node: Place, alarm: String) {
        let mut alarms = self.alarms.write().unwrap_or_else(PoisonError::into_inner);
        alarms.insert(node, alarm);
    }

    /// The hub's newest durable state; `touched`: lines that changed.
    pub(super) fn publish(&self, hub: &Hub, touched: &[Place]) {
        self.register.store(hub.register.clone());
        self.issuance.store(hub.issuance.clone());
        self.incarnation.store(hub.incarnation, Ordering::Release);
        self.catalogue.store(hub.catalogue.clone());
        self.centres.store(hub.centres.clone());
        self.extensions.store(hub.extensions.clone());
        self.tree.store(hub.tree.clone());
        self.watch.store(hub.watch.clone());
        self.periods.store(hub.periods.clone());
        self.watch_change.send_if_modified(|change| {
            let grown = *change != hub.watch.change();
            *change = hub.watch.change();
            grown
        });
        self.rollouts.store(hub.rollouts.clone());
        self.uptake.store(hub.uptake.clone());
        self.support.store(hub.support.clone());
        let letters = hub.support.head();
        self.support_head
            .send_if_modified(|head| std::mem::replace(head, letters) != letters);
        self.catalogue_head.send_if_modified(|head| {
            let grown = *head != hub.catalogue.head();
            *head = hub.catalogue.head();
            grown
        });
        if touched.is_empty() {
            return;
        }
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        for node in touched {
            if let Some(line) = hub.lines.get(node) {
                lines.insert(*node, line.clone());
            }
        }
    }

    /// Moves the watermarks of the `touched` lines on; makes the roster anew,
    /// with all lines, when the register has changed.
    pub(super) fn refresh_roster<'a>(
        &self,
        touched: impl IntoIterator<Item = (&'a Place, &'a Line)>,
        all: &BTreeMap<Place, Line>,
        tree: &Tree,
    ) {
        let register = self.register.load();
        let old = self.roster.load();
        let version = tree.counting_version();
        let between = tree.assignments.between(tree.place, all);
        let is_current = (old.register_version(), old.counting_version())
            == (register.version(), version)
            && old.between() == between;
        let mut roster = if !is_current || old.is_empty() {
            let mut roster = Roster::new(&register, []);
            roster.leave_out(tree.assignments.left_out(tree.place), version);
            all.iter().for_each(|line| hear(&mut roster, line, tree));
            roster.expect(between);
            roster
        } else {
            let mut roster = Roster::clone(&old);
            (touched.into_iter()).for_each(|line| hear(&mut roster, line, tree));
            roster
        };
        if let Some(own) = tree.place {
            roster.claim(tree.assignments.claims(own, all));
        }
        self.roster.store(Arc::new(roster));
    }
}

fn hear(roster: &mut Roster, (node, line): (&Place, &Line), tree: &Tree) {
    if !tree.counts(*node) {
        return;
    }
    match node.is_of_a_hub() {
        true => roster.hear_child(*node, line.coverage.as_ref()),
        false => roster.hear(*node, line.complete_until),
    }
}
