//! A backup that was changed in any way is not restored, and nothing is left of
//! the attempt.

use std::{fs, path::Path};

use age::x25519::Identity;
use node_server::{Init, config::SyncFile};

use super::{
    archive, collect,
    fault::BackupFault,
    key,
    manifest::{Kind, Manifest},
    restoring::{restore, verify},
};

struct Made {
    _temporary: tempfile::TempDir,
    dir: std::path::PathBuf,
    file: std::path::PathBuf,
    secret: Identity,
    manifest: Manifest,
}

fn made() -> Made {
    let temporary = tempfile::tempdir().unwrap();
    let (dir, file) = (
        temporary.path().join("node"),
        temporary.path().join("backup"),
    );
    let init = Init {
        community: "510115003064".to_owned(),
        listen: ([127, 0, 0, 1], 7444).into(),
        time_zone: "Asia/Shanghai".to_owned(),
        playbooks: vec![include_str!("../../playbooks/qingshan.toml").to_owned()],
        residents: None,
        sync: SyncFile::default(),
    };
    node_server::init(&dir, init).unwrap();
    let secret_path = temporary.path().join("secret");
    let public = key::make(&secret_path).unwrap();
    fs::write(dir.join(key::PUBLIC), format!("# 区\n{public}\n")).unwrap();
    let recipients = key::recipients(&[], &dir).unwrap();
    let contents = collect(Kind::Node, &dir).unwrap();
    let at = "2026-01-31T08:00:00Z".to_owned();
    let manifest = archive::write(&contents, &recipients, at, &file).unwrap();
    Made {
        secret: key::secret(&secret_path).unwrap(),
        _temporary: temporary,
        dir,
        file,
        manifest,
    }
}

/// Files below a directory with their contents.
fn files(dir: &Path, below: &str, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(dir.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap().is_dir() {
            true => files(dir, &format!("{name}/"), into),
            false => into.push((name, fs::read(entry.path()).unwrap())),
        }
    }
}

#[test]
fn what_is_restored_is_what_was_there_and_config_comes_last() {
    let made = made();
    let manifest = verify(&made.file, &made.secret, Kind::Node).unwrap();
    assert_eq!(manifest, made.manifest);
    assert_eq!(manifest.files.last().unwrap().name, "config.toml");
    assert_eq!(
        (manifest.owner.as_str(), manifest.journal.size),
        // The playbooks that it runs by, and the first token.
        ("510115003064", 2)
    );
    let beside = made.dir.with_extension("back");
    restore(&made.file, &made.secret, Kind::Node, &beside, || Ok(())).unwrap();
    let mut restored = Vec::new();
    files(&beside, "", &mut restored);
    assert_eq!(restored.len(), manifest.files.len());
    for (name, content) in restored {
        // Only the room behind the last record is not copied.
        let original = fs::read(made.dir.join(&name)).unwrap();
        let is_journal = name.starts_with("journal/");
        assert!(
            original == content
                || is_journal && original.starts_with(&content)
                || name == "journal/head",
            "{name}"
        );
    }
    for name in [
        "admin.token",
        "founded.toml",
        "keys/epoch",
        "keys/index",
        "local-ca.key.pem",
        "recovery.pub",
    ] {
        assert!(beside.join(name).exists(), "{name}");
    }
    assert!(!beside.join("view").exists());
    node_server::verify(&beside, &setup(&beside), |_| {}).unwrap();
}

fn setup(dir: &Path) -> node_server::store::Setup {
    node_server::store::Setup::of(&node_server::config::Config::load(dir).unwrap())
}

#[test]
fn damage_anywhere_is_noticed_and_leaves_nothing() {
    let made = made();
    let whole = fs::read(&made.file).unwrap();
    let dir = made.dir.with_extension("back");
    let step = whole.len() / 60;
    for at in (0..whole.len()).step_by(step) {
        for cut in [false, true] {
            let mut bytes = whole.clone();
            match cut {
                true => bytes.truncate(at),
                false => bytes[at] ^= 0x20,
            }
            fs::write(&made.file, bytes).unwrap();
            let restored = restore(&made.file, &made.secret, Kind::Node, &dir, || Ok(()));
            assert!(restored.is_err(), "byte {at}, cut: {cut}");
            let left = fs::read_dir(&dir).map_or(0, |entries| entries.count());
            assert_eq!(left, 0, "byte {at}, cut: {cut}");
        }
    }
}

#[test]
fn other_keys_other_kinds_and_full_directories_are_refused() {
    let made = made();
    let other = verify(&made.file, &Identity::generate(), Kind::Node).unwrap_err();
    assert!(matches!(other, BackupFault::OtherKey(_)), "{other}");
    let kind = verify(&made.file, &made.secret, Kind::Hub).unwrap_err();
    assert!(matches!(kind, BackupFault::OtherKind { .. }), "{kind}");
    let full = restore(&made.file, &made.secret, Kind::Node, &made.dir, || Ok(())).unwrap_err();
    assert!(matches!(full, BackupFault::NotEmpty(_)), "{full}");
    assert!(made.dir.join("config.toml").exists());
    fs::remove_file(made.dir.join(key::PUBLIC)).unwrap();
    let none = key::recipients(&[], &made.dir).unwrap_err();
    assert!(matches!(none, BackupFault::NoRecipient(_)), "{none}");
    let wrong = key::recipients(&["age1wrong".to_owned()], &made.dir).unwrap_err();
    assert!(matches!(wrong, BackupFault::Recipient { .. }), "{wrong}");
}
