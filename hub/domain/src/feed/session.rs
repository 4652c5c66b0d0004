//! One follower's session: what to read next, how much of it to send, what an
//! acknowledgement settles. Holds one window of changes at most, so a slow
//! follower costs little and holds up nobody. No I/O: whoever drives it reads.

use std::collections::VecDeque;

use proto::{identity::LogId, place::Place};

use super::{
    cursor::{At, Cursor, Listed},
    window::{Change, Sweep, Window},
};

pub const ROWS: u32 = 1_000;
pub const MOST_ROWS: u32 = 5_000;
pub const WINDOW: u32 = 8;
pub const MOST_WINDOW: u32 = 64;

/// Where a follower says that it stands, and how much it takes at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    pub cursor: Option<Cursor>,
    /// Rows of a batch, 1 to [`MOST_ROWS`].
    pub rows: u32,
    /// Batches without an acknowledgement, 1 to [`MOST_WINDOW`].
    pub window: u32,
}

/// What the hub knows when a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    pub log: LogId,
    pub scope_version: u64,
    /// Records that are durable, and those of them that the view holds.
    pub head: u64,
    pub applied: u64,
    /// A follower that lacks more records than these is listed everything
    /// instead: the cells are fewer than their changes.
    pub most_records: u64,
}

/// What the driver is to read, and then to hand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Records after `after`, at most up to `through`.
    Window { after: u64, through: Option<u64> },
    /// Cells after `last`, once the view holds everything up to `resume`.
    Listing {
        place: Option<Place>,
        resume: u64,
        last: Option<Listed>,
        rows: usize,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub cursor: Cursor,
    pub sweeps: Vec<Sweep>,
    pub begins_listing: bool,
    pub changes: Vec<Change>,
    pub ends_listing: bool,
    /// Rows are of a listing of this place, or of everything.
    pub lists: Option<Option<Place>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this cursor was not sent in this session, or was acknowledged before")]
pub struct UnknownAck;

pub struct Session {
    rows: usize,
    window: usize,
    /// Of what was sent last.
    cursor: Cursor,
    begins_listing: bool,
    /// What is left of the window read last.
    through: u64,
    sweeps: Vec<Sweep>,
    pending: VecDeque<Change>,
    has_window: bool,
    unacked: VecDeque<Cursor>,
    /// Of what is acknowledged, or was said at the beginning.
    acked: Cursor,
}

impl Session {
    pub fn begin(start: &Start, stand: Stand) -> Session {
        let usable = start.cursor.filter(|cursor| {
            let (log, version) = (cursor.log, cursor.scope_version);
            (log, version) == (stand.log, stand.scope_version) && is_known(&cursor.at, &stand)
        });
        let anew = Cursor {
            log: stand.log,
            scope_version: stand.scope_version,
            at: At::Listing {
                place: None,
                resume: stand.applied,
                last: None,
            },
        };
        let cursor = usable.unwrap_or(anew);
        let last = matches!(cursor.at, At::Listing { last: None, .. });
        Session {
            rows: start.rows.clamp(1, MOST_ROWS) as usize,
            window: start.window.clamp(1, MOST_WINDOW) as usize,
            cursor,
            begins_listing: last,
            through: 0,
            sweeps: Vec::new(),
            pending: VecDeque::new(),
            has_window: false,
            unacked: VecDeque::new(),
            acked: cursor,
        }
    }

    /// Up to which record the follower has said that it has everything.
    pub fn acked_seq(&self) -> u64 {
        self.acked.at.seq()
    }

    /// Up to which record it has read, if nothing is half read.
    pub fn position(&self) -> u64 {
        match self.cursor.at {
            At::Window { after, .. } => after,
            At::Listing { resume, .. } => resume,
        }
    }

    /// The follower was not told how far it has come.
    pub fn owes_bookmark(&self) -> bool {
        *self.unacked.back().unwrap_or(&self.acked) != self.cursor
    }

    /// As many batches are under way as the follower wants.
    pub fn is_full(&self) -> bool {
        self.unacked.len() >= self.window
    }

    /// `None`: what was read is not sent yet, or nothing may be sent.
    pub fn wants(&self) -> Option<Read> {
        if self.is_full() || self.has_window {
            return None;
        }
        Some(match self.cursor.at {
            At::Window { after, through, .. } => Read::Window {
                after,
                through: (through > after).then_some(through),
            },
            At::Listing {
                place,
                resume,
                last,
            } => Read::Listing {
                place,
                resume,
                last,
                rows: self.rows,
            },
        })
    }

    /// The window that was wanted. Answers whether there is anything to send.
    pub fn window(&mut self, window: Window) -> bool {
        let At::Window { last, .. } = self.cursor.at else {
            return false;
        };
        match window {
            Window::List { place, seq } => {
                self.cursor.at = At::Listing {
                    place: Some(place),
                    resume: seq,
                    last: None,
                };
                self.begins_listing = true;
                false
            }
            Window::Changes {
                through,
                sweeps,
                changes,
            } => {
                let untold = |change: &Change| Some(name(change)) > last;
                self.pending = changes.into_iter().filter(untold).collect();
                // With the first changes only.
                self.sweeps = if last.is_none() { sweeps } else { Vec::new() };
                self.through = through;
                self.has_window = true;
                !self.pending.is_empty() || !self.sweeps.is_empty()
            }
        }
    }

    /// The next part of the window; the last part of an empty one is a bookmark.
    pub fn batch(&mut self) -> Option<Batch> {
        if self.is_full() || !self.has_window {
            return None;
        }
        let At::Window { after, .. } = self.cursor.at else {
            return None;
        };
        let count = self.rows.min(self.pending.len());
        let changes: Vec<Change> = self.pending.drain(..count).collect();
        self.cursor.at = match self.pending.is_empty() {
            true => At::after(self.through),
            false => At::Window {
                after,
                through: self.through,
                last: changes.last().map(name),
            },
        };
        self.has_window = !self.pending.is_empty();
        self.unacked.push_back(self.cursor);
        Some(Batch {
            cursor: self.cursor,
            sweeps: std::mem::take(&mut self.sweeps),
            begins_listing: false,
            changes,
            ends_listing: false,
            lists: None,
        })
    }

    /// Nothing in the window concerns this follower: it is passed over, and told
    /// with the next batch or bookmark.
    pub fn skip(&mut self) {
        if self.has_window && self.pending.is_empty() && self.sweeps.is_empty() {
            self.cursor.at = At::after(self.through);
            self.has_window = false;
        }
    }

    /// Tells the follower how far it has come, when it was not told yet.
    pub fn bookmark(&mut self) -> Option<Batch> {
        if self.is_full() || self.has_window || !self.owes_bookmark() {
            return None;
        }
        self.unacked.push_back(self.cursor);
        Some(Batch {
            cursor: self.cursor,
            sweeps: Vec::new(),
            begins_listing: false,
            changes: Vec::new(),
            ends_listing: false,
            lists: None,
        })
    }

    /// The cells that were wanted; `is_last`: no more follow.
    pub fn listed(&mut self, changes: Vec<Change>, is_last: bool) -> Option<Batch> {
        let At::Listing {
            place,
            resume,
            last,
        } = self.cursor.at
        else {
            return None;
        };
        let reached = changes.last().map(name);
        self.cursor.at = match is_last {
            true => At::after(resume),
            false => At::Listing {
                place,
                resume,
                last: reached.or(last),
            },
        };
        self.unacked.push_back(self.cursor);
        Some(Batch {
            cursor: self.cursor,
            sweeps: Vec::new(),
            begins_listing: std::mem::take(&mut self.begins_listing),
            changes,
            ends_listing: is_last,
            lists: Some(place),
        })
    }

    /// Settles every batch up to the one with this cursor.
    pub fn ack(&mut self, cursor: &Cursor) -> Result<(), UnknownAck> {
        let at = self.unacked.iter().position(|sent| sent == cursor);
        let at = at.ok_or(UnknownAck)?;
        self.unacked.drain(..=at);
        self.acked = *cursor;
        Ok(())
    }
}

fn is_known(at: &At, stand: &Stand) -> bool {
    let (reached, behind) = match *at {
        At::Window { after, through, .. } => (through, after),
        At::Listing { resume, .. } => (resume, resume),
    };
    reached <= stand.head && stand.head - behind <= stand.most_records
}

fn name(change: &Change) -> Listed {
    Listed {
        place: change.place,
        key: change.cell.key,
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
