//! This process as the system sees it: CPU time, memory, files.

use std::{fs, path::Path, time::Duration};

/// User and system time of all threads. The system counts in 10 ms steps.
pub fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<u64> = after_name
        .split(' ')
        .map(|f| f.parse().unwrap_or(0))
        .collect();
    let ticks = fields.get(12).unwrap_or(&0) + fields.get(13).unwrap_or(&0);
    Duration::from_millis(ticks * 10)
}

pub fn rss_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Bytes on disk below `path`.
pub fn size_of(path: &Path) -> f64 {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(metadata) = fs::metadata(path) else {
        return 0.0;
    };
    let below = fs::read_dir(path).into_iter().flatten().flatten();
    let below: f64 = below.map(|entry| size_of(&entry.path())).sum();
    (metadata.blocks() * 512) as f64 + below
}
