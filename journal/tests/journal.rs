//! The journal as a caller sees it: what was committed is read back, across reopening and beside
//! the writer.

mod support;

use journal::{
    AppendFault, Check, Journal, LogId, MAX_RECORD_BYTES, OpenFault, Reader, Record, SignedHead,
    leaf_hash, verify,
};
use proptest::prelude::*;
use support::{LOG, options, work_dir};

fn payloads(records: impl Iterator<Item = Result<Record, journal::Fault>>) -> Vec<Vec<u8>> {
    records
        .map(|record| record.expect("an intact record").payload)
        .collect()
}

#[test]
fn committed_records_are_read_back_in_order() {
    let dir = work_dir();
    let mut journal = Journal::create(dir.path(), LOG, options(64 << 20)).expect("create");
    assert_eq!(journal.append(b"one"), Ok(1));
    assert_eq!(journal.append(b""), Ok(2));
    assert_eq!(
        journal.reader(1).expect("reader").count(),
        0,
        "nothing is readable before commit"
    );
    let committed = journal.commit().expect("commit");
    assert_eq!((committed.first_seq, committed.through_seq), (1, 2));
    let mut reader = journal.reader(2).expect("reader");
    let record = reader.next().expect("a record").expect("intact");
    assert_eq!(
        record,
        Record {
            seq: 2,
            payload: vec![],
            leaf: leaf_hash(b"")
        }
    );
    assert!(reader.next().is_none());

    journal.append(b"three").expect("append");
    assert!(reader.next().is_none());
    journal.commit().expect("commit");
    assert_eq!(
        reader
            .next()
            .expect("the reader goes on")
            .expect("intact")
            .seq,
        3
    );
    let again = journal.commit().expect("an empty commit");
    assert!(again.through_seq < again.first_seq);

    let head = journal.head();
    drop(journal);
    let (journal, recovery) =
        Journal::open(dir.path(), Check::Full, options(64 << 20)).expect("open");
    assert_eq!(journal.head(), head);
    assert_eq!(
        (
            recovery.records,
            recovery.unacknowledged_records,
            recovery.torn_bytes
        ),
        (3, 0, 0)
    );
    assert_eq!(
        payloads(Reader::open(dir.path(), 0).expect("reader")),
        [&b"one"[..], b"", b"three"]
    );
    let report = verify(dir.path(), |_| {}).expect("verify");
    assert_eq!(
        (report.head, report.frames, report.segments, report.log_id),
        (head, 2, 1, LOG)
    );
}

#[test]
fn a_directory_has_one_owner() {
    let dir = work_dir();
    let journal = Journal::create(dir.path(), LOG, options(0)).expect("create");
    let fault = Journal::open(dir.path(), Check::Tail, options(0)).expect_err("locked");
    assert!(
        matches!(fault, OpenFault::Locked { holder: Some(pid), .. } if pid == std::process::id()),
        "{fault}"
    );
    assert!(fault.to_string().starts_with("another process"), "{fault}");
    drop(journal);
    Journal::open(dir.path(), Check::Tail, options(0)).expect("free again");
    let fault = Journal::create(dir.path(), LogId([2; 16]), options(0)).expect_err("exists");
    assert!(matches!(fault, OpenFault::Exists(_)), "{fault}");
}

#[test]
fn a_missing_journal_is_absent_and_a_newer_format_is_refused() {
    let dir = work_dir();
    let place = dir.path().join("deep/er");
    assert!(
        Journal::open(&place, Check::Tail, options(0))
            .expect_err("absent")
            .is_absent()
    );
    assert!(!place.exists(), "opening makes nothing");
    drop(Journal::create(&place, LOG, options(0)).expect("create"));
    let stamp = std::fs::read_to_string(place.join("format"))
        .expect("stamp")
        .replace("format 1", "format 7");
    std::fs::write(place.join("format"), stamp).expect("write");
    let fault = Journal::open(&place, Check::Tail, options(0))
        .expect_err("newer")
        .to_string();
    assert!(
        fault.contains("has format 7; this program reads up to 1"),
        "{fault}"
    );
}

#[test]
fn an_interrupted_creation_is_made_anew() {
    let dir = work_dir();
    drop(Journal::create(dir.path(), LOG, options(0)).expect("create"));
    std::fs::rename(dir.path().join("format"), dir.path().join("format.new")).expect("rename");
    assert!(
        Journal::open(dir.path(), Check::Tail, options(0))
            .expect_err("unfinished")
            .is_absent()
    );
    let journal = Journal::create(dir.path(), LogId([9; 16]), options(0)).expect("create again");
    assert_eq!(journal.log_id(), LogId([9; 16]));
}

#[test]
fn limits_are_refused_and_leave_the_journal_usable() {
    let dir = work_dir();
    let mut journal = Journal::create(dir.path(), LOG, options(0)).expect("create");
    let longest = vec![7; MAX_RECORD_BYTES];
    let too_long = vec![7; MAX_RECORD_BYTES + 1];
    assert_eq!(
        journal.append(&too_long),
        Err(AppendFault::RecordTooLong {
            bytes: MAX_RECORD_BYTES + 1
        })
    );
    assert_eq!(journal.append(&longest), Ok(1));
    assert!(matches!(
        journal.append(&longest),
        Err(AppendFault::FrameFull { .. })
    ));
    journal.commit().expect("commit");
    assert_eq!(journal.append(&longest), Ok(2));
    journal.commit().expect("commit");
    let lengths: Vec<_> = journal
        .reader(1)
        .expect("reader")
        .map(|r| r.expect("intact").payload.len())
        .collect();
    assert_eq!(lengths, [MAX_RECORD_BYTES; 2]);
}

#[test]
fn proofs_and_signed_heads_come_from_the_journal() {
    let dir = work_dir();
    let mut journal = Journal::create(dir.path(), LOG, options(8 << 10)).expect("create");
    let mut heads = vec![journal.head()];
    for n in 0..200u32 {
        journal.append(&[n as u8; 100]).expect("append");
        journal.commit().expect("commit");
        heads.push(journal.head());
    }
    let source = journal.source();
    let last = &heads[200];
    for (size, head) in heads.iter().enumerate().step_by(7) {
        let proof = source.prove_consistency(size as u64, 200).expect("proof");
        assert_eq!(proof.verify(&head.root, &last.root), Ok(()), "{size}");
    }
    for seq in (1..=200).step_by(9) {
        let proof = source.prove_inclusion(seq, 200).expect("proof");
        let leaf = leaf_hash(&[(seq - 1) as u8; 100]);
        assert_eq!(proof.verify(&leaf, &last.root), Ok(()), "{seq}");
    }
    assert!(source.prove_inclusion(201, 200).is_err());
    assert!(source.prove_consistency(1, 201).is_err());

    let key = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("key");
    let signed = SignedHead::sign(LOG, last, 5, &key);
    assert_eq!(
        signed.verify(ring::signature::KeyPair::public_key(&key).as_ref()),
        Ok(())
    );
    assert_eq!(signed.head(), *last);
}

#[derive(Debug, Clone)]
enum Step {
    Append(usize),
    Commit,
    Reopen(bool),
    Read(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0usize..3000).prop_map(Step::Append),
        3 => Just(Step::Commit),
        1 => any::<bool>().prop_map(Step::Reopen),
        1 => any::<usize>().prop_map(Step::Read),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Any history of appends, commits and reopenings leaves what a `Vec` would hold.
    #[test]
    fn a_journal_is_a_durable_vec(
        steps in proptest::collection::vec(step(), 1..80),
        segment_bytes in 0u64..40_000,
    ) {
        let dir = work_dir();
        let mut journal = Journal::create(dir.path(), LOG, options(segment_bytes)).expect("create");
        let (mut model, mut pending): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (vec![], vec![]);
        let mut follower = journal.reader(1).expect("reader");
        let mut followed = vec![];
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                Step::Append(len) => {
                    pending.push(vec![n as u8; len]);
                    let seq = journal.append(&pending[pending.len() - 1]).expect("append");
                    prop_assert_eq!(seq as usize, model.len() + pending.len());
                }
                Step::Commit => {
                    let committed = journal.commit().expect("commit");
                    prop_assert_eq!(committed.first_seq as usize, model.len() + 1);
                    model.append(&mut pending);
                    prop_assert_eq!(committed.through_seq as usize, model.len());
                }
                Step::Reopen(full) => {
                    pending.clear();
                    followed.extend(payloads(&mut follower));
                    drop(journal);
                    let check = if full { Check::Full } else { Check::Tail };
                    let (opened, recovery) = Journal::open(dir.path(), check, options(segment_bytes)).expect("open");
                    prop_assert_eq!(recovery.records as usize, model.len());
                    prop_assert_eq!((recovery.unacknowledged_records, recovery.torn_bytes), (0, 0));
                    journal = opened;
                    follower = journal.reader(followed.len() as u64 + 1).expect("reader");
                }
                Step::Read(from) => {
                    let from = from % (model.len() + 1);
                    prop_assert_eq!(&payloads(journal.reader(from as u64 + 1).expect("reader")), &model[from..]);
                }
            }
        }
        followed.extend(payloads(&mut follower));
        prop_assert_eq!(&followed, &model);
        let report = verify(dir.path(), |_| {}).expect("verify");
        prop_assert_eq!(report.head, journal.head());
        prop_assert_eq!(payloads(Reader::open(dir.path(), 1).expect("reader")), model);
    }
}
