//! A stream that follows what the journal brings, for one caller, until nobody
//! listens, the node stops or the caller's token is good no more. A slow reader is
//! waited for and misses nothing. Knows nothing of what is shown.

use std::time::Duration;

use jiff::Timestamp;
use proto_edge::problem::Problem;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tonic::Status;

use super::caller::Caller;
use super::office::Office;
use super::status::{self, NoBearer};
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::token::Tokens;

/// Answers that wait for a slow reader, beside those of the present chunk.
pub const WAITING: usize = 16;
/// A token's end is looked for at least so often.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// So long a slow reader may take to hear why its stream ends.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Where a stream's answers come from.
pub trait Feed: Sized + Send + 'static {
    type Shown: Send + 'static;

    /// What is told before anything else.
    fn first(&self) -> Self::Shown;

    /// Blocks. What there is up to the journal's `last` record; the inner problem
    /// ends the stream.
    fn chunk(
        &mut self,
        store: &Store,
        last: u64,
    ) -> Result<Result<Chunk<Self::Shown>, Problem>, StoreFault>;
}

pub struct Chunk<T> {
    pub shown: Vec<T>,
    /// There is more to read at once.
    pub is_full: bool,
}

pub struct Stream<F> {
    pub office: Office,
    pub caller: Caller,
    pub feed: F,
    /// Held as long as the stream lives.
    pub _place: OwnedSemaphorePermit,
}

enum Ended {
    /// Nobody listens any more.
    Left,
    Refused(Problem),
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Ended {
        Ended::Refused(problem)
    }
}

type Sender<F> = mpsc::Sender<Result<<F as Feed>::Shown, Status>>;

impl<F: Feed> Stream<F> {
    pub async fn run(self, sender: Sender<F>) {
        let stop = self.office.stop.clone();
        let ended = tokio::select! {
            () = sender.closed() => Ended::Left,
            () = stop.cancelled() => Ended::Refused(status::stopping()),
            Err(ended) = self.follow(&sender) => ended,
        };
        if let Ended::Refused(problem) = ended {
            // A reader that takes nothing does not hold up the node's end.
            let _ = sender.send_timeout(Err(problem.into()), LAST_WORD).await;
        }
    }

    async fn follow(mut self, sender: &Sender<F>) -> Result<std::convert::Infallible, Ended> {
        let mut marks = self.office.store.marks();
        send::<F>(sender, self.feed.first()).await?;
        loop {
            marks.mark_unchanged();
            let office = self.office.clone();
            let read = office.read(move |store| {
                let token_ends_at = match self.token_ends_at(store)? {
                    Ok(ends_at) => ends_at,
                    Err(problem) => return Ok((self, Err(problem))),
                };
                // What the journal has beyond this is not in the rows yet.
                let last = store.marks().borrow().position;
                let chunk = self.feed.chunk(store, last)?;
                Ok((self, chunk.map(|chunk| (chunk, token_ends_at))))
            });
            let chunk;
            (self, chunk) = read.await?;
            let (chunk, token_ends_at) = chunk?;
            for shown in chunk.shown {
                send::<F>(sender, shown).await?;
            }
            if chunk.is_full {
                continue;
            }
            let changed = tokio::time::timeout(self.wait(token_ends_at), marks.changed());
            if let Ok(Err(_)) = changed.await {
                return Err(status::stopping().into());
            }
        }
    }

    fn wait(&self, token_ends_at: Option<Timestamp>) -> Duration {
        let left = token_ends_at.map(|at| at.duration_since((self.office.now)()));
        let left = left.map(|left| Duration::try_from(left).unwrap_or_default());
        left.map_or(LONGEST_WAIT, |left| left.min(LONGEST_WAIT))
    }

    /// When the caller's token expires; the problem: it is good no more.
    fn token_ends_at(
        &self,
        store: &Store,
    ) -> Result<Result<Option<Timestamp>, Problem>, StoreFault> {
        let token = store.view().load::<Tokens>(&self.caller.token)?;
        let Some(token) = token else {
            return Ok(Err(status::no_bearer(NoBearer::Unknown)));
        };
        Ok(match token.bearer((self.office.now)()) {
            Ok(_) => Ok(token.expires_at),
            Err(why) => Err(status::no_bearer(NoBearer::Invalid(why))),
        })
    }
}

async fn send<F: Feed>(sender: &Sender<F>, shown: F::Shown) -> Result<(), Ended> {
    sender.send(Ok(shown)).await.map_err(|_| Ended::Left)
}
