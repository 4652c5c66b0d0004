//! A node from its directory to a running server and back: made once by
//! [`init`], run by [`serve`]. Knows how the parts hang together and nothing of
//! what they decide.

mod init;
mod serve;
mod tasks;
mod ticks;

pub use init::{Init, InitFault, init, init_at};
pub use serve::{Running, ServeFault, serve};

/// The first administrator's secret, readable by its owner only.
pub const ADMIN_TOKEN: &str = "admin.token";
