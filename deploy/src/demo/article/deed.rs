//! What can happen in a played year. Data only.

use jiff::{Timestamp, civil::Date};

use super::plan::Thing;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Report {
        case: Thing,
        kind: &'static str,
    },
    Accept(Thing),
    Dispatch(Thing),
    Complete(Thing),
    Rate {
        case: Thing,
        is_bad: bool,
    },
    Enter {
        entry: Thing,
        register: &'static str,
        title: &'static str,
    },
    Grant {
        body: Thing,
        role: &'static str,
        holder: Thing,
    },
    AddPlots {
        garden: Thing,
        count: u32,
    },
    AskForPlot {
        garden: Thing,
        by: Thing,
    },
    Allot(Thing),
    OpenDuty {
        duty: Thing,
        kind: &'static str,
        owed_to: Option<Thing>,
    },
    Hold(Thing),
    NoAnswer(Thing),
    Postpone {
        duty: Thing,
        on: Date,
        to: Date,
    },
    OpenLift {
        lift: Thing,
        unit: &'static str,
    },
    FreezeLift {
        lift: Thing,
        owners: Vec<Thing>,
        unit: &'static str,
        until: Date,
    },
    Sign {
        lift: Thing,
        owner: Thing,
    },
    Publicise(Thing),
    Approve(Thing),
    StartLift(Thing),
    Inspect(Thing),
    PutInUse(Thing),
    OpenScheme {
        scheme: Thing,
        tiers: [u32; 3],
        eligible: u32,
    },
    Apply {
        scheme: Thing,
        building: &'static str,
        agreed_on: Date,
        total: i64,
        household_part: i64,
    },
    FinishBuilding {
        scheme: Thing,
        building: &'static str,
    },
    Assess {
        kind: &'static str,
        subject: Thing,
        number: u32,
        /// Part, assessor, points.
        scores: Vec<(&'static str, Thing, u32)>,
    },
    OpenElection {
        election: Thing,
        kind: &'static str,
        seats: u32,
        committee: Vec<Thing>,
        candidates: Vec<Thing>,
        roll: Vec<Thing>,
    },
    Vote {
        election: Thing,
        voters: Vec<Thing>,
        closes_at: Timestamp,
    },
    CountVotes {
        election: Thing,
        candidates: Vec<Thing>,
        ballots: u32,
        counters: Vec<Thing>,
    },
    Seat(Thing),
    Propose {
        topic: Thing,
        kind: &'static str,
        title: &'static str,
        on: Date,
        members: Vec<Thing>,
    },
    Decide {
        topic: Thing,
        members: Vec<Thing>,
        due: Date,
    },
    Verify(Thing),
    OpenProgramme {
        programme: Thing,
        kind: &'static str,
    },
    HoldSession {
        programme: Thing,
        session: u32,
        on: Date,
        attended: u32,
    },
    OpenSurvey {
        survey: Thing,
        households: Vec<Thing>,
        until: Date,
    },
    Answer {
        survey: Thing,
        households: Vec<Thing>,
        choice: u32,
    },
    CloseSurvey(Thing),
    Reply {
        survey: Thing,
        department: &'static str,
    },
}
