//! `CaseService`: requests parsed into commands and questions, the store asked,
//! its rows shown as their reader may see them.

mod candidates;
mod desk;
mod events;
mod list;
mod mask;
mod parse;
mod report;
mod service;
mod show;
mod watch;

pub use candidates::Candidates;
pub use desk::CaseRpc;
pub use events::event;
pub use mask::Mask;
pub use report::personal as personal_fields;
pub use report::{from_origin, to_origin};
pub use show::{case as shown, name, personal};

#[cfg(test)]
mod tests;
