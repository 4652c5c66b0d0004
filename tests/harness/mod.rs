//! What stories need: a district of real processes in a scratch directory, and
//! clients for both ends. Knows no story.

#![allow(dead_code, reason = "no story uses everything")]

pub mod calls;
pub mod district;
pub mod process;

pub use district::{Community, District};
pub use process::eventually;

/// The running year in the district, as a period's code.
pub fn this_year() -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a bundled zone");
    zone.to_datetime(jiff::Timestamp::now()).year().to_string()
}
