//! Files of a directory held in memory, and the ways in which one of them can
//! rot. Knows no format.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::harness::random::Random;

/// By path below the directory.
#[derive(Clone)]
pub struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    /// Everything but what only says that a process is there, and the ballast.
    pub fn read(dir: &Path) -> Files {
        let mut files = BTreeMap::new();
        let mut waiting = vec![dir.to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name");
                if path.is_dir() {
                    waiting.push(path);
                } else if name != "lock" && name != "ballast" {
                    let bytes = fs::read(&path).expect("a file");
                    files.insert(path.strip_prefix(dir).expect("below").to_owned(), bytes);
                }
            }
        }
        Files(files)
    }

    /// The directory then holds these files and no others.
    pub fn write_over(&self, dir: &Path) {
        let _ = fs::remove_dir_all(dir);
        for (path, bytes) in &self.0 {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
    }

    /// Files whose path satisfies `is`.
    pub fn named(&self, is: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let paths = self.0.keys();
        paths
            .filter(|path| is(&path.to_string_lossy()))
            .cloned()
            .collect()
    }

    pub fn get(&self, path: &Path) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// Damages one file; says how. `older`: what it was once.
    pub fn damage(
        &mut self,
        path: &Path,
        older: Option<&[u8]>,
        random: &mut Random,
    ) -> &'static str {
        if random.below(16) == 0 {
            self.0.remove(path);
            return "removed";
        }
        let bytes = self.0.get_mut(path).expect("a file of that name");
        if let Some(older) = older
            && random.below(16) == 0
        {
            *bytes = older.to_vec();
            return "rolled back";
        }
        let (name, mutation) = MUTATIONS[random.below(MUTATIONS.len())];
        mutation(bytes, random);
        name
    }
}

type Mutation = fn(&mut Vec<u8>, &mut Random);

const MUTATIONS: [(&str, Mutation); 9] = [
    ("cut", |bytes, random| {
        bytes.truncate(random.below(bytes.len()))
    }),
    ("flipped bit", |bytes, random| flip(bytes, random)),
    ("flipped bit", |bytes, random| flip(bytes, random)),
    ("garbage", |bytes, random| {
        let range = range(bytes, random);
        let garbage = random.bytes(range.len());
        bytes[range].copy_from_slice(&garbage);
    }),
    ("zeroed range", |bytes, random| {
        let range = range(bytes, random);
        bytes[range].fill(0);
    }),
    ("zeroed file", |bytes, _| bytes.fill(0)),
    ("bytes removed", |bytes, random| {
        let range = range(bytes, random);
        bytes.drain(range);
    }),
    ("bytes inserted", |bytes, random| {
        let at = random.below(bytes.len());
        let len = 1 + random.below(600);
        let inserted = random.bytes(len);
        bytes.splice(at..at, inserted);
    }),
    ("swapped sectors", |bytes, random| {
        let sectors = bytes.len() / 512;
        if sectors < 2 {
            return flip(bytes, random);
        }
        let (a, b) = (random.below(sectors) * 512, random.below(sectors) * 512);
        let saved = bytes[a..a + 512].to_vec();
        bytes.copy_within(b..b + 512, a);
        bytes[b..b + 512].copy_from_slice(&saved);
    }),
];

fn flip(bytes: &mut [u8], random: &mut Random) {
    // Where something is written: a flip in room made ahead says little.
    let written: Vec<usize> = match bytes.len() {
        0 => return,
        len if len > 1 << 16 => (0..64).map(|_| random.below(len)).collect(),
        len => vec![random.below(len)],
    };
    let at = written
        .iter()
        .find(|at| bytes[**at] != 0)
        .unwrap_or(&written[0]);
    bytes[*at] ^= 1 << random.below(8);
}

fn range(bytes: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let from = random.below(bytes.len());
    let len = 1 + random.below(4096);
    from..(from + len).min(bytes.len())
}
