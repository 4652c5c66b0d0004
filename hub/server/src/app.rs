//! A hub as a whole: made once, then served until it is told to stop. Owns its
//! tasks and the order in which they end. Knows no rule and no message.
//!
//! The directory: `hub.toml` · `pki/` keys and certificates · `journal/`
//! · `view/` · `operator/` the first operator's membership.

mod founding;
mod operator;
mod running;
mod waves;

pub use founding::{InitFault, InitOptions, init};
pub use running::{Running, ServeFault, serve, serve_as_child};

use crate::{config::Limits, store::Memory};

const PKI: &str = "pki";
const OPERATOR: &str = "operator";
/// What the first operator is called.
const FIRST_OPERATOR: &str = "operator/admin";

fn memory(limits: &Limits) -> Memory {
    Memory {
        view_cache_bytes: (limits.view_cache_mib as u64) << 20,
        column_cache_bytes: limits.column_cache_mib << 20,
    }
}
