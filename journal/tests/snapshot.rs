//! A snapshot is a journal: it opens, holds what was acknowledged when it was taken, and does so
//! while a writer goes on.

mod support;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use journal::{Check, Journal, Reader, Snapshot, verify};
use support::{LOG, options, work_dir};

fn write(snapshot: &Snapshot, into: &Path) {
    for file in &snapshot.files {
        let mut copy = File::create(into.join(&file.name)).expect("create");
        let copied = io::copy(&mut file.open().expect("open"), &mut copy).expect("copy");
        assert_eq!(copied, file.bytes, "{}", file.name);
    }
}

#[test]
fn a_snapshot_taken_beside_a_writer_opens_and_goes_on() {
    let dir = work_dir();
    // Small segments, so that they are finished under the snapshot.
    let mut journal = Journal::create(dir.path(), LOG, options(16 << 10)).expect("create");
    let stop = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            while !stop.load(Ordering::Relaxed) {
                journal.append(&[7; 600]).expect("append");
                journal.append(b"and one").expect("append");
                journal.commit().expect("commit");
            }
            journal.head()
        }
    });
    let mut sizes = Vec::new();
    while sizes.len() < 8 {
        let snapshot = Snapshot::take(dir.path(), |_| {}).expect("snapshot");
        let acknowledged = Reader::open(dir.path(), 1).expect("reader");
        if sizes.last() == Some(&snapshot.head.size) {
            continue;
        }
        sizes.push(snapshot.head.size);
        let copy = work_dir();
        write(&snapshot, copy.path());
        let report = verify(copy.path(), |_| {}).expect("verify");
        assert_eq!(report.head, snapshot.head);
        assert_eq!((report.unacknowledged_records, report.torn_bytes), (0, 0));
        // Only what was acknowledged, and nothing else than the original has there.
        let through = snapshot.head.size as usize;
        let of_copy = Reader::open(copy.path(), 1).expect("reader");
        let pairs = acknowledged.take(through).zip(of_copy);
        let same = pairs.filter(|(a, b)| a.as_ref().expect("a") == b.as_ref().expect("b"));
        assert_eq!(same.count(), through);
        let (mut copied, recovery) =
            Journal::open(copy.path(), Check::Full, options(16 << 10)).expect("open");
        assert_eq!(recovery.records, snapshot.head.size);
        copied.append(b"later").expect("append");
        let committed = copied.commit().expect("commit");
        assert_eq!(committed.first_seq, snapshot.head.size + 1);
    }
    stop.store(true, Ordering::Relaxed);
    let head = writer.join().expect("the writer ends in order");
    assert!(*sizes.last().expect("snapshots") <= head.size);
    assert_eq!(
        Snapshot::take(dir.path(), |_| {}).expect("snapshot").head,
        head
    );
}

#[test]
fn a_snapshot_of_an_empty_journal_opens_and_one_of_damage_is_refused() {
    let dir = work_dir();
    let mut journal = Journal::create(dir.path(), LOG, options(1 << 20)).expect("create");
    let copy = work_dir();
    write(
        &Snapshot::take(dir.path(), |_| {}).expect("snapshot"),
        copy.path(),
    );
    Journal::open(copy.path(), Check::Full, options(1 << 20)).expect("open");
    for _ in 0..20 {
        journal.append(&[9; 300]).expect("append");
        journal.commit().expect("commit");
    }
    drop(journal);
    let segment = dir.path().join("00000000000000000001.segment");
    let mut bytes = fs::read(&segment).expect("read");
    bytes[4096 + 400] ^= 1;
    fs::write(&segment, bytes).expect("write");
    Snapshot::take(dir.path(), |_| {}).expect_err("damage is not copied as if it were whole");
}
