//! Rot: one file of a node or a hub at rest is changed, cut, swapped, rolled back
//! or gone. Either opening says so and names the file, or nothing that the
//! directory holds has changed. The journal's own files have their test in its
//! crate.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use super::{
    holding::{Holding, open_whole_hub, open_whole_node},
    mutation::Files,
};
use crate::harness::{
    District,
    calls::Caller,
    district::RUIQUAN,
    process::Scratch,
    random::{Random, count, seed},
    this_year,
};

/// Its name, and which paths are of it.
type Class = (&'static str, fn(&str) -> bool);

/// One kind of directory.
struct Kind {
    name: &'static str,
    /// Classes of files, each damaged as often as the others.
    classes: [Class; 4],
    open: fn(&Path) -> Result<Holding, String>,
    by_hand: fn(&str) -> bool,
}

const NODE: Kind = Kind {
    name: "node",
    classes: [
        ("journal", |path| path.starts_with("journal/")),
        ("view", |path| path.starts_with("view")),
        ("keys", |path| {
            path.starts_with("keys/") || path.ends_with(".pem") || path == "hub.toml"
        }),
        ("configuration", |path| {
            path == "config.toml" || path == "founded.toml" || path.starts_with("playbooks/")
        }),
    ],
    open: open_whole_node,
    by_hand: |path| path == "config.toml" || path.starts_with("playbooks/"),
};

const HUB: Kind = Kind {
    name: "hub",
    classes: [
        ("journal", |path| path.starts_with("journal/")),
        ("view", |path| path.starts_with("view")),
        ("keys", |path| {
            path.starts_with("pki/") || path.starts_with("operator/")
        }),
        ("configuration", |path| path == "hub.toml"),
    ],
    open: open_whole_hub,
    by_hand: |path| path == "hub.toml",
};

#[derive(Default, Debug)]
struct Tally {
    detected: usize,
    harmless: usize,
    /// Another value that a person could have written into a configuration.
    legal: usize,
}

impl Kind {
    /// Damages one file of a directory that is as `base`, `older` being what the
    /// directory held once, and opens it.
    fn round(
        &self,
        class: usize,
        base: &Files,
        older: &Files,
        whole: &Holding,
        dir: &Path,
        random: &mut Random,
    ) -> (PathBuf, Outcome) {
        let paths = base.named(self.classes[class].1);
        let path = paths[random.below(paths.len())].clone();
        let mut files = base.clone();
        let how = files.damage(&path, older.get(&path), random);
        if files.get(&path) == base.get(&path) {
            return (path, Outcome::Harmless);
        }
        files.write_over(dir);
        let opened = catch_unwind(AssertUnwindSafe(|| (self.open)(dir)));
        let at = format!("{} {}: {how}", self.name, path.display());
        let name = path.to_string_lossy().into_owned();
        let outcome = match opened {
            Err(_) => Outcome::Missed(format!("{at}: panicked")),
            Ok(Err(words)) if names(&words, &path) => Outcome::Detected,
            Ok(Err(words)) => Outcome::Missed(format!("{at}: the file is not named: {words}")),
            Ok(Ok(held)) if held == *whole => Outcome::Harmless,
            Ok(Ok(held))
                if (self.by_hand)(&name)
                    && (&held.store, &held.identity) == (&whole.store, &whole.identity) =>
            {
                Outcome::Legal
            }
            Ok(Ok(held)) => Outcome::Missed(format!(
                "{at}: opened, and holds\n{held:?}\ninstead of\n{whole:?}"
            )),
        };
        (path, outcome)
    }
}

enum Outcome {
    Detected,
    Harmless,
    Legal,
    Missed(String),
}

/// The words name the file, or the directory that is to be looked at.
fn names(words: &str, path: &Path) -> bool {
    let file = path.file_name().expect("a name").to_string_lossy();
    let folder = path
        .components()
        .next()
        .expect("a part")
        .as_os_str()
        .to_string_lossy();
    words.contains(&*file)
        || (folder != file && words.contains(&format!("{folder}/")))
        || (folder == "view" && words.starts_with("view: "))
}

fn rot(kind: &Kind, bases: &[(Files, Files)], scratch: &Path, variable: &str, normal: usize) {
    let rounds = count(variable, normal);
    let mut random = Random(seed(&format!("damage of a {}", kind.name)));
    let dir = scratch.join("damaged");
    let mut whole = Vec::new();
    for (base, _) in bases {
        base.write_over(&dir);
        whole.push((kind.open)(&dir).expect("an undamaged directory"));
    }
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut missed = Vec::new();
    // A panic that is caught is counted; its backtrace helps nobody.
    std::panic::set_hook(Box::new(|_| {}));
    for round in 0..rounds {
        let (class, at) = (round % 4, round / 4 % bases.len());
        let (base, older) = &bases[at];
        let (_, outcome) = kind.round(class, base, older, &whole[at], &dir, &mut random);
        let tally = tallies.entry(kind.classes[class].0).or_default();
        match outcome {
            Outcome::Detected => tally.detected += 1,
            Outcome::Harmless => tally.harmless += 1,
            Outcome::Legal => tally.legal += 1,
            Outcome::Missed(what) => missed.push(what),
        }
    }
    drop(std::panic::take_hook());
    eprintln!(
        "damage of a {}: {rounds} files: {tallies:?}, {} missed",
        kind.name,
        missed.len()
    );
    missed.truncate(12);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

struct Bases {
    _district: District,
    /// Each with what the directory held once.
    node: [(Files, Files); 2],
    hub: [(Files, Files); 2],
}

/// Directories of a node and a hub that worked together, each as it was once,
/// after a kill, and after an orderly stop.
fn bases(test: &str) -> Bases {
    let mut district = District::start(test);
    let mut node = district.joined(RUIQUAN);
    let mut caller = Caller::new(&node, "staff", "");
    let mut office = Caller::new(&node, "admin", "");
    for _ in 0..6 {
        let case = caller.report("street-light", "楼下路灯不亮").unwrap().name;
        caller.accept(&case).unwrap();
        caller.report_surely("street-light");
    }
    district.settled(&node);
    let (node_dir, hub_dir) = (node.path().to_owned(), PathBuf::from(district.hub_dir()));
    let older = (Files::read(&node_dir), Files::read(&hub_dir));
    for _ in 0..4 {
        let case = caller.report("street-light", "又是路灯").unwrap().name;
        caller.accept(&case).unwrap();
        office.erase(&case).unwrap();
    }
    district.settled(&node);
    district.counted("QS.R01", &this_year(), 16.0);
    node.kill();
    district.kill_hub();
    let killed = (Files::read(&node_dir), Files::read(&hub_dir));
    district.start_hub();
    node.start();
    district.settled(&node);
    node.stop();
    assert_eq!(district.stop_hub(), Some(0));
    let stopped = (Files::read(&node_dir), Files::read(&hub_dir));
    Bases {
        _district: district,
        node: [(killed.0, older.0.clone()), (stopped.0, older.0)],
        hub: [(killed.1, older.1.clone()), (stopped.1, older.1)],
    }
}

#[test]
fn a_node_knows_every_damaged_file() {
    let scratch = Scratch::new("damage-node");
    let bases = bases("damage-node-base");
    rot(&NODE, &bases.node, scratch.path(), "TONGXIN_DAMAGES", 1200);
}

#[test]
fn a_hub_knows_every_damaged_file() {
    let scratch = Scratch::new("damage-hub");
    let bases = bases("damage-hub-base");
    rot(&HUB, &bases.hub, scratch.path(), "TONGXIN_DAMAGES", 800);
}
