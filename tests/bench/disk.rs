//! What the disk can do: append 300-byte records to a preallocated file, one
//! `fdatasync` per group of as many records as there are writers.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::Path,
    time::{Duration, Instant},
};

use crate::figures::Load;

const RECORD: usize = 300;
const ROUNDS: usize = 4_000;

pub fn append(dir: &Path, writers: usize, span: Duration) -> anyhow::Result<Load> {
    let path = dir.join("append-limit");
    let file = File::create(&path)?;
    file.write_all_at(&vec![0; RECORD * writers * ROUNDS], 0)?;
    file.sync_all()?;
    let group = vec![7; RECORD * writers];
    let mut latencies = Vec::new();
    let started = Instant::now();
    for round in 0.. {
        let begun = Instant::now();
        if begun - started >= span {
            break;
        }
        file.write_all_at(&group, (round % ROUNDS * group.len()) as u64)?;
        file.sync_data()?;
        latencies.extend(std::iter::repeat_n(begun.elapsed(), writers));
    }
    let load = Load::new(latencies, started.elapsed());
    fs::remove_file(path)?;
    Ok(load)
}
