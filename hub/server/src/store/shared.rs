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
    catalogue::Log, centre, event::Founded, hub::Hub, issuance, query::Roster, register::Register,
    sync::line::Line, tree::Tree,
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
    pub tree: ArcSwap<Tree>,
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
            tree: ArcSwap::new(hub.tree.clone()),
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
        self.tree.store(hub.tree.clone());
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
    ) {
        let register = self.register.load();
        let old = self.roster.load();
        let roster = if old.register_version() != register.version() || old.is_empty() {
            let mut roster = Roster::new(&register, []);
            all.iter().for_each(|line| hear(&mut roster, line));
            roster
        } else {
            let mut roster = Roster::clone(&old);
            (touched.into_iter()).for_each(|line| hear(&mut roster, line));
            roster
        };
        self.roster.store(Arc::new(roster));
    }
}

fn hear(roster: &mut Roster, (node, line): (&Place, &Line)) {
    match node.is_of_a_hub() {
        true => roster.hear_child(*node, line.coverage.as_ref()),
        false => roster.hear(*node, line.complete_until),
    }
}
