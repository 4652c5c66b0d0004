//! What the uplink remembers from session to session of one process, and the
//! actions that wait for its driver.

use std::collections::VecDeque;

use proto::sync::{head::JournalHead, instant::Instant};

use super::{
    action::{Action, Notice, Ticket},
    refused::Refused,
    suspect::{Carried, Suspect},
};

#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The store's last seq, as far as the machine was told.
    pub head: u64,
    /// To be said in the next greeting.
    pub journal_head: Option<Box<JournalHead>>,
    /// The node's catalogue, as far as the machine was told.
    pub catalogue: u64,
    /// Both ends held the same up to here, when last compared.
    pub agreed: Option<u64>,
    pub suspect: Suspect,
    pub refused: Refused,
    actions: VecDeque<Action>,
    tickets: u64,
}

impl Memory {
    pub fn new(head: u64, catalogue: u64) -> Memory {
        Memory {
            head,
            catalogue,
            ..Memory::default()
        }
    }

    pub fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    pub fn ask(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    pub fn notify(&mut self, notice: Notice) {
        self.ask(Action::Notify(notice));
    }

    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The stream broke with these batches under way, the oldest first.
    /// `is_certain`: the hub said that the oldest itself was at fault.
    pub fn broke(&mut self, now: Instant, flights: &[Carried<'_>], is_certain: bool) {
        // A refused cell sent again by itself has its marker at the hub.
        let again = match flights.first() {
            Some((from, [(key, order)])) if order.seq <= *from => Some(*key),
            _ => None,
        };
        match again {
            Some(key) if self.refused.is_withheld(&key) => self.refused.postpone(&key, now),
            _ => match (self.suspect.broke(flights, is_certain), again) {
                (None, _) => {}
                (Some(_), Some(key)) => {
                    self.refused.postpone(&key, now);
                    self.suspect.acquit();
                }
                (Some((key, _)), None) => self.notify(Notice::Withheld { key }),
            },
        }
    }
}
