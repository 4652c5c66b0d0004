//! What the district hub decides: register, ingest, roll-up, queries, issuance policy. Pure.

pub mod audit;
pub mod catalogue;
pub mod centre;
pub mod event;
pub mod feed;
pub mod hub;
pub mod ingest;
pub mod issuance;
pub mod policy;
pub mod query;
pub mod register;
pub mod sync;
pub mod tree;
