//! What passes between a parent and its children about communities: claims up
//! beside the numbers, assignments down. Reads lines; knows no stream.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proto::{
    place::Place,
    sync::{
        assignment::{Assignment, Claim, ClaimState, LIMIT},
        coverage::Coverage,
    },
};

use super::{Assigned, Assignments, Held};
use crate::sync::line::Line;

impl Assignments {
    /// Communities that are to be counted below this hub, and are in nobody's
    /// numbers at this moment: expected, and not heard.
    pub fn between(&self, own: Option<Place>, lines: &BTreeMap<Place, Line>) -> Vec<Place> {
        let mine = self.told.iter().filter(|(_, told)| told.is_yours);
        let mine = mine.map(|(community, _)| *community);
        let held = self.held.iter().filter(|(_, held)| held.holder.is_some());
        let mut known: BTreeSet<Place> = mine.chain(held.map(|(node, _)| *node)).collect();
        known.retain(|node| self.holds(own, *node) && !lines.contains_key(node));
        if known.is_empty() {
            return Vec::new();
        }
        let below = Below::of(lines);
        known.retain(|node| !self.is_counted_below(*node, &below));
        known.into_iter().collect()
    }

    /// What follows from what a child claims.
    pub fn decide(&self, own: Option<Place>, child: Place, claims: &[Claim]) -> Vec<Assigned> {
        let decided = claims.iter().filter_map(|claim| {
            let held = self.held.get(&claim.community);
            let number = held.map_or(0, |held| held.number);
            let has_holder = held.is_some_and(|held| held.holder.is_some());
            let (number, holder, asked_at) = match claim.state {
                ClaimState::Wanted { asked_at }
                    if is_newer(held, claim.number, asked_at)
                        && self.holds(own, claim.community) =>
                {
                    let number = claim.number.max(number).checked_add(1)?;
                    (number, Some(child), Some(asked_at))
                }
                // Restored from an older copy, this hub knows less than its child.
                ClaimState::Counted if claim.number > number => (claim.number, Some(child), None),
                ClaimState::Counted if claim.number == number && number > 0 && !has_holder => {
                    (number, Some(child), None)
                }
                ClaimState::Absent | ClaimState::Wanted { .. } if claim.number > number => {
                    (claim.number, None, None)
                }
                _ => return None,
            };
            Some(Assigned {
                community: claim.community,
                number,
                holder,
                asked_at,
            })
        });
        decided.collect()
    }

    /// What a child is told: "yours" only once nobody else may count it.
    pub fn told_to(&self, child: Place, lines: &BTreeMap<Place, Line>) -> Vec<Assignment> {
        let below = Below::of(lines);
        let coverage = below.coverage(child);
        let said = self.held.iter().filter_map(|(community, held)| {
            let is_yours = held.holder == Some(child);
            let concerns = match is_yours {
                true => self.may_count(*community, &below).next().is_none(),
                false => {
                    child.contains(*community)
                        || held.before.contains_key(&child)
                        || coverage.is_some_and(|said| said.claim(*community).is_some())
                }
            };
            concerns.then_some(Assignment {
                community: *community,
                number: held.number,
                is_yours,
                asked_at: held.asked_at,
            })
        });
        said.take(LIMIT).collect()
    }

    /// What this hub, speaking for `own`, says to its parent beside its numbers.
    pub fn claims(&self, own: Place, lines: &BTreeMap<Place, Line>) -> Vec<Claim> {
        let below = Below::of(lines);
        let foreign = self.asks.keys().filter(|node| !own.contains(**node));
        let known = self.told.keys().chain(self.released.keys()).chain(foreign);
        let mut known: BTreeSet<Place> = known.copied().collect();
        known.extend(below.claims().map(|claim| claim.community));
        let communities = known.into_iter().filter(|node| !node.is_of_a_hub());
        let claims = communities.filter_map(|node| self.claim(own, node, lines, &below));
        claims.take(LIMIT).collect()
    }

    /// Communities that a child waits for, and who may still count them.
    pub fn waiting(&self, lines: &BTreeMap<Place, Line>) -> Vec<(Assigned, Vec<Place>)> {
        if self.held.is_empty() {
            return Vec::new();
        }
        let below = Below::of(lines);
        let held = self.held.iter().filter_map(|(community, held)| {
            let who: Vec<Place> = self.may_count(*community, &below).collect();
            let assigned = Assigned {
                community: *community,
                number: held.number,
                holder: held.holder,
                asked_at: held.asked_at,
            };
            (held.holder.is_some() && !who.is_empty()).then_some((assigned, who))
        });
        held.collect()
    }

    fn claim(
        &self,
        own: Place,
        community: Place,
        lines: &BTreeMap<Place, Line>,
        below: &Below<'_>,
    ) -> Option<Claim> {
        let told = self.told.get(&community);
        let number = told.map_or(0, |told| told.number);
        let held = self.held.get(&community);
        let is_below = held.is_some_and(|held| held.holder.is_some())
            || self.may_count(community, below).next().is_some();
        let is_free = match self.holds(Some(own), community) {
            true => self.released.contains_key(&community) && !is_below,
            false => !is_below,
        };
        let wanted = self
            .wants(community, lines)
            .or_else(|| below.want(community, held));
        let state = match (is_free, wanted) {
            (true, Some(asked_at)) => ClaimState::Wanted { asked_at },
            (true, None) if told.is_some() || own.contains(community) => ClaimState::Absent,
            (false, _) if told.is_some_and(|told| told.is_yours) => ClaimState::Counted,
            // By its place, or not at all: that needs no word.
            _ => return None,
        };
        Some(Claim {
            community,
            number,
            state,
        })
    }

    /// A line of this hub's own asks since the last assignment, and the hub has
    /// all of it: what is counted elsewhere must not be given up for less.
    fn wants(&self, community: Place, lines: &BTreeMap<Place, Line>) -> Option<Timestamp> {
        let ask = self.asks.get(&community)?;
        let is_whole = lines.get(&community)?.agreed.is_some();
        let told = self.told.get(&community);
        let is_asked = told.is_none_or(|told| told.is_yours || ask.is_after(told))
            && self.released(community).is_none();
        (is_asked && is_whole).then_some(ask.at)
    }

    fn is_counted_below(&self, community: Place, below: &Below<'_>) -> bool {
        let held = self.held.get(&community);
        let by_holder = held.and_then(|held| held.holder).is_some_and(|holder| {
            let claim = below
                .coverage(holder)
                .and_then(|said| said.claim(community));
            claim.is_some_and(|claim| claim.state == ClaimState::Counted)
        });
        by_holder || self.may_count(community, below).next().is_some()
    }

    /// Children, the holder apart, whose numbers may hold the community.
    fn may_count<'a>(
        &'a self,
        community: Place,
        below: &'a Below<'_>,
    ) -> impl Iterator<Item = Place> + 'a {
        let held = self.held.get(&community);
        let others = below.0.iter().filter(move |(child, coverage)| {
            let before = held.and_then(|held| held.before.get(child)).copied();
            let Some(since) = before.or(child.contains(community).then_some(0)) else {
                return false;
            };
            let said = coverage.and_then(|coverage| coverage.claim(community));
            let is_out = said
                .is_some_and(|claim| claim.state != ClaimState::Counted && claim.number >= since);
            let is_holder = held.is_some_and(|held| held.holder == Some(*child));
            !is_holder && !is_out && self.released(*child).is_none()
        });
        others.map(|(child, _)| *child)
    }
}

/// Whether a claim is of after what is held: it knows it, or it was enrolled
/// later than its holder.
fn is_newer(held: Option<&Held>, known: u32, asked_at: Timestamp) -> bool {
    held.is_none_or(|held| {
        known >= held.number || held.asked_at.is_some_and(|before| asked_at > before)
    })
}

/// The child hubs, each with its last coverage.
struct Below<'a>(Vec<(Place, Option<&'a Coverage>)>);

impl<'a> Below<'a> {
    fn of(lines: &'a BTreeMap<Place, Line>) -> Below<'a> {
        let children = lines.iter().filter(|(node, _)| node.is_of_a_hub());
        let children = children.filter(|(_, line)| line.store_id.is_some());
        Below(
            children
                .map(|(node, line)| (*node, line.coverage.as_ref()))
                .collect(),
        )
    }

    fn coverage(&self, child: Place) -> Option<&'a Coverage> {
        self.0.iter().find(|(node, _)| *node == child)?.1
    }

    fn claims(&self) -> impl Iterator<Item = &'a Claim> + '_ {
        let coverages = self.0.iter().filter_map(|(_, coverage)| *coverage);
        coverages.flat_map(|coverage| &coverage.claims)
    }

    /// When the last child that wants it was asked to.
    fn want(&self, community: Place, held: Option<&Held>) -> Option<Timestamp> {
        let claims = self.claims().filter(|claim| claim.community == community);
        let wanted = claims.filter_map(|claim| match claim.state {
            ClaimState::Wanted { asked_at } => {
                is_newer(held, claim.number, asked_at).then_some(asked_at)
            }
            _ => None,
        });
        wanted.max()
    }
}
