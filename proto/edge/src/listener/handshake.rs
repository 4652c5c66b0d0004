//! From a fresh socket to an authenticated connection, within a deadline and
//! the caps. Knows no call; who is welcome is the TLS configuration's matter.

use std::{io, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    Connection, Limits,
    addresses::{AddressSlot, Addresses},
    arrivals::{Arrival, Arrivals},
};
use crate::{live::Live, peer::Peer};

pub(super) struct Door {
    config: Arc<ArcSwap<ServerConfig>>,
    limits: Limits,
    live: Arc<Live>,
    connections: Arc<Semaphore>,
    unnamed: Arc<Semaphore>,
    arrivals: Arc<Arrivals>,
    addresses: Arc<Addresses>,
}

/// A socket that was let in as far as the handshake.
pub(super) struct Guest {
    socket: TcpStream,
    address: SocketAddr,
    arrival: Arrival,
    address_slot: AddressSlot,
}

/// A connection's places under the caps; dropping them gives them back.
pub(super) struct Places {
    _connection: OwnedSemaphorePermit,
    /// Of a peer without a name, which counts by address.
    _unnamed: Option<(OwnedSemaphorePermit, AddressSlot)>,
}

impl Door {
    pub fn new(config: Arc<ArcSwap<ServerConfig>>, limits: Limits, live: Arc<Live>) -> Door {
        Door {
            config,
            limits,
            live,
            connections: Arc::new(Semaphore::new(limits.connections)),
            unnamed: Arc::new(Semaphore::new(limits.unnamed)),
            arrivals: Arrivals::new(limits.handshakes),
            addresses: Addresses::new(limits.per_address),
        }
    }

    /// Lets the socket in as far as the handshake, unless its address has its
    /// share; without a place it is closed.
    pub fn admit(&self, socket: TcpStream, address: SocketAddr) -> Option<Guest> {
        let Some(address_slot) = self.addresses.take(address.ip()) else {
            tracing::debug!(%address, "too many connections from this address");
            self.live.turn_away();
            return None;
        };
        Some(Guest {
            socket,
            address,
            arrival: self.arrivals.enter(),
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
            Err(error) => {
                tracing::debug!(%address, %error, "handshake failed");
                self.live.turn_away();
            }
        }
    }

    async fn greet(&self, guest: Guest) -> io::Result<Connection> {
        guest.socket.set_nodelay(true)?;
        let tls = self.secure(guest.socket, guest.arrival).await?;
        let leaf = tls.get_ref().1.peer_certificates().and_then(|c| c.first());
        let peer = leaf
            .map(Peer::of_certificate)
            .transpose()
            .map_err(io::Error::other)?;
        // A peer with a name counts by name, one without goes on counting here.
        let unnamed = match peer {
            Some(_) => None,
            None => Some((self.place(&self.unnamed)?, guest.address_slot)),
        };
        let places = Places {
            _connection: self.place(&self.connections)?,
            _unnamed: unnamed,
        };
        let registered = self
            .live
            .enter(peer, self.limits.per_identity)
            .map_err(io::Error::other)?;
        let deadline = self.limits.handshake_deadline;
        Ok(Connection::new(tls, registered, places, deadline))
    }

    async fn secure(
        &self,
        socket: TcpStream,
        arrival: Arrival,
    ) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = TlsAcceptor::from(self.config.load_full());
        tokio::select! {
            shaken = acceptor.accept(socket) => shaken,
            () = arrival.gone.cancelled() => Err(io::Error::other("gave way to a newcomer")),
        }
    }

    fn place(&self, places: &Arc<Semaphore>) -> io::Result<OwnedSemaphorePermit> {
        places.clone().try_acquire_owned().map_err(|_| {
            tracing::warn!(
                most = self.limits.connections,
                unnamed = self.limits.unnamed,
                "full: connection closed"
            );
            io::Error::other("full")
        })
    }
}
