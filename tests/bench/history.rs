//! A node that grows: the real file is imported once, then as often again as a
//! year of a larger place, each time with other case numbers. At every size:
//! how fast that went, how soon the node serves, what it holds idle.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Read, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use flate2::read::GzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    Bench,
    commands::Desk,
    figures::{Row, count, per_second, size},
    harness::{Community, District, district::RUIQUAN, eventually, process::tongxin},
    usage,
};

const EXPORT: &str = "tests/data/boston311-2015.csv.gz";
const MAPPING: &str = "deploy/examples/boston311.mapping.toml";
/// At the node's desk, at every size.
const CLIENTS: usize = 16;
/// What a node may still have to do after its first answer.
const REST: Duration = Duration::from_secs(3);

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let district = District::start("bench-history");
    let mut node = district.community(RUIQUAN);
    let dir = bench.dir("history")?;
    let mut cases = 0;
    let mut held = 0;
    for copies in bench.copies() {
        let export = match copies {
            1 => root().join(EXPORT),
            _ => copied(&dir, held..copies)?,
        };
        held = copies;
        cases += import(bench, &node, &export, cases)?;
        if copies == 1 {
            // From here on every case counts into indicators at once.
            node = district.join(node);
            eventually("the node has cells", || {
                node.status()["head_cell_seq"]
                    .as_u64()
                    .filter(|seq| *seq > 0)
            });
            district.settled(&node);
            node.stop();
        }
        start(bench, &mut node, cases)?;
        recovery(bench, &node, cases)?;
    }
    Ok(())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The export again for each copy, with numbers of its own.
fn copied(dir: &Path, copies: std::ops::Range<usize>) -> anyhow::Result<PathBuf> {
    let path = dir.join("export.csv");
    let mut writer = BufWriter::new(File::create(&path)?);
    for copy in copies.clone() {
        let lines = BufReader::new(GzDecoder::new(File::open(root().join(EXPORT))?)).lines();
        for (at, line) in lines.enumerate() {
            match (at, copy == copies.start) {
                (0, true) => writeln!(writer, "{}", line?)?,
                (0, false) => {}
                _ => writeln!(writer, "{copy}-{}", line?)?,
            }
        }
    }
    writer.flush()?;
    Ok(path)
}

/// How many cases came in.
fn import(bench: &mut Bench, node: &Community, export: &Path, before: u64) -> anyhow::Result<u64> {
    let rejected = bench.dir("history")?.join("rejected.csv");
    let (dir, mapping) = (node.dir(), root().join(MAPPING));
    let [export, mapping, rejected] =
        [export, &mapping, &rejected].map(|path| path.to_string_lossy().into_owned());
    let (cpu, began) = (usage::cpu_of_ended_children()?, Instant::now());
    let output = tongxin(&[
        "node",
        "import",
        "cases",
        "--dir",
        &dir,
        "--mapping",
        &mapping,
        "--rejected",
        &rejected,
        "--output",
        "json",
        &export,
    ]);
    let took = began.elapsed();
    let cpu = usage::cpu_of_ended_children()? - cpu;
    ensure!(
        output.status.success(),
        "import: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let added = said[0]["added"].as_u64().context("how many were added")?;
    let rate = added as f64 / took.as_secs_f64();
    let read = rows_a_second(Path::new(&export))?;
    let live = if before == 0 {
        "not in line yet"
    } else {
        "indicators live"
    };
    bench.figures.add(
        Row::new(format!(
            "import, {} cases after {}",
            size(added as usize),
            size(before as usize)
        ))
        .figure(format!("{} cases", per_second(rate)))
        .limit(format!("reading the CSV {} rows", per_second(read)))
        .goal("≥ 20,000/s", rate >= 20_000.0)
        .note(format!(
            "CPU {:.0} µs a case; {live}; {} rows rejected",
            cpu.as_secs_f64() * 1e6 / added as f64,
            said[0]["rejected"],
        )),
    );
    Ok(added)
}

/// Unpacked and split into fields, nothing else.
fn rows_a_second(export: &Path) -> anyhow::Result<f64> {
    let began = Instant::now();
    let file = File::open(export)?;
    let text: Box<dyn Read> = match export.extension().is_some_and(|e| e == "gz") {
        true => Box::new(GzDecoder::new(file)),
        false => Box::new(file),
    };
    let mut reader = csv::Reader::from_reader(BufReader::new(text));
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    Ok(f64::from(rows) / began.elapsed().as_secs_f64())
}

fn start(bench: &mut Bench, node: &mut Community, cases: u64) -> anyhow::Result<()> {
    let began = Instant::now();
    node.start();
    let took = began.elapsed();
    let cases = size(cases as usize);
    let row = Row::new(format!("start of a node, {cases} cases"))
        .figure(format!("{:.2} s", took.as_secs_f64()))
        .goal("≤ 5 s", took <= Duration::from_secs(5));
    bench.figures.add(row.note("from exec to the first answer"));
    let idle = usage::idle(node.pid(), REST)?;
    bench.figures.add(
        Row::new(format!("idle node, {cases} cases"))
            .figure(format!("{:.0} MiB", idle.rss_mib))
            .goal("≤ 40 MiB", idle.rss_mib <= 40.0)
            .note(format!("CPU {:.1} ms a second", idle.cpu_ms)),
    );
    let load = Desk::open(node)?;
    let load = load.load(CLIENTS, CLIENTS, bench.span(2));
    let load = bench.runtime.block_on(load)?;
    let what = format!("durable commands, {CLIENTS} clients, {cases} cases held");
    bench.figures.add(Row::new(what).load(&load));
    node.stop();
    Ok(())
}

fn recovery(bench: &mut Bench, node: &Community, cases: u64) -> anyhow::Result<()> {
    let began = Instant::now();

    let report = journal::verify(&node.path().join("journal"), |_| {})?;
    let (records, bytes) = (report.head.size, report.bytes);
    let took = began.elapsed().as_secs_f64();
    let rate = records as f64 / took;
    let hashed = hash_rate(bytes, records);
    let cases = size(cases as usize);
    bench.figures.add(
        Row::new(format!("journal verified whole, {cases} cases"))
            .figure(format!("{} records", per_second(rate)))
            .limit(format!("SHA-256 of as many {}", per_second(hashed)))
            .goal("≥ 1,000,000/s", rate >= 1e6)
            .note(format!(
                "{} records, {} B each, {} MB/s",
                count(records as f64),
                count(bytes as f64 / records as f64),
                count(bytes as f64 / took / 1e6),
            )),
    );
    Ok(())
}

/// Records of the same length hashed, from memory, in a second.
fn hash_rate(bytes: u64, records: u64) -> f64 {
    let record = vec![7u8; (bytes / records.max(1)) as usize];
    let began = Instant::now();
    for _ in 0..records {
        std::hint::black_box(Sha256::digest(std::hint::black_box(&record)));
    }
    records as f64 / began.elapsed().as_secs_f64()
}
