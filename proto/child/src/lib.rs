//! The child's end of the line, a node's under its hub or a hub's under its
//! parent: what goes up, what comes down, and when to try again. Pure: knows no
//! stream, no store, no clock.

pub mod downlink;
pub mod pace;
pub mod uplink;
