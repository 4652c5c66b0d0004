//! An offer, who of the community takes part in it, and what happens to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use proto::support::{self, Form};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// As the centre says it, last.
    pub offer: support::Offer,
    /// By the person's entry in a register.
    pub enrolments: BTreeMap<u64, Enrolment>,
    /// Funds of this community that were opened on it.
    pub funds: Vec<u64>,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The last day of the course that they came to.
    pub attended_on: Option<Day>,
    pub completed_on: Option<Day>,
    pub certificate: Option<Certificate>,
}

/// A council member has passed, and holds it for the term that they serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub from: Day,
    pub until: Option<Day>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Said by a letter alone.
    Learn(Box<support::Offer>),
    Enrol {
        /// An entry of a register.
        entry: u64,
    },
    Leave {
        entry: u64,
    },
    Attend {
        entry: u64,
        on: Option<Date>,
    },
    Complete {
        entry: u64,
        on: Option<Date>,
        /// The term of the role that the person holds in a council; as the ledger
        /// finds it.
        serves: Option<Certificate>,
        /// The years in which the person completed an offer of this kind; as the
        /// ledger finds them.
        years: Vec<i16>,
    },
    /// A grant was opened on it.
    Apply {
        fund: u64,
        /// Its form of funding; as the ledger finds it.
        form: Option<Form>,
    },
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Published {
        offer: Box<support::Offer>,
        zone: Box<str>,
    },
    Changed {
        offer: Box<support::Offer>,
    },
    Enrolled {
        entry: u64,
    },
    Left {
        entry: u64,
    },
    Completed {
        entry: u64,
        on: Day,
        is_council: bool,
        is_first: bool,
    },
    Applied {
        fund: u64,
    },
    Attended {
        entry: u64,
        on: Day,
    },
    /// Of a council member, with the completion.
    Certified {
        entry: u64,
        certificate: Certificate,
    },
}

impl Offer {
    pub fn completed(&self) -> usize {
        let enrolments = self.enrolments.values();
        enrolments.filter(|one| one.completed_on.is_some()).count()
    }
}

impl Process for Offer {
    type Action = Action;
    type Happening = Happening;
    /// Courses are entered from lists, late.
    const IN_ORDER: bool = false;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Offer>,
        action: &Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Offer>, happened: &Happened<Happening>) -> Option<Offer> {
        let mut offer = match (before, &happened.what) {
            (None, Happening::Published { offer, zone }) => {
                return Some(Offer {
                    offer: (**offer).clone(),
                    enrolments: BTreeMap::new(),
                    funds: Vec::new(),
                    acted_at: happened.at,
                    zone: zone.clone(),
                });
            }
            (Some(_), Happening::Published { .. }) | (None, _) => return None,
            (Some(offer), _) => offer,
        };
        match &happened.what {
            Happening::Published { .. } => return None,
            Happening::Changed { offer: said } => offer.offer = (**said).clone(),
            Happening::Enrolled { entry } => {
                offer.enrolments.insert(*entry, Enrolment::default());
            }
            Happening::Left { entry } => drop(offer.enrolments.remove(entry)?),
            Happening::Completed { entry, on, .. } => {
                offer.enrolments.get_mut(entry)?.completed_on = Some(*on);
            }
            Happening::Applied { fund } => offer.funds.push(*fund),
            Happening::Attended { entry, on } => {
                offer.enrolments.get_mut(entry)?.attended_on = Some(*on);
            }
            Happening::Certified { entry, certificate } => {
                offer.enrolments.get_mut(entry)?.certificate = Some(*certificate);
            }
        }
        offer.acted_at = offer.acted_at.max(happened.at);
        Some(offer)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(_: Option<&Offer>, after: &Offer, happened: &Happened<Happening>) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Offer>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        None
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        self.offer.closed_at.is_none()
    }

    /// Everybody's; who takes part is shown to those who work on it.
    fn is_visible_to(&self, _: &Actor) -> bool {
        true
    }
}
