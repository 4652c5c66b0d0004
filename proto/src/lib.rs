//! The contract between a community's node and its district's hub: parsed
//! identifiers, the indicator algebra, and the wire messages. Knows no I/O,
//! clock, store or transport.

pub mod digest;
pub mod fact;
pub mod identity;
pub mod indicator;
pub mod pb;
pub mod period;
pub mod place;
pub mod plain;
pub mod support;
pub mod sync;
