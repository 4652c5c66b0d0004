//! Base journals held in memory, and the ways to damage them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use journal::{Head, Journal};

use super::{LOG, options};

/// SplitMix64: the same seed, the same damage.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// All files of a directory but the lock, by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn read(dir: &Path) -> Self {
        let entries = fs::read_dir(dir)
            .expect("list")
            .map(|entry| entry.expect("entry"));
        let named = entries.map(|entry| {
            (
                entry.file_name().into_string().expect("UTF-8"),
                entry.path(),
            )
        });
        Self(
            named
                .filter(|(name, _)| name != "lock")
                .map(|(name, path)| (name, fs::read(path).expect("read")))
                .collect(),
        )
    }

    /// The directory then holds these files and no others.
    pub fn write_over(&self, dir: &Path) {
        let present = Self::read(dir);
        for name in present.0.keys().filter(|name| !self.0.contains_key(*name)) {
            fs::remove_file(dir.join(name)).expect("remove");
        }
        for (name, bytes) in self
            .0
            .iter()
            .filter(|(name, bytes)| present.0.get(*name) != Some(*bytes))
        {
            fs::write(dir.join(name), bytes).expect("write");
        }
    }

    pub fn get_mut(&mut self, name: &str) -> &mut Vec<u8> {
        self.0.get_mut(name).expect("a file of that name")
    }

    fn pick(&self, random: &mut Random) -> String {
        self.0
            .keys()
            .nth(random.below(self.0.len()))
            .expect("a file")
            .clone()
    }

    fn pick_segment(&self, random: &mut Random) -> String {
        let segments: Vec<_> = self
            .0
            .keys()
            .filter(|name| name.ends_with(".segment"))
            .collect();
        segments[random.below(segments.len())].clone()
    }
}

/// A journal with several segments, and what its directory was after each commit.
pub struct Base {
    pub segment_bytes: u64,
    pub records: Vec<Vec<u8>>,
    pub head: Head,
    files: Files,
    history: Vec<Files>,
}

impl Base {
    pub fn build(dir: &Path, random: &mut Random) -> Self {
        let segment_bytes = [0, 6 << 10, 12 << 10, 24 << 10, 64 << 20][random.below(5)];
        let mut journal = Journal::create(dir, LOG, options(segment_bytes)).expect("create");
        let mut records = Vec::new();
        let mut history = vec![Files::read(dir)];
        for _ in 0..4 + random.below(10) {
            for _ in 0..1 + random.below(4) {
                let len = [0, 5, 300, 3000][random.below(4)] + random.below(200);
                records.push(random.bytes(len));
                journal
                    .append(records.last().expect("just pushed"))
                    .expect("append");
            }
            journal.commit().expect("commit");
            history.push(Files::read(dir));
        }
        let head = journal.head();
        // Half of the bases are what a kill leaves behind, half what an orderly stop does.
        let killed = Files::read(dir);
        drop(journal);
        let files = if random.below(2) == 0 {
            killed
        } else {
            Files::read(dir)
        };
        Self {
            segment_bytes,
            records,
            head,
            files,
            history,
        }
    }
}

type Mutation = fn(&Base, &mut Files, &mut Random);

const MUTATIONS: [(&str, Mutation); 19] = [
    ("cut", |_, files, random| {
        let name = files.pick(random);
        let bytes = files.get_mut(&name);
        bytes.truncate(random.below(bytes.len()));
    }),
    ("flipped bit", |_, files, random| {
        let name = files.pick(random);
        let bytes = files.get_mut(&name);
        let at = written(bytes, random);
        bytes[at] ^= 1 << random.below(8);
    }),
    ("flipped bit in a frame", |_, files, random| {
        let name = files.pick_segment(random);
        let bytes = files.get_mut(&name);
        let Some(frame) = frame(bytes, random) else {
            return;
        };
        bytes[frame.start + random.below(frame.len())] ^= 1 << random.below(8);
    }),
    ("garbage", |_, files, random| {
        let name = files.pick(random);
        let range = range(files.get_mut(&name), random);
        let garbage = random.bytes(range.len());
        files.get_mut(&name)[range].copy_from_slice(&garbage);
    }),
    ("zeroed range", |_, files, random| {
        let name = files.pick(random);
        let range = range(files.get_mut(&name), random);
        files.get_mut(&name)[range].fill(0);
    }),
    ("zeroed sector", |_, files, random| {
        let name = files.pick(random);
        let sector = sector(files.get_mut(&name), random);
        files.get_mut(&name)[sector].fill(0);
    }),
    ("zeroed file", |_, files, random| {
        let name = files.pick(random);
        files.get_mut(&name).fill(0);
    }),
    ("bytes removed", |_, files, random| {
        let name = files.pick(random);
        let range = range(files.get_mut(&name), random);
        files.get_mut(&name).drain(range);
    }),
    ("bytes inserted", |_, files, random| {
        let name = files.pick(random);
        let at = written(files.get_mut(&name), random);
        let len = 1 + random.below(600);
        let inserted = random.bytes(len);
        files.get_mut(&name).splice(at..at, inserted);
    }),
    ("zeros appended", |_, files, random| {
        let name = files.pick(random);
        files.get_mut(&name).extend(vec![0; 1 + random.below(9000)]);
    }),
    ("swapped sectors", |_, files, random| {
        let name = files.pick(random);
        let bytes = files.get_mut(&name);
        let (a, b) = (sector(bytes, random), sector(bytes, random));
        let len = a.len().min(b.len());
        let saved = bytes[a.start..a.start + len].to_vec();
        bytes.copy_within(b.start..b.start + len, a.start);
        bytes[b.start..b.start + len].copy_from_slice(&saved);
    }),
    ("swapped frames", |_, files, random| {
        let name = files.pick_segment(random);
        let bytes = files.get_mut(&name);
        let (Some(a), Some(b)) = (frame(bytes, random), frame(bytes, random)) else {
            return;
        };
        let (a, b) = if a.start <= b.start { (a, b) } else { (b, a) };
        if a.start < b.start {
            let swapped = [&bytes[b.clone()], &bytes[a.end..b.start], &bytes[a.clone()]].concat();
            bytes[a.start..b.end].copy_from_slice(&swapped);
        }
    }),
    ("duplicated frame", |_, files, random| {
        let name = files.pick_segment(random);
        let bytes = files.get_mut(&name);
        let Some(frame) = frame(bytes, random) else {
            return;
        };
        let end = frames(bytes).last().map_or(4096, |last| last.end);
        let copy = bytes[frame].to_vec();
        bytes.splice(end..end, copy);
    }),
    ("forged record", |_, files, random| {
        let name = files.pick_segment(random);
        let bytes = files.get_mut(&name);
        let Some(frame) = frame(bytes, random) else {
            return;
        };
        forge(&mut bytes[frame], random);
    }),
    ("swapped files", |_, files, random| {
        let (a, b) = (files.pick(random), files.pick(random));
        let (bytes_a, bytes_b) = (files.get_mut(&a).clone(), files.get_mut(&b).clone());
        *files.get_mut(&a) = bytes_b;
        *files.get_mut(&b) = bytes_a;
    }),
    ("duplicated segment", |base, files, random| {
        let bytes = files.get_mut(&base.files.pick_segment(random)).clone();
        let name = match random.below(3) {
            0 => files.pick_segment(random),
            1 => format!("{:020}.segment", base.records.len() + 1),
            _ => format!("{:020}.segment", 1 + random.below(2 * base.records.len())),
        };
        files.0.insert(name, bytes);
    }),
    ("removed file", |_, files, random| {
        let name = files.pick(random);
        files.0.remove(&name);
    }),
    ("rolled-back file", |base, files, random| {
        let old = &base.history[random.below(base.history.len())];
        let name = old.pick(random);
        // A finished segment was longer before it was finished; that is a rolled-back file too.
        files.0.insert(name.clone(), old.0[&name].clone());
    }),
    ("rolled-back sector", |base, files, random| {
        let old = &base.history[random.below(base.history.len())];
        let name = old.pick(random);
        let sector = sector(&old.0[&name], random);
        let bytes = files.get_mut(&name);
        if sector.end <= bytes.len() {
            bytes[sector.clone()].copy_from_slice(&old.0[&name][sector]);
        }
    }),
];

/// Damages one place in a way that changes at least one byte.
pub fn mutate(base: &Base, random: &mut Random) -> (&'static str, Files) {
    loop {
        let (kind, mutation) = MUTATIONS[random.below(MUTATIONS.len())];
        let mut files = base.files.clone();
        mutation(base, &mut files, random);
        if files != base.files {
            return (kind, files);
        }
    }
}

/// A position, mostly where something was written.
fn written(bytes: &[u8], random: &mut Random) -> usize {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(bytes.len(), |last| last + 1);
    let end = if random.below(8) == 0 {
        bytes.len()
    } else {
        end
    };
    random.below(end)
}

fn range(bytes: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let start = written(bytes, random);
    start..(start + 1 + random.below(2000)).min(bytes.len())
}

fn sector(bytes: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let size = [512, 4096][random.below(2)];
    let start = written(bytes, random) / size * size;
    start..(start + size).min(bytes.len())
}

/// The frames of a segment, from their headers.
fn frames(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut at, mut found) = (4096, Vec::new());
    while bytes.get(at..at + 4) == Some(b"txfr") {
        let len = u32::from_be_bytes(bytes[at + 4..at + 8].try_into().expect("4 bytes")) as usize;
        found.push(at..at + 68 + len);
        at += 68 + len;
    }
    found
}

fn frame(bytes: &[u8], random: &mut Random) -> Option<std::ops::Range<usize>> {
    let frames = frames(bytes);
    (!frames.is_empty()).then(|| frames[random.below(frames.len())].clone())
}

/// Changes a payload byte and both checksums with it, as somebody would who knows the format. A
/// frame of empty records has no payload and stays as it is.
fn forge(frame: &mut [u8], random: &mut Random) {
    let mut at = 68;
    let mut payload = Vec::new();
    while at < frame.len() {
        let len = u32::from_be_bytes(frame[at..at + 4].try_into().expect("4 bytes")) as usize;
        payload.extend(at + 4..at + 4 + len);
        at += 4 + len;
    }
    if payload.is_empty() {
        return;
    }
    frame[payload[random.below(payload.len())]] ^= 0x20;
    let seed = crc32c::crc32c(&LOG.0);
    let body = crc32c::crc32c_append(seed, &frame[68..]).to_be_bytes();
    frame[12..16].copy_from_slice(&body);
    let header = crc32c::crc32c_append(seed, &frame[..64]).to_be_bytes();
    frame[64..68].copy_from_slice(&header);
}
