//! The roster: who is expected to report, and up to when each has. Packed so
//! that a whole country is scanned in milliseconds. Knows no numbers.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    period::Period,
    place::Place,
    sync::{assignment::Claim, coverage::Coverage},
};

use super::span::midnight;
use crate::register::Register;

/// Communities by code: those of the register, and those that have reported
/// without being listed there (expected always). A child hub stands for all
/// communities inside its place that do not report here themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    codes: Vec<u64>,
    opened: Vec<Date>,
    closed: Vec<Date>,
    watermarks: Vec<Option<Timestamp>>,
    register_version: u64,
    /// By [`Place::aligned`].
    children: BTreeMap<u64, Coverage>,
    /// Counted elsewhere, by [`Place::aligned`]: neither expected nor heard.
    left_out: BTreeSet<u64>,
    counting_version: u64,
    between: Vec<Place>,
    claims: Vec<Claim>,
}

impl Roster {
    /// `heard`: each node's watermark, `None` before its first.
    pub fn new(
        register: &Register,
        heard: impl IntoIterator<Item = (Place, Option<Timestamp>)>,
    ) -> Roster {
        let mut roster = Roster {
            register_version: register.version(),
            ..Roster::default()
        };
        for community in register.inside(Place::COUNTRY) {
            let closed = community.closed.as_ref().map(|closing| closing.on);
            roster.codes.push(community.code.aligned());
            roster.opened.push(community.opened.unwrap_or(Date::MIN));
            roster.closed.push(closed.unwrap_or(Date::MAX));
        }
        roster.watermarks = vec![None; roster.codes.len()];
        for (place, watermark) in heard {
            roster.hear(place, watermark);
        }
        roster
    }

    /// [`Register::version`] of the register it was made from.
    pub const fn register_version(&self) -> u64 {
        self.register_version
    }

    /// Neither expects nor hears these; for a roster that has heard nobody yet.
    /// `version`: of what says so.
    pub fn leave_out(&mut self, places: impl IntoIterator<Item = Place>, version: u64) {
        self.counting_version = version;
        for place in places {
            self.left_out.insert(place.aligned());
            if let Ok(slot) = self.codes.binary_search(&place.aligned()) {
                self.remove(slot);
            }
        }
    }

    pub const fn counting_version(&self) -> u64 {
        self.counting_version
    }

    /// Expects communities that are in nobody's numbers at the moment; once the
    /// children have been heard.
    pub fn expect(&mut self, between: Vec<Place>) {
        for place in &between {
            self.left_out.remove(&place.aligned());
            self.hear(*place, None);
        }
        self.between = between;
    }

    /// As last expected so.
    pub fn between(&self) -> &[Place] {
        &self.between
    }

    /// What goes to the parent beside numbers of this roster.
    pub fn claim(&mut self, claims: Vec<Claim>) {
        self.claims = claims;
    }

    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// A node's watermark; it never goes back.
    pub fn hear(&mut self, place: Place, watermark: Option<Timestamp>) {
        if self.left_out.contains(&place.aligned()) {
            return;
        }
        let slot = match self.codes.binary_search(&place.aligned()) {
            Ok(slot) => slot,
            Err(slot) => {
                self.codes.insert(slot, place.aligned());
                self.opened.insert(slot, Date::MIN);
                self.closed.insert(slot, Date::MAX);
                self.watermarks.insert(slot, None);
                slot
            }
        };
        self.watermarks[slot] = self.watermarks[slot].max(watermark);
    }

    /// What a child hub says of the communities below it; `None` before its
    /// first word, when nobody knows how many they are.
    pub fn hear_child(&mut self, place: Place, coverage: Option<&Coverage>) {
        if self.left_out.contains(&place.aligned()) {
            return;
        }
        let unknown = || Coverage::new([(None, 1)]);
        let coverage = coverage.cloned().unwrap_or_else(unknown);
        if self.children.insert(place.aligned(), coverage).is_some() {
            return;
        }
        self.hear(place, None);
        let silent = self.inside(place).rev().filter(|slot| {
            self.codes[*slot] != place.aligned() && self.watermarks[*slot].is_none()
        });
        for slot in silent.collect::<Vec<_>>() {
            self.remove(slot);
        }
    }

    fn remove(&mut self, slot: usize) {
        self.codes.remove(slot);
        self.opened.remove(slot);
        self.closed.remove(slot);
        self.watermarks.remove(slot);
    }

    pub(crate) fn child_at(&self, slot: usize) -> Option<&Coverage> {
        if self.children.is_empty() {
            return None;
        }
        self.children.get(&self.codes[slot])
    }

    pub fn len(&self) -> usize {
        self.codes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The slots inside `place`.
    pub(crate) fn inside(&self, place: Place) -> Range<usize> {
        let end = place.aligned_end();
        let slot = |aligned| self.codes.partition_point(|code| *code < aligned);
        slot(place.aligned())..slot(end)
    }

    /// [`Place::aligned`] of every community, ascending.
    pub(crate) fn codes(&self) -> &[u64] {
        &self.codes
    }

    pub(crate) fn place(&self, slot: usize) -> Option<Place> {
        Place::reporting(self.codes[slot])
    }

    pub(crate) fn opened(&self, slot: usize) -> Date {
        self.opened[slot]
    }

    /// The first day on which it no longer was; [`Date::MAX`] while open.
    pub(crate) fn closed(&self, slot: usize) -> Date {
        self.closed[slot]
    }

    pub fn watermark(&self, place: Place) -> Option<Timestamp> {
        let slot = self.codes.binary_search(&place.aligned()).ok()?;
        self.watermarks[slot]
    }

    /// How many should have reported `period` by its end, and
    /// [`Place::aligned`] of those that have not; of a child hub when nobody below
    /// it has.
    pub fn silent(&self, period: Period, zone: &TimeZone) -> (u32, BTreeSet<u64>) {
        let (first, last) = (period.first_day(), period.last_day());
        let whole = midnight(last.tomorrow().unwrap_or(last), zone);
        let (mut expected, mut silent) = (0u32, BTreeSet::new());
        for (slot, code) in self.codes.iter().enumerate() {
            let closed = self.closed[slot];
            if self.opened[slot] > last || closed <= first {
                continue;
            }
            let reaches = match self.child_at(slot) {
                Some(child) => {
                    expected = expected.saturating_add(child.communities());
                    child.reaching(whole) > 0
                }
                None => {
                    expected += 1;
                    let needed = match closed <= last {
                        true => midnight(closed, zone),
                        false => whole,
                    };
                    self.watermarks[slot] >= Some(needed)
                }
            };
            if !reaches {
                silent.insert(*code);
            }
        }
        (expected, silent)
    }

    pub(crate) fn watermark_at(&self, slot: usize) -> Option<Timestamp> {
        self.watermarks[slot]
    }
}
