//! A journal that somebody has changed is found out, and where: as it stands when it is
//! opened or verified; made anew with every checksum, link and signature right, at the
//! next greeting, by the hub's own machine, because it knows a head of before.
//!
//! `TONGXIN_TAMPERINGS=20000` tries that many.

#[allow(dead_code, reason = "campaigns that run longer use the rest")]
#[path = "harness/random.rs"]
mod random;

use std::{fs, ops::RangeInclusive, path::Path};

use hub_domain::sync::{
    hello::{Decision, decide_hello},
    line::{Cause, Line},
};
use jiff::Timestamp;
use journal::{Fault, Journal, LogId, Options, SignedHead, Source};
use node_domain::audit::changed;
use proto::{
    identity::{Nonce, StoreId},
    sync::{
        head::{JournalHead, JournalPoint},
        uplink::Hello,
    },
};
use random::Random;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const LOG: LogId = LogId([7; 16]);
/// Records of the honest journal, and up to where the hub has heard of it.
const SIZE: u64 = 60;
const KNOWN: u64 = 50;
/// A release was kept after each so many.
const RELEASED: u64 = 10;
const SEGMENT_BYTES: u64 = 8 << 10;
const HEADER_BYTES: usize = 4096;

fn record(number: u64, salt: u64) -> Vec<u8> {
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.extend(salt.to_be_bytes());
    bytes.resize(60 + (number as usize * 13) % 90, number as u8);
    bytes
}

fn options() -> Options {
    Options {
        segment_bytes: SEGMENT_BYTES,
        ..Options::default()
    }
}

fn written(dir: &Path, records: &[Vec<u8>]) -> Source {
    let mut journal = Journal::create(dir, LOG, options()).expect("a new journal");
    for group in records.chunks(10) {
        for record in group {
            journal.append(record).expect("room");
        }
        journal.commit().expect("a disk");
    }
    drop(journal);
    Source::at_rest(dir).expect("a journal")
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// As the node's own key signs it, whoever holds the key.
fn head(source: &Source, key: &Ed25519KeyPair) -> JournalHead {
    let size = source.committed_seq();
    let root = source.root(size).expect("a root");
    let point = journal::Head {
        size,
        root,
        chain: [0; 32],
    };
    let signed = SignedHead::sign(LOG, &point, 0, key);
    let public_key = key.public_key().as_ref();
    signed.verify(public_key).expect("a good signature");
    JournalHead {
        log: StoreId(LOG.0),
        point: JournalPoint { size, root },
        chain: signed.chain,
        time_ms: 0,
        public_key: public_key.try_into().expect("32 bytes"),
        signature: signed.signature,
        release: None,
    }
}

fn line(known: JournalHead) -> Line {
    Line {
        store_id: Some(StoreId(LOG.0)),
        epoch: 1,
        lineage: 1,
        acked: 9,
        journal_head: Some(Box::new(known)),
        ..Line::default()
    }
}

/// The greeting of a store with this journal, to its end: a hub that asks to be shown
/// is shown.
fn greeted(line: &Line, source: &Source, key: &Ed25519KeyPair) -> Decision {
    let mut hello = Hello {
        protocol_min: 1,
        protocol_max: 1,
        store_id: StoreId(LOG.0),
        lineage: 1,
        epoch: 1,
        nonce: Nonce([3; 16]),
        head_seq: 9,
        acked_hint: 9,
        seen_hub_incarnation: 0,
        catalogue_seq: 0,
        node_time: Timestamp::UNIX_EPOCH,
        software: String::new(),
        starts: Vec::new(),
        journal_head: Some(Box::new(head(source, key))),
        shown: None,
    };
    match decide_hello(line, &hello, 0, Timestamp::UNIX_EPOCH) {
        Decision::Show { size } => {
            let root = source.root(size).expect("as many records");
            hello.shown = Some(JournalPoint { size, root });
            decide_hello(line, &hello, 0, Timestamp::UNIX_EPOCH)
        }
        decided => decided,
    }
}

fn points(source: &Source) -> Vec<JournalPoint> {
    let sizes = (RELEASED..=KNOWN).step_by(RELEASED as usize);
    let point = |size| JournalPoint {
        size,
        root: source.root(size).expect("a root"),
    };
    sizes.map(point).collect()
}

/// The journal written anew without a trace: the number of the first record that is
/// not what it was, and the records.
fn forged(chance: &mut Random, salt: u64) -> (u64, Vec<Vec<u8>>) {
    let mut records: Vec<Vec<u8>> = (1..=SIZE).map(|number| record(number, 0)).collect();
    let at = chance.below(KNOWN as usize - 1);
    match chance.below(7) {
        0 => records[at] = record(at as u64 + 1, salt),
        1 => drop(records.remove(at)),
        2 => records.insert(at, record(500, salt)),
        3 => records.swap(at, at + 1),
        4 => records.truncate(at),
        // An older copy, as it was and gone on otherwise: to fewer records than the
        // hub knows, or to more.
        5 => {
            records.truncate(at);
            records.push(record(600, salt));
        }
        _ => {
            records.truncate(at);
            let more = SIZE + chance.below(30) as u64 - at as u64;
            records.extend((0..more).map(|number| record(700 + number, salt)));
        }
    }
    (at as u64 + 1, records)
}

/// Frames of a segment: where each begins and ends, and its first record.
fn frames(segment: &[u8]) -> Vec<(usize, usize, u64)> {
    let mut found = Vec::new();
    let mut at = HEADER_BYTES;
    while segment.get(at..at + 4) == Some(b"txfr") {
        let number = |from: usize, bytes: usize| {
            let bytes = &segment[at + from..at + from + bytes];
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let end = at + 68 + number(4, 4) as usize;
        found.push((at, end, number(16, 8)));
        at = end;
    }
    found
}

/// Changes one segment as it stands; gives the records from its first to the first of
/// the next.
fn scratched(chance: &mut Random, dir: &Path) -> RangeInclusive<u64> {
    let mut segments: Vec<_> = fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "segment"))
        .collect();
    segments.sort();
    let chosen = chance.below(segments.len());
    let path = &segments[chosen];
    let mut bytes = fs::read(path).expect("a segment");
    let frames = frames(&bytes);
    let at = chance.below(frames.len());
    let (start, end, _) = frames[at];
    let next = segments.get(chosen + 1).map(|path| first_record(path));
    let touched = frames[0].2..=next.unwrap_or(SIZE + 1);
    match chance.below(6) {
        0 => {
            let byte = start + chance.below(end - start);
            bytes[byte] ^= 1 << chance.below(8);
        }
        1 => drop(bytes.drain(start..end)),
        2 => {
            let again = bytes[start..end].to_vec();
            bytes.splice(start..start, again);
        }
        3 => {
            let other = frames[chance.below(frames.len())];
            let (low, high) = (
                (start, end).min((other.0, other.1)),
                (start, end).max((other.0, other.1)),
            );
            if low == high {
                bytes[start + 70] ^= 0x10;
            } else {
                let mut swapped = bytes[..low.0].to_vec();
                swapped.extend(&bytes[high.0..high.1]);
                swapped.extend(&bytes[low.1..high.0]);
                swapped.extend(&bytes[low.0..low.1]);
                swapped.extend(&bytes[high.1..]);
                bytes = swapped;
            }
        }
        4 => bytes[start..end].fill(0),
        _ => bytes.truncate(start + chance.below(end - start)),
    }
    fs::write(path, &bytes).expect("a disk");
    touched
}

/// As the segment's name has it.
fn first_record(path: &Path) -> u64 {
    let name = path.file_stem().and_then(|name| name.to_str());
    let number = name.and_then(|name| name.parse().ok());
    number.expect("a segment's name")
}

#[test]
fn every_changed_journal_is_found_out_and_where() {
    let count = random::count("TONGXIN_TAMPERINGS", 1000);
    let scratch = tempfile::tempdir().expect("a folder");
    let honest_dir = scratch.path().join("honest");
    let all: Vec<Vec<u8>> = (1..=SIZE).map(|number| record(number, 0)).collect();
    let honest = written(&honest_dir, &all);
    let key = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).expect("32 bytes");
    let known_dir = scratch.path().join("known");
    let known = head(&written(&known_dir, &all[..KNOWN as usize]), &key);
    let (line, signed) = (line(known), points(&honest));
    let segments = fs::read_dir(&honest_dir).expect("a folder").count() - 3;
    assert!(segments >= 2, "{segments} segments");

    // Who changed nothing gets in, and bears every release out.
    let decided = greeted(&line, &honest, &key);
    assert!(matches!(decided, Decision::Granted(_)), "{decided:?}");
    assert_eq!(changed(&signed, |size| honest.root(size).ok()), None);

    for seed in 0..count as u64 {
        let mut chance = Random(seed);
        let dir = scratch.path().join(format!("{seed}"));
        if seed % 2 == 0 {
            let (at, records) = forged(&mut chance, seed + 1);
            let forged = written(&dir, &records);
            journal::verify(&dir, |_| {}).expect("nothing to be seen in the files");
            let decided = greeted(&line, &forged, &key);
            let Decision::Quarantined { quarantine, .. } = &decided else {
                panic!("seed {seed}: {decided:?}");
            };
            let expected = Cause::Parted {
                size: records.len() as u64,
                known: KNOWN,
            };
            assert_eq!(quarantine.cause, expected, "seed {seed}");
            let named = changed(&signed, |size| forged.root(size).ok());
            let named = named.unwrap_or_else(|| panic!("seed {seed}: no release differs"));
            assert!(
                named.contains(&at),
                "seed {seed}: record {at}, named {named:?}"
            );
        } else {
            copied(&honest_dir, &dir);
            let touched = scratched(&mut chance, &dir);
            let fault = journal::verify(&dir, |_| {}).expect_err(&format!("seed {seed}"));
            let Fault::Damaged(damage) = &fault else {
                panic!("seed {seed}: {fault}");
            };
            let is_named = touched.contains(&damage.seq);
            assert!(is_named, "seed {seed}: records {touched:?}, named {damage}");
            assert!(Journal::open(&dir, journal::Check::Full, options()).is_err());
        }
        fs::remove_dir_all(&dir).expect("a folder");
    }
}
