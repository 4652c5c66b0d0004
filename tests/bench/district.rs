//! One table, in one run: what the product does beside what the machine can do
//! at all, and with `--peers` beside PostgreSQL. `tests/bench/run` builds and
//! calls it. Asserts nothing: figures are read by people, and a measurement that
//! could not be made says so in its row.
//!
//! `--quick`: everything at the smallest size. `--only a,b`: these parts alone.

mod baibuting;
mod cells;
mod clients;
mod commands;
mod crowd;
mod disk;
mod door;
mod echo;
mod feeds;
mod figures;
#[allow(unused_imports, reason = "stories use more of it")]
#[path = "../harness/mod.rs"]
mod harness;
mod history;
mod hub;
mod idle;
mod ingest;
mod line;
mod log;
mod machine;
mod national;
mod patience;
mod postgres;
mod queries;
mod size;
mod tree;
#[allow(dead_code, reason = "stories use more of it")]
mod usage;
mod wire;
#[allow(dead_code, reason = "a story uses it with a district")]
#[path = "../net/witness.rs"]
mod witness;

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use echo::Echo;
use figures::{Figures, Load};
use harness::process::Scratch;
use tokio::runtime::Runtime;

/// What every part works with.
pub struct Bench {
    pub figures: Figures,
    pub peers: Peers,
    pub runtime: Runtime,
    scratch: Scratch,
    is_quick: bool,
    echoes: BTreeMap<usize, Load>,
}

type Part = fn(&mut Bench) -> anyhow::Result<()>;

/// The peer's figures; empty without `--peers`.
#[derive(Default)]
pub struct Peers {
    pub events: Vec<Load>,
    /// First load and update, by number of connections.
    pub ingest: [Vec<Peer>; 2],
    /// By question, then by number of clients.
    pub questions: Vec<[Load; 2]>,
    pub nation: Option<[Load; 2]>,
}

/// One load of cells by the peer.
pub struct Peer {
    pub connections: usize,
    pub rate: f64,
    pub cpu_us: f64,
    pub disk: f64,
}

impl Peers {
    pub fn best_ingest(&self, pass: usize) -> Option<&Peer> {
        let peers = self.ingest[pass].iter();
        peers.max_by(|a, b| a.rate.total_cmp(&b.rate))
    }
}

impl Bench {
    /// A directory of the bench's own on the disk under test.
    pub fn dir(&self, name: &str) -> anyhow::Result<PathBuf> {
        let dir = self.scratch.path().join(name);
        fs::create_dir_all(&dir)?;
        Ok(dir)
    }

    /// How long a load lasts.
    pub fn span(&self, seconds: u64) -> Duration {
        match self.is_quick {
            true => Duration::from_millis(seconds * 250),
            false => Duration::from_secs(seconds),
        }
    }

    /// What a call without any work takes, with a connection per client.
    pub fn echo(&mut self, clients: usize) -> anyhow::Result<Load> {
        if let Some(load) = self.echoes.get(&clients) {
            return Ok(load.clone());
        }
        let echo = Echo::start(&self.dir("echo")?)?;
        let load = echo.load(clients, clients, self.span(1));
        let load = self.runtime.block_on(load)?;
        self.echoes.insert(clients, load.clone());
        Ok(load)
    }

    /// Communities of the made-up districts, 21,600 cells each.
    pub fn communities(&self) -> Vec<usize> {
        match self.is_quick {
            true => vec![10],
            false => vec![10, 32, 95],
        }
    }

    /// Communities of the district that nine centres follow: a million cells.
    pub fn followed(&self) -> usize {
        match self.is_quick {
            true => 10,
            false => 48,
        }
    }

    /// After how many copies of the real export a node is looked at.
    pub fn copies(&self) -> Vec<usize> {
        match self.is_quick {
            true => vec![1],
            false => vec![1, 3, 8],
        }
    }

    /// Communities of the made-up countries.
    pub fn nation(&self) -> Vec<usize> {
        match self.is_quick {
            true => vec![62_057],
            false => vec![62_057, 206_858, national::COMMUNITIES],
        }
    }

    /// Nodes connected at once.
    pub fn connections(&self) -> Vec<usize> {
        match self.is_quick {
            true => vec![100],
            false => vec![100, 500, 2_000],
        }
    }

    /// Five years of Baibuting, or two months of a tenth of it.
    pub fn largest(&self) -> baibuting::Size {
        let (residents, pairs, days) = match self.is_quick {
            true => (16_000, 150, 60),
            false => (160_000, 1_500, 5 * 365),
        };
        baibuting::Size {
            residents,
            stations: 26,
            pairs,
            days,
        }
    }

    /// Who is connected, and who crowds the door.
    pub fn crowd(&self) -> crowd::Size {
        let (nodes, stalled, half_open, window_s) = match self.is_quick {
            true => (500, 200, 100, 6),
            false => (10_000, 2_000, 1_000, 120),
        };
        crowd::Size {
            nodes,
            stalled,
            half_open,
            watch: self.span(30),
            window: Duration::from_secs(window_s),
        }
    }

    fn part(&mut self, name: &str, measure: Part) {
        eprintln!("{name}");
        let began = Instant::now();
        let measured = catch_unwind(AssertUnwindSafe(|| measure(self)));
        eprintln!("  {:.0} s", began.elapsed().as_secs_f64());
        let why = match measured {
            Ok(Ok(())) => return,
            Ok(Err(error)) => format!("{error:#}"),
            Err(panic) => match panic.downcast_ref::<String>() {
                Some(text) => text.clone(),
                None => "panicked".to_owned(),
            },
        };
        self.figures.failed(name, &why);
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    // `cargo test` runs benches without `--bench`: it only wants to see them build.
    if !has("--bench") {
        return Ok(());
    }
    let runtime = Runtime::new()?;
    if let Some(dir) = value(echo::SERVE) {
        return runtime.block_on(echo::serve(Path::new(dir)));
    }
    let only: Option<Vec<&str>> = value("--only").map(|list| list.split(',').collect());
    let wants = |name: &str| only.as_ref().is_none_or(|only| only.contains(&name));
    let mut bench = Bench {
        figures: Figures::default(),
        peers: Peers::default(),
        runtime,
        scratch: Scratch::new("bench"),
        is_quick: has("--quick"),
        echoes: BTreeMap::new(),
    };
    let started = Instant::now();
    if has("--peers") {
        bench.part("PostgreSQL", |bench| {
            bench.peers = postgres::measure(bench)?;
            Ok(())
        });
    }
    let parts: [(&str, Part); 10] = [
        ("commands", commands::measure),
        ("history", history::measure),
        ("size", size::measure),
        ("wire", wire::measure),
        ("ingest", ingest::measure),
        ("feeds", feeds::measure),
        ("idle", idle::measure),
        ("crowd", door::measure),
        ("national", national::measure),
        ("tree", tree::measure),
    ];
    for (name, measure) in parts {
        if wants(name) {
            bench.part(name, measure);
        }
    }
    let machine = machine::describe(bench.scratch.path());
    let took = started.elapsed().as_secs();
    println!("{machine} · {took} s\n\n{}", bench.figures);
    Ok(())
}
