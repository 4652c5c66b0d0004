//! What a community's node does: store, RPC, link to the hub, identity. What it
//! decides is the domain's.

mod app;
pub mod backup;
pub mod config;
pub mod departure;
pub mod identity;
pub mod import;
pub mod link;
pub mod monitoring;
pub mod present;
pub mod rpc;
pub mod sealing;
pub mod store;

pub use app::{ADMIN_TOKEN, Init, InitFault, Running, ServeFault, init, init_at, serve};
pub use present::Present;
pub use store::audit::{Replayed, replay};
pub use store::verify::{Difference, Verified, verify};
