//! A garden (安禾园): plots that households claim. Everybody who asked has a plot
//! before anybody has two; among equals the queue decides, or the lot that was
//! drawn in public. Knows no household but by its entry's number.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Action, Entry, Form, Happening};
use crate::code::Code;
use crate::process::{Context, Refusal};
use crate::stored::Day;

pub const MOST_PLOTS: usize = 500;
const MOST_ASKS: usize = 5_000;
/// Why a neglected plot is taken back.
const NEGLECTED: &str = "neglected";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plot {
    /// Of the children's garden: schools and classes claim it.
    pub is_school: bool,
    pub state: PlotState,
    pub holder: Option<u64>,
    #[serde(with = "crate::stored::micros")]
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlotState {
    Planned,
    Open,
    Claimed,
    Cultivated,
    /// Its holder was warned.
    Neglected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlotAsk {
    pub by: u64,
    pub is_school: bool,
    #[serde(with = "crate::stored::micros")]
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlotChange {
    Cultivated,
    Warned,
    Released { reason: Code },
}

pub(super) fn decide(
    entry: &Entry,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    if entry.rules.form != Form::Garden {
        let (zh, en) = ("这一项没有地块", "this entry has no plots");
        return Err(Refusal::state("NO_GARDEN", zh, en));
    }
    match action {
        Action::AddPlots { count, is_school } => add(entry, *count, *is_school),
        Action::OpenPlots => Ok(vec![Happening::PlotsOpened]),
        Action::Ask { by, is_school } => ask(entry, *by, *is_school),
        Action::Withdraw { by } if entry.asks.iter().any(|ask| ask.by == *by) => {
            Ok(vec![Happening::PlotWithdrawn { by: *by }])
        }
        Action::Withdraw { .. } => {
            let (zh, en) = ("没有在排队", "nobody of this number waits");
            Err(Refusal::state("NOT_WAITING", zh, en))
        }
        Action::Allot { seed } => allot(entry, *seed),
        Action::ChangePlot { plot, change } => change_plot(entry, *plot, change, context),
        _ => Err(Refusal::unknown()),
    }
}

fn add(entry: &Entry, count: u16, is_school: bool) -> Result<Vec<Happening>, Refusal> {
    if count == 0 || entry.plots.len() + usize::from(count) > MOST_PLOTS {
        let zh = format!("一个园子最多 {MOST_PLOTS} 块地，每次至少一块");
        let en = format!("a garden has at most {MOST_PLOTS} plots; add one or more");
        return Err(Refusal::input("count", "PLOTS_OUT_OF_RANGE", zh, en));
    }
    Ok(vec![Happening::PlotsAdded { count, is_school }])
}

fn ask(entry: &Entry, by: u64, is_school: bool) -> Result<Vec<Happening>, Refusal> {
    if entry.asks.iter().any(|ask| ask.by == by) {
        let (zh, en) = ("已经在排队", "this one waits already");
        return Err(Refusal::exists("ALREADY_WAITING", zh, en));
    }
    if entry.asks.len() >= MOST_ASKS {
        let (zh, en) = ("排队的过多", "too many wait");
        return Err(Refusal::exhausted("TOO_MANY_WAIT", zh, en));
    }
    Ok(vec![Happening::PlotAsked { by, is_school }])
}

/// Every open plot goes to whoever has fewest; among those, to the first in the
/// queue or in the draw.
fn allot(entry: &Entry, seed: u64) -> Result<Vec<Happening>, Refusal> {
    let mut held: BTreeMap<u64, u32> = BTreeMap::new();
    for holder in entry.plots.iter().filter_map(|plot| plot.holder) {
        *held.entry(holder).or_default() += 1;
    }
    let mut waiting: Vec<(u64, PlotAsk)> = (0..).zip(entry.asks.iter().copied()).collect();
    if entry.rules.is_lottery {
        for (place, ask) in &mut waiting {
            *place = lot(seed, ask.by);
        }
    }
    let mut claimed = Vec::new();
    for (number, plot) in (1..).zip(&entry.plots) {
        if plot.state != PlotState::Open {
            continue;
        }
        let fitting = waiting.iter().enumerate();
        let fitting = fitting.filter(|(_, (_, ask))| ask.is_school == plot.is_school);
        let next = fitting.min_by_key(|(_, (place, ask))| {
            let has = held.get(&ask.by).copied().unwrap_or(0);
            (has, *place, ask.by)
        });
        let Some((at, (_, ask))) = next else {
            continue;
        };
        *held.entry(ask.by).or_default() += 1;
        let (plot, by) = (number, ask.by);
        claimed.push(Happening::PlotClaimed { plot, by });
        waiting.remove(at);
    }
    if claimed.is_empty() {
        let zh = "没有可认领的地块，或没有人在排队";
        let en = "no plot is open to anybody who waits";
        return Err(Refusal::state("NOTHING_TO_ALLOT", zh, en));
    }
    if entry.rules.is_lottery {
        claimed.insert(0, Happening::Drawn { seed });
    }
    Ok(claimed)
}

/// The number drawn for one who waits: splitmix64 of seed and entry, which
/// anybody can work out again.
fn lot(seed: u64, by: u64) -> u64 {
    let mut mixed = seed ^ by.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn change_plot(
    entry: &Entry,
    plot: u16,
    change: &PlotChange,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let Some(found) = entry.plot(plot) else {
        let zh = format!("地块号应在 1 到 {} 之间", entry.plots.len());
        let en = format!("want a plot from 1 to {}", entry.plots.len());
        return Err(Refusal::input("plot", "UNKNOWN_PLOT", zh, en));
    };
    let may = match (change, found.state) {
        (PlotChange::Cultivated, PlotState::Claimed | PlotState::Neglected) => true,
        (PlotChange::Warned, PlotState::Claimed | PlotState::Cultivated) => true,
        (PlotChange::Released { reason }, PlotState::Neglected) if reason.as_str() == NEGLECTED => {
            let warned = Day(context.zone.to_datetime(found.since).date());
            let left = i64::from(entry.rules.warn_days) - Day(context.day()).days_since(warned);
            if left > 0 {
                let zh = format!("警告之后要等满期限，还有 {left} 天");
                let en = format!("the warning runs for {left} more days");
                let refusal = Refusal::state("STILL_WARNED", zh, en);
                return Err(refusal.with("days", left));
            }
            true
        }
        (PlotChange::Released { reason }, _) => {
            found.holder.is_some() && reason.as_str() != NEGLECTED
        }
        _ => false,
    };
    if !may {
        let (zh, en) = ("地块现在的状态不允许", "the plot is not in a state for it");
        return Err(Refusal::state("PLOT_STATE", zh, en).with("state", found.state.code()));
    }
    let change = change.clone();
    Ok(vec![Happening::PlotChanged { plot, change }])
}

pub(super) fn happen(entry: &mut Entry, what: &Happening, at: Timestamp) -> Option<()> {
    match what {
        Happening::PlotsAdded { count, is_school } => {
            let plot = Plot {
                is_school: *is_school,
                state: PlotState::Planned,
                holder: None,
                since: at,
            };
            let added = std::iter::repeat_n(plot, usize::from(*count));
            entry.plots.extend(added);
        }
        Happening::PlotsOpened => {
            let plots = entry.plots.iter_mut();
            for plot in plots.filter(|plot| plot.state == PlotState::Planned) {
                (plot.state, plot.since) = (PlotState::Open, at);
            }
        }
        Happening::PlotAsked { by, is_school } => entry.asks.push(PlotAsk {
            by: *by,
            is_school: *is_school,
            at,
        }),
        Happening::PlotWithdrawn { by } => entry.asks.retain(|ask| ask.by != *by),
        Happening::Drawn { .. } => {}
        Happening::PlotClaimed { plot, by } => {
            entry.asks.retain(|ask| ask.by != *by);
            let plot = entry.plots.get_mut(usize::from(*plot).checked_sub(1)?)?;
            (plot.state, plot.holder, plot.since) = (PlotState::Claimed, Some(*by), at);
        }
        Happening::PlotChanged { plot, change } => {
            let plot = entry.plots.get_mut(usize::from(*plot).checked_sub(1)?)?;
            plot.since = at;
            match change {
                PlotChange::Cultivated => plot.state = PlotState::Cultivated,
                PlotChange::Warned => plot.state = PlotState::Neglected,
                PlotChange::Released { .. } => {
                    (plot.state, plot.holder) = (PlotState::Open, None);
                }
            }
        }
        _ => return None,
    }
    Some(())
}

impl Entry {
    pub fn plot(&self, number: u16) -> Option<&Plot> {
        self.plots.get(usize::from(number).checked_sub(1)?)
    }
}

impl PlotState {
    pub const fn code(self) -> &'static str {
        match self {
            PlotState::Planned => "planned",
            PlotState::Open => "open",
            PlotState::Claimed => "claimed",
            PlotState::Cultivated => "cultivated",
            PlotState::Neglected => "neglected",
        }
    }
}
