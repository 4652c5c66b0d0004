//! A hub with a district's or a province's nodes connected while strangers crowd
//! its door: stalled handshakes that come again and again, and peers that
//! vanished after their greeting. Then the hub restarts and all come back. A
//! benchmark prints it at full size, a test asserts it at a small one.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use proto::{
    identity::{Identity, Subject},
    sync::jitter::Jitter,
};
use proto_edge::{clock::Clock, membership::Membership, tls::pinned_client};
use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    runtime::Runtime,
    sync::Semaphore,
    task::JoinSet,
    time::sleep_until,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    cells,
    hub::Hub,
    line::{Line, Open},
    usage,
    witness::{Seen, Witness},
};

/// Nodes dialled at once from one address; the hub takes 16 without a name.
const AT_ONCE: usize = 12;
const PER_ADDRESS: usize = 16;
const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// A peer that is gone is noticed by the hub's pings.
pub const BACK_WITHIN: Duration = Duration::from_secs(60);
/// Connections of the witness itself, and files that the store opens.
const SPARE: usize = 24;
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[derive(Clone, Copy)]
pub struct Size {
    pub nodes: usize,
    pub stalled: usize,
    pub half_open: usize,
    /// How long an honest client looks on.
    pub watch: Duration,
    /// Nodes come back at any moment within.
    pub window: Duration,
}

pub struct Crowded {
    /// Processor time of the hub per node, to connect.
    pub connect_ms: f64,
    pub nodes_mib: f64,
    pub quiet: Seen,
    pub crowded: Seen,
    /// From the crowd's end until its descriptors are free.
    pub back: Duration,
    /// From the hub's restart until the last node is greeted.
    pub settled: Duration,
    pub returning: Seen,
}

type Node = (Line, Option<Open>);

pub fn measure(runtime: &Runtime, dir: PathBuf, size: Size) -> anyhow::Result<Crowded> {
    let mut hub = Hub::found_with(runtime, dir, size.nodes, Default::default())?;
    hub.start(runtime)?;
    let pid = hub.pid()?;
    let lines = (0..size.nodes)
        .map(|node| (Line::new(node), None))
        .collect();
    let before = usage::cpu(pid)?;
    let mut nodes = runtime.block_on(connect(&hub, lines, Duration::ZERO))?;
    let connect_ms = (usage::cpu(pid)? - before).as_secs_f64() * 1e3 / size.nodes as f64;
    let nodes_mib = usage::rss_mib(pid)?;
    let operator = Membership::load(&hub.dir.join("operator"))?;
    let witness = Witness::new(operator.clone(), pid);
    let quiet = runtime.block_on(witness.watch(size.watch));
    let files = usage::descriptors(pid)?;
    let (crowded, half_open) = runtime.block_on(async {
        let mut stalled = JoinSet::new();
        let address: SocketAddr = operator.hub.to_string().parse()?;
        let config = Arc::new(stranger(&operator)?);
        for number in 0..size.stalled {
            let own = source(1, number);
            stalled.spawn(stall(own, address, config.clone(), number % 2 == 0));
        }
        let mut half_open = Vec::new();
        for number in 0..size.half_open {
            half_open.push(vanish(source(2, number), address, config.clone()).await?);
        }
        let crowded = witness.watch(size.watch).await;
        stalled.shutdown().await;
        anyhow::Ok((crowded, half_open))
    })?;
    let ended = Instant::now();
    while usage::descriptors(pid)? > files + SPARE {
        anyhow::ensure!(
            ended.elapsed() < BACK_WITHIN * 2,
            "{} descriptors, {files} before",
            usage::descriptors(pid)?
        );
        std::thread::park_timeout(LOOK_EVERY);
    }
    let back = ended.elapsed();
    drop(half_open);

    hub.stop()?;
    for (_, open) in &mut nodes {
        *open = None;
    }
    hub.start(runtime)?;
    let restarted = Instant::now();
    let witness = Witness::new(operator, hub.pid()?);
    let (returned, returning) = runtime.block_on(async {
        let returned = async {
            let nodes = connect(&hub, nodes, size.window).await;
            (nodes, restarted.elapsed())
        };
        tokio::join!(returned, witness.watch(size.window))
    });
    let (returned, settled) = (returned.0?, returned.1);
    anyhow::ensure!(returned.len() == size.nodes);
    drop(returned);
    hub.stop()?;
    Ok(Crowded {
        connect_ms,
        nodes_mib,
        quiet,
        crowded,
        back,
        settled,
        returning,
    })
}

/// Greets with every line, each at its moment within `window`; one that fails
/// tries again.
async fn connect(hub: &Hub, lines: Vec<Node>, window: Duration) -> anyhow::Result<Vec<Node>> {
    let months = cells::months();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut chance = Jitter::new(lines.len() as u64);
    let begins = tokio::time::Instant::now();
    let mut opening = JoinSet::new();
    for (node, (mut line, _)) in lines.into_iter().enumerate() {
        let at = begins + chance.within(window);
        let (channel, checkpoint) = (hub.node(node)?, cells::checkpoint(&months, node, 0));
        let turns = turns.clone();
        opening.spawn(async move {
            sleep_until(at).await;
            let _turn = turns.acquire_owned().await?;
            let sent = line.send(channel, 0, checkpoint).await?;
            anyhow::Ok((node, (line, Some(sent.open))))
        });
    }
    let mut open = Vec::new();
    while let Some(node) = opening.join_next().await {
        open.push(node??);
    }
    open.sort_by_key(|(node, _)| *node);
    Ok(open.into_iter().map(|(_, node)| node).collect())
}

/// Loopback has sixteen million addresses; a stranger uses each for its share.
fn source(block: u8, number: usize) -> SocketAddr {
    let at = number / PER_ADDRESS;
    let host = Ipv4Addr::new(127, block, (at / 250) as u8, (at % 250) as u8 + 1);
    SocketAddr::from((host, 0))
}

/// Knows the district's root and shows no certificate.
fn stranger(member: &Membership) -> anyhow::Result<ClientConfig> {
    let root = member.roots.first().context("a root")?;
    let hub = Identity {
        district: member.holder()?.identity.district,
        subject: Subject::Hub,
    };
    let pin = Sha256::digest(root).into();
    Ok(pinned_client(pin, &hub, &Clock::system(0))?)
}

async fn dial(own: SocketAddr, hub: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(own)?;
    socket.connect(hub).await
}

/// Says nothing, or half of what it should, until it is closed; then again.
async fn stall(own: SocketAddr, hub: SocketAddr, config: Arc<ClientConfig>, speaks: bool) {
    loop {
        let stalled = async {
            let mut socket = dial(own, hub).await?;
            if speaks {
                let name = ServerName::IpAddress(hub.ip().into());
                let session = ClientConnection::new(config.clone(), name);
                let mut hello = Vec::new();
                session.map_err(io::Error::other)?.write_tls(&mut hello)?;
                socket.write_all(&hello).await?;
            }
            let mut answer = [0; 4096];
            while socket.read(&mut answer).await? > 0 {}
            io::Result::Ok(())
        };
        if stalled.await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}

/// Greets, and is never heard of again.
async fn vanish(
    own: SocketAddr,
    hub: SocketAddr,
    config: Arc<ClientConfig>,
) -> io::Result<TlsStream<TcpStream>> {
    let socket = dial(own, hub).await?;
    let name = ServerName::IpAddress(hub.ip().into());
    let mut stream = TlsConnector::from(config).connect(name, socket).await?;
    stream.write_all(GREETING).await?;
    stream.flush().await?;
    Ok(stream)
}
