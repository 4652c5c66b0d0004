//! Assessments (考评): scores by different assessors with weights, satisfaction
//! counts, suitability checks; a red and black list; publication that nobody edits
//! (`reference/seed-systems.md` BBT-6, TN-9, QH-12). One process is one assessment
//! of one subject for one period. Knows no person: subject and assessors are
//! numbers of entries.
//!
//! What is published stays. A correction is another version beside it.

mod decide;
mod facts;
mod kind;
mod notices;
mod result;
mod state;
mod told;

pub use self::kind::{Form, Kind, Part, Rules, Span};
pub use self::result::{Average, Listing, Outcome, weighted};
pub use self::state::{Action, Assessment, Finalised, Happening, Open, Score, Stage, Version};

#[cfg(test)]
pub(crate) mod tests;
