//! A kind of duty as a playbook lists it, and the rules that a duty takes with it
//! when it is opened. Knows no file format.

use serde::{Deserialize, Serialize};

use super::Rule;
use crate::code::Code;
use crate::playbook::{PlaybookId, Title};

#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    /// The day of the year is said when a duty is opened; the rule's is none.
    pub is_day_given: bool,
    pub rules: Rules,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub playbook: PlaybookId,
    pub rule: Rule,
    /// Days after its window during which an occurrence can still be entered.
    pub record_days: u16,
    /// Visits in a row without an answer before somebody is alerted; 0: never.
    pub alert_after: u8,
    /// An occurrence that cannot be ended unheld: it stays due until it is held
    /// (必议之题).
    pub is_mandatory: bool,
}
