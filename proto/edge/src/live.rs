//! Every open connection by the subject that holds it, so that a revoked one is
//! cut at once. Knows no reason for cutting.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use proto::identity::Subject;
use tokio_util::sync::CancellationToken;

use crate::peer::Peer;

/// The register of open connections. Anonymous ones are kept under `None`.
#[derive(Debug, Default)]
pub struct Live {
    open: Mutex<HashMap<Option<Subject>, HashMap<u64, Open>>>,
    next: AtomicU64,
    turned_away: AtomicU64,
}

#[derive(Debug)]
struct Open {
    peer: Option<Peer>,
    cut: CancellationToken,
}

/// Keeps a connection registered; dropping it takes the connection out.
#[derive(Debug)]
pub struct Registered {
    live: Arc<Live>,
    subject: Option<Subject>,
    number: u64,
    pub cut: CancellationToken,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{subject} already holds {held} connections")]
pub struct TooManyConnections {
    pub subject: Subject,
    pub held: usize,
}

impl Live {
    /// Registers a connection; a named peer may hold `per_identity` of them.
    pub fn enter(
        self: &Arc<Live>,
        peer: Option<Peer>,
        per_identity: usize,
    ) -> Result<Registered, TooManyConnections> {
        let subject = peer.as_ref().map(|peer| peer.identity.subject.clone());
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let cut = CancellationToken::new();
        let mut open = self.open();
        let held = open.get(&subject).map_or(0, HashMap::len);
        if let Some(subject) = &subject
            && held >= per_identity
        {
            return Err(TooManyConnections {
                subject: subject.clone(),
                held,
            });
        }
        let entry = Open {
            peer,
            cut: cut.clone(),
        };
        open.entry(subject.clone())
            .or_default()
            .insert(number, entry);
        drop(open);
        Ok(Registered {
            live: self.clone(),
            subject,
            number,
            cut,
        })
    }

    /// Cuts all connections of `subject`; says how many there were.
    pub fn cut(&self, subject: &Subject) -> usize {
        let open = self.open();
        let held = open.get(&Some(subject.clone()));
        held.map_or(0, |held| {
            held.values().for_each(|open| open.cut.cancel());
            held.len()
        })
    }

    /// Cuts the connections of named peers that `keep` does not keep.
    pub fn retain(&self, keep: impl Fn(&Peer) -> bool) -> usize {
        let open = self.open();
        let gone = open
            .values()
            .flat_map(HashMap::values)
            .filter(|open| open.peer.as_ref().is_some_and(|peer| !keep(peer)));
        gone.map(|open| open.cut.cancel()).count()
    }

    pub fn cut_all(&self) -> usize {
        let open = self.open();
        let all = open.values().flat_map(HashMap::values);
        all.map(|open| open.cut.cancel()).count()
    }

    /// A connection ended before it was one: no room, no good certificate, too slow.
    pub fn turn_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were turned away since the process began.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    pub fn count(&self) -> usize {
        self.open().values().map(HashMap::len).sum()
    }

    pub fn held_by(&self, subject: &Subject) -> usize {
        self.open()
            .get(&Some(subject.clone()))
            .map_or(0, HashMap::len)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Option<Subject>, HashMap<u64, Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut open = self.live.open();
        if let Some(held) = open.get_mut(&self.subject) {
            held.remove(&self.number);
            if held.is_empty() {
                open.remove(&self.subject);
            }
        }
    }
}
