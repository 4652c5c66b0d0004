//! Makes one operation of the current thread fail.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

thread_local! {
    static COUNTDOWN: Cell<u64> = const { Cell::new(0) };
    static KIND: Cell<Kind> = const { Cell::new(Kind::InputOutput) };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    InputOutput,
    DiskFull,
    /// Half of a write arrives, then an error.
    Short,
}

/// The nth operation from now fails (1 = the next one).
pub(crate) fn after(n: u64, kind: Kind) {
    COUNTDOWN.set(n);
    KIND.set(kind);
}

/// True when the failure was never reached.
pub(crate) fn disarm() -> bool {
    COUNTDOWN.replace(0) > 0
}

fn due() -> bool {
    let left = COUNTDOWN.get();
    COUNTDOWN.set(left.saturating_sub(1));
    left == 1
}

fn error() -> io::Error {
    match KIND.get() {
        Kind::DiskFull => io::ErrorKind::StorageFull.into(),
        Kind::InputOutput | Kind::Short => io::Error::other("injected"),
    }
}

pub(crate) fn step() -> io::Result<()> {
    if due() { Err(error()) } else { Ok(()) }
}

pub(crate) fn write(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    if !due() {
        return Ok(());
    }
    if KIND.get() == Kind::Short {
        file.write_all_at(&bytes[..bytes.len() / 2], offset)?;
    }
    Err(error())
}
