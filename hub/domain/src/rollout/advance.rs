//! What time and the nodes' words mean for a rollout under way: the next wave, a
//! halt, or that it is live. Knows no clock: `now` is an argument.

use jiff::Timestamp;
use proto::{
    indicator::catalogue::{Item, ItemId},
    place::Place,
    sync::wave,
};

use super::{
    Cause, Event, Halt, REFUSALS_PERCENT, Rollout, Rollouts, Stage, Standing, Uptake, Wave,
};
use crate::catalogue::Log;

/// Details of a halt, at most.
const DETAILS: usize = 5;

/// How far a rollout has come among the nodes that have it, or are to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Took all of it and counted their history again by it.
    pub done: Vec<Place>,
    pub behind: Vec<Place>,
    /// With the reason and detail of the first item refused.
    pub refused: Vec<(Place, String, String)>,
    /// Not sent it yet.
    pub outside: u32,
}

impl Rollouts {
    /// At most one event for each rollout; `None` where nothing is due.
    pub fn due(&self, log: &Log, uptake: &Uptake, now: Timestamp) -> Vec<Event> {
        let underway = self.all().filter(|rollout| rollout.is_underway());
        underway
            .filter_map(|rollout| rollout.due(log, uptake, now))
            .collect()
    }
}

impl Rollout {
    fn due(&self, log: &Log, uptake: &Uptake, now: Timestamp) -> Option<Event> {
        let (number, at) = (self.number, now);
        let Stage::Wave(wave) = self.stage else {
            return Some(self.begin(log, uptake, now));
        };
        let items: Vec<ItemId> = self.items.iter().map(Item::id).collect();
        let progress = progress(&items, log, uptake);
        if let Some(halt) = self.too_many_refuse(&progress) {
            return Some(Event::Halted { number, halt, at });
        }
        let is_watched = now.duration_since(self.since) >= self.terms.hold;
        // Silence proves nothing, unless there is nobody in the wave who could speak.
        let of_wave = |node: &Place| wave::position(*node) >= self.from;
        let is_proved = progress.done.iter().any(of_wave) || !progress.behind.iter().any(of_wave);
        if !is_watched || !is_proved {
            return None;
        }
        Some(match wave {
            Wave::OnePercent => self.widen(Wave::TenPercent, uptake, now),
            Wave::TenPercent => self.widen(Wave::All, uptake, now),
            Wave::All => Event::Settled { number, at },
        })
    }

    /// The first wave, if nothing published meanwhile contradicts.
    fn begin(&self, log: &Log, uptake: &Uptake, now: Timestamp) -> Event {
        match log.publish(self.items.to_vec()) {
            Ok(_) => self.widen(Wave::OnePercent, uptake, now),
            Err(invalid) => Event::Halted {
                number: self.number,
                halt: Halt {
                    cause: Cause::Contradicts,
                    details: invalid
                        .iter()
                        .take(DETAILS)
                        .map(ToString::to_string)
                        .collect(),
                },
                at: now,
            },
        }
    }

    /// The wave's share of the nodes that there are, and one at least.
    fn widen(&self, wave: Wave, uptake: &Uptake, now: Timestamp) -> Event {
        let mut positions: Vec<u64> = uptake.nodes().map(wave::position).collect();
        positions.sort_unstable();
        let share = (positions.len() * wave.percent() as usize).div_ceil(100);
        let through = match wave {
            Wave::All => u64::MAX,
            _ => share
                .checked_sub(1)
                .and_then(|last| positions.get(last).copied())
                .unwrap_or_default(),
        };
        Event::Widened {
            number: self.number,
            wave,
            // A wave never shrinks: nodes may have gone since the last.
            through: self.through.unwrap_or_default().max(through),
            at: now,
        }
    }

    fn too_many_refuse(&self, progress: &Progress) -> Option<Halt> {
        let refused = u32::try_from(progress.refused.len()).unwrap_or(u32::MAX);
        let answered = progress.done.len() + progress.refused.len();
        let of = u32::try_from(answered).unwrap_or(u32::MAX);
        let is_above = u64::from(refused) * 100 > u64::from(of) * u64::from(REFUSALS_PERCENT);
        (refused > self.accepted_refusals && is_above).then(|| Halt {
            cause: Cause::Refusals { refused, of },
            details: progress
                .refused
                .iter()
                .take(DETAILS)
                .map(|(node, reason, detail)| format!("{node} {reason}: {detail}"))
                .collect(),
        })
    }
}

/// How the nodes that have ever followed the catalogue stand to these items.
pub fn progress(items: &[ItemId], log: &Log, uptake: &Uptake) -> Progress {
    let mut progress = Progress::default();
    for node in uptake.nodes() {
        let standings = items.iter().map(|item| {
            match uptake.standing(log, node, item) {
                // What is retired is done with once it is let go.
                Standing::Has if log.is_retired(item) && !uptake.has_let_go(log, node, item) => {
                    Standing::Behind
                }
                standing => standing,
            }
        });
        // What is derived is for no community's node.
        let worst = standings.filter(|standing| *standing != Standing::Outside);
        match worst.max() {
            None | Some(Standing::Outside) => progress.outside += 1,
            Some(Standing::Has) => progress.done.push(node),
            Some(Standing::Behind) => progress.behind.push(node),
            Some(Standing::Refused { reason, detail }) => {
                progress.refused.push((node, reason, detail));
            }
        }
    }
    progress
}
