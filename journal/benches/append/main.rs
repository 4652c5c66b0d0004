//! One table: appends through the group writer beside a raw write + fdatasync loop with the same
//! batch sizes, then recovery and verification. Run it with `cargo bench -p journal`; the directory
//! is under the target directory.

mod journaled;
mod measure;
mod raw;

use std::path::Path;
use std::time::Instant;

use journal::{Check, Journal, LogId, Options, Reader, verify};
use measure::alternate;

const RECORD_BYTES: usize = 300;
const WRITERS: [usize; 3] = [1, 16, 64];
const LOG: LogId = LogId([0xbe; 16]);

fn main() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a work directory");
    println!(
        "{RECORD_BYTES}-byte records, acknowledged = on disk; medians of alternating slices\n"
    );
    appends(dir.path());
    println!();
    // A frame costs a sync to make, so there are fewer records where every one has its own.
    for (records, records_per_frame) in [(1 << 20, 64), (1 << 16, 1)] {
        let place = dir.path().join(format!("read-{records_per_frame}"));
        reading(&place, records, records_per_frame);
    }
}

/// `queued`: one thread per writer, each waiting for its answer. `direct`: one thread, in batches
/// of the size that the queued journal had. Raw: the same hand-over, but only a write and a sync
/// into a file made beforehand.
fn appends(dir: &Path) {
    println!(
        "{:>7} {:>6} | {:>10} {:>8} {:>12} {:>6} | {:>10} {:>12} {:>6}",
        "writers",
        "batch",
        "queued/s",
        "p99 ms",
        "raw queued/s",
        "ratio",
        "direct/s",
        "raw direct/s",
        "ratio"
    );
    for writers in WRITERS {
        let place = dir.join(format!("append-{writers}"));
        std::fs::create_dir_all(&place).expect("create");
        let mut queued = journaled::Queued::new(&place.join("queued"), writers);
        let mut raw_queued = raw::Queued::new(&place.join("raw-queued"), writers);
        let [queued, raw_queued] = alternate([&mut queued, &mut raw_queued], 0);

        let batch = queued.batch();
        let mut direct = journaled::Direct::new(&place.join("direct"));
        let mut raw_direct = raw::Direct::new(&place.join("raw-direct"));
        let [direct, raw_direct] =
            alternate([&mut direct, &mut raw_direct], batch.round() as usize);
        println!(
            "{writers:>7} {batch:>6.1} | {:>10.0} {:>8.2} {:>12.0} {:>6.2} | {:>10.0} {:>12.0} {:>6.2}",
            queued.per_second(),
            queued.p99_ms(),
            raw_queued.per_second(),
            queued.ratio(&raw_queued),
            direct.per_second(),
            raw_direct.per_second(),
            direct.ratio(&raw_direct),
        );
        std::fs::remove_dir_all(&place).expect("remove");
    }
}

fn reading(dir: &Path, records: usize, records_per_frame: usize) {
    build(dir, records, records_per_frame);
    let timed = |what: &str, read: &mut dyn FnMut() -> u64| {
        let mut seconds = Vec::new();
        let mut bytes = 0;
        for _ in 0..3 {
            let start = Instant::now();
            bytes = read();
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let rate = records as f64 / seconds[1] / 1e6;
        println!(
            "{what:<28} {records_per_frame:>3} a frame: {:>7.1} ms, {rate:>6.2} M records/s, {:>6.0} MB/s",
            seconds[1] * 1e3,
            bytes as f64 / seconds[1] / 1e6,
        );
    };
    let file_bytes: u64 = journal::verify_bytes(dir).expect("sizes");
    timed("recovery, full check", &mut || {
        let (journal, _) = Journal::open(dir, Check::Full, Options::default()).expect("open");
        assert_eq!(journal.committed_seq(), records as u64);
        file_bytes
    });
    timed("verify", &mut || verify(dir, |_| {}).expect("whole").bytes);
    timed("reader, every record", &mut || {
        let payloads = Reader::open(dir, 1)
            .expect("reader")
            .map(|record| record.expect("whole").payload.len());
        assert_eq!(payloads.sum::<usize>(), records * RECORD_BYTES);
        file_bytes
    });
    let start = Instant::now();
    drop(Journal::open(dir, Check::Tail, Options::default()).expect("open"));
    println!(
        "{:<28} {records_per_frame:>3} a frame: {:>7.1} ms",
        "start, tail check",
        start.elapsed().as_secs_f64() * 1e3
    );
}

fn build(dir: &Path, records: usize, records_per_frame: usize) {
    let mut journal = Journal::create(dir, LOG, Options::default()).expect("create");
    let mut payload = [7; RECORD_BYTES];
    for n in 0..records {
        payload[..8].copy_from_slice(&(n as u64).to_be_bytes());
        journal.append(&payload).expect("append");
        if (n + 1) % records_per_frame == 0 {
            journal.commit().expect("commit");
        }
    }
}
