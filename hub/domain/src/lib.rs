//! What the district hub decides: register, ingest, roll-up, queries, issuance policy. Pure.

pub mod asks;
pub mod audit;
pub mod catalogue;
pub mod centre;
pub mod event;
pub mod extension;
pub mod feed;
pub mod hub;
pub mod ingest;
pub mod issuance;
pub mod network;
pub mod overlap;
pub mod period;
pub mod policy;
pub mod quality;
pub mod query;
pub mod register;
pub mod rollout;
pub mod support;
pub mod sync;
pub mod tree;
pub mod watch;
