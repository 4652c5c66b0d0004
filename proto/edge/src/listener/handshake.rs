//! From a fresh socket to an authenticated connection, within a deadline and
//! the caps. Knows no call; who is welcome is the TLS configuration's matter.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::{ServerConfig, server::Acceptor};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    Connection, Limits,
    addresses::{AddressSlot, Addresses},
};
use crate::{live::Live, peer::Peer};

// What a peer is given to answer while others wait for its place.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) struct Door {
    config: Arc<ArcSwap<ServerConfig>>,
    limits: Limits,
    live: Arc<Live>,
    connections: Arc<Semaphore>,
    handshakes: Semaphore,
    addresses: Arc<Addresses>,
}

/// A socket that was let in as far as the handshake.
pub(super) struct Guest {
    socket: TcpStream,
    address: SocketAddr,
    slot: OwnedSemaphorePermit,
    address_slot: AddressSlot,
}

impl Door {
    pub fn new(config: Arc<ArcSwap<ServerConfig>>, limits: Limits, live: Arc<Live>) -> Door {
        Door {
            config,
            limits,
            live,
            connections: Arc::new(Semaphore::new(limits.connections)),
            handshakes: Semaphore::new(limits.handshakes),
            addresses: Addresses::new(limits.per_address),
        }
    }

    /// Takes the socket's places under the caps; without one it is closed.
    pub fn admit(&self, socket: TcpStream, address: SocketAddr) -> Option<Guest> {
        let Ok(slot) = self.connections.clone().try_acquire_owned() else {
            tracing::warn!(%address, most = self.limits.connections, "full: connection closed");
            return None;
        };
        let Some(address_slot) = self.addresses.take(address.ip()) else {
            tracing::debug!(%address, "too many connections from this address");
            return None;
        };
        Some(Guest {
            socket,
            address,
            slot,
            address_slot,
        })
    }

    pub async fn shake(
        self: Arc<Door>,
        guest: Guest,
        sender: mpsc::Sender<io::Result<Connection>>,
    ) {
        let address = guest.address;
        let deadline = self.limits.handshake_deadline;
        let greeted = timeout(deadline, self.greet(guest)).await;
        match greeted.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            // A closed channel means that the server is stopping.
            Ok(connection) => drop(sender.send(Ok(connection)).await),
            Err(error) => tracing::debug!(%address, %error, "handshake failed"),
        }
    }

    async fn greet(&self, guest: Guest) -> io::Result<Connection> {
        guest.socket.set_nodelay(true)?;
        let tls = self.secure(guest.socket).await?;
        let leaf = tls.get_ref().1.peer_certificates().and_then(|c| c.first());
        let peer = leaf
            .map(Peer::of_certificate)
            .transpose()
            .map_err(io::Error::other)?;
        // A peer with a name counts by name, one without goes on counting here.
        let address_slot = peer.is_none().then_some(guest.address_slot);
        let registered = self
            .live
            .enter(peer, self.limits.per_identity)
            .map_err(io::Error::other)?;
        Ok(Connection::new(
            tls,
            registered,
            address_slot,
            guest.slot,
            self.limits.handshake_deadline,
        ))
    }

    /// A peer that sends nothing takes no place among the handshakes: places
    /// are given when its first message is here, and taken back from those who
    /// dawdle while others wait.
    async fn secure(&self, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), socket).await?;
        let _place = self.handshakes.acquire().await.map_err(io::Error::other)?;
        let mut shaking = pin!(start.into_stream(self.config.load_full()));
        loop {
            match timeout(PATIENCE, &mut shaking).await {
                Ok(shaken) => break shaken,
                Err(_) if self.handshakes.available_permits() > 0 => {}
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }
}
