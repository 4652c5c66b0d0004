//! A kind of programme as a playbook lists it, and the rules that a programme takes
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
    /// Each run of so many days holds a small activity; 0: without a cadence.
    pub small_every_days: u8,
    /// Each week, Monday to Sunday, holds a large one.
    pub is_large_weekly: bool,
    /// Days after its own in which a session can still be entered.
    pub record_days: u8,
    /// Days after its own within which a session's accounts are published; 0: it
    /// has none.
    pub publish_days: u16,
    /// What sessions are about (七类活动); empty: nobody says.
    pub themes: Box<[Code]>,
    /// What is harvested; empty: nothing is.
    pub crops: Box<[Code]>,
}
