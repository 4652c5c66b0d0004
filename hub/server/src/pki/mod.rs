//! The district's authority and its gate: keys and certificates on disk, what
//! is signed, who gets in. What is decided about members is `hub_domain`'s; what
//! is journalled of it is the hub's single writer's.

pub mod authority;
pub mod countersign;
mod files;
pub mod gate;
pub mod invites;
pub mod issuer;
pub mod ledger;
pub mod request;
pub mod rollover;
mod roots;
pub mod stored;
pub mod upkeep;

use std::{io, path::PathBuf};

use proto_edge::{credential::InvalidCredential, membership::MembershipFault, tls::TlsFault};

#[derive(Debug, thiserror::Error)]
pub enum PkiFault {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Pem {
        path: PathBuf,
        source: InvalidCredential,
    },
    #[error("{}: {reason}", path.display())]
    Content { path: PathBuf, reason: &'static str },
    #[error("{}: a district authority is here already", .0.display())]
    AlreadyMade(PathBuf),
    #[error("signing: {0}")]
    Sign(#[from] rcgen::Error),
    #[error("the system gave no random bytes")]
    Entropy,
    #[error("time {0} s is out of range")]
    Time(u64),
    #[error("the issuing certificate has expired: put root.key.pem back into the pki directory")]
    IssuerExpired,
    #[error("the root's key is not in {}: put it back as root.key.pem", .0.display())]
    RootKeyAway(PathBuf),
    #[error(transparent)]
    Tls(#[from] TlsFault),
    #[error(transparent)]
    Membership(#[from] MembershipFault),
}

/// Random bytes of the operating system.
pub(crate) fn entropy<const N: usize>() -> Result<[u8; N], PkiFault> {
    ring::rand::generate(&ring::rand::SystemRandom::new())
        .map(ring::rand::Random::expose)
        .map_err(|_| PkiFault::Entropy)
}
