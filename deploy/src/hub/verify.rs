//! Verifying a hub's journal: every frame, checksum and hash, and the root that
//! they come to. The view is made of it and is made anew when it does not agree.

use std::path::Path;

use crate::{
    failure::{Exit, Failure},
    progress, say,
};

pub fn verify(dir: &Path) -> Result<(), Failure> {
    let journal = hub_server::store::journal_dir(dir);
    let damaged = |fault: journal::Fault| Failure::new(Exit::Storage, fault.to_string());
    let bar = progress::bytes(journal::verify_bytes(&journal).map_err(damaged)?);
    let report = journal::verify(&journal, |bytes| bar.inc(bytes)).map_err(damaged)?;
    bar.finish_and_clear();
    let root: String = report
        .head
        .root
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("records {}\nroot {root}", report.head.size);
    say!("日志完好", "The journal is whole");
    Ok(())
}
