//! The store alone, without RPC: history imported per second (durable, view
//! included), commands per second by writers at once beside raw appends of the
//! same bytes, and how long a node with that history takes to start.
//!
//! `cargo bench -p node-server --bench store -- [CASES...]`

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::{Action, Origin, Record, Report};
use node_domain::playbook::{Playbook, Playbooks};
use node_domain::sealed::Sealed;
use node_server::store::ledger::command::*;
use node_server::store::{Opened, Setup, create, open};
use proto::identity::LogId;
use proto::indicator::catalogue::{Catalogue, Item as CatalogueItem};
use proto::sync::downlink::{Cursor, Item, ItemKind};
use proto_child::downlink::Change;

const PLAYBOOK: &str = include_str!("../../../deploy/playbooks/qingshan.toml");
const CATALOGUE: &str = include_str!("../../../deploy/catalogue/first.toml");
const KINDS: [&str; 6] = [
    "street-light",
    "litter",
    "noise",
    "road",
    "hazard",
    "parking",
];

fn setup() -> Setup {
    Setup {
        playbooks: Some(Arc::new(Playbooks::new(Playbook::parse(PLAYBOOK).unwrap()))),
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        residents: None,
        now: Timestamp::now(),
    }
}

fn main() {
    let sizes: Vec<u64> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![10_000, 50_000, 200_000]
    } else {
        sizes
    };
    for cases in sizes {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path()).unwrap();
        let opened = open(dir.path(), &setup()).unwrap();
        activate(&opened);
        let took = import(&opened, cases);
        println!(
            "import {cases}: {:.0} cases/s durable",
            per_second(cases, took)
        );
        for writers in [1, 16, 64] {
            let (commands, took) = report(&opened, writers);
            let raw = raw_appends(dir.path(), writers);
            let rate = per_second(commands, took);
            println!("report, {writers} writers: {rate:.0}/s; raw append + fdatasync {raw:.0}/s");
        }
        let bytes = size(dir.path());
        drop(opened.store);
        let started = Instant::now();
        opened.running.join().unwrap();
        println!(
            "close: {:?}; {} B/case on disk",
            started.elapsed(),
            bytes / cases
        );
        let started = Instant::now();
        let opened = open(dir.path(), &setup()).unwrap();
        println!(
            "start: {:?}, {} replayed, {} MiB resident",
            started.elapsed(),
            opened.replayed,
            resident_mib()
        );
        drop(opened.store);
        opened.running.join().unwrap();
        std::fs::remove_dir_all(dir.path().join("view")).unwrap();
        let started = Instant::now();
        let opened = open(dir.path(), &setup()).unwrap();
        println!(
            "rebuild: {:?}, {} records\n",
            started.elapsed(),
            opened.replayed
        );
        drop(opened.store);
        opened.running.join().unwrap();
    }
}

fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

fn activate(opened: &Opened) {
    let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
    let log_id = LogId([7; 16]);
    let items = catalogue.items().zip(1..).map(|(item, seq)| {
        let kind = match item {
            CatalogueItem::Definition(_) => ItemKind::Indicator,
            CatalogueItem::Dimension(_) => ItemKind::Dimension,
            CatalogueItem::Derived(_) => ItemKind::Derived,
        };
        Item::new(
            Cursor { log_id, seq },
            item.id().to_string(),
            kind,
            item.payload().into(),
        )
    });
    let change = Change::Replace {
        cursor: Cursor { log_id, seq: 99 },
        items: items.collect(),
        refused: Vec::new(),
    };
    let now = Timestamp::now();
    opened
        .store
        .ask_blocking(Command::Activate {
            now,
            change,
            ahead: None,
        })
        .unwrap();
}

fn import(opened: &Opened, cases: u64) -> Duration {
    let now = Timestamp::now();
    let started = Instant::now();
    let mut waiting = std::collections::VecDeque::new();
    for first in (0..cases).step_by(256) {
        let records = (first..(first + 256).min(cases))
            .map(|n| history(now, n, cases))
            .collect();
        waiting.push_back(
            opened
                .store
                .submit(Command::Import { now, records })
                .unwrap(),
        );
        if waiting.len() > 4 {
            waiting.pop_front().unwrap().blocking_recv().unwrap();
        }
    }
    waiting
        .into_iter()
        .for_each(|answer| drop(answer.blocking_recv().unwrap()));
    started.elapsed()
}

/// Over one year, in the order in which they came in, as exports are.
fn history(now: Timestamp, n: u64, of: u64) -> ImportRecord {
    let hours = |hours: u64| SignedDuration::from_hours(hours as i64);
    let since_s = (n * 360 * 86_400 / of) as i64;
    let reported_at = now - hours(8760) + SignedDuration::from_secs(since_s);
    let record = Record {
        source_id: Some(format!("{n:012}").parse().unwrap()),
        kind: KINDS[n as usize % KINDS.len()].parse().unwrap(),
        origin: Origin::ALL[n as usize % 8],
        grid: None,
        reported_at,
        due_at: Some(reported_at + hours(72)),
        closed_at: (!n.is_multiple_of(6)).then(|| reported_at + hours(n % 100)),
        outcome: None,
        handler: None,
        requester: None,
        personal: None,
    };
    ImportRecord {
        record,
        personal: None,
    }
}

fn report(opened: &Opened, writers: u64) -> (u64, Duration) {
    const EACH: u64 = 2000;
    let resident = TokenCommand {
        asked: asked(Actor::Admin),
        ask: TokenAsk::Create {
            bearer: Bearer::Resident("wx-1".to_owned()),
            expires_at: None,
            secret_hash: [1; 32],
        },
    };
    let Ok(Answer::Token(Ok(made))) = opened.store.ask_blocking(Command::Token(resident)) else {
        panic!("no token");
    };
    let Actor::Resident(resident) = made.token.actor else {
        panic!("no resident");
    };
    let started = Instant::now();
    std::thread::scope(|threads| {
        for _ in 0..writers {
            threads.spawn(move || {
                for _ in 0..EACH {
                    let case = opened.store.ask_blocking(command(resident)).unwrap();
                    assert!(matches!(case, Answer::Case(Ok(_))));
                }
            });
        }
    });
    (writers * EACH, started.elapsed())
}

fn asked(by: Actor) -> Asked {
    Asked {
        by,
        token: None,
        request_id: None,
        now: Timestamp::now(),
    }
}

fn command(resident: Pseudonym) -> Command {
    let report = Report {
        kind: "street-light".parse().unwrap(),
        origin: Origin::Online,
        grid: None,
        personal: Some(Sealed(
            b"3 lights are dark beside the gate".as_slice().into(),
        )),
        requester: None,
        on_behalf: false,
        chain: None,
        due_at: None,
        source_id: None,
    };
    Command::Case(Box::new(CaseCommand {
        asked: asked(Actor::Resident(resident)),
        case: None,
        happened_at: None,
        action: Plain(Action::Report(report)),
    }))
}

/// Groups as large as there are writers, 600 bytes a record.
fn raw_appends(dir: &Path, writers: u64) -> f64 {
    const GROUPS: u64 = 500;
    let mut file = File::create(dir.join("raw")).unwrap();
    let bytes = vec![7; 600 * writers as usize];
    let started = Instant::now();
    for _ in 0..GROUPS {
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
    }
    let took = started.elapsed();
    std::fs::remove_file(dir.join("raw")).unwrap();
    per_second(GROUPS * writers, took)
}

fn size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let sizes = entries.map(|entry| match entry.file_type().unwrap().is_dir() {
        true => size(&entry.path()),
        false => entry.metadata().unwrap().len(),
    });
    sizes.sum()
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}
