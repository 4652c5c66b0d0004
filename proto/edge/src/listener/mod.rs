//! The TLS accept loop of both servers: handshakes with a deadline and a limit,
//! caps on connections, configuration that is swapped under it. Knows no call
//! and no rule; hands authenticated streams to tonic.

mod addresses;
mod arrivals;
mod connection;
mod handshake;
mod server;

use std::{future::Future, io, net::SocketAddr, pin::Pin, sync::Arc, task, time::Duration};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::{JoinHandle, JoinSet},
};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;

pub use connection::Connection;
pub(crate) use server::{CONNECTION_WINDOW, STREAM_WINDOW};
pub use server::{HttpLimits, SYNC_MESSAGE_LIMIT, server};

use crate::live::Live;
use handshake::Door;

// Connections that are through the door and wait for tonic to take them.
const WAITING: usize = 64;
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What one listener bears (`reference/reliability-security.md` section 3).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections past their handshake.
    pub connections: usize,
    /// Those of them that have shown no certificate.
    pub unnamed: usize,
    /// Connections of one source address that have shown no certificate.
    pub per_address: usize,
    pub per_identity: usize,
    /// Connections in their handshake; the oldest gives way to a newcomer.
    pub handshakes: usize,
    pub handshake_deadline: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 12_000,
            unnamed: 1_024,
            per_address: 16,
            per_identity: 4,
            handshakes: 1_024,
            handshake_deadline: Duration::from_secs(5),
        }
    }
}

/// Where sockets come from: a TCP listener, or a test's own source.
pub trait Accept: Send + 'static {
    fn accept(&mut self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        TcpListener::accept(self).await
    }
}

/// Connections for `Router::serve_with_incoming_shutdown`. Ends when stopped.
#[derive(Debug)]
pub struct Incoming {
    connections: mpsc::Receiver<io::Result<Connection>>,
    task: JoinHandle<()>,
}

/// Accepts on `source` until `stop`. The configuration is read per connection,
/// so a swapped certificate or root holds from the next one on. When `stop`
/// comes, open connections live on until tonic has drained them or somebody
/// calls [`Live::cut_all`].
pub fn listen(
    source: impl Accept,
    config: Arc<ArcSwap<ServerConfig>>,
    limits: Limits,
    live: Arc<Live>,
    stop: CancellationToken,
) -> Incoming {
    let (sender, connections) = mpsc::channel(WAITING);
    let door = Arc::new(Door::new(config, limits, live));
    let task = tokio::spawn(accept(source, door, sender, stop));
    Incoming { connections, task }
}

async fn accept(
    mut source: impl Accept,
    door: Arc<Door>,
    sender: mpsc::Sender<io::Result<Connection>>,
    stop: CancellationToken,
) {
    let mut handshakes = JoinSet::new();
    let mut pause = SHORTEST_PAUSE;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            () = sender.closed() => break,
            Some(_) = handshakes.join_next() => continue,
            accepted = source.accept() => accepted,
        };
        match accepted {
            Ok((socket, address)) => {
                pause = SHORTEST_PAUSE;
                if let Some(guest) = door.admit(socket, address) {
                    handshakes.spawn(door.clone().shake(guest, sender.clone()));
                }
            }
            Err(error) if concerns_one_peer(&error) => {}
            // Out of files or memory: asking again at once would spin.
            Err(error) => {
                tracing::warn!(%error, pause_ms = pause.as_millis() as u64, "cannot accept");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

fn concerns_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

impl Stream for Incoming {
    type Item = io::Result<Connection>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> task::Poll<Option<io::Result<Connection>>> {
        self.connections.poll_recv(cx)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.task.abort();
    }
}
