//! All sessions of one kind: which speaks for its node, and who of them may
//! send. Knows no machine and no stream.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hub_domain::sync::{
    admission::Admission,
    roster::{Entry, Roster},
};
use proto::{
    place::Place,
    sync::end::{End, Reason},
};
use tokio::sync::mpsc;

use super::Load;

/// A session has one grant and one end under way, at most.
const WORDS: usize = 4;

/// What one session hears from the others.
pub enum Word {
    Credit(u64),
    End(End),
}

#[derive(Default)]
pub struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    /// Sessions are numbered in the order in which they were opened.
    opened: u64,
    roster: Roster<Place>,
    admission: Admission<u64>,
    words: HashMap<u64, mpsc::Sender<Word>>,
}

/// A session's place among the others, which it leaves when dropped.
pub struct Seat {
    sessions: Arc<Sessions>,
    node: Place,
    number: u64,
    pub words: mpsc::Receiver<Word>,
}

impl Sessions {
    pub fn open(self: &Arc<Sessions>, node: Place) -> Seat {
        let (sender, words) = mpsc::channel(WORDS);
        let mut state = self.lock();
        state.opened += 1;
        let number = state.opened;
        state.words.insert(number, sender);
        Seat {
            sessions: self.clone(),
            node,
            number,
            words,
        }
    }

    /// What the sessions bear, without what was applied.
    pub fn load(&self) -> Load {
        let state = self.lock();
        Load {
            uplinks: state.words.len(),
            credit_bytes: state.admission.outstanding_bytes(),
            credit_holders: state.admission.holders(),
            waiting: state.admission.waiting(),
            applied: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Speaks for the node from now on, unless a later session does.
    pub fn enter(&self) -> Result<(), End> {
        let mut state = self.sessions.lock();
        match state.roster.enter(&self.node, self.number) {
            Entry::Late => Err(superseded("a later session has begun")),
            Entry::Newest { supersedes } => {
                if let Some(older) = supersedes {
                    state.say(older, Word::End(superseded("a newer session has begun")));
                }
                Ok(())
            }
        }
    }

    pub fn demand(&self, waiting: bool, returned_bytes: u64) {
        let mut state = self.sessions.lock();
        state.admission.demand(self.number, waiting, returned_bytes);
        state.grant();
    }

    /// What was received is durable, or dropped.
    pub fn settle(&self, bytes: u64) {
        let mut state = self.sessions.lock();
        state.admission.settle(self.number, bytes);
        state.grant();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.sessions.lock();
        state.roster.leave(&self.node, self.number);
        state.admission.leave(self.number);
        state.words.remove(&self.number);
        state.grant();
    }
}

impl State {
    fn grant(&mut self) {
        while let Some((number, bytes)) = self.admission.poll_grant() {
            if !self.say(number, Word::Credit(bytes)) {
                self.admission.settle(number, bytes);
            }
        }
    }

    fn say(&self, number: u64, word: Word) -> bool {
        let words = self.words.get(&number);
        words.is_some_and(|words| words.try_send(word).is_ok())
    }
}

fn superseded(detail: &str) -> End {
    End::of(Reason::Superseded, None, detail)
}

#[cfg(test)]
mod tests {
    use proto::sync::limits;

    use super::*;

    fn node(last: u32) -> Place {
        format!("510115001{last:03}").parse().unwrap()
    }

    fn credit(seat: &mut Seat) -> Option<u64> {
        match seat.words.try_recv() {
            Ok(Word::Credit(bytes)) => Some(bytes),
            _ => None,
        }
    }

    #[test]
    fn the_newest_session_speaks_for_its_node() {
        let sessions: Arc<Sessions> = Arc::default();
        let (mut first, second) = (sessions.open(node(1)), sessions.open(node(1)));
        first.enter().unwrap();
        second.enter().unwrap();
        assert!(matches!(first.words.try_recv(), Ok(Word::End(_))));
        assert_eq!(first.enter().unwrap_err().reason, Some(Reason::Superseded));
    }

    #[test]
    fn who_leaves_makes_room_for_who_waits() {
        let sessions: Arc<Sessions> = Arc::default();
        let seats = (0..limits::CREDIT_HOLDERS as u32).map(|n| sessions.open(node(n)));
        let mut seats: Vec<Seat> = seats.collect();
        for seat in &mut seats {
            seat.demand(true, 0);
            assert!(credit(seat).is_some());
        }
        let mut late = sessions.open(node(999));
        late.demand(true, 0);
        assert_eq!(credit(&mut late), None);
        seats.pop();
        assert!(credit(&mut late).is_some());
    }
}
