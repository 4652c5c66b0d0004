//! Which hub counts a community that moved. A hub counts what is inside its
//! place, until its parent or an operator says otherwise; a community from
//! elsewhere it counts by its parent's word only, and the parent gives that word
//! when nobody else below it counts the community any more. So a community is
//! counted once or, for a moment, not at all. Knows no cell and no stream.
//!
//! Numbers are of one parent: the greater assignment holds. A hub in the middle
//! asks its own parent for what it does not hold, and passes a "no" on below.

mod exchange;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use proto::{place::Place, sync::assignment::Assignment};

use crate::event::Asked;

/// As a parent: who counts it from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    pub community: Place,
    pub number: u32,
    /// `None`: no child of this hub.
    pub holder: Option<Place>,
    /// When the holder enrolled it; `None`: told by a child that knew more.
    pub asked_at: Option<Timestamp>,
}

/// An operator let a community, or a child hub, go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    pub asked: Asked,
    pub node: Place,
    pub at: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignments {
    /// Rises with everything that may change who is counted here.
    version: u64,
    /// As a child: the parent's last word.
    told: BTreeMap<Place, Told>,
    /// Whoever was enrolled here, with the assignment that was known then: an
    /// enrolment asks to count, until a later assignment says no.
    asks: BTreeMap<Place, Ask>,
    released: BTreeMap<Place, Release>,
    /// As a parent.
    held: BTreeMap<Place, Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    number: u32,
    is_yours: bool,
    asked_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ask {
    known: u32,
    at: Timestamp,
}

impl Ask {
    /// Whether the enrolment is of after what the parent said: it knew it, or it
    /// came later than the holder's.
    fn is_after(&self, told: &Told) -> bool {
        self.known == told.number || told.asked_at.is_some_and(|before| self.at > before)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Release {
    asked: Asked,
    at: Timestamp,
    /// Enrolled here again since.
    is_back: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    number: u32,
    holder: Option<Place>,
    asked_at: Option<Timestamp>,
    /// Children that held it before, and since which number: each may count it
    /// until it says that it does not.
    before: BTreeMap<Place, u32>,
}

impl Assignments {
    pub fn enrol(&mut self, node: Place, at: Timestamp) {
        let known = self.told.get(&node).map_or(0, |told| told.number);
        self.asks.insert(node, Ask { known, at });
        if let Some(release) = self.released.get_mut(&node) {
            release.is_back = true;
            self.version += 1;
        }
    }

    pub fn release(&mut self, released: &Released) {
        let release = Release {
            asked: released.asked.clone(),
            at: released.at,
            is_back: false,
        };
        self.released.insert(released.node, release);
        self.version += 1;
    }

    pub fn assign(&mut self, assigned: &Assigned) {
        let held = self.held.entry(assigned.community).or_default();
        if let Some(before) = held.holder
            && Some(before) != assigned.holder
        {
            held.before.insert(before, held.number);
        }
        held.number = assigned.number;
        held.holder = assigned.holder;
        held.asked_at = assigned.asked_at;
        self.version += 1;
    }

    pub fn tell(&mut self, said: &[Assignment]) {
        for said in said {
            let community = said.community;
            let told = Told {
                number: said.number,
                is_yours: said.is_yours,
                asked_at: said.asked_at,
            };
            self.told.insert(community, told);
            if told.is_yours {
                self.released.remove(&community);
                continue;
            }
            // Nobody below counts it either.
            let number = self.held.get(&community).map_or(0, |held| held.number);
            self.assign(&Assigned {
                community,
                number: number.saturating_add(1),
                holder: None,
                asked_at: said.asked_at,
            });
        }
        self.version += 1;
    }

    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Of what the parent said, what was not known. In any order, any number of
    /// times: the greatest number holds.
    pub fn news(&self, said: Vec<Assignment>) -> Vec<Assignment> {
        let is_news = |said: &Assignment| {
            let known = self.told.get(&said.community);
            said.number > known.map_or(0, |told| told.number)
        };
        said.into_iter().filter(is_news).collect()
    }

    /// When an operator let it go for good, and who asked.
    pub fn released(&self, node: Place) -> Option<(&Asked, Timestamp)> {
        let release = self.released.get(&node).filter(|release| !release.is_back);
        release.map(|release| (&release.asked, release.at))
    }

    /// Whether the cells of a line are part of this hub's numbers. `own`: what
    /// the hub speaks for to its parent.
    pub fn counts(&self, own: Option<Place>, node: Place) -> bool {
        let is_below = (self.held.get(&node)).is_some_and(|held| held.holder.is_some());
        let Some(own) = own.filter(|_| !node.is_of_a_hub()) else {
            return self.released(node).is_none() && !is_below;
        };
        let is_placed = match self.told.get(&node) {
            Some(told) => told.is_yours,
            None => own.contains(node),
        };
        is_placed && !is_below && !self.released.contains_key(&node)
    }

    /// Whether a line may go on: it is counted, or asks to be.
    pub fn takes(&self, node: Place) -> bool {
        let is_away = self.told.get(&node).is_some_and(|told| {
            let asks = self.asks.get(&node);
            !told.is_yours && asks.is_none_or(|ask| !ask.is_after(told))
        });
        !is_away && self.released(node).is_none()
    }

    /// Enrolled here again after it had gone: its store greets as if for the first
    /// time, though its line is known.
    pub fn is_back(&self, node: Place) -> bool {
        let is_known = self.asks.get(&node).is_some_and(|ask| ask.known > 0);
        is_known
            || self
                .released
                .get(&node)
                .is_some_and(|release| release.is_back)
    }

    /// What is not to be expected here, whoever lists it.
    pub fn left_out(&self, own: Option<Place>) -> impl Iterator<Item = Place> + '_ {
        let known = self.told.keys().chain(self.released.keys());
        let known = known.chain(self.held.keys()).copied();
        known.filter(move |node| !self.counts(own, *node))
    }

    /// Whether it is for this hub to say who below it counts a community.
    fn holds(&self, own: Option<Place>, community: Place) -> bool {
        match self.told.get(&community) {
            Some(told) => told.is_yours,
            None => own.is_none_or(|own| own.contains(community)),
        }
    }
}
