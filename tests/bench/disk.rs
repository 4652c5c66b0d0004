//! What the disk can do: append 300-byte records to a preallocated file, one
//! `fdatasync` per group of as many records as there are writers.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::PathBuf,
    time::Instant,
};

use crate::figures::Figures;

const RECORD: usize = 300;
const ROUNDS: usize = 2_000;

pub fn append_limit(figures: &mut Figures) -> anyhow::Result<()> {
    for writers in [1, 16, 64] {
        let path = scratch("append-limit");
        let file = File::create(&path)?;
        file.write_all_at(&vec![0; RECORD * writers * ROUNDS], 0)?;
        file.sync_all()?;
        let group = vec![7; RECORD * writers];
        let mut latencies = Vec::with_capacity(ROUNDS * writers);
        let started = Instant::now();
        for round in 0..ROUNDS {
            let begun = Instant::now();
            file.write_all_at(&group, (round * group.len()) as u64)?;
            file.sync_data()?;
            latencies.extend(std::iter::repeat_n(begun.elapsed(), writers));
        }
        figures.rate(
            format!("limit: append + fdatasync, {writers} writers"),
            latencies,
            started.elapsed(),
            "raw file, preallocated",
        );
        fs::remove_file(path)?;
    }
    Ok(())
}

/// A path of the benchmark's own on the disk under test.
pub fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    fs::create_dir_all(&folder).expect("a scratch folder");
    folder.join(name)
}
