//! Who is in the handshake at this moment. There is always room for one more:
//! when all places are taken, the oldest gives way. Knows no socket.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

#[derive(Debug)]
pub(super) struct Arrivals {
    state: Mutex<State>,
    most: usize,
}

#[derive(Debug, Default)]
struct State {
    arrived: u64,
    waiting: BTreeMap<u64, CancellationToken>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Arrival {
    arrivals: Arc<Arrivals>,
    number: u64,
    /// Its place is somebody else's.
    pub gone: CancellationToken,
}

impl Arrivals {
    pub fn new(most: usize) -> Arc<Arrivals> {
        Arc::new(Arrivals {
            state: Mutex::default(),
            most,
        })
    }

    pub fn enter(self: &Arc<Arrivals>) -> Arrival {
        let gone = CancellationToken::new();
        let mut state = self.lock();
        state.arrived += 1;
        let number = state.arrived;
        if state.waiting.len() >= self.most
            && let Some((_, oldest)) = state.waiting.pop_first()
        {
            oldest.cancel();
        }
        state.waiting.insert(number, gone.clone());
        Arrival {
            arrivals: self.clone(),
            number,
            gone,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.arrivals.lock().waiting.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let arrivals = Arrivals::new(2);
        let (first, second) = (arrivals.enter(), arrivals.enter());
        let third = arrivals.enter();
        assert!(first.gone.is_cancelled());
        assert!(!second.gone.is_cancelled());
        drop(second);
        let _fourth = arrivals.enter();
        assert!(!third.gone.is_cancelled());
        // The one that gave way takes nobody's place with it.
        drop(first);
        assert_eq!(arrivals.lock().waiting.len(), 2);
    }
}
