//! What drives a child's machines over real streams, the same for a node under
//! its hub and a hub under its parent. Knows no store.

pub mod clock;
pub mod streams;
