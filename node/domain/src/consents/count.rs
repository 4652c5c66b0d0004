//! Counting answers against the roll, by heads and by area; integers only.

use super::{Base, Consent, Of, Phase, Says, Threshold, When};
use crate::sha256::Sha256;

/// Of one unit or of the estate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub heads: u64,
    pub area_cm2: u64,
    /// Of those who said anything.
    pub answered_heads: u64,
    pub answered_area_cm2: u64,
    pub yes_heads: u64,
    pub yes_area_cm2: u64,
}

impl Consent {
    pub fn count(&self, of: Of) -> Count {
        let mut count = Count::default();
        let mut last = None;
        let lines = self.roll.iter().flat_map(|roll| roll.lines());
        for line in lines.filter(|line| of == Of::Estate || line.unit == self.unit) {
            // Somebody with two flats is one head with two areas.
            let head = u64::from(last.replace(line.entry) != Some(line.entry));
            count.heads += head;
            count.area_cm2 += line.area_cm2;
            let Some(given) = self.given.get(&line.entry) else {
                continue;
            };
            count.answered_heads += head;
            count.answered_area_cm2 += line.area_cm2;
            if given.says == Says::Yes {
                count.yes_heads += head;
                count.yes_area_cm2 += line.area_cm2;
            }
        }
        count
    }

    /// Those that this process has to meet.
    pub fn thresholds(&self) -> impl Iterator<Item = &Threshold> {
        let applies = |threshold: &&Threshold| match threshold.when {
            When::Always => true,
            When::CommonArea => self.takes_common_area,
            When::Special => self.is_special,
            When::Ordinary => !self.is_special,
        };
        self.rules.thresholds.iter().filter(applies)
    }

    /// The text that consent was given to, or a vote carried on.
    pub fn agreed_text(&self) -> Option<Sha256> {
        let stands = match self.phase {
            Phase::Carried => true,
            phase => (Phase::Met..=Phase::InUse).contains(&phase),
        };
        self.text.filter(|_| stands)
    }

    pub fn is_met(&self) -> bool {
        self.thresholds().count() > 0
            && self
                .thresholds()
                .all(|threshold| threshold.is_met(&self.count(threshold.of)))
    }

    /// Whether it is known to be met before everybody had time to answer: not
    /// where the others, by taking part, could still change it.
    pub(super) fn is_met_early(&self) -> bool {
        let of_roll = self.thresholds().all(|one| one.base == Base::Roll);
        of_roll && self.is_met()
    }
}

impl Threshold {
    pub fn is_met(&self, count: &Count) -> bool {
        let (base_heads, base_area) = match self.base {
            Base::Roll => (count.heads, count.area_cm2),
            Base::Participants => (count.answered_heads, count.answered_area_cm2),
        };
        let parts = [
            (self.quorum_heads, count.answered_heads, count.heads),
            (self.quorum_area, count.answered_area_cm2, count.area_cm2),
            (self.heads, count.yes_heads, base_heads),
            (self.area, count.yes_area_cm2, base_area),
        ];
        let mut wanted = parts.iter();
        wanted.all(|(share, part, whole)| share.is_none_or(|share| share.is_met(*part, *whole)))
    }
}
