//! Coverage as a child hub reports it: of the communities below it, how many
//! are complete up to when. Merged numbers travel without their places, so how
//! good they are has to travel beside them. Knows no register and no clock.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::assignment::Claim;
use crate::place::Place;

/// Steps of one coverage; older ones fall together into the oldest of them.
pub const STEPS: usize = 64;

/// Communities by their watermark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Communities that never reported.
    pub never: u32,
    // Ascending by time, at most `STEPS`; no step is empty.
    steps: Vec<Step>,
    /// What the numbers hold, or do not hold, against what the place says.
    /// Ascending by community.
    pub claims: Vec<Claim>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// None of them is complete up to less than this.
    pub until: Timestamp,
    pub communities: u32,
}

impl Coverage {
    /// Watermarks, each with its number of communities; `None`: never reported.
    pub fn new(watermarks: impl IntoIterator<Item = (Option<Timestamp>, u32)>) -> Coverage {
        let mut never = 0u32;
        let mut by_time: BTreeMap<Timestamp, u32> = BTreeMap::new();
        for (watermark, communities) in watermarks {
            let sum = match watermark {
                _ if communities == 0 => continue,
                None => &mut never,
                Some(until) => by_time.entry(until).or_default(),
            };
            *sum = sum.saturating_add(communities);
        }
        let mut steps: Vec<Step> = by_time
            .into_iter()
            .map(|(until, communities)| Step { until, communities })
            .collect();
        // Whoever is furthest behind says least when told as further behind.
        let beyond = steps.len().saturating_sub(STEPS);
        if beyond > 0 {
            let older = steps.drain(1..=beyond).map(|step| step.communities);
            let older = older.fold(0, u32::saturating_add);
            steps[0].communities = steps[0].communities.saturating_add(older);
        }
        Coverage {
            never,
            steps,
            claims: Vec::new(),
        }
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Communities that it is about.
    pub fn communities(&self) -> u32 {
        let counted = self.steps.iter().map(|step| step.communities);
        counted.fold(self.never, u32::saturating_add)
    }

    /// Communities that are complete up to `needed`.
    pub fn reaching(&self, needed: Timestamp) -> u32 {
        let reaching = self.steps.iter().filter(|step| step.until >= needed);
        reaching.fold(0, |sum, step| sum.saturating_add(step.communities))
    }

    /// Everything up to here is counted everywhere; `None` while a community
    /// has not reported, or there is none.
    pub fn oldest(&self) -> Option<Timestamp> {
        let first = self.steps.first().filter(|_| self.never == 0);
        first.map(|step| step.until)
    }

    /// Nothing is complete up to more than `now`.
    pub fn cut(&self, now: Timestamp) -> Coverage {
        let cut = self.steps.iter();
        let cut = cut.map(|step| (Some(step.until.min(now)), step.communities));
        Coverage::new(cut.chain([(None, self.never)])).with_claims(self.claims.clone())
    }

    pub fn with_claims(self, claims: Vec<Claim>) -> Coverage {
        Coverage { claims, ..self }
    }

    /// What it says of a community, apart from what the place says.
    pub fn claim(&self, community: Place) -> Option<&Claim> {
        let at = self
            .claims
            .binary_search_by_key(&community.aligned(), |claim| claim.community.aligned());
        self.claims.get(at.ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::sync as pb;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn it_counts_who_is_complete_up_to_when() {
        let coverage = Coverage::new([(Some(at(10)), 2), (None, 1), (Some(at(20)), 3)]);
        assert_eq!(coverage.communities(), 6);
        let reaching = [9, 10, 11, 20, 21].map(|second| coverage.reaching(at(second)));
        assert_eq!(reaching, [5, 5, 3, 3, 0]);
        assert_eq!(coverage.oldest(), None);
        let cut = coverage.cut(at(15));
        assert_eq!((cut.reaching(at(15)), cut.reaching(at(16))), (3, 0));
        assert_eq!(
            Coverage::new([(Some(at(7)), 1), (Some(at(5)), 1)]).oldest(),
            Some(at(5))
        );
    }

    proptest! {
        #[test]
        fn it_stays_small_and_never_promises_more(seconds in prop::collection::vec(0i64..200, 0..300), at_s in 0i64..200) {
            let coverage = Coverage::new(seconds.iter().map(|second| (Some(at(*second)), 1)));
            prop_assert!(coverage.steps().len() <= STEPS);
            prop_assert_eq!(coverage.communities() as usize, seconds.len());
            let exact = seconds.iter().filter(|second| **second >= at_s).count();
            prop_assert!(coverage.reaching(at(at_s)) as usize <= exact);
            prop_assert_eq!(coverage.oldest(), seconds.iter().min().map(|second| at(*second)));
            let wire = pb::Coverage::from(&coverage);
            prop_assert_eq!(Coverage::try_from(wire).unwrap(), coverage);
        }
    }
}
