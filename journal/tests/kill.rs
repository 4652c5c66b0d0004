//! kill -9 at any moment: a real writer process is killed 200 times, and every record that it had
//! acknowledged, on a pipe, is there afterwards. The test binary is its own writer process.

mod support;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use journal::{
    Appender, Check, Committed, Journal, Ledger, Limits, OpenFault, Reader, leaf_hash, start,
    verify,
};
use support::damage::Random;
use support::{LOG, options, work_dir};

const CYCLES: u64 = 200;
const SEGMENT_BYTES: u64 = 128 << 10;
const WRITERS: u64 = 4;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("--writer") => {
            let dir = std::env::args().nth(2).expect("a directory");
            let cycle = std::env::args()
                .nth(3)
                .expect("a cycle")
                .parse()
                .expect("a number");
            write_until_killed(Path::new(&dir), cycle);
        }
        // What the test runner asks of every test binary.
        Some("--list") => println!("nothing_acknowledged_is_lost: test"),
        _ => nothing_acknowledged_is_lost(),
    }
}

fn nothing_acknowledged_is_lost() {
    let dir = work_dir();
    let dir = dir.path().join("journal");
    let mut acknowledged = BTreeMap::new();
    let mut random = Random(0x6b69_6c6c);
    let (mut torn, mut unacknowledged) = (0, 0);
    for cycle in 0..CYCLES {
        // Some are killed while they create or open the journal.
        let lines = if random.below(8) == 0 {
            0
        } else {
            random.below(150)
        };
        run_and_kill(&dir, cycle, lines, &mut acknowledged);
        if cycle % 2 == 0 {
            check_unopened(&dir, &acknowledged);
            continue;
        }
        match Journal::open(&dir, Check::Tail, options(SEGMENT_BYTES)) {
            Ok((journal, recovery)) => {
                torn += u64::from(recovery.torn_bytes > 0);
                unacknowledged += recovery.unacknowledged_records;
                assert!(
                    acknowledged
                        .keys()
                        .all(|seq| *seq <= journal.committed_seq()),
                    "cycle {cycle}"
                );
            }
            Err(fault) => assert!(
                fault.is_absent() && acknowledged.is_empty(),
                "cycle {cycle}: {fault}"
            ),
        }
    }
    let (journal, _) =
        Journal::open(&dir, Check::Full, options(SEGMENT_BYTES)).expect("opens in the end");
    let mut records = BTreeMap::new();
    for record in journal.reader(1).expect("reader") {
        let record = record.expect("intact");
        records.insert(record.seq, record.leaf);
    }
    let lost = acknowledged
        .iter()
        .filter(|(seq, leaf)| records.get(*seq) != Some(*leaf))
        .count();
    println!(
        "{CYCLES} kills, {} acknowledged of {} records, {lost} lost; {torn} torn tails cut, \
         {unacknowledged} unacknowledged records kept",
        acknowledged.len(),
        records.len(),
    );
    assert_eq!(lost, 0);
    assert!(
        acknowledged.len() > 5000,
        "only {} records were acknowledged",
        acknowledged.len()
    );
}

/// Starts a writer, kills it after it has acknowledged `lines` records, and takes down all that it
/// acknowledged.
fn run_and_kill(dir: &Path, cycle: u64, lines: usize, acknowledged: &mut BTreeMap<u64, [u8; 32]>) {
    let mut writer = Command::new(std::env::current_exe().expect("own path"))
        .args([
            "--writer".as_ref(),
            dir.as_os_str(),
            cycle.to_string().as_ref(),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a writer process");
    let mut output = BufReader::new(writer.stdout.take().expect("a pipe")).split(b'\n');
    let mut take = |line: io::Result<Vec<u8>>| {
        let line = String::from_utf8(line.expect("a line")).expect("text");
        // The kill may cut the last line: that record was not acknowledged to anybody.
        let Some((seq, leaf)) = line.split_once(' ').filter(|(_, leaf)| leaf.len() == 64) else {
            return;
        };
        let leaf = leaf.as_bytes().chunks(2).map(|digits| {
            u8::from_str_radix(std::str::from_utf8(digits).expect("digits"), 16)
                .expect("hexadecimal")
        });
        let leaf: Vec<u8> = leaf.collect();
        let before = acknowledged.insert(
            seq.parse().expect("a number"),
            leaf.try_into().expect("32 bytes"),
        );
        assert!(before.is_none(), "cycle {cycle}: {seq} was given twice");
    };
    output.by_ref().take(lines).for_each(&mut take);
    assert!(
        writer.try_wait().expect("status").is_none(),
        "cycle {cycle}: the writer ended by itself"
    );
    if lines > 0 {
        let fault = Journal::open(dir, Check::Tail, options(SEGMENT_BYTES)).err();
        let refused =
            matches!(fault, Some(OpenFault::Locked { holder, .. }) if holder == Some(writer.id()));
        assert!(
            refused,
            "cycle {cycle}: two processes on one directory: {fault:?}"
        );
        verify(dir, |_| {}).expect("a log can be verified while it is written");
    }
    writer.kill().expect("kill -9");
    output.for_each(take);
    writer.wait().expect("the end of the writer");
}

/// Reads without opening: nothing repairs what the kill left.
fn check_unopened(dir: &Path, acknowledged: &BTreeMap<u64, [u8; 32]>) {
    let Some((last, _)) = acknowledged.last_key_value() else {
        return;
    };
    let from = last.saturating_sub(200).max(1);
    let records: BTreeMap<_, _> = Reader::open(dir, from)
        .expect("reader")
        .map(|record| {
            record
                .map(|record| (record.seq, record.leaf))
                .expect("intact")
        })
        .collect();
    for (seq, leaf) in acknowledged.range(from..) {
        assert_eq!(records.get(seq), Some(leaf), "record {seq}");
    }
}

/// Appends and answers with the sequence.
struct Plain;

impl Ledger for Plain {
    type Command = Vec<u8>;
    type Answer = u64;
    type Fault = Infallible;

    fn decide(&mut self, payload: Vec<u8>, log: &mut Appender<'_>) -> Result<u64, Infallible> {
        Ok(log.append(&payload).expect("short records fit"))
    }

    fn committed(&mut self, _: &Committed) -> Result<(), Infallible> {
        Ok(())
    }
}

fn write_until_killed(dir: &Path, cycle: u64) {
    let journal = match Journal::open(dir, Check::Tail, options(SEGMENT_BYTES)) {
        Ok((journal, _)) => journal,
        Err(fault) if fault.is_absent() => {
            Journal::create(dir, LOG, options(SEGMENT_BYTES)).expect("create")
        }
        Err(fault @ OpenFault::Locked { .. }) => panic!("a killed process keeps no lock: {fault}"),
        Err(fault) => panic!("{fault}"),
    };
    let (handle, _running) = start("writer", journal, Plain, Limits::default()).expect("a thread");
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let handle = handle.clone();
            scope.spawn(move || {
                let mut random = Random(cycle * WRITERS + writer);
                loop {
                    let len = random.below(2000);
                    let payload = random.bytes(len);
                    let leaf: String = leaf_hash(&payload)
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect();
                    let seq = handle.call_blocking(payload).expect("an answer");
                    // One write, so that a kill leaves whole lines or nothing of them.
                    io::stdout()
                        .lock()
                        .write_all(format!("{seq} {leaf}\n").as_bytes())
                        .expect("a pipe");
                }
            });
        }
    });
}
