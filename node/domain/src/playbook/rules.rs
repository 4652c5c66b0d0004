//! The rules of one case kind: what a case takes with it when it is reported, so
//! that later revisions of the playbook do not change it. Knows no file format.

use super::PlaybookId;
use crate::{
    calendar::Limit,
    code::{Code, Name},
};

/// Limits that are `None` have no clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub playbook: PlaybookId,
    /// Whether somebody has to accept a report; otherwise it is accepted as it
    /// comes in.
    pub needs_accepting: bool,
    /// From the report.
    pub accept: Option<Limit>,
    /// From acceptance to the first dispatch.
    pub dispatch: Option<Limit>,
    pub reply: Option<Limit>,
    pub reply_since: Since,
    pub complete: Option<Limit>,
    pub complete_since: Since,
    /// How long each level of a chain of responsibility has before the case moves
    /// up; `None`: cases of the kind have no chain.
    pub level: Option<Limit>,
    /// From a reopening or an escalation to the next completion.
    pub rework: Option<Limit>,
    /// How long after a completion the requester may rate; nobody rates when
    /// there is none.
    pub rate: Option<Limit>,
    /// How long after a bad review its handler may appeal.
    pub appeal: Option<Limit>,
    pub pause_causes: Box<[Code]>,
    /// Bounces allowed before dispatching becomes a ruling; `None`: any number.
    pub max_bounces: Option<u8>,
    pub reopen_rounds: u8,
    /// Who takes over when the rounds are used up; `None`: the case ends there.
    pub escalate_to: Option<Name>,
    /// Days after its first completion when a case counts as settled.
    pub settle_days: u16,
}

/// What starts a clock. Bounces and later dispatches never start it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Since {
    Reported,
    Accepted,
    Dispatched,
}
