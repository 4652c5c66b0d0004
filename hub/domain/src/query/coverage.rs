//! Coverage: of the communities a number should hold, how many it holds.
//!
//! A community is expected for a span when it was open on any of its days.
//! It is reporting when its watermark has reached the end of the span, or the
//! start of the day on which it closed if that was earlier. While the span is
//! still running, it is enough that the watermark is past its start.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};

use super::{grouping::Grouping, roster::Roster, span};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub reporting: u32,
    pub expected: u32,
    /// Facts up to here are counted everywhere; `None` while an expected
    /// community has never reported.
    pub oldest_watermark: Option<Timestamp>,
}

/// Coverage of every row of `grouping` for `span`. Communities that are `absent`
/// ([`Place::aligned`](proto::place::Place::aligned)) do not report.
pub fn of(
    grouping: &Grouping,
    roster: &Roster,
    span: &span::Span,
    zone: &TimeZone,
    now: Timestamp,
    absent: &BTreeSet<u64>,
) -> Vec<Coverage> {
    let (starts_at, ends_at) = (span.starts_at(zone), span.ends_at(zone));
    let just_after_start = starts_at
        .checked_add(jiff::SignedDuration::from_nanos(1))
        .unwrap_or(starts_at);
    let needed = if ends_at <= now {
        ends_at
    } else {
        just_after_start
    };
    let mut rows = vec![Coverage::default(); grouping.keys.len()];
    for (slot, row) in grouping.members() {
        let closed = roster.closed(slot);
        if roster.opened(slot) > span.last_day || closed <= span.first_day {
            continue;
        }
        let is_absent = !absent.is_empty() && absent.contains(&roster.codes()[slot]);
        let coverage = &mut rows[row];
        if let Some(child) = roster.child_at(slot) {
            coverage.oldest_watermark = match coverage.expected {
                0 => child.oldest(),
                _ => coverage.oldest_watermark.min(child.oldest()),
            };
            coverage.expected = coverage.expected.saturating_add(child.communities());
            if !is_absent {
                let reaching = child.reaching(needed);
                coverage.reporting = coverage.reporting.saturating_add(reaching);
            }
            continue;
        }
        let watermark = roster.watermark_at(slot).filter(|_| !is_absent);
        coverage.oldest_watermark = match coverage.expected {
            0 => watermark,
            _ => coverage.oldest_watermark.min(watermark),
        };
        coverage.expected += 1;
        let needed = if closed <= span.last_day {
            needed.min(span::midnight(closed, zone))
        } else {
            needed
        };
        coverage.reporting += u32::from(watermark >= Some(needed));
    }
    rows
}
