//! What becomes of a session once its greeting is decided, or once it is known
//! what the node must show first.

use proto::sync::{end::End, instant::Instant, limits, uplink::Down};

use super::{Greeting, Session, State, busy};

/// Another connection's batches may come between, but not again and again.
const MOST_SHOWS: u32 = 4;

impl Session {
    /// The greeting is decided, and the grant durable.
    pub fn handle_greeted(&mut self, now: Instant, greeting: Result<Greeting, End>) {
        if !matches!(self.state, State::Deciding { .. }) {
            return;
        }
        match greeting {
            Ok(Greeting::Show { .. }) if self.shows == MOST_SHOWS => {
                self.close(busy("the journal is known anew each time"));
            }
            Ok(Greeting::Show { size }) => {
                self.shows += 1;
                let by = now + limits::HELLO_WAIT;
                self.state = State::HelloPending { by };
                self.reply(Down::Show { size });
            }
            Ok(Greeting::Reclaim(terms)) => {
                self.state = State::Returning {
                    by: now + limits::ACK_WAIT,
                    after: None,
                    is_reading: false,
                };
                self.reply(Down::Reclaim(terms));
            }
            Ok(Greeting::Welcome(welcome)) => {
                let until = now + self.jitter.around(limits::SESSION_AGE);
                let epoch = welcome.epoch;
                self.state = State::Welcomed { epoch, until };
                self.reply(Down::Welcome(welcome));
            }
            Err(end) => self.close(end),
        }
    }
}
