//! A kind of deliberation as a playbook lists it, and the rules that a topic takes
//! with it when it is proposed. Knows no file format.

use serde::{Deserialize, Serialize};

use crate::code::{Code, Name};
use crate::playbook::{PlaybookId, Title};
use crate::share::Share;

#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    pub rules: Rules,
    /// The kind of document that holds the rules of order.
    pub order_document: Option<Code>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub playbook: PlaybookId,
    /// After the proposal, in this order; the last one decides.
    pub steps: Box<[Step]>,
    /// The office grades a topic before it comes on the agenda (轻重缓急).
    pub is_triaged: bool,
    /// Who sits on the platform (四方).
    pub parties: Box<[Code]>,
    /// Parties without which a session cannot decide.
    pub quorum: u8,
    /// Of the listed participants, those without whom it cannot either.
    pub presence: Option<Share>,
    /// Who alone may draft (议事组织).
    pub drafter: Option<Name>,
    /// Whom talks must have brought together before they are over.
    pub talk_parties: u8,
    /// Full days that a draft is posted.
    pub notice_days: u16,
    /// Of a kind whose last step is a vote.
    pub vote: Option<VoteRule>,
    /// Days within which a decision is announced; 0: without a limit.
    pub announce_days: u16,
    /// Who checks each follow-up; empty: the office.
    pub supervisors: Box<[Name]>,
    /// Rules of order whose breaches are noted.
    pub order_rules: Box<[Code]>,
    /// Owed every year: it can be decided and never ended (每年必议之题).
    pub is_yearly: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// 多方恳谈出主意
    Talk,
    /// 议事组织拟方案
    Draft,
    /// 张榜公示开言路
    Post,
    /// 专家审查定公约
    Review,
    /// 院落调研
    Survey,
    /// 联席会议
    Session,
    /// 居民表决说了算
    Vote,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteRule {
    /// Ballots cast, of the roll.
    pub turnout: Share,
    /// Yes, of `of`.
    pub yes: Share,
    pub of: Base,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Base {
    /// Everybody on the roll: who does not vote is against it.
    Roll,
    /// The ballots cast.
    Cast,
}

impl Step {
    pub const ALL: [Step; 7] = [
        Step::Talk,
        Step::Draft,
        Step::Post,
        Step::Review,
        Step::Survey,
        Step::Session,
        Step::Vote,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Step::Talk => "talk",
            Step::Draft => "draft",
            Step::Post => "post",
            Step::Review => "review",
            Step::Survey => "survey",
            Step::Session => "session",
            Step::Vote => "vote",
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Step::Talk => "多方恳谈",
            Step::Draft => "拟方案",
            Step::Post => "张榜公示",
            Step::Review => "专家审查",
            Step::Survey => "调研",
            Step::Session => "会议议事",
            Step::Vote => "居民表决",
        }
    }

    /// Whether it can end a deliberation.
    pub const fn decides(self) -> bool {
        matches!(self, Step::Session | Step::Vote)
    }

    /// Whether there must be a draft for it.
    pub const fn needs_draft(self) -> bool {
        matches!(self, Step::Post | Step::Review | Step::Vote)
    }
}
