//! Offers of the district's centres (支持项目, WJ-2): courses, grants, notices and
//! experts that came down for this community. One process is one offer: opened and
//! closed by letters, while who enrols and who completes is recorded here alone.
//! Only counts of them go up, as facts. Knows no line.

mod decide;
mod facts;
mod notices;
mod state;

pub use self::state::{Action, Certificate, Enrolment, Happening, Offer};

/// The register whose role holders are council members (WJ.T01); the same code as in
/// the catalogue.
pub const COUNCILS: &str = "councils";

#[cfg(test)]
pub(crate) mod tests;
