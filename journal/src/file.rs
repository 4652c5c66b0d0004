//! The operations that change the disk, each in one place so that tests can make the nth one fail.
//! Knows neither formats nor order of operations.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(test)]
    failing::write(file, bytes, offset)?;
    #[cfg(test)]
    trace::write(file, bytes, offset);
    file.write_all_at(bytes, offset)
}

/// Zeros are written, not reserved: the first write into a reserved extent changes metadata, and an
/// `fdatasync` that must also write metadata takes about 1.5 times as long.
pub(crate) fn write_zeros(file: &File, from: u64, to: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let mut at = from;
    while at < to {
        let len = (to - at).min(ZEROS.len() as u64);
        write_all_at(file, &ZEROS[..len as usize], at)?;
        at += len;
    }
    Ok(())
}

pub(crate) fn sync(file: &File) -> io::Result<()> {
    #[cfg(test)]
    failing::step()?;
    file.sync_data()?;
    #[cfg(test)]
    trace::sync(file);
    Ok(())
}

pub(crate) fn set_len(file: &File, len: u64) -> io::Result<()> {
    #[cfg(test)]
    failing::step()?;
    #[cfg(test)]
    trace::set_len(file, len);
    file.set_len(len)
}

pub(crate) fn create(path: &Path) -> io::Result<File> {
    #[cfg(test)]
    failing::step()?;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    #[cfg(test)]
    trace::create(&file, path);
    Ok(file)
}

pub(crate) fn open_writable(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Gives a finished file its name; the name is durable when this returns.
pub(crate) fn publish(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(test)]
    failing::step()?;
    std::fs::rename(from, to)?;
    #[cfg(test)]
    trace::rename(from, to);
    sync_dir(to.parent().unwrap_or(Path::new(".")))
}

pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(test)]
    failing::step()?;
    let dir = if dir.as_os_str().is_empty() {
        Path::new(".")
    } else {
        dir
    };
    File::open(dir)?.sync_all()?;
    #[cfg(test)]
    trace::sync_dir();
    Ok(())
}

#[cfg(test)]
pub(crate) mod failing;
#[cfg(test)]
pub(crate) mod trace;

/// For tests whose faults are simulated: they prove nothing about the filesystem, so memory will
/// do, and real syncs would only take time.
#[cfg(test)]
pub(crate) fn simulation_dir() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a work directory")
}
