//! `NoticeService`: consumers drain the outbox of notices and acknowledge them;
//! whoever sees a matter can follow it.

mod feed;
pub mod status;

use std::sync::Arc;

use node_domain::cases::CaseId;
use node_domain::code::Code;
use node_domain::notices::{Command as Ask, Consumer, Mark, Matter};
use node_domain::process::{Engine, ProcessId};
use proto::pb::node::*;
use proto_edge::node::notice_service_server::NoticeService;
use proto_edge::problem::Problem;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status};

use super::caller::Caller;
use super::fields::{CASES, Fields, number};
use super::office::Office;
use super::process::Answered;
use super::status as refusals;
use super::stream::{Stream, WAITING};
use crate::store::ledger::command::{Answer, Command, NoticesCommand};
use feed::Feeding;

/// Streams at once.
const STREAMS: usize = 64;

pub struct NoticeRpc {
    office: Office,
    streams: Arc<Semaphore>,
    /// The streams' tasks.
    tasks: TaskTracker,
}

impl NoticeRpc {
    pub fn new(office: Office, tasks: TaskTracker) -> NoticeRpc {
        NoticeRpc {
            office,
            streams: Arc::new(Semaphore::new(STREAMS)),
            tasks,
        }
    }

    async fn ask(&self, caller: &Caller, ask: Ask) -> Result<Option<Consumer>, Problem> {
        let asked = self.office.asked(caller, None);
        let command = Command::Notices(NoticesCommand { asked, ask });
        match self.office.ask(command).await? {
            Answer::Notices(answer) => answer.map_err(|refused| refusals::refused(&refused)),
            _ => Err(refusals::fault(&"an answer to something else")),
        }
    }

    async fn follow(
        &self,
        caller: Caller,
        asked: FollowNoticesRequest,
    ) -> Result<ReceiverStream<Result<FollowNoticesResponse, Status>>, Problem> {
        let place = self.streams.clone().try_acquire_owned();
        let place = place.map_err(|_| refusals::too_many("streams"))?;
        let name = consumer(&asked.consumer)?;
        let open = Ask::Open {
            consumer: name.clone(),
        };
        let consumer = self.ask(&caller, open).await?;
        let consumer = consumer.ok_or_else(|| refusals::fault(&"no consumer was opened"))?;
        let (sender, shown) = mpsc::channel(WAITING);
        let stream = Stream {
            office: self.office.clone(),
            caller,
            feed: Feeding::new(name, consumer),
            _place: place,
        };
        self.tasks.spawn(stream.run(sender));
        Ok(ReceiverStream::new(shown))
    }
}

fn consumer(name: &str) -> Result<Code, Problem> {
    let mut fields = Fields::default();
    let code = name.parse().ok().or_else(|| {
        fields.wrong(
            "consumer",
            "want a code of your choosing: 1 to 40 of a-z, 0-9 and '-', such as mini-program",
            "请自取一个代码：1 至 40 个 a-z、0-9 或“-”，例如 mini-program",
        )
    });
    fields.done(code)
}

fn matter(name: &str) -> Result<Matter, Problem> {
    let mut fields = Fields::default();
    let process = || {
        let (collection, _) = name.split_once('/')?;
        let engine = Engine::by_collection(collection)?;
        let id = number(name, &format!("{collection}/"))?;
        Some(Matter::Process(engine, ProcessId(id)))
    };
    let case = number(name, CASES).map(|id| Matter::Case(CaseId(id)));
    let matter = case.or_else(process).or_else(|| {
        fields.wrong(
            "name",
            "want the name of a case or process, for example cases/17 or topics/3",
            "应为事项或流程的名称，例如 cases/17、topics/3",
        )
    });
    fields.done(matter)
}

#[tonic::async_trait]
impl NoticeService for NoticeRpc {
    type FollowNoticesStream = ReceiverStream<Result<FollowNoticesResponse, Status>>;

    async fn follow_notices(
        &self,
        request: Request<FollowNoticesRequest>,
    ) -> Answered<Self::FollowNoticesStream> {
        let caller = Caller::of(request.extensions())?;
        let stream = self.follow(caller, request.into_inner()).await?;
        Ok(Response::new(stream))
    }

    async fn ack_notices(
        &self,
        request: Request<AckNoticesRequest>,
    ) -> Answered<AckNoticesResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let consumer = consumer(&asked.consumer)?;
        let mut fields = Fields::default();
        let through = asked.through.parse::<Mark>().ok().or_else(|| {
            let (en, zh) = ("want a notice's id, 4711-0", "应为通知的 id，例如 4711-0");
            fields.wrong("through", en, zh)
        });
        let through = fields.done(through)?;
        let acked = self
            .ask(&caller, Ask::Acknowledge { consumer, through })
            .await?;
        let through = acked.map_or_else(String::new, |consumer| consumer.acked.to_string());
        Ok(Response::new(AckNoticesResponse { through }))
    }

    async fn close_notices(
        &self,
        request: Request<CloseNoticesRequest>,
    ) -> Answered<CloseNoticesResponse> {
        let caller = Caller::of(request.extensions())?;
        let consumer = consumer(&request.into_inner().consumer)?;
        self.ask(&caller, Ask::Close { consumer }).await?;
        Ok(Response::new(CloseNoticesResponse {}))
    }

    async fn follow_process(
        &self,
        request: Request<FollowProcessRequest>,
    ) -> Answered<FollowProcessResponse> {
        let caller = Caller::of(request.extensions())?;
        let matter = matter(&request.into_inner().name)?;
        self.ask(&caller, Ask::Follow(matter)).await?;
        Ok(Response::new(FollowProcessResponse {}))
    }

    async fn unfollow_process(
        &self,
        request: Request<UnfollowProcessRequest>,
    ) -> Answered<UnfollowProcessResponse> {
        let caller = Caller::of(request.extensions())?;
        let matter = matter(&request.into_inner().name)?;
        self.ask(&caller, Ask::Unfollow(matter)).await?;
        Ok(Response::new(UnfollowProcessResponse {}))
    }
}
