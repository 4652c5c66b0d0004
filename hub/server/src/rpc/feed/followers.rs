//! Which stream speaks for a centre, and how far each has come. Lost with the
//! process, but for what the journal is told now and then. Knows no stream.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hub_domain::centre::Fed;
use proto::identity::Label;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub struct Followers(Mutex<HashMap<Label, Follower>>);

#[derive(Default)]
struct Follower {
    /// Counts streams: the newest one counts.
    number: u64,
    is_connected: bool,
    superseded: CancellationToken,
    fed: Option<Fed>,
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
        drop(second);
        assert_eq!(followers.of(&care), (false, Some(fed(5))));
    }
}
