//! How far the store's cells have come, as the line hears of it: not at every
//! group of a busy store.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::store::ledger::Marks;

const PAUSE: Duration = Duration::from_millis(100);

pub struct Growth {
    marks: watch::Receiver<Marks>,
    heard_from: Instant,
}

impl Growth {
    pub fn new(marks: watch::Receiver<Marks>) -> Growth {
        Growth {
            marks,
            heard_from: Instant::now(),
        }
    }

    /// The seq of the last cell, as it is.
    pub fn head(&self) -> u64 {
        self.marks.borrow().cell_seq
    }

    /// Waits until it may have grown; pending for ever once the store has ended.
    pub async fn next(&mut self) -> u64 {
        tokio::time::sleep_until(self.heard_from).await;
        if self.marks.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.heard_from = Instant::now() + PAUSE;
        self.marks.borrow_and_update().cell_seq
    }
}
