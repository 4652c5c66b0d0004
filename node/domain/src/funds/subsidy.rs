//! A declining subsidy (递减补贴): the earlier a building agrees and applies, the
//! greater its part. Its tier is fixed when it applies and never lowered later.

use serde::{Deserialize, Serialize};

use super::{Fund, Happening};
use crate::code::Code;
use crate::process::{Context, Refusal};
use crate::stored::Day;

pub const MOST_TIERS: usize = 50;
pub const MOST_BUILDINGS: usize = 2_000;

/// A percentage, for so many buildings or for those that agreed by a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    pub percent: u8,
    /// How many buildings get it; 0: as many as come.
    pub places: u16,
    pub agreed_by: Option<Day>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    pub building: Code,
    pub agreed_on: Day,
    pub applied_on: Day,
    /// From 1.
    pub tier: u8,
    pub percent: u8,
    pub total: i64,
    pub pledged: i64,
    /// What the street has paid.
    pub paid: i64,
    pub state: BuildingState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BuildingState {
    Applied,
    Started,
    Done,
}

/// What the street pays: rounded down to the fen.
pub fn subsidy(total: i64, percent: u8) -> i64 {
    (i128::from(total) * i128::from(percent) / 100) as i64
}

/// What the households pay: the rest, and so the remainder.
pub fn household_part(total: i64, percent: u8) -> i64 {
    total - subsidy(total, percent)
}

impl Application {
    pub fn household_part(&self) -> i64 {
        household_part(self.total, self.percent)
    }

    pub fn subsidy(&self) -> i64 {
        subsidy(self.total, self.percent)
    }
}

/// Percentages that never rise, none above the first that the playbook allows.
pub(super) fn check_tiers(tiers: &[Tier], first_percent: u8) -> Result<(), Refusal> {
    let wrong = |reason, zh: String, en: String| Err(Refusal::input("tiers", reason, zh, en));
    if tiers.is_empty() || tiers.len() > MOST_TIERS {
        let zh = format!("应有 1 到 {MOST_TIERS} 档");
        return wrong("TIERS_MISSING", zh, format!("want 1 to {MOST_TIERS} tiers"));
    }
    if tiers[0].percent != first_percent {
        let zh = format!("第一档应为 {first_percent}%");
        let en = format!("want the first tier at {first_percent} %");
        return wrong("FIRST_TIER", zh, en);
    }
    if !tiers.is_sorted_by(|earlier, later| earlier.percent >= later.percent) {
        let zh = "后一档的比例不能高于前一档".to_owned();
        let en = "no tier may be above an earlier one".to_owned();
        return wrong("TIERS_RISE", zh, en);
    }
    let days = || tiers.iter().filter_map(|tier| tier.agreed_by);
    let by_day = days().count();
    if !days().is_sorted() || by_day != 0 && by_day < tiers.len() - 1 {
        let zh = "按日期分档的，各档日期应依次在后；最后一档可以没有日期".to_owned();
        let en = "tiers by day want each day after the last; only the last may have none";
        return wrong("TIER_DAYS", zh, en.to_owned());
    }
    Ok(())
}

/// The order of applications: agreement first, then application, then the code.
fn place(agreed_on: Day, applied_on: Day, building: &Code) -> (Day, Day, &Code) {
    (agreed_on, applied_on, building)
}

pub(super) fn apply(
    fund: &Fund,
    building: &Code,
    agreed_on: Day,
    total: i64,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let applied_on = Day(context.day());
    if agreed_on > applied_on {
        let (zh, en) = ("应不晚于今天", "want a day not after today");
        return Err(Refusal::input("agreed_on", "AGREED_LATER", zh, en));
    }
    if fund.application(building).is_some() {
        let (zh, en) = ("这栋楼已经申请", "this building has applied already");
        return Err(Refusal::exists("ALREADY_APPLIED", zh, en));
    }
    if fund.applications.len() >= MOST_BUILDINGS {
        let (zh, en) = ("申请的楼栋过多", "too many buildings have applied");
        return Err(Refusal::exhausted("TOO_MANY_BUILDINGS", zh, en));
    }
    let own = place(agreed_on, applied_on, building);
    let earlier = fund.applications.iter();
    let earlier =
        earlier.filter(|other| place(other.agreed_on, other.applied_on, &other.building) < own);
    let Some(tier) = tier_of(&fund.tiers, earlier.count(), agreed_on) else {
        let (zh, en) = ("各档名额已满或期限已过", "no tier is left for it");
        return Err(Refusal::state("NO_TIER_LEFT", zh, en));
    };
    Ok(vec![Happening::Applied {
        building: building.clone(),
        agreed_on,
        applied_on,
        tier: tier as u8 + 1,
        percent: fund.tiers[tier].percent,
        total,
    }])
}

/// `rank`: how many come before it.
fn tier_of(tiers: &[Tier], rank: usize, agreed_on: Day) -> Option<usize> {
    let mut taken = 0;
    for (at, tier) in tiers.iter().enumerate() {
        taken += usize::from(tier.places);
        let has_place = tier.places == 0 || rank < taken;
        if has_place && tier.agreed_by.is_none_or(|by| agreed_on <= by) {
            return Some(at);
        }
    }
    None
}
