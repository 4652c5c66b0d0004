//! Reading a backup back: into an empty directory, or only far enough to know
//! that it could be. Knows no server.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use age::x25519::Identity;
use proto_edge::keyfile;

use super::{
    archive::{self, sync_folder_of},
    fault::BackupFault,
    manifest::{FileEntry, Kind, Manifest, hex},
};

/// Checks everything. Of what is decrypted only the journal touches a disk, in
/// the system's temporary directory: its personal texts are sealed, and the keys
/// stay in memory.
pub fn verify(path: &Path, secret: &Identity, kind: Kind) -> Result<Manifest, BackupFault> {
    let temporary = tempfile::tempdir().map_err(BackupFault::file(&std::env::temp_dir()))?;
    let dir = temporary.path();
    let manifest = archive::read(
        path,
        secret,
        |manifest| expect(manifest, kind),
        |file, content| match file.name.starts_with("journal/") {
            true => put(dir, file, content),
            false => Ok(()),
        },
    )?;
    check(dir, &manifest)?;
    Ok(manifest)
}

/// Makes a store in `dir`, which must be new or empty. What does not verify
/// leaves nothing behind. `finish` is told once all is there but what makes a
/// store of it.
pub fn restore(
    path: &Path,
    secret: &Identity,
    kind: Kind,
    dir: &Path,
    finish: impl FnOnce() -> Result<(), BackupFault>,
) -> Result<Manifest, BackupFault> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(false) => {}
        Ok(true) => return Err(BackupFault::NotEmpty(dir.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(BackupFault::file(dir)(error)),
    }
    let restored = unpack(path, secret, kind, dir, finish);
    if restored.is_err() {
        clear(dir);
    }
    restored
}

fn unpack(
    path: &Path,
    secret: &Identity,
    kind: Kind,
    dir: &Path,
    finish: impl FnOnce() -> Result<(), BackupFault>,
) -> Result<Manifest, BackupFault> {
    let begin = |manifest: &Manifest| {
        expect(manifest, kind)?;
        keyfile::make_directory(dir).map_err(BackupFault::file(dir))
    };
    let marker = dir.join(kind.marker());
    let mut held = Vec::new();
    let take = |file: &FileEntry, content: &mut dyn Read| match file.name == kind.marker() {
        true => content
            .read_to_end(&mut held)
            .map(drop)
            .map_err(BackupFault::file(&marker)),
        false => put(dir, file, content),
    };
    let manifest = archive::read(path, secret, begin, take)?;
    check(dir, &manifest)?;
    finish()?;
    let mut folders: Vec<&str> = manifest
        .files
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    folders.dedup_by_key(|name| Path::new(*name).parent());
    let synced = folders
        .iter()
        .try_for_each(|name| sync_folder_of(&dir.join(name)));
    synced
        .and_then(|()| sync_folder_of(dir))
        .map_err(BackupFault::file(dir))?;
    keyfile::write(&marker, &held).map_err(BackupFault::file(&marker))?;
    Ok(manifest)
}

fn expect(manifest: &Manifest, kind: Kind) -> Result<(), BackupFault> {
    match manifest.kind == kind {
        true => Ok(()),
        false => Err(BackupFault::OtherKind {
            found: manifest.kind.word(),
            wanted: kind.word(),
        }),
    }
}

fn put(dir: &Path, file: &FileEntry, content: &mut dyn Read) -> Result<(), BackupFault> {
    let path = dir.join(&file.name);
    let mut write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let mut written = options.open(&path)?;
        io::copy(content, &mut written)?;
        written.sync_all()
    };
    write().map_err(BackupFault::file(&path))
}

/// The copy is the journal that the manifest names, whole, and every record of it
/// can be read.
fn check(dir: &Path, manifest: &Manifest) -> Result<(), BackupFault> {
    let fault = |error: &dyn std::fmt::Display| BackupFault::Journal(error.to_string());
    let report = journal::verify(&dir.join("journal"), |_| {}).map_err(|error| fault(&error))?;
    let named = &manifest.journal;
    let (log, head) = (report.log_id.to_string(), report.head);
    let is_named = log == named.log
        && (head.size, hex(&head.root), hex(&head.chain))
            == (named.size, named.root.clone(), named.chain.clone());
    if !is_named || report.unacknowledged_records > 0 {
        return Err(fault(&"it is not the one that the manifest names"));
    }
    match manifest.kind {
        Kind::Node => node_server::backup::replay(dir)
            .map(drop)
            .map_err(|error| fault(&error)),
        Kind::Hub => hub_server::backup::replay(dir)
            .map(drop)
            .map_err(|error| fault(&error)),
    }
}

/// It was empty before.
fn clear(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let _ = match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            true => fs::remove_dir_all(entry.path()),
            false => fs::remove_file(entry.path()),
        };
    }
}
