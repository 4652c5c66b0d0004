//! The national tree, as a plan: every community of a list reports a day's cells
//! of ten indicators by twelve members; districts, cities, provinces and the
//! country merge them with the server's own functions, one hub after the other
//! on one core. `TONGXIN_COMMUNITIES` names the list: CSV, the code first, plain
//! or gzip. Plays no line and no disk: what those carry is counted in bytes.

use std::{
    collections::BTreeMap,
    env,
    fs::File,
    io::Read as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use flate2::read::MultiGzDecoder;
use hub_domain::{
    query::{Column, Roster},
    register::Register,
    tree::{merge, report},
};
use jiff::{Timestamp, tz::TimeZone};
use prost::Message as _;
use proto::{
    indicator::{
        accumulator::Accumulator,
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
        columns,
    },
    pb::sync as pb,
    period::Period,
    place::{Level, Place},
    sync::{coverage::Coverage, limits},
};

use crate::{
    Bench,
    figures::{Row, count, per_second, size},
};

const LIST: &str = "TONGXIN_COMMUNITIES";
const INDICATORS: u32 = 10;
const MEMBERS: u16 = 12;
/// Children of one hub, at most (`reference/sync-protocol.md` 5.5).
const FAN_OUT: usize = 1_000;

/// A child's cells, per indicator by breakdown, and its coverage.
struct Told {
    cells: Vec<BTreeMap<Breakdown, CellState>>,
    coverage: Option<Coverage>,
}

#[derive(Default)]
struct Tier {
    hubs: usize,
    most_children: usize,
    cells_in: usize,
    most_cells_in: usize,
    merging: Duration,
    longest: Duration,
    bytes_up: usize,
    most_bytes_up: usize,
    most_coverage: usize,
}

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let path = env::var(LIST).with_context(|| format!("{LIST} is not set"))?;
    let mut below: BTreeMap<Place, Told> = BTreeMap::new();
    for (at, place) in codes(&path)?.into_iter().enumerate() {
        let cells = (0..INDICATORS).map(|indicator| {
            let members = (1..=MEMBERS).map(|member| {
                let value = (at as u32 + indicator) % 50 + u32::from(member);
                let state = Accumulator::Count(u128::from(value)).encode();
                (Breakdown::new([member]), state)
            });
            members.collect()
        });
        let told = Told {
            cells: cells.collect(),
            coverage: None,
        };
        below.insert(place, told);
    }
    let communities = below.len();
    ensure!(communities > 0, "{path}: no community codes");
    let now = Timestamp::now();
    let levels = [
        ("districts", Level::District),
        ("cities", Level::City),
        ("provinces", Level::Province),
        ("country", Level::Country),
    ];
    for (name, level) in levels {
        let (tier, above) = merged(std::mem::take(&mut below), level, now)?;
        below = above;
        bench.figures.add(row(name, &tier));
    }
    let country = below.values().next().context("a country")?;
    let covered = country.coverage.as_ref().map(Coverage::communities);
    let memory = Row::new(format!("tree: {} communities", size(communities)))
        .figure(format!("{} B", size(peak_bytes()?)))
        .goal(
            "each community is covered once",
            covered == u32::try_from(communities).ok(),
        )
        .note("the whole country's cells of the day in one process, at most");
    bench.figures.add(memory);
    Ok(())
}

fn row(name: &str, tier: &Tier) -> Row {
    let rate = tier.cells_in as f64 / tier.merging.as_secs_f64().max(1e-9);
    let hubs = tier.hubs.max(1);
    Row::new(format!("tree: {name}, {}", size(tier.hubs)))
        .figure(format!("{} cells merged", per_second(rate)))
        .limit(format!(
            "largest: {} cells in {:.0} ms",
            count(tier.most_cells_in as f64),
            tier.longest.as_secs_f64() * 1e3
        ))
        .goal(
            format!("children {} ≤ {FAN_OUT}", tier.most_children),
            tier.most_children <= FAN_OUT,
        )
        .goal(
            format!("coverage {} B ≤ a batch", size(tier.most_coverage)),
            tier.most_coverage <= limits::BATCH_BYTES,
        )
        .note(format!(
            "up, all cells anew: {} B a hub, {} B the largest",
            size(tier.bytes_up / hubs),
            size(tier.most_bytes_up)
        ))
}

/// One tier over the one below it.
fn merged(
    below: BTreeMap<Place, Told>,
    level: Level,
    now: Timestamp,
) -> anyhow::Result<(Tier, BTreeMap<Place, Told>)> {
    let mut hubs: BTreeMap<Place, Vec<(Place, Told)>> = BTreeMap::new();
    for (place, told) in below {
        let hub = place.at(level).context("a wider place")?;
        hubs.entry(hub).or_default().push((place, told));
    }
    let mut tier = Tier::default();
    let mut above = BTreeMap::new();
    let day: Period = "20260301".parse().context("a day")?;
    for (hub, children) in hubs {
        let mut roster = Roster::new(&Register::default(), []);
        for (place, told) in &children {
            match &told.coverage {
                Some(coverage) => roster.hear_child(*place, Some(coverage)),
                None => roster.hear(*place, Some(now)),
            }
        }
        let mut cells = Vec::new();
        let (mut cells_in, mut merging) = (0, Duration::ZERO);
        for indicator in 0..INDICATORS as usize {
            let mut column = Column::default();
            for (place, told) in &children {
                for (breakdown, state) in &told.cells[indicator] {
                    column.push(*place, *breakdown, state.kind, &state.bytes)?;
                }
            }
            cells_in += column.len();
            let began = Instant::now();
            cells.push(merge::merged(&[Arc::new(column)], &roster, day.last_day())?.cells);
            merging += began.elapsed();
        }
        let coverage = report::coverage(&roster, &TimeZone::UTC, now);
        let bytes = bytes_up(&cells, day)?;
        tier.hubs += 1;
        tier.most_children = tier.most_children.max(children.len());
        tier.cells_in += cells_in;
        tier.most_cells_in = tier.most_cells_in.max(cells_in);
        tier.merging += merging;
        tier.longest = tier.longest.max(merging);
        tier.bytes_up += bytes;
        tier.most_bytes_up = tier.most_bytes_up.max(bytes);
        let told = pb::Coverage::from(&coverage).encoded_len();
        tier.most_coverage = tier.most_coverage.max(told);
        let coverage = Some(coverage);
        above.insert(hub, Told { cells, coverage });
    }
    Ok((tier, above))
}

/// All of a hub's merged cells as batches of the wire, uncompressed.
fn bytes_up(merged: &[BTreeMap<Breakdown, CellState>], day: Period) -> anyhow::Result<usize> {
    let mut cells = Vec::new();
    for (indicator, members) in (1..).zip(merged) {
        for (breakdown, state) in members {
            cells.push(Cell {
                key: CellKey {
                    indicator: IndicatorId(indicator),
                    revision: Revision(1),
                    period: day,
                    breakdown: *breakdown,
                },
                order: Order {
                    lineage: 1,
                    seq: cells.len() as u64 + 1,
                },
                state: state.clone(),
            });
        }
    }
    let batches = cells.chunks(limits::BATCH_CELLS);
    let bytes =
        batches.map(|batch| Ok(columns::encode(batch).context("one message")?.encoded_len()));
    bytes.sum()
}

fn codes(path: &str) -> anyhow::Result<Vec<Place>> {
    let file = File::open(path).with_context(|| path.to_owned())?;
    let mut text = String::new();
    match path.ends_with(".gz") {
        true => MultiGzDecoder::new(file).read_to_string(&mut text)?,
        false => { file }.read_to_string(&mut text)?,
    };
    let first = text.lines().filter_map(|line| line.split(',').next());
    let codes = first.filter_map(|code| code.parse().ok());
    Ok(codes
        .filter(|place: &Place| place.level() == Level::Community)
        .collect())
}

/// The most that this process ever held.
fn peak_bytes() -> anyhow::Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kib.context("VmHWM")?.parse::<usize>()? * 1024)
}
