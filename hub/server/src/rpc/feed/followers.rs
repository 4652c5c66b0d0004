//! Which stream speaks for a centre, and how far each has come. Lost with the
//! process, but for what the journal is told now and then. Knows no stream.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hub_domain::centre::Fed;
use proto::identity::Label;
use tokio_util::sync::CancellationToken;

const TROUBLE_CHARS: usize = 300;

#[derive(Default)]
pub struct Followers(Mutex<HashMap<Label, Follower>>);

#[derive(Default)]
struct Follower {
    /// Counts streams: the newest one counts.
    number: u64,
    is_connected: bool,
    superseded: CancellationToken,
    fed: Option<Fed>,
    /// Why the hub's last delivery failed; none while a stream goes on.
    trouble: String,
}

/// A stream's place, which it leaves when dropped.
pub struct Seat {
    followers: Arc<Followers>,
    centre: Label,
    number: u64,
    /// When a newer stream has come.
    pub superseded: CancellationToken,
}

impl Followers {
    /// Ends the centre's earlier stream.
    pub fn open(self: &Arc<Followers>, centre: Label) -> Seat {
        let mut followers = self.lock();
        let follower = followers.entry(centre.clone()).or_default();
        follower.superseded.cancel();
        follower.superseded = CancellationToken::new();
        follower.number += 1;
        follower.is_connected = true;
        follower.trouble.clear();
        Seat {
            followers: self.clone(),
            centre,
            number: follower.number,
            superseded: follower.superseded.clone(),
        }
    }

    /// Whether the centre follows now, and what it has acknowledged since this
    /// process began.
    pub fn of(&self, centre: &Label) -> (bool, Option<Fed>) {
        let followers = self.lock();
        let follower = followers.get(centre);
        follower.map_or((false, None), |follower| {
            (follower.is_connected, follower.fed)
        })
    }

    /// A delivery did not begin, or ended.
    pub fn failed(&self, centre: &Label, why: &str) {
        let mut followers = self.lock();
        let follower = followers.entry(centre.clone()).or_default();
        if !follower.is_connected {
            follower.trouble = why.chars().take(TROUBLE_CHARS).collect();
        }
    }

    pub fn trouble(&self, centre: &Label) -> String {
        let followers = self.lock();
        let follower = followers.get(centre);
        follower.map(|of| of.trouble.clone()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Label, Follower>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub fn acked(&self, fed: Fed) {
        if let Some(follower) = self.followers.lock().get_mut(&self.centre)
            && follower.number == self.number
        {
            follower.fed = Some(fed);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(follower) = self.followers.lock().get_mut(&self.centre)
            && follower.number == self.number
        {
            follower.is_connected = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn the_newest_stream_speaks_for_its_centre() {
        let followers: Arc<Followers> = Arc::default();
        let care: Label = "care".parse().unwrap();
        assert_eq!(followers.of(&care), (false, None));
        let first = followers.open(care.clone());
        let second = followers.open(care.clone());
        assert!(first.superseded.is_cancelled() && !second.superseded.is_cancelled());
        let fed = |seq| Fed {
            seq,
            at: Timestamp::UNIX_EPOCH,
        };
        second.acked(fed(5));
        first.acked(fed(4));
        drop(first);
        assert_eq!(followers.of(&care), (true, Some(fed(5))));
        followers.failed(&care, "not told while a stream goes on");
        assert_eq!(followers.trouble(&care), "");
        drop(second);
        followers.failed(&care, "cannot be reached");
        assert_eq!(followers.trouble(&care), "cannot be reached");
        assert_eq!(followers.of(&care), (false, Some(fed(5))));
        drop(followers.open(care.clone()));
        assert_eq!(followers.trouble(&care), "");
    }
}
