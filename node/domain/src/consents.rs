//! Consents (同意): written consent of owners against a frozen roll (TN-2), votes
//! of residents or owners on a fixed text (BBT-1, step 6), mandates of one resident
//! (QS-9). What counts, of whom and of how many, is a profile of a playbook: by
//! heads and by floor area, of everybody on the roll or of those who took part.
//!
//! Silence is never consent: who has not answered has not taken part. Rules and
//! roll are frozen together; later owners change nothing. Answers are given by name,
//! votes too: what has to be secret is an election. Knows no person, no document's
//! text and no works.

mod count;
mod decide;
mod drive;
mod facts;
mod happening;
mod kind;
mod notices;
mod state;

pub use self::count::Count;
pub use self::happening::{Action, Answer, Happening, Open, Proxy};
pub use self::kind::{Base, Course, Kind, Of, Rules, Threshold, When};
pub use self::state::{Consent, Given, Phase, Says};

#[cfg(test)]
pub(crate) mod tests;
