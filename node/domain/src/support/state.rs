//! A request and what happens to it, here and at its centre. What happened is
//! complete in itself: no playbook is asked again.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use proto::identity::Label;
use proto::support::{self, Attachment, Progress, RequestKey, Text};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub key: RequestKey,
    pub text: Text,
    /// Whom it was asked of; `None`: whoever can.
    pub asked_of: Option<Label>,
    /// Whose it is, as soon as that is known.
    pub centre: Option<Label>,
    /// Which centre can read what was attached.
    pub attached_for: Option<Label>,
    #[serde(with = "crate::stored::micros")]
    pub asked_at: Timestamp,
    #[serde(with = "crate::stored::micros")]
    pub accept_by: Timestamp,
    pub wanted_by: Option<Day>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub routed_at: Option<Timestamp>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub accepted_at: Option<Timestamp>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub declined_at: Option<Timestamp>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub begun_at: Option<Timestamp>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub done_at: Option<Timestamp>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub withdrawn_at: Option<Timestamp>,
    pub deliver_by: Option<Day>,
    /// Why it was declined, or what was done.
    pub words: Option<Text>,
    pub rating: Option<Rating>,
    /// The community was reminded that its answer, or what was agreed, is late.
    pub reminded_of_answer: bool,
    pub reminded_of_delivery: bool,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 to 5.
    pub stars: u8,
    pub comment: Option<Text>,
    /// The comment went to the centre, too.
    pub is_shared: bool,
}

/// How far a request has come.
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

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Ask(Box<Ask>),
    Withdraw,
    Rate(Rating),
    /// How it stands with the centres; said by a letter alone.
    Learn(Box<Progress>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Random.
    pub key: RequestKey,
    pub centre: Option<Label>,
    pub text: Text,
    pub attachment: Option<Attachment>,
    pub wanted_by: Option<Date>,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Asked {
        /// As it goes up.
        asked: Box<support::Asked>,
        zone: Box<str>,
    },
    Withdrawn {
        key: RequestKey,
    },
    Rated {
        key: RequestKey,
        rating: Rating,
    },
    /// `at`, here and below: when it happened at the hub.
    Routed {
        centre: Label,
        #[serde(with = "crate::stored::micros")]
        at: Timestamp,
    },
    Accepted {
        centre: Label,
        #[serde(with = "crate::stored::micros")]
        at: Timestamp,
        deliver_by: Option<Day>,
    },
    Declined {
        centre: Label,
        #[serde(with = "crate::stored::micros")]
        at: Timestamp,
        words: Option<Text>,
    },
    Begun {
        #[serde(with = "crate::stored::micros")]
        at: Timestamp,
    },
    Done {
        #[serde(with = "crate::stored::micros")]
        at: Timestamp,
        words: Option<Text>,
    },
    /// Nobody has answered by the community's limit.
    AnswerLate,
    /// What was agreed is not done by its day.
    DeliveryLate,
}

impl Stage {
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

    pub const fn zh(self) -> &'static str {
        match self {
            Stage::Asked => "已提出",
            Stage::Routed => "已转办",
            Stage::Accepted => "已受理",
            Stage::Declined => "已婉拒",
            Stage::Delivering => "办理中",
            Stage::Done => "已完成",
            Stage::Rated => "已评价",
            Stage::Withdrawn => "已撤回",
        }
    }
}

impl Request {
    pub fn stage(&self) -> Stage {
        match self {
            _ if self.withdrawn_at.is_some() => Stage::Withdrawn,
            _ if self.rating.is_some() => Stage::Rated,
            _ if self.done_at.is_some() => Stage::Done,
            _ if self.declined_at.is_some() => Stage::Declined,
            _ if self.begun_at.is_some() => Stage::Delivering,
            _ if self.accepted_at.is_some() => Stage::Accepted,
            _ if self.routed_at.is_some() => Stage::Routed,
            _ => Stage::Asked,
        }
    }

    /// When the day is over by which it was to be done.
    fn delivery_ends(&self) -> Option<Timestamp> {
        let day = self.deliver_by?;
        let next = day.0.checked_add(1.day()).ok()?;
        Some(Day(next).start(&self.zone))
    }
}

impl Process for Request {
    type Action = Action;
    type Happening = Happening;
    /// What a centre did is learnt late.
    const IN_ORDER: bool = false;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Request>,
        action: &Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Request>, happened: &Happened<Happening>) -> Option<Request> {
        let mut request = match (before, &happened.what) {
            (None, Happening::Asked { asked, zone }) => return Some(opened(asked, zone)),
            (Some(_), Happening::Asked { .. }) | (None, _) => return None,
            (Some(request), _) => request,
        };
        request.change(happened)?;
        if happened.by != Actor::System {
            request.acted_at = request.acted_at.max(happened.at);
        }
        Some(request)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(_: Option<&Request>, _: &Request, happened: &Happened<Happening>) -> Option<Notice> {
        super::notices::notice(happened)
    }

    fn facts(before: Option<&Request>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        match self.stage() {
            Stage::Asked | Stage::Routed if !self.reminded_of_answer => {
                Some((self.accept_by, Happening::AnswerLate))
            }
            Stage::Accepted | Stage::Delivering if !self.reminded_of_delivery => {
                Some((self.delivery_ends()?, Happening::DeliveryLate))
            }
            _ => None,
        }
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        !matches!(
            self.stage(),
            Stage::Declined | Stage::Rated | Stage::Withdrawn
        )
    }

    /// The office's own business.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        !matches!(actor, Actor::Resident(_) | Actor::Handler(_))
    }
}

impl Request {
    fn change(&mut self, happened: &Happened<Happening>) -> Option<()> {
        match &happened.what {
            Happening::Asked { .. } => return None,
            Happening::Withdrawn { .. } => self.withdrawn_at = Some(happened.at),
            Happening::Rated { rating, .. } => self.rating = Some(rating.clone()),
            Happening::Routed { centre, at } => {
                (self.centre, self.routed_at) = (Some(centre.clone()), Some(*at));
            }
            Happening::Accepted {
                centre,
                at,
                deliver_by,
            } => {
                (self.centre, self.accepted_at) = (Some(centre.clone()), Some(*at));
                self.deliver_by = *deliver_by;
            }
            Happening::Declined { centre, at, words } => {
                (self.centre, self.declined_at) = (Some(centre.clone()), Some(*at));
                self.words = words.clone();
            }
            Happening::Begun { at } => self.begun_at = Some(*at),
            Happening::Done { at, words } => {
                (self.done_at, self.words) = (Some(*at), words.clone());
            }
            Happening::AnswerLate => self.reminded_of_answer = true,
            Happening::DeliveryLate => self.reminded_of_delivery = true,
        }
        Some(())
    }
}

fn opened(asked: &support::Asked, zone: &str) -> Request {
    Request {
        key: asked.request,
        text: asked.text.clone(),
        asked_of: asked.centre.clone(),
        centre: asked.centre.clone(),
        attached_for: asked
            .attachment
            .as_ref()
            .map(|sealed| sealed.centre.clone()),
        asked_at: asked.asked_at,
        accept_by: asked.accept_by,
        wanted_by: asked.wanted_by.map(Day),
        routed_at: None,
        accepted_at: None,
        declined_at: None,
        begun_at: None,
        done_at: None,
        withdrawn_at: None,
        deliver_by: None,
        words: None,
        rating: None,
        reminded_of_answer: false,
        reminded_of_delivery: false,
        acted_at: asked.asked_at,
        zone: zone.into(),
    }
}
