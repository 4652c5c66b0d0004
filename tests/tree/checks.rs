//! What must hold: promises at every message, and everything in the end.

use jiff::Timestamp;
use proto::place::Place;

use crate::{
    oracle,
    plan::Planted,
    world::{Actor, DISTRICTS, HUBS, What, World},
};

impl World {
    /// What a coverage says is complete has been counted.
    pub fn keeps_promise(&mut self, parent: usize, child: usize) -> Result<(), String> {
        let What::Hub(hub) = &self.actors[parent].what else {
            return Ok(());
        };
        let place = self.actors[child].place;
        let line = &hub.lines[&place];
        let oldest = line
            .coverage
            .as_ref()
            .and_then(|coverage| coverage.oldest());
        let Some(oldest) = oldest else {
            return Ok(());
        };
        let counted = oracle::counted(hub.cells.get(&place).into_iter());
        let inside = |leaf: &Actor| place.contains(leaf.place);
        // What is between two hubs may be on its way in, or out, batch by batch.
        let promised = self.written(oldest, |leaf| inside(leaf) && !leaf.has_moved);
        let written = self.written(Timestamp::MAX, |leaf| inside(leaf) || leaf.has_moved);
        self.outcome.promises += u64::from(promised > 0);
        if (promised..=written).contains(&counted) {
            return Ok(());
        }
        Err(format!(
            "19. {place} is complete up to {oldest}: want {promised} to {written}, counted {counted}"
        ))
    }

    /// Facts that leaves had counted before `at`.
    fn written(&self, at: Timestamp, which: impl Fn(&Actor) -> bool) -> u128 {
        let leaves = self.actors[HUBS..].iter().filter(|leaf| which(leaf));
        let counts = leaves.map(|leaf| match &leaf.what {
            What::Leaf(leaf) => leaf.counted_before(at),
            What::Hub(_) => 0,
        });
        counts.sum()
    }

    /// No two districts count the same community, at any moment.
    pub(super) fn counted_once(&self) -> Result<(), String> {
        for leaf in self.actors[HUBS..].iter().filter(|leaf| leaf.has_moved) {
            let hubs = self.actors[DISTRICTS].iter().filter(|hub| match &hub.what {
                What::Hub(hub) => {
                    let line = hub.lines.get(&leaf.place);
                    line.is_some_and(|line| line.acked > 0) && hub.tree.counts(leaf.place)
                }
                What::Leaf(_) => false,
            });
            let hubs: Vec<String> = hubs.map(|hub| hub.place.to_string()).collect();
            if hubs.len() > 1 {
                let leaf = leaf.place;
                return Err(format!("19. {leaf} is counted by {}", hubs.join(" and ")));
            }
        }
        Ok(())
    }

    /// Whether it reports to the hub of `place`, or to one below it.
    fn is_below(&self, leaf: &Actor, place: Place) -> bool {
        let up = |parent: &usize| self.actors[*parent].parent;
        let mut above = std::iter::successors(leaf.parent, up);
        above.any(|hub| self.actors[hub].place == place)
    }

    /// Long after the last fault every hub answers as if it had all leaves.
    pub(super) fn settled(&self) -> Result<(), String> {
        for hub in &self.actors[..HUBS] {
            let What::Hub(state) = &hub.what else {
                continue;
            };
            let leaves = self.actors[HUBS..].iter();
            let leaves = leaves.filter(|leaf| self.is_below(leaf, hub.place));
            let leaves = leaves.map(|leaf| &leaf.outbox.cells);
            let counted = state.cells.iter();
            let counted = counted.filter(|(place, _)| {
                state.tree.counts(**place) || self.planted == Some(Planted::CountsTwice)
            });
            let counted = counted.map(|(_, cells)| cells);
            let (want, got) = (
                oracle::answers(leaves.clone()),
                oracle::answers(counted.clone()),
            );
            if let Some((question, _)) = want.iter().find(|(at, value)| got.get(at) != Some(value))
            {
                let (want, got) = (want.get(question), got.get(question));
                return Err(format!(
                    "19. {} at {question:?}: want {want:?}, got {got:?}",
                    hub.place
                ));
            }
            if want.len() != got.len() {
                return Err(format!("19. {}: answers what nobody has", hub.place));
            }
            if oracle::newer(leaves.clone()) != oracle::newer(counted) {
                return Err(format!("22. {}: an unknown kind was altered", hub.place));
            }
            let coverage = hub_domain::tree::report::coverage(
                &state.roster(self.planted),
                &jiff::tz::TimeZone::UTC,
                self.wall(),
            );
            let below = leaves.count() as u32;
            if (coverage.communities(), coverage.never) != (below, 0) {
                return Err(format!(
                    "19. {}: covers {coverage:?}, not {below}",
                    hub.place
                ));
            }
        }
        Ok(())
    }
}
