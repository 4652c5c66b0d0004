//! The file: a tar archive inside an `age` file, so that the stock tools open it
//! without this program. Knows entries and hashes, not what they mean.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use age::{Decryptor, Encryptor, x25519};
use proto_edge::gathering::Files;
use sha2::{Digest as _, Sha256};

use super::{
    fault::BackupFault,
    manifest::{Contents, FileEntry, Manifest, hex},
};

const MANIFEST: &str = "manifest.json";
/// Of more than a hundred thousand files.
const LONGEST_MANIFEST: u64 = 32 << 20;
const JOURNAL: &str = "journal";

/// Counts and hashes what is read through it.
struct Measured<R> {
    from: R,
    bytes: u64,
    hash: Sha256,
}

impl<R: Read> Measured<R> {
    fn new(from: R) -> Measured<R> {
        Measured {
            from,
            bytes: 0,
            hash: Sha256::new(),
        }
    }

    fn entry(self, name: &str) -> FileEntry {
        FileEntry {
            name: name.to_owned(),
            bytes: self.bytes,
            sha256: hex(&self.hash.finalize()),
        }
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.bytes += read as u64;
        self.hash.update(&into[..read]);
        Ok(read)
    }
}

/// One file of the contents, by its name in the archive.
struct Part<'a> {
    name: String,
    open: Box<dyn Fn() -> io::Result<Box<dyn Read + 'a>> + 'a>,
}

fn parts(contents: &Contents) -> Vec<Part<'_>> {
    let small = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    let (mut parts, mut last) = (Vec::new(), Vec::new());
    for name in small(&contents.files) {
        let content = contents.files[&name].as_slice();
        let part = Part {
            open: Box::new(move || Ok(Box::new(content))),
            name,
        };
        match part.name == contents.kind.marker() {
            true => last.push(part),
            false => parts.push(part),
        }
    }
    for file in &contents.snapshot.files {
        parts.push(Part {
            name: format!("{JOURNAL}/{}", file.name),
            open: Box::new(|| file.open()),
        });
    }
    parts.append(&mut last);
    parts
}

/// Writes the backup to `path`, which must not exist; it has its name once it is
/// whole and on disk.
pub fn write(
    contents: &Contents,
    recipients: &[x25519::Recipient],
    taken_at: String,
    path: &Path,
) -> Result<Manifest, BackupFault> {
    if path.exists() {
        return Err(BackupFault::Exists(path.to_owned()));
    }
    let parts = parts(contents);
    let measure = |part: &Part<'_>| {
        let mut measured = Measured::new((part.open)()?);
        io::copy(&mut measured, &mut io::sink())?;
        Ok(measured.entry(&part.name))
    };
    let files = parts.iter().map(measure).collect::<io::Result<_>>();
    let manifest = Manifest::new(contents, taken_at, files.map_err(BackupFault::file(path))?);
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = Path::new(&draft);
    let written = write_draft(&manifest, &parts, recipients, draft);
    if let Err(fault) = written {
        let _ = fs::remove_file(draft);
        return Err(fault);
    }
    fs::rename(draft, path)
        .and_then(|()| sync_folder_of(path))
        .map_err(BackupFault::file(path))?;
    Ok(manifest)
}

fn write_draft(
    manifest: &Manifest,
    parts: &[Part<'_>],
    recipients: &[x25519::Recipient],
    draft: &Path,
) -> Result<(), BackupFault> {
    let at = || {
        let path = draft.to_owned();
        move |source| BackupFault::Written { path, source }
    };
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600);
    let file = file.open(draft).map_err(at())?;
    let all = recipients.iter().map(|key| key as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(all)
        .map_err(|error| BackupFault::Manifest(error.to_string()))?;
    let sealed = encryptor.wrap_output(BufWriter::new(file)).map_err(at())?;
    let mut tar = tar::Builder::new(sealed);
    let listed = manifest.encode()?;
    append(
        &mut tar,
        MANIFEST,
        listed.len() as u64,
        &mut listed.as_slice(),
    )
    .map_err(at())?;
    for (part, listed) in parts.iter().zip(&manifest.files) {
        let mut measured = Measured::new((part.open)().map_err(at())?);
        append(&mut tar, &part.name, listed.bytes, &mut measured).map_err(at())?;
        agree(&measured.entry(&part.name), listed)?;
    }
    let finished = tar.into_inner().and_then(|sealed| sealed.finish());
    let file = finished.and_then(|buffered| Ok(buffered.into_inner()?));
    file.and_then(|file| file.sync_all()).map_err(at())
}

fn append(
    tar: &mut tar::Builder<impl Write>,
    name: &str,
    bytes: u64,
    from: &mut dyn Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    tar.append_data(&mut header, name, from)
}

fn agree(read: &FileEntry, listed: &FileEntry) -> Result<(), BackupFault> {
    let detail = match read {
        read if read == listed => return Ok(()),
        read if read.bytes != listed.bytes => {
            format!("{} bytes, not {}", read.bytes, listed.bytes)
        }
        _ => "another SHA-256".to_owned(),
    };
    Err(BackupFault::Changed {
        name: listed.name.clone(),
        detail,
    })
}

/// Decrypts the backup at `path` and checks every entry against the manifest.
/// `begin` is told the manifest, `take` is given each file in its order.
pub fn read(
    path: &Path,
    secret: &x25519::Identity,
    begin: impl FnOnce(&Manifest) -> Result<(), BackupFault>,
    mut take: impl FnMut(&FileEntry, &mut dyn Read) -> Result<(), BackupFault>,
) -> Result<Manifest, BackupFault> {
    let damaged = |error: io::Error| BackupFault::damaged(path, error);
    let file = File::open(path).map_err(BackupFault::file(path))?;
    let sealed = Decryptor::new_buffered(BufReader::new(file))
        .map_err(|error| BackupFault::damaged(path, error))?;
    let plain = sealed.decrypt([secret as &dyn age::Identity].into_iter());
    let plain = plain.map_err(|error| match error {
        age::DecryptError::NoMatchingKeys => BackupFault::OtherKey(path.to_owned()),
        error => BackupFault::damaged(path, error),
    })?;
    let mut tar = tar::Archive::new(plain);
    let mut entries = tar.entries().map_err(damaged)?;
    let mut next = || entries.next().transpose().map_err(damaged);
    let first = next()?.filter(|entry| *entry.path_bytes() == *MANIFEST.as_bytes());
    let first =
        first.ok_or_else(|| BackupFault::damaged(path, "it does not begin with a manifest"))?;
    let mut listed = Vec::new();
    first
        .take(LONGEST_MANIFEST)
        .read_to_end(&mut listed)
        .map_err(damaged)?;
    let manifest = Manifest::decode(&listed)?;
    begin(&manifest)?;
    for listed in &manifest.files {
        let entry = next()?.filter(|entry| *entry.path_bytes() == *listed.name.as_bytes());
        let entry = entry.ok_or_else(|| BackupFault::Changed {
            name: listed.name.clone(),
            detail: "it is not there".to_owned(),
        })?;
        let mut measured = Measured::new(entry);
        take(listed, &mut measured)?;
        io::copy(&mut measured, &mut io::sink()).map_err(damaged)?;
        agree(&measured.entry(&listed.name), listed)?;
    }
    if next()?.is_some() {
        return Err(BackupFault::damaged(path, "it holds more than it lists"));
    }
    // The last piece of the cipher says that nothing was cut off.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(damaged)?;
    Ok(manifest)
}

pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
