//! What gRPC can do here at all: a tonic unary echo of about 300 bytes over our
//! own mutual TLS, no work behind it. Client and server share the machine.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use hub_domain::issuance::Serial;
use hub_server::pki::issuer::{Signer, Validity};
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
    peer::Peer,
    tls::{Admission, Barred, mutual_client, mutual_server},
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::figures::Figures;

const CALLS: usize = 20_000;

pub fn unary_limit(figures: &mut Figures) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let (address, client) = serve(stop.clone()).await?;
        for clients in [1, 16, 64] {
            let channel = connector::channel(&address, client.clone())?;
            let body = prost::bytes::Bytes::from(vec![7u8; 300]);
            let (latencies, took) = drive(
                clients,
                CALLS / if clients == 1 { 4 } else { 1 },
                move || {
                    let mut client = EnrolServiceClient::new(channel.clone());
                    let request = pb::RenewRequest { csr: body.clone() };
                    async move { client.renew(request).await.map(|_| ()) }
                },
            )
            .await?;
            figures.rate(
                format!("limit: tonic echo, mutual TLS, {clients} clients"),
                latencies,
                took,
                "one connection, no work",
            );
        }
        stop.cancel();
        Ok(())
    })
}

/// `calls` calls in all by `clients` tasks; every latency, and how long it took.
pub async fn drive<F, C>(
    clients: usize,
    calls: usize,
    call: F,
) -> anyhow::Result<(Vec<Duration>, Duration)>
where
    F: Fn() -> C + Clone + Send + 'static,
    C: Future<Output = Result<(), Status>> + Send,
{
    let mut workers = JoinSet::new();
    let started = Instant::now();
    for _ in 0..clients {
        let call = call.clone();
        workers.spawn(async move {
            let mut latencies = Vec::with_capacity(calls / clients);
            for _ in 0..calls / clients {
                let begun = Instant::now();
                call().await?;
                latencies.push(begun.elapsed());
            }
            Ok::<_, Status>(latencies)
        });
    }
    let mut latencies = Vec::with_capacity(calls);
    while let Some(worker) = workers.join_next().await {
        latencies.extend(worker??);
    }
    Ok((latencies, started.elapsed()))
}

struct Echo;

#[tonic::async_trait]
impl EnrolService for Echo {
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
        let chain = vec![request.into_inner().csr];
        let credential = pb::Credential {
            chain,
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

type Client = Arc<ArcSwap<rustls::ClientConfig>>;

async fn serve(stop: CancellationToken) -> anyhow::Result<(connector::Address, Client)> {
    let clock = Clock::system(0);
    let district = "bench".parse()?;
    let validity = Validity::from(clock.now_s(), 3600);
    let root = Signer::root(&district, validity)?;
    let roots = [root.certificate.clone()];
    let credential = |uri: &str, serial: u8| -> anyhow::Result<Credential> {
        let key = rcgen::KeyPair::generate()?;
        let hosts = ["127.0.0.1".to_owned()];
        let leaf = root.leaf(
            &uri.parse()?,
            &key,
            Serial::from_entropy([serial; 16]),
            validity,
            &hosts,
        )?;
        Ok(Credential::new(vec![leaf], key.serialize_der()))
    };
    let hub = credential("spiffe://bench/hub", 1)?;
    let node = credential("spiffe://bench/community/999901001001", 2)?;
    let server = mutual_server(&hub, &roots, Arc::new(Everybody), &clock)?;
    let client = mutual_client(&node, &roots, &"spiffe://bench/hub".parse()?, &clock)?;

    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let address = socket.local_addr()?.to_string().parse()?;
    let config = Arc::new(ArcSwap::from_pointee(server));
    let incoming = listener::listen(
        socket,
        config,
        Limits::default(),
        Arc::default(),
        stop.clone(),
    );
    let router = listener::server(HttpLimits::default()).add_service(EnrolServiceServer::new(Echo));
    tokio::spawn(router.serve_with_incoming_shutdown(incoming, stop.cancelled_owned()));
    Ok((address, Arc::new(ArcSwap::from_pointee(client))))
}
