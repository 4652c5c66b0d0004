//! What a community node decides. Pure: no I/O, clock, randomness or async; time
//! and entropy are arguments.

pub mod activities;
pub mod actor;
pub mod assessments;
pub mod audit;
pub mod calendar;
pub mod cases;
pub mod code;
pub mod consents;
pub mod deliberations;
pub mod documents;
pub mod duties;
pub mod elections;
pub mod event;
pub mod funds;
pub mod indicators;
pub mod notices;
pub mod offers;
pub mod playbook;
pub mod policy;
pub mod process;
pub mod registers;
pub mod roll;
pub mod sealed;
pub mod sha256;
pub mod share;
pub mod stored;
pub mod subject;
pub mod support;
pub mod surveys;
pub mod token;
pub mod words;
