//! What the ledger is asked, and what it answers. Parsed values only; texts are
//! still plain, and are sealed before anything is decided.

use std::fmt;

use jiff::Timestamp;
use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::{self, Action, CaseId};
use node_domain::notices::{self, Consumer};
use node_domain::playbook::adoption::Offered;
use node_domain::process::{self, ProcessId};
use node_domain::token::{self, Token, TokenId};
use proto_child::downlink::Change;
use proto_child::uplink::action::{Reclaiming, Scan, Scanned, Standing};

use proto::identity::LogId;
use proto::support::Letter;
use proto::sync::downlink;
use proto::sync::uplink::StartId;
use zeroize::Zeroizing;

use super::register::Private;
use crate::sealing::SubjectId;
use crate::store::ahead::Ahead;
use crate::store::keyspace::case::CaseRow;

pub enum Command {
    Case(Box<CaseCommand>),
    Process(Box<ProcessCommand>),
    Token(TokenCommand),
    Notices(NoticesCommand),
    Adopt(AdoptCommand),
    Erase(EraseCommand),
    Access(AccessCommand),
    /// History of another system; one record per case.
    Import {
        now: Timestamp,
        records: Vec<ImportRecord>,
    },
    Activate {
        now: Timestamp,
        change: Change,
        /// What it comes to by what was recorded when it came, if that was counted.
        ahead: Option<Box<Ahead>>,
    },
    Link {
        now: Timestamp,
        standing: Standing,
    },
    /// Letters of the hub, ascending; those that are here already bring nothing.
    Deliver {
        now: Timestamp,
        log_id: LogId,
        letters: Vec<Letter>,
    },
    /// The hub has this node's letters up to here.
    Received {
        now: Timestamp,
        through: u64,
    },
    /// The process starts; said before anything else that it records.
    Start {
        now: Timestamp,
        id: StartId,
    },
    /// Makes every cell anew, as an operator decided.
    Reclaim {
        now: Timestamp,
        reclaiming: Box<Reclaiming>,
    },
    /// Reads as of one instant; writes nothing.
    Scan {
        now: Timestamp,
        scan: Scan,
    },
    /// Which records are on disk, in one hash.
    Head,
    /// The root over the first so many records.
    Root(u64),
    /// Does what time has brought, for some cases.
    Tick {
        now: Timestamp,
    },
}

/// A record of another system, its personal fields still plain.
pub struct ImportRecord {
    pub record: cases::Record,
    /// The encoded `Personal` message.
    pub personal: Option<Zeroizing<Vec<u8>>>,
}

/// Who asks, and which of its requests this is.
#[derive(Clone, Debug)]
pub struct Asked {
    pub by: Actor,
    pub token: Option<TokenId>,
    pub request_id: Option<String>,
    pub now: Timestamp,
}

/// An action whose texts are not sealed yet: plain UTF-8, or for a report the
/// encoded `Personal` message.
pub struct Plain(pub Action);

pub struct CaseCommand {
    pub asked: Asked,
    /// `None`: a report.
    pub case: Option<CaseId>,
    /// `None`: now.
    pub happened_at: Option<Timestamp>,
    pub action: Plain,
}

pub struct ProcessCommand {
    pub asked: Asked,
    /// `None`: one is opened.
    pub process: Option<ProcessId>,
    /// `None`: now.
    pub happened_at: Option<Timestamp>,
    pub action: process::Action,
    pub private: Private,
}

pub struct TokenCommand {
    pub asked: Asked,
    pub ask: TokenAsk,
}

pub enum TokenAsk {
    Create {
        bearer: Bearer,
        expires_at: Option<Timestamp>,
        /// SHA-256 of the secret, which the ledger never sees.
        secret_hash: [u8; 32],
    },
    Revoke(TokenId),
}

pub enum Bearer {
    /// The client's own stable name for a person.
    Resident(String),
    Other(Actor),
}

pub struct NoticesCommand {
    pub asked: Asked,
    pub ask: notices::Command,
}

/// Playbooks that were read and found sound.
pub struct AdoptCommand {
    pub asked: Asked,
    pub offered: Vec<Offered>,
    pub replaces_all: bool,
}

pub struct EraseCommand {
    pub asked: Asked,
    pub of: Whose,
}

/// What a person may ask for besides being erased.
pub struct AccessCommand {
    pub asked: Asked,
    pub of: Whose,
    pub ask: AccessAsk,
}

pub enum AccessAsk {
    Export,
    /// The encoded `Personal` message, still plain.
    Correct(Zeroizing<Vec<u8>>),
}

/// By what a person is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Any case of the person.
    Case(CaseId),
    /// The person's entry in a register.
    Entry(ProcessId),
    /// As a client calls the resident.
    Resident(String),
    Subject(Pseudonym),
}

/// What all cells followed from when they were scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The journal's first so many records.
    pub records: u64,
    pub catalogue_seq: u64,
}

pub enum Answer {
    Case(Result<CaseAnswer, Refused>),
    Process(Result<ProcessAnswer, Refused>),
    Token(Result<TokenAnswer, Refused>),
    /// The named consumer afterwards, where one is named.
    Notices(Result<Option<Consumer>, Refused>),
    /// Whether anything changed.
    Adopted(Result<bool, Refused>),
    Erased(Result<u64, Refused>),
    /// Whose data it is, the person first.
    Accessed(Result<Vec<SubjectId>, Refused>),
    Imported(Vec<Result<CaseId, NotImported>>),
    Recorded,
    /// What could not be taken.
    Activated(downlink::Applied),
    Scanned(Box<Scanned>, Basis),
    /// The last seq of the cells made anew, or why nothing was written.
    Reclaimed(Result<u64, String>),
    Head(journal::Head),
    /// `None`: there are not so many.
    Root(Option<journal::Hash>),
    /// How many cases had something to record.
    Ticked(usize),
    /// Nothing was done: the disk is nearly full, and the command can wait.
    DiskFull,
}

pub enum CaseAnswer {
    Now(Box<CaseRow>),
    /// The request was answered before: the case as that record left it.
    Earlier {
        case: CaseId,
        position: u64,
    },
}

pub enum ProcessAnswer {
    Now(ProcessId, Box<process::State>),
    /// The request was answered before: the process as that record left it.
    Earlier {
        process: ProcessId,
        position: u64,
    },
}

pub struct TokenAnswer {
    pub token: Token,
    /// The request was answered before.
    pub repeated: bool,
}

/// An expected no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Case(cases::Refusal),
    Process(process::Refusal),
    Token(token::Refusal),
    /// The person's key is destroyed: nothing more can be said under it.
    SubjectErased,
    /// Nobody is known by it here.
    NothingHeld,
    /// Only the office, or the person, has a person erased.
    MayNotErase,
    /// The request id was used for something else.
    RequestReused,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotImported {
    /// A case with this source id is here.
    Already(CaseId),
    Rejected(cases::Rejected),
}

// Not for logs: its texts are plain.
impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(…)")
    }
}
