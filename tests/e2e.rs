//! Stories with the real binary: one district, real processes, real files. Each
//! reads in about ten lines; the harness hides the plumbing.

mod harness;

#[path = "e2e/audit.rs"]
mod audit;
#[path = "e2e/authority.rs"]
mod authority;
#[path = "e2e/backup.rs"]
mod backup;
#[path = "e2e/canary.rs"]
mod canary;
#[path = "e2e/centre.rs"]
mod centre;
#[path = "e2e/clients.rs"]
mod clients;
#[allow(dead_code, reason = "the bench uses more of it")]
#[path = "bench/postgres/cluster.rs"]
mod cluster;
#[path = "e2e/demo.rs"]
mod demo;
#[path = "e2e/exchange.rs"]
mod exchange;
#[path = "e2e/extension.rs"]
mod extension;
#[path = "e2e/identity.rs"]
mod identity;
#[path = "e2e/kill.rs"]
mod kill;
#[path = "e2e/moved.rs"]
mod moved;
#[path = "e2e/notices.rs"]
mod notices;
#[path = "e2e/offline.rs"]
mod offline;
#[path = "bench/patience.rs"]
mod patience;
#[path = "e2e/period.rs"]
mod period;
#[path = "e2e/playbook.rs"]
mod playbook;
#[path = "e2e/postgres.rs"]
mod postgres;
#[path = "e2e/register.rs"]
mod register;
#[path = "e2e/report.rs"]
mod report;
#[path = "e2e/restore.rs"]
mod restore;
#[path = "e2e/rollout.rs"]
mod rollout;
#[path = "e2e/rotation.rs"]
mod rotation;
#[path = "e2e/schema.rs"]
mod schema;
#[path = "e2e/status.rs"]
mod status;
#[path = "e2e/subject.rs"]
mod subject;
#[path = "e2e/support.rs"]
mod support;
#[path = "e2e/tree.rs"]
mod tree;
#[path = "e2e/upgrade.rs"]
mod upgrade;
#[path = "e2e/watch.rs"]
mod watch;
