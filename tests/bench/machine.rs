//! The machine that a table is of: what to compare by, and nothing that names it.

use std::{fs, path::Path, thread};

use jiff::{Timestamp, tz::TimeZone};

/// Date (UTC), cores, memory, and the filesystem under `dir`.
pub fn describe(dir: &Path) -> String {
    let date = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let cores = thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{date} · {cores} cores · {} GiB · {}",
        memory_gib().unwrap_or(0),
        filesystem(dir).unwrap_or_else(|| "unknown filesystem".to_owned())
    )
}

fn memory_gib() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some((kib + (1 << 19)) >> 20)
}

/// Of the innermost mount that `dir` is below.
fn filesystem(dir: &Path) -> Option<String> {
    let dir = dir.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let below = mounts.filter(|(mount, _)| dir.starts_with(mount));
    let (_, name) = below.max_by_key(|(mount, _)| mount.len())?;
    Some(name.to_owned())
}
