//! A centre as the driver meets it: a line of channels, and rows that are kept as
//! a receiver keeps them.

use std::{collections::BTreeMap, sync::Arc};

use proto::{
    indicator::{
        catalogue::Catalogue,
        cell::{CellKey, Order},
    },
    pb::hub as pb,
    place::Place,
};
use proto_edge::problem::Problem;
use tokio::sync::{mpsc, watch};
use tonic::Status;

use crate::rpc::feed::{
    Feeds,
    driver::{Line, Said, drive},
    reader::Reader,
    row::Rows,
};

pub type Key = (String, String, u32, String, Vec<String>);

/// A cell's key as rows spell it.
pub fn key_of(catalogue: &Catalogue, place: Place, of: &CellKey) -> Key {
    let change = hub_domain::feed::Change {
        place,
        cell: proto::indicator::cell::Cell {
            key: *of,
            order: Order { lineage: 1, seq: 1 },
            state: proto::indicator::cell::CellState::removed(),
        },
    };
    let row = Rows::new(catalogue).shown(&[change]).pop().unwrap();
    key(&row)
}

fn key(row: &pb::FeedRow) -> Key {
    let (place, indicator) = (row.place.clone(), row.indicator.clone());
    let (period, members) = (row.period.clone(), row.members.clone());
    (place, indicator, row.revision, period, members)
}

pub struct Centre {
    pub code: String,
    feeds: Arc<Feeds>,
    kept: BTreeMap<Key, (Order, Vec<u8>, u64)>,
    pub cursor: Vec<u8>,
    pub seq: u64,
    pub listings: u64,
    pub taken: usize,
    pub deaths: usize,
    pub never_went_back: bool,
    /// The hub's head when it last listed.
    listed_through: u64,
}

impl Centre {
    pub fn new(feeds: &Arc<Feeds>, code: &str) -> Centre {
        Centre {
            code: code.to_owned(),
            feeds: feeds.clone(),
            kept: BTreeMap::new(),
            cursor: Vec::new(),
            seq: 0,
            listings: 0,
            taken: 0,
            deaths: 0,
            never_went_back: true,
            listed_through: 0,
        }
    }

    pub fn rows(&self) -> BTreeMap<Key, (Order, Vec<u8>)> {
        let kept = self.kept.iter();
        kept.map(|(key, (order, state, _))| (key.clone(), (*order, state.clone())))
            .collect()
    }

    /// A row that no hub sent.
    pub fn plant(&mut self, place: &str) {
        let key = (place.into(), "QS.R02".into(), 1, "202501".into(), vec![]);
        let order = Order { lineage: 1, seq: 1 };
        self.kept.insert(key, (order, vec![], 0));
    }

    pub async fn dial(&self, rows: u32, window: u32) -> Wire {
        let (say, said) = mpsc::channel(100);
        let (batches, heard) = mpsc::channel(100);
        let start = pb::FeedStart {
            cursor: self.cursor.clone().into(),
            rows,
            window,
        };
        say.send(Said::Start(start)).await.ok().unwrap();
        let reader = Reader::centre(self.code.parse().unwrap());
        let mut line = Fake { said, batches };
        let feeds = self.feeds.clone();
        self.feeds
            .tasks
            .spawn(async move { drive(feeds, reader, &mut line).await });
        Wire { say, heard }
    }

    pub fn take(&mut self, batch: &pb::FeedBatch) {
        for sweep in &batch.sweeps {
            self.kept.retain(|key, (order, _, _)| {
                key.0 != sweep.place || order.lineage >= sweep.lineage
            });
        }
        self.listings += u64::from(batch.begins_listing);
        if batch.lists {
            self.listed_through = self.listed_through.max(batch.head_seq);
        }
        for row in &batch.rows {
            self.taken += 1;
            let order = Order {
                lineage: row.lineage,
                seq: row.seq,
            };
            let held = self.kept.get(&key(row)).map(|(order, _, _)| *order);
            // A listing shows what is held now; the journal up to then comes after it.
            let is_past_listing = batch.seq > self.listed_through;
            if held.is_some_and(|held| held > order) && is_past_listing {
                self.never_went_back = false;
            }
            if held.is_none_or(|held| held <= order) {
                match row.removed {
                    true => drop(self.kept.remove(&key(row))),
                    false => {
                        let kept = (order, row.state.to_vec(), self.listings);
                        self.kept.insert(key(row), kept);
                    }
                }
            }
        }
        if batch.ends_listing {
            let place = &batch.listing_place;
            self.kept.retain(|key, (_, _, listing)| {
                (!place.is_empty() && key.0 != *place) || *listing == self.listings
            });
        }
        self.cursor = batch.cursor.to_vec();
        self.seq = batch.seq;
    }

    pub async fn follow_until(&mut self, target: u64, rows: u32, window: u32) {
        let mut line = self.dial(rows, window).await;
        while self.seq < target {
            let batch = line.batch().await.expect("the feed goes on");
            self.take(&batch);
            line.ack(&batch).await;
        }
    }

    /// Until it has what was there when it came to the end of it.
    pub async fn follow_to_target(&mut self, head: watch::Receiver<u64>, rows: u32, window: u32) {
        let target = *head.borrow();
        self.follow_until(target, rows, window).await;
    }

    /// Stores some batches and dies with one that it had, or had not, stored.
    pub async fn follow_and_die(&mut self, rows: u32, window: u32, batches: usize) {
        let mut line = self.dial(rows, window).await;
        for at in 0..batches {
            let Some(batch) = line.batch().await else {
                break;
            };
            let is_last = at + 1 == batches;
            if is_last && self.deaths.is_multiple_of(2) {
                break;
            }
            self.take(&batch);
            if !is_last {
                line.ack(&batch).await;
            }
        }
        self.deaths += 1;
    }
}

/// The centre's end.
pub struct Wire {
    say: mpsc::Sender<Said>,
    heard: mpsc::Receiver<Result<pb::FeedBatch, Problem>>,
}

impl Wire {
    pub async fn batch(&mut self) -> Option<pb::FeedBatch> {
        match self.heard.recv().await {
            Some(Ok(batch)) => Some(batch),
            Some(Err(problem)) => panic!("{problem:?}"),
            None => None,
        }
    }

    pub async fn ack(&mut self, batch: &pb::FeedBatch) {
        let cursor = batch.cursor.clone();
        // The driver may have gone.
        let _ = self.say.send(Said::Ack(pb::FeedAck { cursor })).await;
    }

    /// The reason of the end, whatever came before it.
    pub async fn end(&mut self) -> &'static str {
        loop {
            match self.heard.recv().await.expect("an end with a reason") {
                Ok(batch) => self.ack(&batch).await,
                Err(problem) => return problem.reason,
            }
        }
    }
}

/// The hub's end.
struct Fake {
    said: mpsc::Receiver<Said>,
    batches: mpsc::Sender<Result<pb::FeedBatch, Problem>>,
}

impl Line for Fake {
    async fn said(&mut self) -> Result<Option<Said>, Status> {
        Ok(self.said.recv().await)
    }

    fn send(&mut self, batch: pb::FeedBatch) -> bool {
        self.batches.try_send(Ok(batch)).is_ok()
    }

    fn end(&mut self, problem: Problem) {
        let _ = self.batches.try_send(Err(problem));
    }
}
