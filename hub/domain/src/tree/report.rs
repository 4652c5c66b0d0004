//! How good a child hub's merged numbers are: the watermarks of its roster, told
//! as coverage. Times are cut down so that few differ, and so that every
//! question about whole days has the same answer at the parent as here.

use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};
use proto::sync::coverage::Coverage;

use crate::query::{Roster, midnight};

/// Watermarks younger than this are told by the hour, older ones by the day.
const BY_THE_HOUR: SignedDuration = SignedDuration::from_hours(24);

/// Of the communities that are open at `now`.
pub fn coverage(roster: &Roster, zone: &TimeZone, now: Timestamp) -> Coverage {
    let today = zone.to_datetime(now).date();
    let cut = |at: Timestamp| cut(at, zone, now);
    let mut watermarks: Vec<(Option<Timestamp>, u32)> = Vec::new();
    for slot in 0..roster.len() {
        if let Some(child) = roster.child_at(slot) {
            watermarks.push((None, child.never));
            let steps = child.steps().iter();
            watermarks.extend(steps.map(|step| (Some(cut(step.until)), step.communities)));
        } else if roster.opened(slot) <= today && today < roster.closed(slot) {
            watermarks.push((roster.watermark_at(slot).map(cut), 1));
        }
    }
    Coverage::new(watermarks).with_claims(roster.claims().to_vec())
}

/// Down to the hour or the day. What is past midnight stays past it: a day is
/// being reported as soon as the watermark is within it.
fn cut(at: Timestamp, zone: &TimeZone, now: Timestamp) -> Timestamp {
    let begun = midnight(zone.to_datetime(at).date(), zone);
    let just_begun = begun.checked_add(1.nanosecond()).unwrap_or(begun);
    if at <= just_begun {
        return at;
    }
    if now.duration_since(at) >= BY_THE_HOUR {
        return just_begun;
    }
    let hours = at.duration_since(begun).as_hours();
    let cut = begun.checked_add(SignedDuration::from_hours(hours));
    cut.unwrap_or(begun).max(just_begun)
}
