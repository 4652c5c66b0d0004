//! Drives one follower: reads what its session wants, sends,
//! hears acknowledgements. Between two readings at the journal's end it pauses,
//! so that a busy hub is read in stretches and not record by record.

use std::{sync::Arc, time::Duration};

use hub_domain::{
    centre::Fed,
    feed::{Batch, Cursor, Read, Session, Sight, Stand, window},
};
use proto::pb::hub as pb;
use proto_edge::problem::Problem;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tonic::Status;

use super::{Feeds, followers::Seat, inflow::Inflow, reader::Reader, row::Rows, start};
use crate::{
    rpc::{
        field::now,
        status::{Mistake, broken, feed_draining, feed_scope_changed, feed_superseded, unreadable},
    },
    store::StoreFault,
};

/// A follower says where it stands within this.
const START_WITHIN: Duration = Duration::from_secs(10);
/// Between two readings at the end of the journal.
const PACE: Duration = Duration::from_millis(100);
/// A follower that is further behind gives way no more, or it would never catch up
/// with a hub that is always busy.
const MOST_BEHIND: u64 = 50_000;
/// Between two batches while cells come in bulk or commands wait for the writer.
const REST: Duration = Duration::from_millis(250);
/// Between two batches that only say how far the follower has come.
const BOOKMARK_EVERY: Duration = Duration::from_secs(1);
/// How often the journal is told how far a follower has come.
const RECORD_EVERY: Duration = Duration::from_secs(300);

pub enum Said {
    Start(pb::FeedStart),
    Ack(pb::FeedAck),
    Nothing,
}

/// A stream to a follower. Sending never waits: no more is under way than the
/// stream has room for.
pub trait Line: Send {
    fn said(&mut self) -> impl Future<Output = Result<Option<Said>, Status>> + Send;
    /// `false`: the follower is gone.
    fn send(&mut self, batch: pb::FeedBatch) -> bool;
    fn end(&mut self, problem: Problem);
}

/// Until either end has enough.
pub async fn drive(feeds: Arc<Feeds>, reader: Reader, line: &mut impl Line) {
    let code = reader.code.clone();
    let ended = match begin(&feeds, reader, line).await {
        Ok(None) => Ok(()),
        Ok(Some(driver)) => driver.follow(line).await,
        Err(problem) => Err(problem),
    };
    match ended {
        Ok(()) => tracing::info!(%code, "feed ends"),
        Err(problem) => {
            tracing::info!(%code, reason = problem.reason, "feed ends");
            line.end(problem);
        }
    }
}

/// `None`: the follower has gone without a word.
async fn begin(
    feeds: &Arc<Feeds>,
    reader: Reader,
    line: &mut impl Line,
) -> Result<Option<Driver>, Problem> {
    let first = tokio::select! {
        first = timeout(START_WITHIN, line.said()) => first,
        () = feeds.stop.cancelled() => return Err(feed_draining()),
    };
    let given = match first {
        Ok(Ok(Some(Said::Start(given)))) => given,
        Ok(Ok(Some(_))) | Err(_) => return Err(start_missing().into()),
        Ok(Ok(None) | Err(_)) => return Ok(None),
    };
    let start = start(&given)?;
    let store = &feeds.store;
    let known = reader.standing(store)?;
    let seat = feeds.followers.open(reader.code.clone());
    let committed = store.committed();
    let stand = Stand {
        log: store.feed_log(),
        scope_version: known.scope_version,
        head: *committed.borrow(),
        applied: *store.applied().borrow(),
        most_records: feeds.most_records,
    };
    let session = Session::begin(&start, stand);
    Ok(Some(Driver {
        feeds: feeds.clone(),
        reader,
        scope_version: known.scope_version,
        recorded: (known.fed.map_or(0, |fed| fed.seq), Instant::now()),
        inflow: Inflow::new(stand.head, Instant::now()),
        seat,
        session,
        committed,
        read_at: Instant::now(),
        was_at_end: false,
        sent_at: Instant::now(),
    }))
}

struct Driver {
    feeds: Arc<Feeds>,
    reader: Reader,
    scope_version: u64,
    seat: Seat,
    session: Session,
    committed: watch::Receiver<u64>,
    read_at: Instant,
    /// It came to the journal's end.
    was_at_end: bool,
    sent_at: Instant,
    inflow: Inflow,
    /// What the journal knows, and since when.
    recorded: (u64, Instant),
}

impl Driver {
    async fn follow(mut self, line: &mut impl Line) -> Result<(), Problem> {
        let ended = self.exchange(line).await;
        self.record().await;
        ended
    }

    async fn exchange(&mut self, line: &mut impl Line) -> Result<(), Problem> {
        loop {
            let step = self.next().await?;
            let (is_full, is_resting) = match step {
                Step::Send(batch) => {
                    self.sent_at = Instant::now();
                    if !line.send(self.shown(batch)) {
                        return Ok(());
                    }
                    continue;
                }
                Step::Full => (true, false),
                Step::GivesWay => (false, true),
                Step::AtEnd => (false, false),
            };
            let position = self.session.position();
            let (pace, bookmark) = (self.read_at + PACE, self.sent_at + BOOKMARK_EVERY);
            let waits = !is_full && !is_resting;
            let owes = waits && self.session.owes_bookmark();
            let rested = self.sent_at + REST;
            let mut committed = self.committed.clone();
            let more = async {
                let grown = committed.wait_for(|seq| *seq > position).await.is_ok();
                sleep_until(pace).await;
                grown
            };
            tokio::select! {
                said = line.said() => match said {
                    Ok(Some(said)) => self.hear(said)?,
                    Ok(None) | Err(_) => return Ok(()),
                },
                is_open = more, if waits => if !is_open {
                    return Err(feed_draining());
                },
                () = sleep_until(bookmark), if owes => {}
                () = sleep_until(rested), if is_resting => {}
                () = self.seat.superseded.cancelled() => return Err(feed_superseded()),
                () = self.feeds.stop.cancelled() => return Err(feed_draining()),
            }
            if self.recorded.1.elapsed() >= RECORD_EVERY {
                self.record().await;
            }
        }
    }

    async fn next(&mut self) -> Result<Step, Problem> {
        loop {
            if self.session.is_full() {
                return Ok(Step::Full);
            }
            let head = *self.committed.borrow();
            let is_bulk = self.inflow.is_bulk(head, Instant::now());
            let is_busy = is_bulk || self.feeds.store.waiting() > 0;
            let is_near = head.saturating_sub(self.session.position()) < MOST_BEHIND;
            if is_busy && is_near && self.sent_at.elapsed() < REST {
                return Ok(Step::GivesWay);
            }
            if let Some(batch) = self.session.batch() {
                return Ok(Step::Send(batch));
            }
            let Some(read) = self.session.wants() else {
                return Ok(Step::AtEnd);
            };
            self.check_scope()?;
            match read {
                Read::Window { after, through } => {
                    let head = *self.committed.borrow();
                    let rests = self.was_at_end && self.read_at.elapsed() < PACE;
                    if through.is_none() && (after >= head || rests) {
                        let is_due = self.sent_at.elapsed() >= BOOKMARK_EVERY;
                        let bookmark = is_due.then(|| self.session.bookmark()).flatten();
                        return Ok(bookmark.map_or(Step::AtEnd, Step::Send));
                    }
                    self.read_window(after, through).await?;
                }
                Read::Listing {
                    place,
                    resume,
                    last,
                    rows,
                } => {
                    let mut applied = self.feeds.store.applied();
                    let seen = applied.wait_for(|seq| *seq >= resume).await;
                    seen.map_err(|_| feed_draining())?;
                    let (store, sight) = (self.feeds.store.clone(), self.sight());
                    let listed =
                        blocking(move || Ok(store.feed_listing(&sight, place, last, rows)?));
                    let (changes, is_last) = listed.await?;
                    if let Some(batch) = self.session.listed(changes, is_last) {
                        return Ok(Step::Send(batch));
                    }
                }
            }
        }
    }

    async fn read_window(&mut self, after: u64, through: Option<u64>) -> Result<(), Problem> {
        let (store, sight) = (self.feeds.store.clone(), self.sight());
        let read = blocking(move || {
            let run = store.run(after, through)?;
            let through = through.unwrap_or(run.through);
            Ok((window(&run.records, through, &sight), run.through))
        });
        let (window, reached) = read.await?;
        self.read_at = Instant::now();
        self.was_at_end = reached >= *self.committed.borrow();
        self.session.window(window);
        self.session.skip();
        Ok(())
    }

    /// What it sees changes with the catalogue; what is new there has no cells
    /// yet. Operators' changes are told apart by the version.
    fn sight(&self) -> Sight {
        let store = &self.feeds.store;
        Sight::of(self.reader.scope(store), store.catalogue().catalogue())
    }

    fn check_scope(&self) -> Result<(), Problem> {
        let standing = self.reader.standing(&self.feeds.store)?;
        match standing.scope_version == self.scope_version {
            true => Ok(()),
            false => Err(feed_scope_changed()),
        }
    }

    fn hear(&mut self, said: Said) -> Result<(), Problem> {
        let Said::Ack(ack) = said else {
            return Err(unknown_ack().into());
        };
        let cursor = Cursor::from_bytes(&ack.cursor).ok_or_else(unknown_ack)?;
        self.session.ack(&cursor).map_err(|_| unknown_ack())?;
        self.seat.acked(self.fed());
        Ok(())
    }

    fn fed(&self) -> Fed {
        Fed {
            seq: self.session.acked_seq(),
            at: now(&self.feeds.clock),
        }
    }

    /// For the status after a restart. A hub that cannot write now tells later.
    async fn record(&mut self) {
        let fed = self.fed();
        if self.reader.is_centre() && fed.seq != self.recorded.0 {
            let code = self.reader.code.clone();
            let told = self.feeds.store.fed(code, fed).await;
            if let Err(fault) = told {
                tracing::debug!(%fault, code = %self.reader.code, "a feed's place is not recorded");
            }
        }
        self.recorded = (fed.seq, Instant::now());
    }

    fn shown(&self, batch: Batch) -> pb::FeedBatch {
        let log = self.feeds.store.catalogue();
        let place = batch.lists.flatten();
        pb::FeedBatch {
            cursor: batch.cursor.to_bytes().into(),
            sweeps: (batch.sweeps.iter())
                .map(|sweep| pb::FeedSweep {
                    place: sweep.place.to_string(),
                    lineage: sweep.lineage,
                })
                .collect(),
            begins_listing: batch.begins_listing,
            rows: Rows::new(log.catalogue()).shown(&batch.changes),
            ends_listing: batch.ends_listing,
            listing_place: place.map(|place| place.to_string()).unwrap_or_default(),
            lists: batch.lists.is_some(),
            seq: batch.cursor.at.seq(),
            head_seq: *self.committed.borrow(),
        }
    }
}

enum Step {
    Send(Batch),
    /// The follower has as much under way as it wants.
    Full,
    /// Nodes' cells wait for the writer: a batch now and then is enough.
    GivesWay,
    AtEnd,
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, StoreFault> + Send + 'static,
) -> Result<T, Problem> {
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|_| broken("feed"))?
        .map_err(|fault| unreadable(&fault))
}

fn start_missing() -> Mistake {
    Mistake::new(
        "start",
        "want it as the first message, within ten seconds",
        "应为第一条消息，十秒之内",
    )
}

fn unknown_ack() -> Mistake {
    Mistake::new(
        "ack.cursor",
        "want the cursor of a batch of this stream that was not acknowledged yet",
        "应为本次连接所发、尚未确认的批次的游标",
    )
}
