//! Crowds at the door: stalled handshakes, caps, exhausted files.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use proto_edge::{
    connector::dial,
    listener::{Accept, Limits, listen},
    live::Live,
    tls::pinned_client,
};
use rustls::ClientConnection;
use sha2::Digest as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsConnector;
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic_health::pb::HealthCheckRequest;

use crate::town::{HUB, NODE, Town, identity, soon};

const CROWD: usize = 200;

fn wide() -> Limits {
    Limits {
        per_address: 1_000,
        ..Limits::default()
    }
}

#[tokio::test]
async fn silent_peers_do_not_keep_an_honest_one_waiting() {
    let town = Town::start(wide()).await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        crowd.push(TcpStream::connect(town.address).await.unwrap());
    }
    let mut caller = town.caller(town.client_of(&town.member(NODE)));
    let call = caller.check(HealthCheckRequest::default());
    let waited = tokio::time::timeout(Duration::from_secs(1), call).await;
    waited
        .expect("an honest call waits for silent peers")
        .unwrap();
    assert_eq!(crowd.len(), CROWD);
}

#[tokio::test]
async fn peers_that_stall_half_way_give_way_to_an_honest_one() {
    let limits = Limits {
        handshake_deadline: Duration::from_secs(60),
        handshakes: CROWD / 2,
        ..wide()
    };
    let town = Town::start(limits).await;
    let config = Arc::new(town.client_of(&town.member(NODE)));
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut socket = TcpStream::connect(town.address).await.unwrap();
        let name = "hub.example".try_into().unwrap();
        let mut session = ClientConnection::new(config.clone(), name).unwrap();
        let mut hello = Vec::new();
        session.write_tls(&mut hello).unwrap();
        socket.write_all(&hello).await.unwrap();
        crowd.push(socket);
    }
    soon("an honest connection", dial(&town.dialled(), config))
        .await
        .unwrap();
    assert_eq!(crowd.len(), CROWD);
}

#[tokio::test]
async fn a_silent_peer_is_closed_at_the_deadline() {
    let limits = Limits {
        handshake_deadline: Duration::from_millis(50),
        ..Limits::default()
    };
    let town = Town::start(limits).await;
    let mut silent = TcpStream::connect(town.address).await.unwrap();
    let read = soon("the close", silent.read(&mut [0; 1])).await;
    assert_eq!(read.unwrap(), 0);
}

#[tokio::test]
async fn a_peer_that_says_nothing_after_its_handshake_is_closed() {
    let limits = Limits {
        handshake_deadline: Duration::from_millis(300),
        ..Limits::default()
    };
    let town = Town::start(limits).await;
    let mut busy = town.caller(town.client_of(&town.member(NODE)));
    busy.check(HealthCheckRequest::default()).await.unwrap();
    let config = Arc::new(town.client_of(&town.member("spiffe://wenjiang/operator/li")));
    let mut idle = dial(&town.dialled(), config).await.unwrap();
    let mut frames = Vec::new();
    soon("the close", idle.read_to_end(&mut frames)).await.ok();
    // One that has spoken stays, however quiet it then is.
    busy.check(HealthCheckRequest::default()).await.unwrap();
    assert_eq!(town.live.held_by(&identity(NODE).subject), 1);
}

/// A silent connection that the server kept can still be made a good one.
async fn shake(town: &Town, socket: TcpStream) -> io::Result<()> {
    let config = Arc::new(town.client_of(&town.member(NODE)));
    let name = "hub.example".try_into().unwrap();
    let shaken = TlsConnector::from(config).connect(name, socket);
    soon("the handshake", shaken).await.map(drop)
}

#[tokio::test]
async fn an_address_without_certificate_has_few_connections() {
    let town = Town::start(Limits::default()).await;
    let mut held = Vec::new();
    for _ in 0..Limits::default().per_address {
        held.push(TcpStream::connect(town.address).await.unwrap());
    }
    let mut one_more = TcpStream::connect(town.address).await.unwrap();
    assert_eq!(
        soon("the close", one_more.read(&mut [0; 1]))
            .await
            .unwrap_or(0),
        0
    );
    // Another address is not concerned.
    let elsewhere = tokio::net::TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let other = elsewhere.connect(town.address).await.unwrap();
    shake(&town, other).await.unwrap();
    // A place that is given back is free again.
    drop(held);
    let mut caller = town.caller(town.client_of(&town.member(NODE)));
    let call = async { while caller.check(HealthCheckRequest::default()).await.is_err() {} };
    soon("a free place", call).await;
}

#[tokio::test]
async fn members_do_not_use_up_their_address() {
    let limits = Limits {
        per_address: 2,
        ..Limits::default()
    };
    let town = Town::start(limits).await;
    let mut callers = Vec::new();
    for number in 0..8 {
        let own = town.member(&format!("spiffe://wenjiang/community/51011500306{number}"));
        let mut caller = town.caller(town.client_of(&own));
        caller.check(HealthCheckRequest::default()).await.unwrap();
        callers.push(caller);
    }
    assert_eq!(town.live.count(), callers.len());
}

#[tokio::test]
async fn an_identity_has_few_connections() {
    let town = Town::start(Limits::default()).await;
    let own = town.member(NODE);
    let mut callers = Vec::new();
    for _ in 0..Limits::default().per_identity {
        let mut caller = town.caller(town.client_of(&own));
        caller.check(HealthCheckRequest::default()).await.unwrap();
        callers.push(caller);
    }
    let mut fifth = town.caller(town.client_of(&own));
    assert!(fifth.check(HealthCheckRequest::default()).await.is_err());
    callers.pop();
    let call = async { while fifth.check(HealthCheckRequest::default()).await.is_err() {} };
    soon("a free place", call).await;
}

#[tokio::test]
async fn a_full_server_closes_the_next_connection() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let town = Town::start(limits).await;
    let mut callers = Vec::new();
    for number in 0..2 {
        let own = town.member(&format!("spiffe://wenjiang/community/51011500306{number}"));
        let mut caller = town.caller(town.client_of(&own));
        caller.check(HealthCheckRequest::default()).await.unwrap();
        callers.push(caller);
    }
    let mut one_more = town.caller(town.client_of(&town.member(NODE)));
    assert!(one_more.check(HealthCheckRequest::default()).await.is_err());
    // A place that is given back is free again.
    callers.pop();
    let call = async { while one_more.check(HealthCheckRequest::default()).await.is_err() {} };
    soon("a free place", call).await;
}

#[tokio::test]
async fn peers_without_a_name_leave_room_for_members() {
    let limits = Limits {
        connections: 3,
        unnamed: 2,
        ..wide()
    };
    let town = Town::start(limits).await;
    let roots = [town.authority.root.clone()];
    let pin = sha2::Sha256::digest(&roots[0]).into();
    let nobody = pinned_client(pin, &identity(HUB), &town.clock).unwrap();
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut caller = town.caller(nobody.clone());
        caller.check(HealthCheckRequest::default()).await.unwrap();
        held.push(caller);
    }
    let mut third = town.caller(nobody);
    assert!(third.check(HealthCheckRequest::default()).await.is_err());
    let mut member = town.caller(town.client_of(&town.member(NODE)));
    member.check(HealthCheckRequest::default()).await.unwrap();
}

/// A listener whose process has no file left, for a few attempts.
struct OutOfFiles {
    failures: Arc<AtomicUsize>,
    listener: TcpListener,
}

const ATTEMPTS: usize = 4;

impl Accept for OutOfFiles {
    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        const EMFILE: i32 = 24;
        if self.failures.load(Ordering::Relaxed) < ATTEMPTS {
            self.failures.fetch_add(1, Ordering::Relaxed);
            return Err(io::Error::from_raw_os_error(EMFILE));
        }
        self.listener.accept().await
    }
}

#[tokio::test]
async fn running_out_of_files_makes_pauses_and_passes() {
    let town = Town::start(Limits::default()).await;
    let failures = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let source = OutOfFiles {
        failures: failures.clone(),
        listener,
    };
    let config = Arc::new(ArcSwap::new(town.config.load_full()));
    let begun = Instant::now();
    let live = Arc::new(Live::default());
    let stop = CancellationToken::new();
    let mut incoming = listen(source, config, Limits::default(), live, stop);
    let socket = TcpStream::connect(address).await.unwrap();
    shake(&town, socket).await.unwrap();
    incoming.next().await.unwrap().unwrap();
    assert_eq!(failures.load(Ordering::Relaxed), ATTEMPTS);
    // 50, 100, 200 and 400 ms: a pause is never shorter than asked for.
    assert!(begun.elapsed() >= Duration::from_millis(750));
}
