//! Generated wire messages, one module per proto package. Knows no meaning:
//! parsing into types that cannot be wrong happens at each server's edge.

#![allow(clippy::doc_overindented_list_items, clippy::doc_lazy_continuation)]

/// Every message and service of the contract, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

include!(concat!(env!("OUT_DIR"), "/packages.rs"));

pub use tongxin::r#type::v1 as types;
pub use tongxin::{
    centre::v1 as centre, enrol::v1 as enrol, hub::v1 as hub, node::v1 as node, sync::v1 as sync,
};
