//! What can be asked of a programme, and what can happen to it. What happened is
//! complete in itself: no playbook is asked again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Harvest, Money, Rules, Size, Who};
use crate::actor::Grid;
use crate::code::{Code, Name};
use crate::stored::Day;
use crate::words::Words;

/// Sessions are meant by their numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Open),
    Announce(Announce),
    Postpone {
        session: u32,
        to: Date,
        reason: Words,
    },
    CallOff {
        session: u32,
        reason: Words,
    },
    /// `None`: the resident that acts.
    SignUp {
        session: u32,
        entry: Option<u64>,
    },
    CancelSignUp {
        session: u32,
        entry: Option<u64>,
    },
    /// It took place; `came` are sign-ups, from 1, of the `attended`.
    Hold {
        session: u32,
        attended: u32,
        came: Vec<u32>,
    },
    LogHours {
        session: u32,
        volunteer: u64,
        minutes: u16,
        logged_by: u64,
    },
    /// Of the hours that were logged `hours`th, from 1.
    ConfirmHours {
        session: u32,
        hours: u32,
        confirmed_by: u64,
        is_right: bool,
    },
    Book {
        session: u32,
        money: Money,
    },
    PublishAccounts {
        session: u32,
        channel: Code,
    },
    Harvest {
        session: u32,
        harvest: Harvest,
    },
    End {
        reason: Words,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub title: Name,
    /// The team or organisation that runs it.
    pub team: Option<Name>,
    pub grid: Option<Grid>,
    /// A cadence is judged from this day on.
    /// Today unless given.
    pub from: Option<Date>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Announce {
    pub title: Name,
    pub size: Size,
    pub theme: Option<Code>,
    pub on: Date,
    pub capacity: u16,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Rules,
        title: Name,
        team: Option<Name>,
        grid: Option<Grid>,
        from: Day,
        zone: Box<str>,
    },
    Announced {
        title: Name,
        size: Size,
        theme: Option<Code>,
        on: Day,
        capacity: u16,
    },
    Postponed {
        session: u32,
        to: Day,
        reason: Words,
    },
    CalledOff {
        session: u32,
        reason: Words,
    },
    SignedUp {
        session: u32,
        who: Who,
    },
    SignUpCancelled {
        session: u32,
        who: Who,
    },
    Held {
        session: u32,
        attended: u32,
        came: Vec<u32>,
    },
    /// The time to enter it is over.
    Lapsed {
        session: u32,
    },
    HoursLogged {
        session: u32,
        volunteer: u64,
        minutes: u16,
        logged_by: u64,
    },
    HoursConfirmed {
        session: u32,
        hours: u32,
        confirmed_by: u64,
        is_right: bool,
    },
    Booked {
        session: u32,
        money: Money,
    },
    AccountsPublished {
        session: u32,
        channel: Code,
    },
    /// The time to publish them is over.
    AccountsFellDue {
        session: u32,
    },
    Harvested {
        session: u32,
        harvest: Harvest,
    },
    /// Whether the days up to this one held a small activity.
    DayJudged {
        day: Day,
        is_kept: bool,
    },
    /// Whether the week that ends with this Sunday held a large one.
    WeekJudged {
        sunday: Day,
        is_kept: bool,
    },
    Ended {
        reason: Words,
    },
}
