//! The node's end of the line: what goes up, what comes down, and when to try
//! again. Knows no stream, no store, no clock.

pub mod downlink;
pub mod pace;
pub mod uplink;
