//! A kind of survey as a playbook lists it, and the rules that a survey takes with
//! it when it is drawn up. Knows no file format.

use serde::{Deserialize, Serialize};

use crate::code::{Code, Name};
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
    /// Who runs it beside the office (互助会).
    pub runner: Option<Name>,
    /// Every household is called on until it answers, declines, or this many
    /// visits found nobody; 0: nobody is called on (全样本入户).
    pub visits: u8,
    /// Days after the last one in which sheets of paper are still entered.
    pub record_days: u16,
    /// Its summary leads to a scheme (治理方案).
    pub has_scheme: bool,
    /// Days within which a department replies; 0: nothing is handed over.
    pub reply_days: u16,
}
