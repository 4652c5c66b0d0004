//! The membership in use: read once, swapped when it is renewed. Connections
//! that are open keep what they were made with.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use proto_edge::{
    clock::Clock,
    connector::channel,
    membership::{MEMBER, Membership},
    peer::Peer,
};
use rustls::ClientConfig;
use tokio::sync::watch;
use tonic::transport::Channel;

use super::{IdentityFault, join::DRAFT_KEY};

/// A node's standing with its hub.
pub struct Credentials {
    directory: PathBuf,
    clock: Clock,
    membership: ArcSwap<Membership>,
    config: Arc<ArcSwap<ClientConfig>>,
    swaps: watch::Sender<u64>,
}

/// Whether the node has joined a district. One that has, and lost the file that
/// proves it, does not go on as if it never had.
pub fn joined(directory: &Path) -> Result<bool, IdentityFault> {
    if Membership::exists(directory) {
        return Ok(true);
    }
    if !Membership::is_lost(directory) || directory.join(DRAFT_KEY).exists() {
        return Ok(false);
    }
    Err(IdentityFault::File {
        path: directory.join(MEMBER),
        source: io::Error::new(
            io::ErrorKind::NotFound,
            "missing, though this node has joined: put it back from a backup, or join again",
        ),
    })
}

impl Credentials {
    /// Loads a membership. Its start is a time that surely has been, so `clock`
    /// tells none before it.
    pub fn open(directory: &Path, clock: Clock) -> Result<Credentials, IdentityFault> {
        let membership = Membership::load(directory)?;
        clock.raise(membership.holder()?.not_before_s);
        let config = membership.client_config(&clock)?;
        Ok(Credentials {
            directory: directory.to_owned(),
            clock,
            membership: ArcSwap::from_pointee(membership),
            config: Arc::new(ArcSwap::from_pointee(config)),
            swaps: watch::Sender::new(0),
        })
    }

    /// Reads the directory again, for a membership that was replaced by hand.
    pub fn reload(&self) -> Result<(), IdentityFault> {
        self.take(Membership::load(&self.directory)?)
    }

    /// Saves, then uses `membership` from the next connection on.
    pub fn replace(&self, membership: Membership) -> Result<(), IdentityFault> {
        membership.save(&self.directory)?;
        self.take(membership)
    }

    fn take(&self, membership: Membership) -> Result<(), IdentityFault> {
        let config = membership.client_config(&self.clock)?;
        self.clock.raise(membership.holder()?.not_before_s);
        self.membership.store(Arc::new(membership));
        self.config.store(Arc::new(config));
        self.swaps.send_modify(|swaps| *swaps += 1);
        Ok(())
    }

    /// Changes with every swap: the time to take a new [`Credentials::channel`].
    pub fn swaps(&self) -> watch::Receiver<u64> {
        self.swaps.subscribe()
    }

    pub fn membership(&self) -> Arc<Membership> {
        self.membership.load_full()
    }

    pub fn holder(&self) -> Result<Peer, IdentityFault> {
        Ok(self.membership.load().holder()?)
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A channel of its own to the hub, which shows at each new connection what
    /// is then the certificate. Take one per session, and a new one after a
    /// swap: waiting for the hub to send the old connection away can cost the
    /// call that is just being made.
    pub fn channel(&self) -> Result<Channel, IdentityFault> {
        let hub = &self.membership.load().hub;
        Ok(channel(hub, self.config.clone())?)
    }
}
