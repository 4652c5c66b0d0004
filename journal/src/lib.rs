//! A tamper-evident append-only log: segments, checksums, hash chain, Merkle tree, signed heads.
//!
//! Acknowledged means on disk: [`Journal::commit`] returns only after one `fdatasync` covered every
//! record of the group. What is read back is what was written, or a fault that names file, byte and
//! record. The crate knows no domain: a record is bytes. It uses std threads only; no async
//! runtime.
//!
//! The bytes on disk are specified in `docs/storage.md`, section "Journal files".

mod active;
mod ballast;
mod chain;
mod fault;
mod file;
mod frame;
mod head;
mod journal;
mod latency;
mod layout;
mod lock;
mod log_id;
mod proof;
mod reader;
mod recovery;
mod scan;
mod segment;
mod signed;
mod snapshot;
mod tail;
mod tree;
mod verify;
mod walk;
mod writer;

pub use chain::Head;
pub use fault::{AppendFault, CommitFault, Damage, Fault, Flaw, OpenFault};
pub use journal::{Check, Committed, Journal, Options};
pub use latency::Latencies;
pub use log_id::LogId;
pub use proof::{ConsistencyProof, InclusionProof, ProofFault};
pub use reader::{ProveFault, Reader, Record, Source};
pub use recovery::Recovery;
pub use signed::{BadSignature, BadSignedHead, SignedHead};
pub use snapshot::{Snapshot, SnapshotFile};
pub use tree::{CompactRange, Hash, empty_root, leaf_hash, node_hash};
pub use verify::{Report, verify, verify_bytes};
pub use writer::{
    Appender, Ended, Handle, Ledger, Limits, Running, StopCause, SubmitRefusal, start,
};

/// The version written into every file; a file with a greater one is refused.
pub const FORMAT: u32 = 1;

/// Longest record, in bytes (16 MiB).
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// Longest frame, in bytes with its header (32 MiB): the most that one commit can hold.
pub const MAX_FRAME_BYTES: usize = 32 << 20;
