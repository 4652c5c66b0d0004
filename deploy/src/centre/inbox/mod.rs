//! A centre's own server: the hub of its district dials it and delivers the feed,
//! and nobody else is let in. Knows no format and no table.

mod keeper;

use std::{pin::Pin, sync::Arc};

use arc_swap::ArcSwap;
use node_server::identity::credentials::Credentials;
use proto::{
    identity::{District, Subject},
    pb::centre as pb,
};
use proto_edge::{
    authorise::{AuthoriseLayer, Gate},
    centre::centre_inbox_server::{CentreInbox, CentreInboxServer},
    listener::{HttpLimits, Limits, listen, server},
    live::Live,
    peer::Peer,
    problem::Problem,
    tls::{Admission, Barred, mutual_server},
};
use rustls::ServerConfig;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Code, Request, Response, Status, Streaming};

use super::follow::{MESSAGE_LIMIT, WINDOW, member, sink::Sink};
use crate::{cli, client::configuration, failure::Failure, say, service};
use keeper::{Call, Keeper};

/// One hub dials, and anew before it has noticed that an old line is dead.
const STREAMS: u32 = 4;
const CONNECTIONS: usize = 32;

pub fn serve(inbox: &cli::Inbox) -> Result<(), Failure> {
    service::run(async |stop| {
        let (credentials, centre) = member(&inbox.kept, &stop)?;
        let sink = Sink::open(&inbox.kept, &centre).await?;
        let holder = credentials.holder().map_err(configuration)?;
        let gate = Arc::new(HubAlone(holder.identity.district));
        let config = Arc::new(ArcSwap::from_pointee(config(&credentials, &gate)?));
        let listener = TcpListener::bind(inbox.listen).await;
        let listener = listener.map_err(|error| unheard(inbox, &error))?;
        let address = listener.local_addr()?;
        let limits = Limits {
            connections: CONNECTIONS,
            unnamed: CONNECTIONS / 2,
            handshakes: CONNECTIONS,
            ..Limits::default()
        };
        let live = Arc::new(Live::default());
        let incoming = listen(listener, config.clone(), limits, live, stop.clone());
        let (calls, come) = mpsc::channel(1);
        let service = CentreInboxServer::new(Inbox { calls });
        let router = server(HttpLimits {
            streams: STREAMS,
            ..HttpLimits::default()
        })
        .layer(AuthoriseLayer::new(gate.clone()))
        .add_service(service.max_decoding_message_size(MESSAGE_LIMIT));
        say!(
            "中心 {} 在 {} 上接收",
            "Centre {} receives on {}",
            centre,
            address
        );
        let until = stop.clone().cancelled_owned();
        // What was acknowledged is stored, whichever ends first.
        tokio::select! {
            kept = Keeper { sink, calls: come }.run(stop) => kept,
            served = router.serve_with_incoming_shutdown(incoming, until) => {
                served.map_err(configuration)
            }
            () = show_renewed(&credentials, &gate, &config) => Ok(()),
        }
    })
}

fn unheard(inbox: &cli::Inbox, error: &std::io::Error) -> Failure {
    configuration(crate::text!(
        "--listen {}：不能监听：{}",
        "--listen {}: cannot listen there: {}",
        inbox.listen,
        error
    ))
}

fn config(credentials: &Credentials, gate: &Arc<HubAlone>) -> Result<ServerConfig, Failure> {
    let membership = credentials.membership();
    let (own, roots) = (&membership.credential, &membership.roots);
    mutual_server(own, roots, gate.clone(), credentials.clock()).map_err(configuration)
}

/// A renewed certificate is shown from the next connection on.
async fn show_renewed(
    credentials: &Credentials,
    gate: &Arc<HubAlone>,
    shown: &ArcSwap<ServerConfig>,
) {
    let mut swaps = credentials.swaps();
    while swaps.changed().await.is_ok() {
        match config(credentials, gate) {
            Ok(config) => shown.store(Arc::new(config)),
            Err(failure) => tracing::error!(%failure.text, "a renewed certificate is not shown"),
        }
    }
}

/// Lets the hub of this district in.
#[derive(Debug)]
struct HubAlone(District);

impl HubAlone {
    fn knows(&self, peer: &Peer) -> bool {
        (&peer.identity.district, &peer.identity.subject) == (&self.0, &Subject::Hub)
    }
}

impl Admission for HubAlone {
    fn admits(&self, peer: &Peer) -> Result<(), Barred> {
        self.knows(peer).then_some(()).ok_or(Barred::NotEnrolled)
    }
}

impl Gate for HubAlone {
    fn admit(&self, _call: &str, peer: Option<&Peer>) -> Result<(), Problem> {
        let is_hub = peer.is_some_and(|peer| self.knows(peer));
        is_hub.then_some(()).ok_or_else(|| {
            Problem::new(
                Code::PermissionDenied,
                "ROLE_FORBIDDEN",
                "only the hub of this district delivers here",
                "只有本区枢纽可向此处递送",
            )
        })
    }
}

struct Inbox {
    calls: mpsc::Sender<Call>,
}

#[tonic::async_trait]
impl CentreInbox for Inbox {
    type DeliverStream = Pin<Box<dyn Stream<Item = Result<pb::DeliverResponse, Status>> + Send>>;

    async fn deliver(
        &self,
        request: Request<Streaming<pb::DeliverRequest>>,
    ) -> Result<Response<Self::DeliverStream>, Status> {
        // Where it stands, and as many acknowledgements as may be under way.
        let (replies, receiver) = mpsc::channel(WINDOW as usize + 1);
        let call = Call {
            batches: request.into_inner(),
            replies,
        };
        self.calls.try_send(call).map_err(|_| busy())?;
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

fn busy() -> Problem {
    Problem::new(
        Code::Unavailable,
        "BUSY",
        "what came before is being stored; deliver again",
        "正在存储先前到达的数据；请稍后重新递送",
    )
}
