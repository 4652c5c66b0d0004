//! The child's end of the line, a node's under its hub or a hub's under its
//! parent: what goes up, what comes down, when to try again, and when to renew
//! the certificate. Pure: knows no stream, no store, no clock.

pub mod downlink;
pub mod letters;
pub mod pace;
pub mod renewal;
pub mod uplink;
