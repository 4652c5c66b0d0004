//! `FeedService`: takes the stream of a centre or an extension and gives it a
//! driver of its own, as `inbox` does with one that the hub opened. The newest
//! stream of each counts. Decides nothing: `hub_domain::feed` does.

mod driver;
pub mod followers;
pub mod inbox;
mod inflow;
mod reader;
mod row;
#[cfg(test)]
mod tests;

use std::{pin::Pin, sync::Arc};

use hub_domain::feed::{Cursor, MOST_ROWS, MOST_WINDOW, ROWS, Start, WINDOW};
use proto::pb::hub as pb;
use proto_edge::{clock::Clock, hub::feed_service_server::FeedService, problem::Problem};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, Response, Status, Streaming};

use super::{
    field::caller,
    status::{Mistake, Mistakes, broken},
};
use crate::store::Store;
use driver::{Line, Said};
pub use followers::Followers;
use reader::Reader;

/// Rows under way to one follower, at most.
const MOST_UNDER_WAY: u32 = 40_000;

/// Cheap to clone.
#[derive(Clone)]
pub struct FeedRpc(Arc<Feeds>);

/// What all drivers share.
pub struct Feeds {
    pub store: Store,
    pub clock: Clock,
    pub followers: Arc<Followers>,
    /// A follower that lacks more records than these is listed everything.
    pub most_records: u64,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
}

impl FeedRpc {
    pub fn new(feeds: Arc<Feeds>) -> FeedRpc {
        FeedRpc(feeds)
    }

    pub fn followers(&self) -> &Arc<Followers> {
        &self.0.followers
    }

    /// Returns when no stream is left. For after `stop`.
    pub async fn ended(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

/// A stream that a centre or an extension opened.
struct Followed {
    said: Streaming<pb::FollowRequest>,
    batches: mpsc::Sender<Result<pb::FollowResponse, Status>>,
}

impl Line for Followed {
    async fn said(&mut self) -> Result<Option<Said>, Status> {
        use pb::follow_request::Kind;
        let Some(message) = self.said.message().await? else {
            return Ok(None);
        };
        let said = message.kind.map(|kind| match kind {
            Kind::Start(start) => Said::Start(start),
            Kind::Ack(ack) => Said::Ack(ack),
        });
        Ok(Some(said.unwrap_or(Said::Nothing)))
    }

    fn send(&mut self, batch: pb::FeedBatch) -> bool {
        let batch = Some(batch);
        let sent = self.batches.try_send(Ok(pb::FollowResponse { batch }));
        sent.is_ok()
    }

    fn end(&mut self, problem: Problem) {
        // A follower that is gone need not be told.
        let _ = self.batches.try_send(Err(problem.into()));
    }
}

/// What a follower said that it takes.
pub fn start(wire: &pb::FeedStart) -> Result<Start, Problem> {
    let mut mistakes = Mistakes::default();
    let cursor = match wire.cursor.is_empty() {
        true => Some(None),
        false => mistakes
            .take(Cursor::from_bytes(&wire.cursor).ok_or_else(foreign_cursor))
            .map(Some),
    };
    let rows = mistakes.take(bounded("start.rows", wire.rows, ROWS, MOST_ROWS));
    let window = mistakes.take(bounded("start.window", wire.window, WINDOW, MOST_WINDOW));
    let parsed = cursor
        .zip(rows)
        .zip(window)
        .map(|((cursor, rows), window)| Start {
            cursor,
            rows,
            window: window.min(MOST_UNDER_WAY / rows).max(1),
        });
    mistakes.finish(parsed)
}

fn bounded(field: &str, given: u32, usual: u32, most: u32) -> Result<u32, Mistake> {
    match given {
        0 => Ok(usual),
        given if given <= most => Ok(given),
        _ => Err(Mistake::new(
            field,
            format!("want 1 to {most}, or 0 for {usual}"),
            format!("应为 1 至 {most}，0 为 {usual}"),
        )),
    }
}

fn foreign_cursor() -> Mistake {
    Mistake::new(
        "start.cursor",
        "want the cursor of a batch of this hub as it came, or nothing",
        "应为本枢纽所发批次的游标原样，或留空",
    )
}

#[tonic::async_trait]
impl FeedService for FeedRpc {
    type FollowStream = Pin<Box<dyn Stream<Item = Result<pb::FollowResponse, Status>> + Send>>;

    async fn follow(
        &self,
        mut request: Request<Streaming<pb::FollowRequest>>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let reader = Reader::of(caller(&mut request)?).ok_or_else(|| broken("a feed of nobody"))?;
        // As many as may be under way, and the end.
        let (batches, receiver) = mpsc::channel(MOST_WINDOW as usize + 1);
        let mut line = Followed {
            said: request.into_inner(),
            batches,
        };
        let feeds = self.0.clone();
        self.0
            .tasks
            .spawn(async move { driver::drive(feeds, reader, &mut line).await });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

#[cfg(test)]
mod start_tests {
    use super::*;

    #[test]
    fn a_start_is_within_bounds_or_says_which_field_is_not() {
        let wire = |rows, window| pb::FeedStart {
            rows,
            window,
            ..pb::FeedStart::default()
        };
        let usual = start(&wire(0, 0)).unwrap();
        assert_eq!((usual.rows, usual.window, usual.cursor), (1_000, 8, None));
        assert_eq!(start(&wire(5_000, 64)).unwrap().window, 8);
        assert_eq!(start(&wire(1, 64)).unwrap().window, 64);
        let wrong = pb::FeedStart {
            cursor: vec![9].into(),
            ..wire(5_001, 65)
        };
        let fields = start(&wrong).unwrap_err().fields;
        let fields: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["start.cursor", "start.rows", "start.window"]);
    }
}
