//! Makes every single disk operation of a workload fail, one run each, in several ways. The faults
//! are injected, so any filesystem will do.

use std::path::Path;

use super::*;
use crate::file::failing::{self, Kind};
use crate::file::simulation_dir;
use crate::verify::verify;

const LOG: LogId = LogId([3; 16]);
const KINDS: [Kind; 3] = [Kind::InputOutput, Kind::DiskFull, Kind::Short];

fn options() -> Options {
    Options {
        segment_bytes: 16 << 10,
        ballast_bytes: 0,
        recovery_command: "recover".to_owned(),
    }
}

fn payload(seq: u64) -> Vec<u8> {
    vec![seq as u8 + 1; 700 * (seq as usize % 5)]
}

/// Appends groups of three until something fails, and says through which record commits were
/// acknowledged.
fn append_groups(journal: &mut Journal, groups: u64) -> u64 {
    let mut acknowledged = journal.committed_seq();
    for _ in 0..groups {
        for _ in 0..3 {
            journal
                .append(&payload(journal.next_seq()))
                .expect("append");
        }
        match journal.commit() {
            Ok(committed) => acknowledged = committed.through_seq,
            Err(_) => {
                assert!(
                    matches!(journal.commit(), Err(CommitFault::Stopped)),
                    "stopped for good"
                );
                assert_eq!(journal.append(b"more"), Err(AppendFault::Stopped));
                assert_eq!(journal.source().committed_seq(), acknowledged);
                break;
            }
        }
    }
    acknowledged
}

fn assert_holds(dir: &Path, acknowledged: u64, written: u64) {
    let (journal, recovery) =
        Journal::open(dir, Check::Full, options()).expect("opens after the fault");
    assert!(
        (acknowledged..=written).contains(&recovery.records),
        "{recovery:?}, acknowledged {acknowledged}"
    );
    for (record, seq) in journal.reader(1).expect("reader").zip(1..) {
        let record = record.expect("intact");
        assert_eq!((record.seq, record.payload), (seq, payload(seq)));
    }
    assert_eq!(verify(dir, |_| {}).expect("verifies").head, journal.head());
}

#[test]
fn nothing_is_acknowledged_after_a_failed_operation() {
    let mut failures = 0;
    for kind in KINDS {
        for nth in 1.. {
            let dir = simulation_dir();
            failing::after(nth, kind);
            let created = Journal::create(dir.path(), LOG, options());
            let acknowledged = created
                .map(|mut journal| append_groups(&mut journal, 12))
                .ok();
            if failing::disarm() {
                break;
            }
            failures += 1;
            match acknowledged {
                Some(acknowledged) => assert_holds(dir.path(), acknowledged, 36),
                // A creation that failed is either unfinished, and made again, or complete.
                None => match Journal::create(dir.path(), LOG, options()) {
                    Err(OpenFault::Exists(_)) => assert_holds(dir.path(), 0, 0),
                    created => drop(created.expect("creates after the fault")),
                },
            }
        }
    }
    assert!(failures > 200, "only {failures} operations failed");
}

#[test]
fn a_failure_while_opening_loses_nothing() {
    let mut failures = 0;
    for kind in KINDS {
        for nth in 1.. {
            let dir = simulation_dir();
            let mut journal = Journal::create(dir.path(), LOG, options()).expect("create");
            // A group takes three operations: write, sync, head.
            failing::after(4, Kind::Short);
            assert_eq!(
                append_groups(&mut journal, 2),
                3,
                "the second group is torn"
            );
            drop(journal);
            failing::after(nth, kind);
            let opened = Journal::open(dir.path(), Check::Tail, options()).is_ok();
            if failing::disarm() {
                assert!(opened);
                break;
            }
            failures += 1;
            assert_holds(dir.path(), 3, 6);
        }
    }
    assert!(failures > 10, "only {failures} operations failed");
}
