//! What was done with one person's data because the person, or somebody for them, asked
//! for it: kept as an event of its own, since reading leaves no other trace. Knows no
//! key and no text.

use crate::{actor::Pseudonym, cases::CaseId, sealed::Sealed};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub subject: Pseudonym,
    pub deed: Deed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A copy of everything was given out.
    Exported,
    /// The personal fields of a case are these from now on.
    Corrected { case: CaseId, personal: Sealed },
}
