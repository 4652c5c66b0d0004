//! What the district hub decides: register, ingest, roll-up, queries, issuance policy. Pure.

pub mod catalogue;
pub mod event;
pub mod hub;
pub mod ingest;
pub mod issuance;
pub mod overlap;
pub mod policy;
pub mod quality;
pub mod query;
pub mod register;
pub mod rollout;
pub mod sync;
pub mod tree;
