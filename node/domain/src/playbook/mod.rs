//! Playbooks (预案): the data files that a community adopts, parsed into rules
//! that cannot be wrong. Knows no running case; a case takes its kind's rules
//! with it when it is reported.

pub mod adoption;
mod mistake;
mod parse;
mod reader;
mod rules;

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{actor::Role, calendar::Calendar, code::Code};

pub use self::{
    mistake::Mistake,
    rules::{Rules, Since},
};

/// One revision of one playbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    pub id: PlaybookId,
    pub title: Title,
    pub calendar: Arc<Calendar>,
    pub categories: BTreeMap<Code, Title>,
    pub pause_causes: BTreeMap<Code, Title>,
    pub registers: BTreeMap<Code, crate::registers::Kind>,
    pub duties: BTreeMap<Code, crate::duties::Kind>,
    pub funds: BTreeMap<Code, crate::funds::Kind>,
    pub assessments: BTreeMap<Code, crate::assessments::Kind>,
    pub consents: BTreeMap<Code, crate::consents::Kind>,
    pub elections: BTreeMap<Code, crate::elections::Kind>,
    pub documents: BTreeMap<Code, crate::documents::Kind>,
    pub deliberations: BTreeMap<Code, crate::deliberations::Kind>,
    pub activities: BTreeMap<Code, crate::activities::Kind>,
    pub surveys: BTreeMap<Code, crate::surveys::Kind>,
    /// Until when a centre answers what the community asks of it.
    pub support_answer: crate::calendar::Limit,
    kinds: BTreeMap<Code, Arc<Kind>>,
}

/// `qingshan@1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlaybookId {
    pub code: Code,
    /// From 1.
    pub revision: u32,
}

/// What people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    pub zh: Box<str>,
    pub en: Box<str>,
}

/// A kind of case.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    pub category: Code,
    /// Who may report one; the office's history import always may.
    pub reporters: Vec<Role>,
    /// Whoever reports one may say for when it was agreed; that is when it is due.
    pub is_appointment: bool,
    pub rules: Arc<Rules>,
}

/// The playbooks a node has adopted, in their order, one revision of each; never
/// none. A case kind's code belongs to one playbook.
#[derive(Clone, Debug)]
pub struct Playbooks {
    adopted: Vec<Playbook>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptionRefused {
    #[error("playbook {playbook}: revision {adopted} is already adopted")]
    NotNewer { playbook: PlaybookId, adopted: u32 },
    #[error("playbook {playbook}: case kind {kind} belongs to playbook {owner}")]
    KindTaken {
        playbook: PlaybookId,
        kind: Code,
        owner: Code,
    },
}

impl Playbook {
    /// Reads a playbook file; on failure every mistake found, in the file's order.
    pub fn parse(text: &str) -> Result<Playbook, Vec<Mistake>> {
        parse::playbook(text)
    }

    pub fn kind(&self, code: &Code) -> Option<&Arc<Kind>> {
        self.kinds.get(code)
    }

    /// In the order of their codes.
    pub fn kinds(&self) -> impl Iterator<Item = &Arc<Kind>> {
        self.kinds.values()
    }
}

impl Playbooks {
    pub fn new(first: Playbook) -> Playbooks {
        Playbooks {
            adopted: vec![first],
        }
    }

    /// Adopts another playbook or a newer revision. Cases reported under the old
    /// one keep its rules.
    pub fn adopt(&mut self, playbook: Playbook) -> Result<(), AdoptionRefused> {
        let same = |old: &Playbook| old.id.code == playbook.id.code;
        let at = self.adopted.iter().position(same);
        if let Some(old) = at.map(|at| &self.adopted[at])
            && old.id.revision >= playbook.id.revision
        {
            return Err(AdoptionRefused::NotNewer {
                playbook: playbook.id,
                adopted: old.id.revision,
            });
        }
        let others = || {
            let others = self.adopted.iter();
            others.filter(|other| other.id.code != playbook.id.code)
        };
        for kind in playbook.kinds.keys() {
            if let Some(owner) = others().find(|other| other.kinds.contains_key(kind)) {
                return Err(AdoptionRefused::KindTaken {
                    kind: kind.clone(),
                    owner: owner.id.code.clone(),
                    playbook: playbook.id,
                });
            }
        }
        match at {
            Some(at) => self.adopted[at] = playbook,
            None => self.adopted.push(playbook),
        }
        Ok(())
    }

    pub fn kind(&self, code: &Code) -> Option<&Arc<Kind>> {
        self.find(|playbook| playbook.kind(code))
    }

    /// A register. Codes of two playbooks may meet; the first one's counts.
    pub fn register(&self, code: &Code) -> Option<&crate::registers::Kind> {
        self.find(|playbook| playbook.registers.get(code))
    }

    /// A kind of duty, as with registers.
    pub fn duty(&self, code: &Code) -> Option<&crate::duties::Kind> {
        self.find(|playbook| playbook.duties.get(code))
    }

    /// A kind of fund, as with registers.
    pub fn fund(&self, code: &Code) -> Option<&crate::funds::Kind> {
        self.find(|playbook| playbook.funds.get(code))
    }

    /// A kind of assessment, as with registers.
    pub fn assessment(&self, code: &Code) -> Option<&crate::assessments::Kind> {
        self.find(|playbook| playbook.assessments.get(code))
    }

    /// A kind of consent, as [`Playbooks::duty`].
    pub fn consent(&self, code: &Code) -> Option<&crate::consents::Kind> {
        self.find(|playbook| playbook.consents.get(code))
    }

    /// A kind of election, as [`Playbooks::duty`].
    pub fn election(&self, code: &Code) -> Option<&crate::elections::Kind> {
        self.find(|playbook| playbook.elections.get(code))
    }

    /// A kind of document, as [`Playbooks::duty`].
    pub fn document(&self, code: &Code) -> Option<&crate::documents::Kind> {
        self.find(|playbook| playbook.documents.get(code))
    }

    pub fn deliberation(&self, code: &Code) -> Option<&crate::deliberations::Kind> {
        self.find(|playbook| playbook.deliberations.get(code))
    }

    pub fn activity(&self, code: &Code) -> Option<&crate::activities::Kind> {
        self.find(|playbook| playbook.activities.get(code))
    }

    pub fn survey(&self, code: &Code) -> Option<&crate::surveys::Kind> {
        self.find(|playbook| playbook.surveys.get(code))
    }

    /// Looks in their order.
    fn find<T>(&self, wanted: impl Fn(&Playbook) -> Option<&T>) -> Option<&T> {
        self.adopted.iter().find_map(wanted)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Playbook> {
        self.adopted.iter()
    }

    /// When a centre's answer to what is asked at `start` is due.
    pub fn support_due(&self, start: jiff::Timestamp) -> jiff::Timestamp {
        let first = &self.adopted[0];
        first.calendar.due(start, first.support_answer)
    }

    /// The calendar for cases under a playbook. Holidays are decided year by
    /// year, so a running case follows the newest calendar; only its limits are
    /// frozen. A playbook that is no longer adopted lends the first one's.
    pub fn calendar(&self, playbook: &Code) -> &Calendar {
        let mut adopted = self.adopted.iter();
        let own = adopted.find(|adopted| adopted.id.code == *playbook);
        &own.unwrap_or(&self.adopted[0]).calendar
    }
}

impl AdoptionRefused {
    pub fn zh(&self) -> String {
        match self {
            AdoptionRefused::NotNewer { playbook, adopted } => {
                format!("预案 {playbook}:已经采用第 {adopted} 版,请提高 revision")
            }
            AdoptionRefused::KindTaken {
                playbook,
                kind,
                owner,
            } => format!("预案 {playbook}:事项类别 {kind} 已属于预案 {owner},请换一个代码"),
        }
    }
}

impl fmt::Display for PlaybookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.code, self.revision)
    }
}

#[cfg(test)]
mod tests;
