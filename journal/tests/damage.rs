//! Ten thousand damaged directories: each is refused, or reads as if nothing had happened.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use journal::{Check, Journal, Reader, verify};
use support::damage::{Base, Files, Random, mutate};
use support::{LOG, options, work_dir};

const BASES: u64 = 25;
const MUTATIONS_PER_BASE: u64 = 400;

/// The syncs of one worker's journals need not wait for another's.
const WORKERS: u64 = 4;

/// By kind of mutation.
type Tallies = BTreeMap<&'static str, Tally>;

#[derive(Default, Clone, Copy)]
struct Tally {
    refused: u64,
    found_while_reading: u64,
    harmless: u64,
}

#[test]
fn damage_is_detected_or_harmless() {
    let tallies = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| scope.spawn(move || damage_bases(worker)))
            .collect();
        let tallies = workers
            .into_iter()
            .map(|worker| worker.join().expect("no panic"));
        tallies.reduce(merge).expect("workers")
    });
    let mut sum = Tally::default();
    for (kind, tally) in &tallies {
        let Tally {
            refused,
            found_while_reading,
            harmless,
        } = *tally;
        println!(
            "{kind:24} {refused:5} refused {found_while_reading:5} read {harmless:5} harmless"
        );
        sum.refused += refused;
        sum.found_while_reading += found_while_reading;
        sum.harmless += harmless;
    }
    assert_eq!(
        sum.refused + sum.found_while_reading + sum.harmless,
        BASES * MUTATIONS_PER_BASE
    );
    assert!(
        sum.refused > 4000 && sum.harmless > 500,
        "the mutations hit what matters and what does not"
    );
}

fn damage_bases(worker: u64) -> Tallies {
    let mut tallies = Tallies::new();
    for seed in (worker..BASES).step_by(WORKERS as usize) {
        let dir = work_dir();
        let mut random = Random(seed);
        let base = Base::build(dir.path(), &mut random);
        for mutation in 0..MUTATIONS_PER_BASE {
            let (kind, files) = mutate(&base, &mut random);
            let what = format!("seed {seed}, mutation {mutation}: {kind}");
            let tally = tallies.entry(kind).or_default();
            judge(dir.path(), &base, &files, mutation % 2 == 0, &what, tally);
        }
    }
    tallies
}

fn merge(mut into: Tallies, from: Tallies) -> Tallies {
    for (kind, tally) in from {
        let sum = into.entry(kind).or_default();
        sum.refused += tally.refused;
        sum.found_while_reading += tally.found_while_reading;
        sum.harmless += tally.harmless;
    }
    into
}

fn judge(dir: &Path, base: &Base, files: &Files, full: bool, what: &str, tally: &mut Tally) {
    files.write_over(dir);
    let verified = verify(dir, |_| {});
    let check = if full { Check::Full } else { Check::Tail };
    let (journal, recovery) = match Journal::open(dir, check, options(base.segment_bytes)) {
        Ok(opened) => opened,
        Err(fault) => {
            assert!(
                verified.is_err(),
                "{what}: verify must find what open finds: {fault}"
            );
            assert!(
                Files::read(dir) == *files,
                "{what}: a refusal changes nothing"
            );
            assert!(!fault.to_string().is_empty());
            tally.refused += 1;
            return;
        }
    };
    if full {
        assert!(
            verified.is_ok(),
            "{what}: a full check must find what verify finds: {verified:?}"
        );
    }
    assert_eq!(recovery.records, base.records.len() as u64, "{what}");
    let read: Result<Vec<_>, _> = journal.reader(1).expect("reader").collect();
    match read {
        Ok(records) => {
            let payloads = records.into_iter().map(|record| record.payload);
            assert!(
                payloads.eq(base.records.iter().cloned()),
                "{what}: records differ"
            );
            assert!(verified.is_ok(), "{what}: reads well, but {verified:?}");
            assert_eq!(journal.head(), base.head, "{what}");
            // A sync each takes its time, so not after all of them.
            if tally.harmless.is_multiple_of(8) {
                go_on(journal, dir, base, what);
            }
            tally.harmless += 1;
        }
        Err(fault) => {
            assert!(
                !full,
                "{what}: a full check must find what a reader finds: {fault}"
            );
            assert!(
                verified.is_err(),
                "{what}: verify must find what a reader finds: {fault}"
            );
            tally.found_while_reading += 1;
        }
    }
}

/// What was harmless stays so when the journal goes on.
fn go_on(mut journal: Journal, dir: &Path, base: &Base, what: &str) {
    journal.append(b"after").expect("append");
    journal.commit().expect("commit");
    drop(journal);
    let report = verify(dir, |_| {}).expect("still whole");
    assert_eq!(report.head.size, base.records.len() as u64 + 1, "{what}");
}

#[test]
fn a_refusal_names_file_position_record_and_command() {
    let dir = work_dir();
    let mut journal = Journal::create(dir.path(), LOG, options(0)).expect("create");
    for payload in [[1; 100], [2; 100], [3; 100]] {
        journal.append(&payload).expect("append");
        journal.commit().expect("commit");
    }
    drop(journal);
    let path = dir.path().join(format!("{:020}.segment", 2));
    let mut bytes = fs::read(&path).expect("segment");
    bytes[4096 + 90] ^= 1;
    fs::write(&path, bytes).expect("write");
    let place = format!(
        "{} at byte 4096 (record 2): the body of the frame does not match its checksum",
        path.display()
    );
    let fault = Journal::open(dir.path(), Check::Full, options(0))
        .expect_err("refused")
        .to_string();
    assert_eq!(
        fault,
        format!("{place}; nothing was changed; to examine it run: recover")
    );
    let (journal, _) =
        Journal::open(dir.path(), Check::Tail, options(0)).expect("the last segment is whole");
    let read: Vec<_> = journal
        .reader(1)
        .expect("reader")
        .map(|record| record.map(|r| r.seq).map_err(|f| f.to_string()))
        .collect();
    assert_eq!(read, [Ok(1), Err(place)]);
}

/// An unacknowledged write is cut only when it looks as a torn write does.
#[test]
fn a_torn_write_is_cut_and_rot_is_not() {
    let dir = work_dir();
    let mut journal = Journal::create(dir.path(), LOG, options(64 << 10)).expect("create");
    journal.append(&[1; 100]).expect("append");
    journal.commit().expect("commit");
    let acknowledged_head = fs::read(dir.path().join("head")).expect("head");
    journal.append(&[2; 3000]).expect("append");
    journal.commit().expect("commit");
    drop(journal);
    // As after a power cut: the second group reached the disk, the head file's page did not.
    fs::write(dir.path().join("head"), &acknowledged_head).expect("write");
    let image = Files::read(dir.path());
    let segment = format!("{:020}.segment", 1);
    let frame_at = 4096 + 68 + 104;

    let open_with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut files = image.clone();
        change(files.get_mut(&segment));
        files.write_over(dir.path());
        let opened = Journal::open(dir.path(), Check::Tail, options(64 << 10));
        opened.map(|(journal, recovery)| {
            (
                journal.committed_seq(),
                recovery.unacknowledged_records,
                recovery.torn_bytes,
            )
        })
    };
    assert_eq!(open_with(&|_| {}).expect("intact"), (2, 1, 0));
    // The last sectors did not arrive; then the file ends early; then the first sector did not
    // arrive.
    let torn = open_with(&|bytes| bytes[6144..7400].fill(0)).expect("torn");
    assert_eq!(torn, (1, 0, 6144 - frame_at as u64));
    assert_eq!(
        open_with(&|bytes| bytes.truncate(5000)).expect("torn"),
        (1, 0, 5000 - frame_at as u64)
    );
    let (size, _, torn) = open_with(&|bytes| bytes[frame_at..4608].fill(0)).expect("torn");
    assert_eq!((size, torn), (1, 68 + 3004));
    // What lies behind the last frame may be a write whose first sectors did not arrive.
    let (size, _, torn) = open_with(&|bytes| bytes[9000] = 1).expect("torn");
    assert_eq!((size, torn), (2, 9001 - (frame_at as u64 + 68 + 3004)));
    for (change, reason) in [
        (
            &(|bytes: &mut Vec<u8>| bytes[5000] ^= 1) as &dyn Fn(&mut Vec<u8>),
            "not as a torn write would leave it",
        ),
        (
            &|bytes| bytes[frame_at + 1] ^= 1,
            "not as a torn write would leave it",
        ),
        (
            &|bytes| bytes[4200] ^= 1,
            "the body of the frame does not match its checksum",
        ),
        (
            &|bytes| {
                let frame = bytes[frame_at..frame_at + 3072].to_vec();
                bytes[frame_at..frame_at + 3072].fill(0);
                bytes[frame_at + 512..frame_at + 3584].copy_from_slice(&frame);
            },
            "intact frame 2 follows",
        ),
    ] {
        let fault = open_with(change).expect_err("evidence").to_string();
        assert!(fault.contains(reason), "{fault}");
    }
    image.write_over(dir.path());
    assert_eq!(
        Reader::open(dir.path(), 1).expect("reader").count(),
        1,
        "what the head file vouches for"
    );
}
