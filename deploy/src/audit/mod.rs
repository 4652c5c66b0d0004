//! What an auditor takes along to a community, and what is found there. The format of
//! the bundle is docs/audit.md. Knows no argument of a command.

mod bundle;
mod fetch;
mod hex;
mod inspection;
mod material;

pub use bundle::{read, write};
pub use fetch::fetch;
pub use inspection::{Inspection, inspect};
pub use material::Material;

/// What is asked of a hub.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Twelve digits.
    pub community: String,
    /// Empty: all.
    pub period: String,
    pub indicator: String,
}
