//! What is said on the line between a node and its hub, as parsed values: both
//! ends' machines speak these, their servers turn them into wire messages.
//! Knows no stream, no store and no clock.

pub mod assignment;
pub mod coverage;
pub mod downlink;
pub mod end;
pub mod head;
pub mod instant;
pub mod jitter;
pub mod limits;
pub mod trial;
pub mod uplink;
pub mod wave;
pub mod wire;
