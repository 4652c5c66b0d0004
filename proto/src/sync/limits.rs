//! Every limit of the line in one place (`reference/sync-protocol.md` section
//! 5.5). Both ends hold their peer to them.

use std::time::Duration;

/// Versions of the protocol that this build speaks.
pub const PROTOCOL_MIN: u32 = 1;
pub const PROTOCOL_MAX: u32 = 1;

pub const BATCH_CELLS: usize = 500;
/// Encoded cells of one message; whoever scans stops before it.
pub const BATCH_BYTES: usize = 32 * 1024;
/// Batches sent and not yet acknowledged.
pub const IN_FLIGHT: usize = 4;
/// Largest decoded message, both ends, both streams.
pub const MESSAGE_BYTES: usize = 256 * 1024;
/// Cells of one bucket's listing, over all its messages.
pub const LISTING_CELLS: usize = 100_000;
/// Starts that a greeting names, and those that a hub remembers of a store.
pub const STARTS: usize = 64;
pub const KNOWN_STARTS: usize = 256;
/// Cells that a reclaimed store may hold or be given back.
pub const RECLAIM_CELLS: usize = 200_000;
/// Refused cells that a hub remembers per node, and those it repeats at Hello.
pub const MARKERS: usize = 20_000;
pub const WELCOME_MARKERS: usize = 2_000;

pub const HELLO_WAIT: Duration = Duration::from_secs(10);
pub const ACK_WAIT: Duration = Duration::from_secs(30);
/// A Demand is answered within this, if only by a Credit of zero.
pub const CREDIT_WAIT: Duration = Duration::from_secs(30);
/// Nothing heard from the peer's application for this long ends the session.
pub const SILENCE: Duration = Duration::from_secs(180);
/// Nothing sent for this long: say something.
pub const HEARTBEAT: Duration = Duration::from_secs(60);
/// Give or take a fifth; ends by Drain.
pub const SESSION_AGE: Duration = Duration::from_secs(15 * 60);
/// How long a draining peer may take to finish.
pub const DRAIN_WAIT: Duration = Duration::from_secs(30);
/// Window for coming back after an ordinary Drain.
pub const RECONNECT_WINDOW: Duration = Duration::from_secs(120);

pub const BACKOFF_MIN: Duration = Duration::from_secs(2);
pub const BACKOFF_MAX: Duration = Duration::from_secs(10 * 60);
/// A blocked or quarantined node asks again this often.
pub const PROBE: Duration = Duration::from_secs(60 * 60);
/// The same batch is sent at most this often before it is halved.
pub const SENDS_PER_BATCH: u32 = 3;

/// Received and not yet durable, over all nodes; and who may hold credit.
pub const CREDIT_BYTES: u64 = 64 * 1024 * 1024;
pub const CREDIT_HOLDERS: usize = 128;

/// Catalogue items sent and not yet acknowledged.
pub const DOWNLINK_WINDOW: usize = 64;
pub const RELIST_EVERY: Duration = Duration::from_secs(10 * 60);
/// Items of one relist.
pub const RELIST_ITEMS: u32 = 50_000;
