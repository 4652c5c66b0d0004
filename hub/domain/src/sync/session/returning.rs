//! A session in which a store that comes back is given its cells, page by page.

use proto::{
    indicator::cell::Cell,
    sync::{
        instant::Instant,
        limits,
        uplink::{Down, Returned, Up},
    },
};

use super::{Output, Session, State};

impl Session {
    /// `last`: nothing of the node's is held past these.
    pub fn handle_returned(&mut self, now: Instant, cells: Vec<Cell>, last: bool) {
        let State::Returning {
            by,
            after,
            is_reading,
        } = &mut self.state
        else {
            return;
        };
        *by = now + limits::ACK_WAIT;
        *is_reading = false;
        *after = cells.last().map(|cell| cell.key).or(*after);
        self.reply(Down::Returned(Returned { cells, last }));
    }

    pub(super) fn wants_more(&mut self, now: Instant, up: &Up) {
        let State::Returning {
            by,
            after,
            is_reading,
        } = &mut self.state
        else {
            return;
        };
        match up {
            Up::More if !*is_reading => {
                *is_reading = true;
                *by = now + limits::ACK_WAIT;
                let after = *after;
                self.outputs.push_back(Output::Return(after));
            }
            Up::Bye => {
                self.outputs.push_back(Output::Close(None));
                self.state = State::Closed;
            }
            _ => self.malformed("want more or bye while cells are given back"),
        }
    }
}
