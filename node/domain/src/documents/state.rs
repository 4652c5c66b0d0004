//! A document and what happens to it: commands, happenings and the state that they
//! make. What happened is complete in itself: no playbook is asked again.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Grounds, Rules, Stage, Text, Version};
use crate::actor::{Actor, Grid};
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Happened, Process, Refusal};
use crate::sha256::Sha256;
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub kind: Code,
    pub rules: Rules,
    /// No resident's name.
    pub title: Name,
    pub grid: Option<Grid>,
    /// Oldest first; at most one is pending, at most one is in force.
    pub versions: Vec<Version>,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Open),
    /// Another version; a draft that nobody has seen is written again.
    Draft {
        text: Text,
        reason: Name,
    },
    /// For comments.
    Post {
        place: Name,
    },
    Consult {
        comments: u32,
    },
    /// `voted`: the text that a consent was about, where it was given or carried.
    Adopt {
        grounds: Grounds,
        voted: Option<Sha256>,
    },
    PutInForce {
        from: Option<Date>,
    },
    /// The pending version.
    Drop {
        reason: Name,
    },
    /// The version in force.
    Repeal {
        grounds: Grounds,
        voted: Option<Sha256>,
        reason: Name,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub title: Name,
    pub grid: Option<Grid>,
    pub text: Text,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Rules,
        title: Name,
        grid: Option<Grid>,
        text: Text,
        zone: Box<str>,
    },
    Drafted {
        number: u32,
        text: Text,
        reason: Name,
    },
    Posted {
        place: Name,
        until: Day,
    },
    Consulted {
        comments: u32,
    },
    Adopted {
        grounds: Grounds,
    },
    PutInForce {
        from: Day,
    },
    Dropped {
        reason: Name,
    },
    Repealed {
        on: Day,
        grounds: Grounds,
        reason: Name,
    },
}

impl Process for Document {
    type Action = Action;
    type Happening = Happening;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Document>,
        action: &Action,
        context: &crate::process::Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Document>, happened: &Happened<Happening>) -> Option<Document> {
        let mut document = match (before, &happened.what) {
            (None, Happening::Opened { .. }) => return opened(happened),
            (Some(_), Happening::Opened { .. }) | (None, _) => return None,
            (Some(document), _) => document,
        };
        document.acted_at = document.acted_at.max(happened.at);
        document.change(&happened.what)?;
        Some(document)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(
        _: Option<&Document>,
        after: &Document,
        happened: &Happened<Happening>,
    ) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Document>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        None
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        self.pending().is_some() || self.in_force().is_some()
    }

    /// Drafts are the office's; whatever was posted is everybody's.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        let is_resident = matches!(actor, Actor::Resident(_));
        !is_resident || self.versions.iter().any(Version::is_public)
    }
}

impl Version {
    pub fn is_public(&self) -> bool {
        match self.stage {
            Stage::Draft => false,
            // Dropped as a draft, it was never shown.
            Stage::Dropped => self.consult_until.is_some(),
            _ => true,
        }
    }
}

impl Document {
    pub fn pending(&self) -> Option<&Version> {
        self.versions.iter().find(|version| version.is_pending())
    }

    pub fn in_force(&self) -> Option<&Version> {
        let mut versions = self.versions.iter();
        versions.find(|version| version.stage == Stage::InForce)
    }

    fn pending_mut(&mut self) -> Option<&mut Version> {
        self.versions
            .iter_mut()
            .find(|version| version.is_pending())
    }

    fn in_force_mut(&mut self) -> Option<&mut Version> {
        let mut versions = self.versions.iter_mut();
        versions.find(|version| version.stage == Stage::InForce)
    }

    fn change(&mut self, what: &Happening) -> Option<()> {
        match what {
            Happening::Opened { .. } => return None,
            Happening::Drafted { number, text, .. } => {
                // What nobody has seen is written again under its number.
                self.versions.retain(|version| version.number != *number);
                self.versions.push(Version::new(*number, text.clone()));
            }
            Happening::Posted { until, .. } => {
                let version = self.pending_mut()?;
                (version.stage, version.consult_until) = (Stage::Posted, Some(*until));
            }
            Happening::Consulted { comments } => {
                let version = self.pending_mut()?;
                (version.stage, version.comments) = (Stage::Consulted, *comments);
            }
            Happening::Adopted { grounds } => {
                let version = self.pending_mut()?;
                (version.stage, version.grounds) = (Stage::Adopted, Some(grounds.clone()));
            }
            Happening::PutInForce { from } => {
                if let Some(before) = self.in_force_mut() {
                    (before.stage, before.in_force_until) = (Stage::Amended, Some(*from));
                }
                let version = self.pending_mut()?;
                (version.stage, version.in_force_from) = (Stage::InForce, Some(*from));
            }
            Happening::Dropped { .. } => self.pending_mut()?.stage = Stage::Dropped,
            Happening::Repealed { on, .. } => {
                let version = self.in_force_mut()?;
                (version.stage, version.in_force_until) = (Stage::Repealed, Some(*on));
            }
        }
        Some(())
    }
}

fn opened(happened: &Happened<Happening>) -> Option<Document> {
    let Happening::Opened {
        kind,
        rules,
        title,
        grid,
        text,
        zone,
    } = &happened.what
    else {
        return None;
    };
    Some(Document {
        kind: kind.clone(),
        rules: rules.clone(),
        title: title.clone(),
        grid: *grid,
        versions: vec![Version::new(1, text.clone())],
        acted_at: happened.at,
        zone: zone.clone(),
    })
}
