//! Numbers of closed vocabularies on disk, from 1, never reused; and words and
//! times read back into types that cannot be wrong.

use std::str::FromStr;

use jiff::Timestamp;
use node_domain::{
    actor::Role,
    calendar::Limit,
    cases::{ClockKind, Level, Lifecycle, Origin, Standing},
    playbook::Since,
};

use super::StoredFault;

pub(super) trait Numbered: Copy + PartialEq + 'static {
    /// In the order of their numbers.
    const ALL: &'static [Self];

    fn number(self) -> u32 {
        let at = Self::ALL.iter().position(|other| *other == self);
        at.map_or(0, |at| at as u32 + 1)
    }

    fn from_number(number: u32, field: &'static str) -> Result<Self, StoredFault> {
        let at = (number as usize).wrapping_sub(1);
        let found = Self::ALL.get(at).copied();
        found.ok_or_else(|| StoredFault::Meaningless {
            field,
            value: number.to_string(),
        })
    }
}

impl Numbered for Origin {
    const ALL: &'static [Origin] = &[
        Origin::Online,
        Origin::Counter,
        Origin::Phone,
        Origin::Paper,
        Origin::DoorKnock,
        Origin::Hotline,
        Origin::Patrol,
        Origin::Meeting,
    ];
}

impl Numbered for Lifecycle {
    const ALL: &'static [Lifecycle] = &[
        Lifecycle::Reported,
        Lifecycle::Accepted,
        Lifecycle::Dispatched,
        Lifecycle::InProgress,
        Lifecycle::Completed,
        Lifecycle::Closed,
    ];
}

impl Numbered for Level {
    const ALL: &'static [Level] = &[
        Level::VeryBad,
        Level::Bad,
        Level::Fair,
        Level::Good,
        Level::VeryGood,
    ];
}

impl Numbered for ClockKind {
    const ALL: &'static [ClockKind] = &[
        ClockKind::Accept,
        ClockKind::Dispatch,
        ClockKind::Reply,
        ClockKind::Complete,
        ClockKind::Rate,
        ClockKind::Rework,
        ClockKind::Level,
    ];
}

impl Numbered for Standing {
    const ALL: &'static [Standing] = &[
        Standing::Stands,
        Standing::Appealed,
        Standing::Confirmed,
        Standing::Annulled,
        Standing::Righted,
    ];
}

impl Numbered for Since {
    const ALL: &'static [Since] = &[Since::Reported, Since::Accepted, Since::Dispatched];
}

impl Numbered for Role {
    const ALL: &'static [Role] = &[
        Role::Resident,
        Role::GridWorker,
        Role::Handler,
        Role::Staff,
        Role::Admin,
        Role::Auditor,
        Role::Import,
        Role::System,
    ];
}

/// Amount × 4 + unit + 1; 0: none.
pub(super) fn limit_number(limit: Option<Limit>) -> u32 {
    let (amount, unit) = match limit {
        None => return 0,
        Some(Limit::Hours(amount)) => (amount, 0),
        Some(Limit::Days(amount)) => (amount, 1),
        Some(Limit::WorkingHours(amount)) => (amount, 2),
        Some(Limit::WorkingDays(amount)) => (amount, 3),
    };
    u32::from(amount) * 4 + unit + 1
}

pub(super) fn limit(number: u32, field: &'static str) -> Result<Option<Limit>, StoredFault> {
    let Some(number) = number.checked_sub(1) else {
        return Ok(None);
    };
    let amount = u16::try_from(number / 4).map_err(|_| StoredFault::Meaningless {
        field,
        value: number.to_string(),
    })?;
    Ok(Some(match number % 4 {
        0 => Limit::Hours(amount),
        1 => Limit::Days(amount),
        2 => Limit::WorkingHours(amount),
        _ => Limit::WorkingDays(amount),
    }))
}

pub(super) fn time(us: i64, field: &'static str) -> Result<Timestamp, StoredFault> {
    Timestamp::from_microsecond(us).map_err(|_| StoredFault::Meaningless {
        field,
        value: us.to_string(),
    })
}

pub(super) fn times(
    us: Option<i64>,
    field: &'static str,
) -> Result<Option<Timestamp>, StoredFault> {
    us.map(|us| time(us, field)).transpose()
}

pub(super) fn word<T: FromStr>(text: &str, field: &'static str) -> Result<T, StoredFault> {
    text.parse().map_err(|_| StoredFault::Meaningless {
        field,
        value: format!("{text:?}"),
    })
}

pub(super) fn words<T: FromStr>(
    text: Option<&str>,
    field: &'static str,
) -> Result<Option<T>, StoredFault> {
    text.map(|text| word(text, field)).transpose()
}
