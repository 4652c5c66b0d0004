//! What is durable and not yet in the view: a queue between the writer and the
//! applier, bounded by cells, so that the view cannot fall far behind. Knows
//! neither end.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Cells that wait, at most, beyond one group of the writer.
pub const LIMIT: usize = 64 * 1024;

pub struct Backlog<T> {
    queue: Mutex<Queue<T>>,
    changed: Condvar,
}

struct Queue<T> {
    waiting: VecDeque<T>,
    cost: usize,
    is_closed: bool,
}

/// What [`Backlog::take`] came back with.
pub enum Taken<T> {
    Some(VecDeque<T>),
    /// Nothing came within the time.
    Quiet,
    Closed,
}

impl<T> Default for Backlog<T> {
    fn default() -> Backlog<T> {
        let queue = Queue {
            waiting: VecDeque::new(),
            cost: 0,
            is_closed: false,
        };
        Backlog {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
        }
    }
}

impl<T> Backlog<T> {
    /// Waits for room. `false`: the applier is gone.
    pub fn push(&self, items: impl IntoIterator<Item = T>, cost: usize) -> bool {
        let mut queue = self.lock();
        while queue.cost > LIMIT && !queue.is_closed {
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting.extend(items);
        queue.cost += cost;
        self.changed.notify_all();
        !queue.is_closed
    }

    /// Takes all that waits; when nothing does, waits for `patience` (`None`:
    /// as long as it takes). Closed only once it is empty.
    pub fn take(&self, patience: Option<Duration>) -> Taken<T> {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut queue = self.lock();
        while queue.waiting.is_empty() {
            if queue.is_closed {
                return Taken::Closed;
            }
            queue = match until {
                None => self
                    .changed
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Taken::Quiet;
                    }
                    let waited = self.changed.wait_timeout(queue, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        queue.cost = 0;
        let taken = std::mem::take(&mut queue.waiting);
        self.changed.notify_all();
        Taken::Some(taken)
    }

    /// Either end calls it when it stops.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
