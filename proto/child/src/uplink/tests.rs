//! Every transition of the uplink, driven by hand; then any sequence of events,
//! with what must hold after each.

mod bench;
mod endings;
mod random;
mod table;
