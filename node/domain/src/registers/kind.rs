//! A register as a playbook lists it, and the rules that an entry takes with it
//! when it is made. Knows no file format.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::playbook::{PlaybookId, Title};

#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    pub rules: Rules,
    /// What stages ask beside their order; an entry takes them with it.
    pub conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub playbook: PlaybookId,
    pub form: Form,
    /// Kinds within the register: fields of organisations, causes of care. None
    /// listed: entries have none.
    pub groups: Vec<Code>,
    /// Never none; an entry begins in the first.
    pub stages: Vec<Stage>,
    pub roles: Vec<Post>,
    /// Somebody who holds one role in an entry may hold no other in it (另设).
    pub is_exclusive: bool,
    /// Depth of the tree that entries form; 0: they form none.
    pub levels: u8,
    /// Of a membership and of a role; 0: no limit.
    pub longest_term_days: u16,
    /// Only who agreed may be entered.
    pub needs_consent: bool,
    /// Days within which somebody whose pair has ended is to have another.
    pub again_days: u16,
    /// Plots go by lot, else in the order in which they were asked for.
    pub is_lottery: bool,
    /// Days between the warning for a neglected plot and its loss.
    pub warn_days: u16,
}

/// What an entry stands for; decides who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    Person,
    Household,
    /// An organisation, a team, a grid, a committee: nobody's private affair.
    Body,
    /// A garden whose plots households claim.
    Garden,
    /// Helpers and the person they care for.
    Pair,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub code: Code,
    /// From which stages one comes here; none listed: from any.
    pub after: Vec<Code>,
    /// Entries in it belong to the register's stock.
    pub counts: bool,
    /// Nothing follows.
    pub ends: bool,
}

/// What a stage asks of an entry that comes to it, beside its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub stage: Code,
    /// Days that it was in the stage before; 0: any.
    pub least_days: u16,
    pub wants_reason: bool,
    pub wants_group: bool,
    /// Every role that the register needs is held.
    pub wants_roles: bool,
    /// Whoever is of this group goes first; who is passed over, it is said why.
    pub first: Option<Code>,
    pub result: Option<WantedResult>,
}

/// An assessment of the entry, published since it came to the stage before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedResult {
    pub kind: Code,
    /// At least so many of a hundred, or of a score's points.
    pub points: u16,
}

/// A role that an entry has, or gives to holders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub role: Code,
    /// How many holders make the entry complete.
    pub needed: u16,
    /// How many there may be at once; 0: no limit.
    pub most: u16,
}

impl Form {
    pub const fn is_private(self) -> bool {
        matches!(self, Form::Person | Form::Household | Form::Pair)
    }
}

impl Condition {
    /// Whether it asks for anything.
    pub fn is_any(&self) -> bool {
        let flags = self.wants_reason || self.wants_group || self.wants_roles;
        flags || self.least_days > 0 || self.first.is_some() || self.result.is_some()
    }
}

impl Rules {
    pub fn stage(&self, code: &Code) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.code == *code)
    }

    pub fn post(&self, role: &Code) -> Option<&Post> {
        self.roles.iter().find(|post| post.role == *role)
    }
}
