//! What the district hub does: store, RPC, PKI.

pub mod app;
pub mod backup;
pub mod config;
pub mod monitoring;
pub mod parent;
pub mod pki;
pub mod rpc;
pub mod store;
mod watching;
