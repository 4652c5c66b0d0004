//! What gRPC can do here at all: a tonic unary echo over our own mutual TLS, no
//! work behind it, in a process of its own as a node is.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use hub_domain::issuance::Serial;
use hub_server::pki::issuer::{Signer, Validity};
use prost::bytes::Bytes;
use proto::pb::enrol as pb;
use proto_edge::{
    clock::Clock,
    connector,
    credential::Credential,
    enrol::{
        enrol_service_client::EnrolServiceClient,
        enrol_service_server::{EnrolService, EnrolServiceServer},
    },
    listener::{self, HttpLimits, Limits},
    membership::Membership,
    peer::Peer,
    tls::{Admission, Barred, mutual_server},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, transport::Channel};

use crate::{clients::drive, figures::Load};

/// The argument by which this binary is told to be the server.
pub const SERVE: &str = "--serve-echo";
const LIFE_S: u64 = 3600;

/// The server's process; ended when dropped.
pub struct Echo {
    child: Child,
    membership: Membership,
}

impl Echo {
    pub fn start(dir: &Path) -> anyhow::Result<Echo> {
        let mut child = Command::new(env::current_exe()?)
            .args(["--bench", SERVE])
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = child.stdout.take().context("its stdout")?;
        let mut line = String::new();
        let read = BufReader::new(said).read_line(&mut line);
        let membership = Membership::load(dir);
        match (read, membership) {
            (Ok(_), Ok(membership)) => Ok(Echo { child, membership }),
            (read, membership) => {
                child.kill()?;
                child.wait()?;
                anyhow::bail!("the echo does not serve: {read:?}, {:?}", membership.err())
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `connections`: calls are spread over so many.
    pub async fn load(
        &self,
        clients: usize,
        connections: usize,
        span: Duration,
    ) -> anyhow::Result<Load> {
        let channels = self.channels(connections)?;
        let body = Bytes::from(vec![7u8; 300]);
        let call = move |client: usize, _| {
            let channel = channels[client % connections].clone();
            call(channel, body.clone())
        };
        drive(clients, span, call).await
    }

    /// Connections that were used once and are open.
    pub async fn hold(&self, connections: usize) -> anyhow::Result<Vec<Channel>> {
        let channels = self.channels(connections)?;
        for channel in &channels {
            call(channel.clone(), Bytes::new()).await?;
        }
        Ok(channels)
    }

    fn channels(&self, connections: usize) -> anyhow::Result<Vec<Channel>> {
        let config = self.membership.client_config(&Clock::system(0))?;
        let config = Arc::new(ArcSwap::from_pointee(config));
        let channel = |_| connector::channel(&self.membership.hub, config.clone());
        Ok((0..connections)
            .map(channel)
            .collect::<Result<Vec<_>, _>>()?)
    }
}

async fn call(channel: Channel, body: Bytes) -> Result<(), Status> {
    let request = pb::RenewRequest { csr: body };
    EnrolServiceClient::new(channel)
        .renew(request)
        .await
        .map(|_| ())
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Leaves a client's membership in `dir`, says so on stdout, and serves until
/// it is killed.
pub async fn serve(dir: &Path) -> anyhow::Result<()> {
    let clock = Clock::system(0);
    let district = "bench".parse()?;
    let validity = Validity::from(clock.now_s(), LIFE_S);
    let root = Signer::root(&district, validity)?;
    let roots = [root.certificate.clone()];
    let credential = |uri: &str, serial: u8| -> anyhow::Result<Credential> {
        let key = rcgen::KeyPair::generate()?;
        let hosts = ["127.0.0.1".to_owned()];
        let serial = Serial::from_entropy([serial; 16]);
        let leaf = root.leaf(&uri.parse()?, &key, serial, validity, &hosts)?;
        Ok(Credential::new(vec![leaf], key.serialize_der()))
    };
    let hub = credential("spiffe://bench/hub", 1)?;
    let server = mutual_server(&hub, &roots, Arc::new(Everybody), &clock)?;
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let membership = Membership {
        credential: credential("spiffe://bench/community/999901001001", 2)?,
        roots: roots.to_vec(),
        hub: socket.local_addr()?.to_string().parse()?,
    };
    membership.save(dir)?;
    println!("serving");
    std::io::stdout().flush()?;

    let limits = Limits {
        per_address: 1024,
        per_identity: 10_000,
        ..Limits::default()
    };
    let config = Arc::new(ArcSwap::from_pointee(server));
    let stop = CancellationToken::new();
    let incoming = listener::listen(socket, config, limits, Arc::default(), stop);
    let router =
        listener::server(HttpLimits::default()).add_service(EnrolServiceServer::new(Answer));
    Ok(router.serve_with_incoming(incoming).await?)
}

struct Answer;

#[tonic::async_trait]
impl EnrolService for Answer {
    async fn enrol(
        &self,
        _: Request<pb::EnrolRequest>,
    ) -> Result<Response<pb::EnrolResponse>, Status> {
        Ok(Response::new(pb::EnrolResponse::default()))
    }

    async fn renew(
        &self,
        request: Request<pb::RenewRequest>,
    ) -> Result<Response<pb::RenewResponse>, Status> {
        let credential = pb::Credential {
            chain: vec![request.into_inner().csr],
            ..Default::default()
        };
        Ok(Response::new(pb::RenewResponse {
            credential: Some(credential),
        }))
    }
}

#[derive(Debug)]
struct Everybody;

impl Admission for Everybody {
    fn admits(&self, _: &Peer) -> Result<(), Barred> {
        Ok(())
    }
}
