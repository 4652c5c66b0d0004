//! The clocks of a case (时限): when each started, falls due and stopped. Knows no
//! calendar; due times are computed when an event starts or moves a clock.

use jiff::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockKind {
    Accept,
    Dispatch,
    Reply,
    /// The handler's clock, up to the first completion.
    Complete,
    /// Up to the completion after a reopening or an escalation; each starts anew.
    Rework,
    /// The time in which the requester may rate.
    Rate,
    /// What one level of the chain has before the next takes over.
    Level,
}

/// Keeps its due time for good, also after a breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
    /// The case ended otherwise (refused, duplicate, withdrawn, struck out):
    /// nothing is due any more.
    pub cancelled: bool,
    /// Whether it had been stopped by its due time, recorded once that passed.
    pub met: Option<bool>,
}

/// At most one clock of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocks([Option<Clock>; ClockKind::ALL.len()]);

/// A due time that an event sets, by the calendar of that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub clock: ClockKind,
    pub due_at: Timestamp,
}

impl ClockKind {
    pub const ALL: [ClockKind; 7] = [
        ClockKind::Accept,
        ClockKind::Dispatch,
        ClockKind::Reply,
        ClockKind::Complete,
        ClockKind::Rework,
        ClockKind::Rate,
        ClockKind::Level,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            ClockKind::Accept => "accept",
            ClockKind::Dispatch => "dispatch",
            ClockKind::Reply => "reply",
            ClockKind::Complete => "complete",
            ClockKind::Rework => "rework",
            ClockKind::Rate => "rate",
            ClockKind::Level => "level",
        }
    }
}

impl Clock {
    pub fn start(started_at: Timestamp, due_at: Timestamp) -> Clock {
        Clock {
            started_at,
            due_at,
            stopped_at: None,
            cancelled: false,
            met: None,
        }
    }

    pub fn is_running(&self) -> bool {
        self.stopped_at.is_none()
    }

    /// As recorded: an earlier stop that was entered after the due time does not
    /// take the breach back.
    pub fn is_breached(&self) -> bool {
        self.met == Some(false)
    }
}

impl Clocks {
    pub fn get(&self, kind: ClockKind) -> Option<&Clock> {
        self.0[kind as usize].as_ref()
    }

    pub fn iter(&self) -> impl Iterator<Item = (ClockKind, &Clock)> {
        let kinds = ClockKind::ALL.into_iter();
        kinds.filter_map(|kind| self.get(kind).map(|clock| (kind, clock)))
    }

    pub fn set(&mut self, kind: ClockKind, clock: Clock) {
        self.0[kind as usize] = Some(clock);
    }

    pub(super) fn get_mut(&mut self, kind: ClockKind) -> Option<&mut Clock> {
        self.0[kind as usize].as_mut()
    }

    /// Stops a clock that still runs; `cancelled`: without anything being met.
    pub(super) fn stop(&mut self, kind: ClockKind, at: Timestamp, cancelled: bool) {
        if let Some(clock) = self.get_mut(kind)
            && clock.is_running()
        {
            clock.stopped_at = Some(at);
            clock.cancelled = cancelled;
        }
    }
}
