//! What happens to a case because time passes: due times, the end of the time for
//! rating, settling. Knows no timer; the server asks for [`next_alarm`] and sends
//! a tick.

use jiff::{SignedDuration, Timestamp};

use super::{Case, ClockKind, Event, Happening, Lifecycle};
use crate::actor::Actor;

/// When the case next needs a [`super::Action::Tick`].
pub fn next_alarm(case: &Case) -> Option<Timestamp> {
    alarms(case).map(|(at, _)| at).min()
}

/// What time brought up to `until`, in the order of when it happened. Goes no
/// further than to the next level: what follows depends on when that is due.
pub(super) fn passed(case: &Case, until: impl Fn(Timestamp) -> bool) -> Vec<Event> {
    let mut passed: Vec<Event> = alarms(case)
        .filter(|(at, _)| until(*at))
        .map(|(happened_at, happening)| Event {
            case: case.id,
            happened_at,
            by: Actor::System,
            happening,
            dues: Vec::new(),
        })
        .collect();
    passed.sort_by_key(|event| event.happened_at);
    let moves = |event: &Event| matches!(event.happening, Happening::Dispatched { .. });
    if let Some(at) = passed.iter().position(moves) {
        passed.truncate(at + 1);
    }
    passed
}

/// No alarm but a level's changes what another one says, so they can be listed at
/// once.
fn alarms(case: &Case) -> impl Iterator<Item = (Timestamp, Happening)> {
    let paused = case.paused().is_some();
    let clocks = case.clocks.iter().filter_map(move |(kind, clock)| {
        let stands_still = paused && clock.is_running();
        if clock.cancelled || clock.met.is_some() || stands_still {
            return None;
        }
        let happening = match kind {
            ClockKind::Rate if case.lifecycle == Lifecycle::Completed && clock.is_running() => {
                Happening::Closed
            }
            ClockKind::Level if clock.is_running() => Happening::Dispatched {
                handler: case.next_level()?.clone(),
            },
            ClockKind::Level => return None,
            // Recorded also when it was met: it counts among what fell due.
            ClockKind::Complete => Happening::FellDue {
                clock: kind,
                on_time: clock.stopped_at.is_some_and(|at| at <= clock.due_at),
            },
            _ if kind != ClockKind::Rate && clock.is_running() => Happening::FellDue {
                clock: kind,
                on_time: false,
            },
            _ => return None,
        };
        Some((clock.due_at, happening))
    });
    let settled = case.first_completed_at.filter(|_| !case.settled);
    let settled = settled.map(|completed_at| {
        let wait = SignedDuration::from_hours(24 * i64::from(case.rules.settle_days));
        let at = completed_at.checked_add(wait).unwrap_or(Timestamp::MAX);
        let reopened = case.returns() > 0;
        (at, Happening::Settled { reopened })
    });
    clocks.chain(settled)
}
