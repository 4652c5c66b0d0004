//! One session of a programme: when, for how many, who signed up, what was done
//! and earned and spent. Knows no rule.

use serde::{Deserialize, Serialize};

use crate::actor::Pseudonym;
use crate::code::{Code, Name};
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// From 1, within the programme.
    pub number: u32,
    pub title: Name,
    pub size: Size,
    pub theme: Option<Code>,
    pub on: Day,
    /// 0: as many as come.
    pub capacity: u16,
    pub status: Status,
    /// In the order in which they signed up.
    pub sign_ups: Vec<SignUp>,
    pub attended: u32,
    pub hours: Vec<Hours>,
    pub money: Vec<Money>,
    pub harvests: Vec<Harvest>,
    pub is_published: bool,
    /// Whether the clock of the publication has been read.
    pub clock_read: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    Small,
    Large,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Announced,
    Held,
    CalledOff,
    /// Its day went by, and nobody entered anything.
    Lapsed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUp {
    pub who: Who,
    pub came: bool,
}

/// Who signs up: with a token of its own, or by the office for an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    Resident(Pseudonym),
    Entry(u64),
}

/// Minutes that a volunteer gave: one logs them, another confirms (谁记录谁证明).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub volunteer: u64,
    pub minutes: u16,
    pub logged_by: u64,
    /// Whether it was found right, and by whom.
    pub confirmed: Option<(bool, u64)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// `None`: spent.
    pub income: Option<Income>,
    /// More than 0.
    pub fen: i64,
    pub what: Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Income {
    /// AA制
    Shared,
    /// 爱心捐赠
    Donation,
    /// 众筹
    Crowdfunding,
    /// 政府购买服务
    Purchase,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harvest {
    pub crop: Code,
    pub grams: u32,
    /// Homes that some of it was brought to.
    pub homes: u16,
}

impl Session {
    /// Sign-ups that have a place; the others wait.
    pub fn places(&self) -> usize {
        match self.capacity {
            0 => self.sign_ups.len(),
            most => self.sign_ups.len().min(usize::from(most)),
        }
    }

    /// Income and cost in fen.
    pub fn sums(&self) -> (i64, i64) {
        let sum = |is_income: bool| {
            let lines = self.money.iter();
            let lines = lines.filter(|line| line.income.is_some() == is_income);
            lines.fold(0i64, |sum, line| sum.saturating_add(line.fen))
        };
        (sum(true), sum(false))
    }

    /// Nothing more will happen to it that anybody waits for.
    pub fn is_over(&self, has_accounts: bool) -> bool {
        let is_open = self.hours.iter().any(|one| one.confirmed.is_none());
        match self.status {
            Status::Announced => false,
            Status::Held => !is_open && (self.is_published || !has_accounts),
            Status::CalledOff | Status::Lapsed => true,
        }
    }
}

impl Size {
    pub const fn code(self) -> &'static str {
        match self {
            Size::Small => "small",
            Size::Large => "large",
        }
    }
}

impl Status {
    pub const fn code(self) -> &'static str {
        match self {
            Status::Announced => "announced",
            Status::Held => "held",
            Status::CalledOff => "called-off",
            Status::Lapsed => "lapsed",
        }
    }
}

impl Income {
    pub const fn code(self) -> &'static str {
        match self {
            Income::Shared => "shared",
            Income::Donation => "donation",
            Income::Crowdfunding => "crowdfunding",
            Income::Purchase => "purchase",
        }
    }
}
