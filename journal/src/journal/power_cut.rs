//! Power cuts, simulated: whatever of the unsynced writes reached the disk, nothing acknowledged is
//! lost, and the journal opens without an operator.

use std::fs;
use std::path::Path;

use super::*;
use crate::file::simulation_dir;
use crate::file::trace::{self, Operation};

const LOG: LogId = LogId([3; 16]);
const CUTS: usize = 1500;

fn options() -> Options {
    Options {
        segment_bytes: 24 << 10,
        ballast_bytes: 0,
        recovery_command: "recover".to_owned(),
    }
}

fn payload(seq: u64) -> Vec<u8> {
    vec![seq as u8 | 1; 90 * (seq as usize % 37)]
}

/// Creates, appends, stops, opens again and appends.
fn workload(dir: &Path) -> Vec<Operation> {
    trace::begin();
    let mut journal = Journal::create(dir, LOG, options()).expect("create");
    for group in 0..40 {
        if group % 15 == 14 {
            drop(journal);
            (journal, _) = Journal::open(dir, Check::Tail, options()).expect("open");
        }
        for _ in 0..=group % 4 {
            journal
                .append(&payload(journal.next_seq()))
                .expect("append");
        }
        let committed = journal.commit().expect("commit");
        trace::note(Operation::Acknowledged(committed.through_seq));
    }
    drop(journal);
    trace::end()
}

#[test]
fn a_power_cut_loses_nothing_acknowledged() {
    let dir = simulation_dir();
    let operations = workload(dir.path());
    let mut seed = 0x706f_7765_7263_7574_u64;
    let (mut torn, mut kept) = (0, 0);
    for cut in 0..CUTS {
        // A linear congruential generator is enough to pick; the seed is fixed, so a failure
        // repeats.
        let mut choose = |n: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        };
        let at = choose(operations.len() + 1);
        let (files, acknowledged) = trace::power_cut(&operations[..at], &mut choose);
        let image = simulation_dir();
        for (name, bytes) in &files {
            fs::write(image.path().join(name), bytes).expect("write");
        }
        let what = format!("cut {cut} at operation {at}");
        let check = if cut % 2 == 0 {
            Check::Full
        } else {
            Check::Tail
        };
        let (mut journal, recovery) = match Journal::open(image.path(), check, options()) {
            Ok(opened) => opened,
            Err(fault) => {
                assert!(fault.is_absent() && acknowledged == 0, "{what}: {fault}");
                Journal::create(image.path(), LOG, options())
                    .expect("an unfinished creation is made again");
                continue;
            }
        };
        assert!(
            recovery.records >= acknowledged,
            "{what}: {recovery:?}, {acknowledged} acknowledged"
        );
        torn += u64::from(recovery.torn_bytes > 0);
        kept += recovery.unacknowledged_records;
        assert_records(&journal, recovery.records, &what);
        // Nothing of a torn write may show up behind what is written over it.
        journal
            .append(&payload(journal.next_seq()))
            .expect("append");
        journal.commit().expect("commit");
        drop(journal);
        let (journal, again) =
            Journal::open(image.path(), Check::Full, options()).expect("opens again");
        assert_eq!(
            (again.unacknowledged_records, again.torn_bytes),
            (0, 0),
            "{what}"
        );
        assert_records(&journal, recovery.records + 1, &what);
    }
    assert!(
        torn > 30 && kept > 30,
        "{torn} torn and {kept} kept: the cuts hit the interesting places"
    );
}

fn assert_records(journal: &Journal, count: u64, what: &str) {
    let records: Vec<_> = journal
        .reader(1)
        .expect("reader")
        .map(|record| record.expect("intact"))
        .collect();
    assert_eq!(records.len() as u64, count, "{what}");
    for (record, seq) in records.into_iter().zip(1..) {
        assert_eq!((record.seq, record.payload), (seq, payload(seq)), "{what}");
    }
}
