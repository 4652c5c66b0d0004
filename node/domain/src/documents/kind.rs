//! A kind of document as a playbook lists it, and the rules that a document takes
//! with it when it is opened. Knows no file format.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::playbook::{PlaybookId, Title};

#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    pub rules: Rules,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub playbook: PlaybookId,
    /// Clauses that the text must have, by code.
    pub clauses: Box<[Code]>,
    /// Days that a draft is posted for comments; 0: it is not.
    pub consult_days: u16,
    pub adoption: Adoption,
}

/// What puts a version in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Adoption {
    /// A vote, or signatures of all, on exactly this text.
    Vote,
    /// A body decides, on paper.
    Decision,
    /// Whoever publishes it.
    Publication,
}
