//! What the tests of this crate share: directories on a real filesystem, and options.
#![allow(dead_code, reason = "each test binary uses a part")]

pub mod damage;

use std::path::Path;

use journal::{LogId, Options};

pub const LOG: LogId = LogId([1; 16]);

pub fn options(segment_bytes: u64) -> Options {
    Options {
        segment_bytes,
        ballast_bytes: 0,
        recovery_command: "recover".to_owned(),
    }
}

/// A directory under the target directory, removed when dropped. Tests of durability prove nothing
/// in memory.
pub fn work_dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a work directory");
    assert_real_filesystem(dir.path());
    dir
}

pub fn assert_real_filesystem(dir: &Path) {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58f6;
    let kind = rustix::fs::statfs(dir).expect("statfs").f_type as u64 & 0xffff_ffff;
    assert!(
        kind != TMPFS && kind != RAMFS,
        "{} is in memory, not on a disk",
        dir.display()
    );
}
