//! Years of a large community (百步亭), lived through by a node's own store in this
//! process: every resident and every delivery is a command that the domain decides,
//! journalled at its own time. Only the wire is left out. Measures nothing.

mod town;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{bail, ensure};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use node_domain::process::ProcessId;
use node_server::{
    Init, Present,
    config::SyncFile,
    rpc::secret::Secret,
    store::{
        Opened, Setup, Store,
        ledger::command::{Answer, Command},
        open,
    },
};
use proto::{
    identity::LogId,
    indicator::catalogue::{Catalogue, Item as CatalogueItem},
    sync::downlink::{Cursor, Item, ItemKind},
};
use proto_child::downlink::Change;

use self::town::{Clock, Town};
use crate::{harness::district::free_port, usage};

const ZONE: &str = "Asia/Shanghai";
/// Baibuting's own rules, and those of a place that keeps a register of residents.
const PLAYBOOKS: [&str; 2] = ["baibuting", "qingshan"];

#[derive(Clone, Copy)]
pub struct Size {
    pub residents: usize,
    pub stations: usize,
    pub pairs: usize,
    pub days: usize,
}

impl Size {
    pub fn deliveries(self) -> usize {
        self.pairs * self.days
    }
}

/// What a node holds after its years, and how long it took to come in.
pub struct Lived {
    pub address: String,
    /// A station's bearer token, for each station.
    pub stations: Vec<Secret>,
    /// The daily greeting of each pair, and by which station.
    pub duties: Vec<(ProcessId, usize)>,
    pub residents_took: Duration,
    pub pairs_took: Duration,
    pub deliveries_took: Duration,
    /// On disk, before the deliveries and after them.
    pub disk: [Disk; 2],
}

#[derive(Clone, Copy)]
pub struct Disk {
    pub journal: u64,
    pub view: u64,
}

impl Disk {
    fn of(dir: &Path) -> anyhow::Result<Disk> {
        Ok(Disk {
            // As it verifies: without the room that is written ahead.
            journal: journal::verify(&dir.join("journal"), |_| {})?.bytes,
            view: usage::disk_bytes(&dir.join("view"))?,
        })
    }
}

/// Makes a node in `dir` whose deliveries end two days ago: yesterday's and today's
/// are left to be made.
pub fn live(dir: &Path, community: &str, size: Size) -> anyhow::Result<Lived> {
    let zone = TimeZone::get(ZONE)?;
    let today = zone.to_datetime(Timestamp::now()).date();
    let first = today.checked_sub((1 + size.days as i64).days())?;
    let clock = Clock { zone, first };
    let founded = clock.at(-7, 0)?;
    let address = format!("127.0.0.1:{}", free_port());
    let init = Init {
        community: community.to_owned(),
        listen: address.parse()?,
        time_zone: ZONE.to_owned(),
        playbooks: PLAYBOOKS
            .map(|code| fs::read_to_string(deploy(&format!("playbooks/{code}.toml"))))
            .into_iter()
            .collect::<Result<_, _>>()?,
        residents: Some(u32::try_from(size.residents)?),
        sync: SyncFile {
            interval_s: 5,
            reconnect_window_s: 0,
            ..SyncFile::default()
        },
    };
    let config = node_server::init_at(dir, init, Present::told(move || founded))?;
    let setup = Setup::of(&config);
    let opened = open(dir, &setup)?;
    opened.store.mark_start(founded)?;
    activate(&opened.store, founded)?;
    let town = Town {
        store: &opened.store,
        clock: &clock,
    };
    let began = Instant::now();
    town.enter("residents", Some("registered-here"), size.residents)?;
    let residents_took = began.elapsed();
    let stations = town.stations(size.stations)?;
    let cared_for = town.enter("care-list", Some("empty-nest"), size.pairs)?;
    let helpers = town.enter("volunteers", None, size.pairs)?;
    let began = Instant::now();
    let pairs = town.pairs(&cared_for, &helpers)?;
    let pairs_took = began.elapsed();
    let duties = town.duties(&pairs, size.stations)?;
    // What the register takes is not counted as the deliveries'.
    close(opened)?;
    let before = Disk::of(dir)?;
    let opened = open(dir, &setup)?;
    let town = Town {
        store: &opened.store,
        clock: &clock,
    };
    let began = Instant::now();
    for day in 0..size.days {
        town.greet(day, &duties)?;
    }
    let deliveries_took = began.elapsed();
    for (duty, _) in [duties[0], duties[duties.len() - 1]] {
        let held = town.held(duty)?;
        ensure!(held as usize == size.days, "{held} of {} held", size.days);
    }
    close(opened)?;
    let disk = [before, Disk::of(dir)?];
    Ok(Lived {
        address,
        stations,
        duties,
        residents_took,
        pairs_took,
        deliveries_took,
        disk,
    })
}

fn close(opened: Opened) -> anyhow::Result<()> {
    drop(opened.store);
    Ok(opened.running.join()?)
}

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(file)
}

/// The shipped catalogue, as the hub would send it.
fn activate(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let mut texts = vec![fs::read_to_string(deploy("catalogue/first.toml"))?];
    for entry in fs::read_dir(deploy("catalogue"))? {
        let path = entry?.path();
        if !path.ends_with("first.toml") {
            texts.push(fs::read_to_string(path)?);
        }
    }
    let catalogue = Catalogue::from_toml(&texts.join("\n"))?;
    let log_id = LogId([7; 16]);
    let items = catalogue.items().zip(1..).filter_map(|(item, seq)| {
        let kind = match item {
            CatalogueItem::Definition(_) => ItemKind::Indicator,
            CatalogueItem::Dimension(_) => ItemKind::Dimension,
            // Worked out at the hub.
            CatalogueItem::Derived(_) => return None,
        };
        let (cursor, payload) = (Cursor { log_id, seq }, item.payload().into());
        Some(Item::new(cursor, item.id().to_string(), kind, payload))
    });
    let items: Vec<Item> = items.collect();
    let seq = 1 + items.len() as u64;
    let change = Change::Replace {
        cursor: Cursor { log_id, seq },
        items,
        refused: Vec::new(),
    };
    match store.ask_blocking(Command::Activate {
        now,
        change,
        ahead: None,
    })? {
        Answer::Activated(applied) if applied.refused.is_empty() => Ok(()),
        Answer::Activated(applied) => bail!("refused: {:?}", applied.refused),
        _ => bail!("an answer to something else"),
    }
}
