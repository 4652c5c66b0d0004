//! What can be asked of a topic, and what can happen to it. What happened is
//! complete in itself: no playbook is asked again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Count, Grade, Held, Order, Participant, Route, Rules, Source, Step, Triage};
use crate::actor::{Grid, Pseudonym};
use crate::cases::Origin;
use crate::code::{Code, Name};
use crate::roll::Roll;
use crate::sha256::Sha256;
use crate::stored::Day;
use crate::words::Words;

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Propose(Propose),
    Triage {
        grade: Grade,
        route: Route,
        reason: Words,
    },
    /// People of several parties talked it over; `ideas` were noted.
    Talk {
        parties: Vec<Name>,
        ideas: u16,
    },
    Draft {
        by: Name,
        text: Words,
        hash: Sha256,
    },
    Post,
    Comment {
        origin: Origin,
        /// Where it says something that wants an answer.
        case: Option<u64>,
    },
    Advise {
        expert: u64,
        discipline: Code,
        has_interest: bool,
        text: Words,
    },
    /// The advice that was given `advice`th, from 1.
    AnswerAdvice {
        advice: u32,
        adopted: bool,
        reason: Words,
    },
    /// The text that will be decided on.
    Fix {
        text: Words,
        hash: Sha256,
    },
    SendBack {
        reason: Words,
    },
    Survey {
        survey: u64,
    },
    Convene {
        on: Date,
        participants: Vec<Participant>,
    },
    Hold {
        present: Vec<u64>,
        chair: u64,
    },
    Find {
        text: Words,
    },
    SetTask {
        to: Name,
        what: Name,
    },
    /// The task that was set `task`th, from 1.
    ReportTask {
        task: u32,
        result: Words,
        survey: Option<u64>,
    },
    NoteBreach {
        rule: Code,
    },
    Decide {
        text: Words,
        yes: u32,
        no: u32,
        abstained: u32,
    },
    OpenVote {
        /// Of the text as the ballots bear it.
        hash: Sha256,
        roll: Roll,
        until: Date,
    },
    MarkVoters {
        voters: Vec<u64>,
        origin: Origin,
    },
    CountBallots(Count),
    CloseVote,
    FollowUp {
        owner: Name,
        what: Words,
        due: Date,
    },
    ReportDone {
        follow_up: u32,
    },
    Check {
        follow_up: u32,
        by: Option<Name>,
        passed: bool,
        note: Option<Words>,
    },
    Announce {
        channel: Code,
    },
    Withdraw {
        reason: Words,
    },
    Close,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Propose {
    pub kind: Code,
    pub title: Name,
    pub source: Source,
    pub grid: Option<Grid>,
    /// The case that it came from.
    pub case: Option<u64>,
    /// How many asked for it, as far as that is known.
    pub supporters: u32,
    /// Where the kind goes by rules of order that are a document.
    pub order: Option<Order>,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Proposed {
        kind: Code,
        rules: Rules,
        title: Name,
        source: Source,
        grid: Option<Grid>,
        case: Option<u64>,
        supporters: u32,
        proposer: Option<Pseudonym>,
        zone: Box<str>,
        /// The year that a yearly topic is first owed for.
        year: i16,
    },
    Triaged(Triage),
    StepEnded {
        step: Step,
    },
    Talked {
        parties: Vec<Name>,
        ideas: u16,
    },
    Drafted {
        by: Name,
        text: Words,
        hash: Sha256,
    },
    Posted {
        from: Day,
    },
    Commented {
        origin: Origin,
        case: Option<u64>,
    },
    Advised {
        expert: u64,
        discipline: Code,
        has_interest: bool,
        text: Words,
    },
    AdviceAnswered {
        advice: u32,
        adopted: bool,
        reason: Words,
    },
    Fixed {
        text: Words,
        hash: Sha256,
    },
    SentBack {
        reason: Words,
    },
    Surveyed {
        survey: u64,
    },
    Convened {
        on: Day,
        participants: Vec<Participant>,
    },
    Held(Held),
    Found {
        text: Words,
    },
    TaskSet {
        to: Name,
        what: Name,
    },
    TaskReported {
        task: u32,
        result: Words,
        survey: Option<u64>,
    },
    BreachNoted {
        rule: Code,
    },
    /// The motion had no majority; the topic stays where it is.
    MotionLost {
        text: Words,
        yes: u32,
        no: u32,
        abstained: u32,
    },
    Decided {
        passed: bool,
        text: Option<Words>,
        yes: u32,
        no: u32,
        abstained: u32,
    },
    VoteOpened {
        hash: Sha256,
        roll: Roll,
        until: Day,
    },
    VotersMarked {
        voters: Vec<u64>,
        origin: Origin,
    },
    BallotsCounted(Count),
    FollowUpSet {
        owner: Name,
        what: Words,
        due: Day,
    },
    FollowUpDone {
        follow_up: u32,
    },
    FollowUpChecked {
        follow_up: u32,
        by: Option<Name>,
        passed: bool,
        note: Option<Words>,
        /// Everybody who was to check it has found it done.
        is_verified: bool,
    },
    /// Its due day is over.
    FollowUpFellDue {
        follow_up: u32,
    },
    Verified,
    Announced {
        channel: Code,
    },
    /// The time to announce it is over.
    AnnouncementFellDue,
    Withdrawn {
        reason: Words,
    },
    Closed,
    /// A yearly topic's year is over; decided, it begins anew.
    YearTurned {
        year: i16,
    },
    /// Sessions go by this text.
    OrderFixed(Order),
}
