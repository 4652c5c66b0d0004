//! An assessment, what is asked of it, and what happens to it. What happened is
//! complete in itself: no playbook is asked again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Outcome, Rules};
use crate::actor::{Actor, Grid};
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    pub kind: Code,
    pub rules: Rules,
    pub subject: u64,
    pub grid: Option<Grid>,
    pub year: i16,
    /// Of the year: which quarter, half or round, from 1.
    pub number: u8,
    pub stage: Stage,
    /// Appointed assessors, with their points once they have given them.
    pub scores: Vec<Score>,
    /// What a survey or a check has found.
    pub found: Option<Outcome>,
    pub noticed_on: Option<Day>,
    pub reply: Option<Name>,
    pub finalised_at: Option<Finalised>,
    pub outcome: Option<Outcome>,
    /// Published ones, the oldest first; nobody changes them.
    pub versions: Vec<Version>,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    Draft,
    /// The subject was told and may reply.
    Noticed,
    Final,
    Published,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub part: Code,
    pub by: u64,
    pub points: Option<u16>,
}

/// When it became final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finalised(#[serde(with = "crate::stored::micros")] pub Timestamp);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub published_on: Day,
    pub outcome: Outcome,
    pub reply: Option<Name>,
    /// Why another version followed.
    pub corrected: Option<Name>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Open),
    /// `has_ties`: the assessor holds a role in what is assessed.
    Appoint {
        part: Code,
        by: u64,
        has_ties: bool,
    },
    Score {
        by: u64,
        points: u16,
    },
    Count {
        satisfied: u32,
        valid: u32,
    },
    /// `unsuitable`: why not; none: it is suitable.
    Judge {
        by: u64,
        unsuitable: Option<Code>,
        has_ties: bool,
    },
    Notify,
    Reply {
        text: Name,
    },
    Finalise,
    Publish,
    Correct {
        reason: Name,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub subject: u64,
    pub grid: Option<Grid>,
    pub year: i16,
    pub number: u8,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Rules,
        subject: u64,
        grid: Option<Grid>,
        year: i16,
        number: u8,
    },
    Appointed {
        part: Code,
        by: u64,
    },
    Scored {
        by: u64,
        points: u16,
    },
    Counted {
        satisfied: u32,
        valid: u32,
    },
    Judged {
        by: u64,
        unsuitable: Option<Code>,
    },
    Noticed {
        on: Day,
    },
    Replied {
        text: Name,
    },
    Finalised {
        outcome: Outcome,
    },
    Published {
        on: Day,
    },
    Corrected {
        reason: Name,
    },
}

impl Assessment {
    fn happen(&mut self, happened: &Happened<Happening>) -> Option<()> {
        match &happened.what {
            Happening::Opened { .. } => return None,
            Happening::Appointed { part, by } => self.scores.push(Score {
                part: part.clone(),
                by: *by,
                points: None,
            }),
            Happening::Scored { by, points } => {
                let score = self.scores.iter_mut().find(|score| score.by == *by)?;
                score.points = Some(*points);
            }
            Happening::Counted { satisfied, valid } => {
                let (satisfied, valid) = (*satisfied, *valid);
                self.found = Some(Outcome::Surveyed { satisfied, valid });
            }
            Happening::Judged { unsuitable, .. } => {
                self.found = Some(match unsuitable {
                    None => Outcome::Suitable,
                    Some(reason) => Outcome::Unsuitable {
                        reason: reason.clone(),
                    },
                });
            }
            Happening::Noticed { on } => {
                self.stage = Stage::Noticed;
                self.noticed_on = Some(*on);
            }
            Happening::Replied { text } => self.reply = Some(text.clone()),
            Happening::Finalised { outcome } => {
                self.stage = Stage::Final;
                self.finalised_at = Some(Finalised(happened.at));
                self.outcome = Some(outcome.clone());
            }
            Happening::Published { on } => {
                self.stage = Stage::Published;
                self.versions.push(Version {
                    published_on: *on,
                    outcome: self.outcome.clone()?,
                    reply: self.reply.clone(),
                    corrected: None,
                });
            }
            Happening::Corrected { reason } => {
                self.versions.last_mut()?.corrected = Some(reason.clone());
                self.stage = Stage::Draft;
                (self.noticed_on, self.reply) = (None, None);
                (self.finalised_at, self.outcome) = (None, None);
            }
        }
        Some(())
    }
}

impl Stage {
    pub const fn code(self) -> &'static str {
        match self {
            Stage::Draft => "draft",
            Stage::Noticed => "noticed",
            Stage::Final => "final",
            Stage::Published => "published",
        }
    }
}

impl Assessment {
    /// The version that holds: when it was published, and whether it reaches so many
    /// points; of a survey, so many satisfied of a hundred.
    pub fn reached(&self, points: u16) -> Option<(Day, bool)> {
        let version = self.versions.last()?;
        let reaches = match &version.outcome {
            Outcome::Scored { average, .. } => average.reaches(points),
            Outcome::Surveyed { satisfied, valid } => {
                u64::from(*satisfied) * 100 >= u64::from(points) * u64::from(*valid)
            }
            Outcome::Suitable => true,
            Outcome::Unsuitable { .. } => false,
        };
        let holds = version.corrected.is_none();
        holds.then_some((version.published_on, reaches))
    }
}

impl Process for Assessment {
    type Action = Action;
    type Happening = Happening;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Assessment>,
        action: &Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Assessment>, happened: &Happened<Happening>) -> Option<Assessment> {
        let Some(mut assessment) = before else {
            return opened(happened);
        };
        assessment.happen(happened)?;
        assessment.acted_at = happened.at;
        Some(assessment)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::told::told(what)
    }

    fn notice(
        _: Option<&Assessment>,
        after: &Assessment,
        happened: &Happened<Happening>,
    ) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(
        before: Option<&Assessment>,
        happened: &Happened<Happening>,
    ) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        None
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        self.stage != Stage::Published
    }

    /// Residents and companies see what was published.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Resident(_) | Actor::Handler(_) => !self.versions.is_empty(),
            _ => true,
        }
    }
}

fn opened(happened: &Happened<Happening>) -> Option<Assessment> {
    let Happening::Opened {
        kind,
        rules,
        subject,
        grid,
        year,
        number,
    } = happened.what.clone()
    else {
        return None;
    };
    Some(Assessment {
        kind,
        rules,
        subject,
        grid,
        year,
        number,
        stage: Stage::Draft,
        scores: Vec::new(),
        found: None,
        noticed_on: None,
        reply: None,
        finalised_at: None,
        outcome: None,
        versions: Vec::new(),
        acted_at: happened.at,
    })
}
