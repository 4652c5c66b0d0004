//! Stories with the real binary: one district, real processes, real files. Each
//! reads in about ten lines; the harness hides the plumbing.

mod harness;

#[path = "e2e/audit.rs"]
mod audit;
#[path = "e2e/backup.rs"]
mod backup;
#[path = "e2e/canary.rs"]
mod canary;
#[path = "e2e/demo.rs"]
mod demo;
#[path = "e2e/exchange.rs"]
mod exchange;
#[path = "e2e/identity.rs"]
mod identity;
#[path = "e2e/kill.rs"]
mod kill;
#[path = "e2e/offline.rs"]
mod offline;
#[path = "e2e/python.rs"]
mod python;
#[path = "e2e/report.rs"]
mod report;
#[path = "e2e/restore.rs"]
mod restore;
#[path = "e2e/rotation.rs"]
mod rotation;
#[path = "e2e/status.rs"]
mod status;
#[path = "e2e/subject.rs"]
mod subject;
#[path = "e2e/tree.rs"]
mod tree;
#[path = "e2e/upgrade.rs"]
mod upgrade;
