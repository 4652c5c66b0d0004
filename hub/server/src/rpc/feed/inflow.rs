//! Whether cells come in bulk: then feeds give way, since whatever they take of the
//! processors is taken from the nodes. Knows no feed.

use std::time::Duration;

use tokio::time::Instant;

/// It is looked at again after so long.
const SAMPLE: Duration = Duration::from_millis(50);
/// So many records a second come of a first load, not of a day's work: the 95 nodes
/// of a district make 19 when each has something to say every five seconds.
const BULK_PER_S: u128 = 400;

/// How fast the journal grows, as one follower sees it.
pub struct Inflow {
    seq: u64,
    at: Instant,
    is_bulk: bool,
}

impl Inflow {
    pub fn new(head: u64, now: Instant) -> Inflow {
        Inflow {
            seq: head,
            at: now,
            is_bulk: false,
        }
    }

    /// `head`: the journal's.
    pub fn is_bulk(&mut self, head: u64, now: Instant) -> bool {
        let since = now.duration_since(self.at);
        if since >= SAMPLE {
            let grown = u128::from(head.saturating_sub(self.seq));
            self.is_bulk = grown * 1_000 > BULK_PER_S * since.as_millis();
            (self.seq, self.at) = (head, now);
        }
        self.is_bulk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_bulk_is_told_from_a_days_work() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let mut inflow = Inflow::new(1_000, began);
        for (ms, head, is_bulk) in [
            // Too early to say.
            (49, 1_500, false),
            (50, 1_500, true),
            // Until it is looked at again.
            (99, 1_500, true),
            (100, 1_520, false),
            (1_100, 1_920, false),
            (1_150, 1_941, true),
            (60_000, 1_941, false),
        ] {
            assert_eq!(inflow.is_bulk(head, at(ms)), is_bulk, "{ms} ms");
        }
    }
}
