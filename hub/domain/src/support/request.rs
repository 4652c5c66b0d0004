//! One request as the centres see it. The community has its word until the end: a
//! request that it withdrew is withdrawn, whatever was done about it meanwhile.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    identity::Label,
    support::{Asked, Attachment, Progress, Rated, Text, support_centre},
};

use super::event::Move;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub asked: Asked,
    /// Whose it is now.
    pub centre: Label,
    /// Until it is over.
    pub attachment: Option<Attachment>,
    pub routed_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    pub declined_at: Option<Timestamp>,
    pub begun_at: Option<Timestamp>,
    pub done_at: Option<Timestamp>,
    pub withdrawn_at: Option<Timestamp>,
    pub deliver_by: Option<Date>,
    /// Why it was declined, or what was done.
    pub words: Option<Text>,
    pub rated: Option<Rated>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Asked,
    Routed,
    Accepted,
    Declined,
    Delivering,
    Done,
    Rated,
    Withdrawn,
}

impl Stage {
    pub const ALL: [Stage; 8] = [
        Stage::Asked,
        Stage::Routed,
        Stage::Accepted,
        Stage::Declined,
        Stage::Delivering,
        Stage::Done,
        Stage::Rated,
        Stage::Withdrawn,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Stage::Asked => "asked",
            Stage::Routed => "routed",
            Stage::Accepted => "accepted",
            Stage::Declined => "declined",
            Stage::Delivering => "delivering",
            Stage::Done => "done",
            Stage::Rated => "rated",
            Stage::Withdrawn => "withdrawn",
        }
    }
}

impl Request {
    pub fn new(mut asked: Asked) -> Request {
        let attachment = asked.attachment.take();
        Request {
            centre: asked.centre.clone().unwrap_or_else(support_centre),
            asked,
            attachment,
            routed_at: None,
            accepted_at: None,
            declined_at: None,
            begun_at: None,
            done_at: None,
            withdrawn_at: None,
            deliver_by: None,
            words: None,
            rated: None,
        }
    }

    pub fn stage(&self) -> Stage {
        match self {
            _ if self.withdrawn_at.is_some() => Stage::Withdrawn,
            _ if self.rated.is_some() => Stage::Rated,
            _ if self.done_at.is_some() => Stage::Done,
            _ if self.declined_at.is_some() => Stage::Declined,
            _ if self.begun_at.is_some() => Stage::Delivering,
            _ if self.accepted_at.is_some() => Stage::Accepted,
            _ if self.routed_at.is_some() => Stage::Routed,
            _ => Stage::Asked,
        }
    }

    /// Nothing more is to be done for it.
    pub fn is_over(&self) -> bool {
        matches!(
            self.stage(),
            Stage::Declined | Stage::Done | Stage::Rated | Stage::Withdrawn
        )
    }

    /// The answer, or what was agreed, is late.
    pub fn is_late(&self, now: Timestamp, zone: &TimeZone) -> bool {
        match self.stage() {
            Stage::Asked | Stage::Routed => now > self.asked.accept_by,
            Stage::Accepted | Stage::Delivering => {
                let today = zone.to_datetime(now).date();
                self.deliver_by.is_some_and(|day| today > day)
            }
            _ => false,
        }
    }

    /// What its community is told.
    pub fn progress(&self) -> Progress {
        Progress {
            request: self.asked.request,
            centre: self.centre.clone(),
            routed_at: self.routed_at,
            accepted_at: self.accepted_at,
            declined_at: self.declined_at,
            begun_at: self.begun_at,
            done_at: self.done_at,
            deliver_by: self.deliver_by,
            words: self.words.clone(),
        }
    }

    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, at: Timestamp, to: &Move) {
        match to {
            Move::Routed { to, attachment } => {
                (self.centre, self.routed_at) = (to.clone(), Some(at));
                self.attachment = attachment.clone();
            }
            Move::Accepted { deliver_by } => {
                (self.accepted_at, self.deliver_by) = (Some(at), *deliver_by);
            }
            Move::Declined { reason } => {
                (self.declined_at, self.words) = (Some(at), Some(reason.clone()));
            }
            Move::Begun => self.begun_at = Some(at),
            Move::Done { result } => (self.done_at, self.words) = (Some(at), result.clone()),
        }
        self.forget();
    }

    pub fn withdraw(&mut self, at: Timestamp) {
        self.withdrawn_at.get_or_insert(at);
        self.forget();
    }

    pub fn rate(&mut self, rated: &Rated) {
        self.rated.get_or_insert_with(|| rated.clone());
        self.forget();
    }

    /// Personal data is not carried on for longer than it serves.
    fn forget(&mut self) {
        if self.is_over() {
            self.attachment = None;
        }
    }
}
