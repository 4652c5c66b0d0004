//! Who this node is: how it joins a district, keeps its certificate good, and
//! proves itself to clients on its own port. Knows no record and no indicator.

pub mod credentials;
pub mod heads;
pub mod join;
pub mod local;
pub mod renew;

use std::{io, path::PathBuf};

use proto::identity::Identity;
use proto_edge::{
    connector::InvalidAddress, credential::InvalidCredential, membership::MembershipFault,
    problem::reason_of, tls::TlsFault, token::InvalidJoinToken,
};
use rcgen::{CertificateParams, KeyPair};

pub(crate) use proto_edge::problem::explained as refused;

#[derive(Debug, thiserror::Error)]
pub enum IdentityFault {
    #[error(transparent)]
    Token(#[from] InvalidJoinToken),
    #[error("this node has joined as {0} already; the token is for somebody else")]
    AlreadyJoined(Identity),
    #[error("this node is {0}: the token must be for the same community of another district")]
    NotElsewhere(Identity),
    #[error("hub: {}", refused(.0))]
    Hub(#[from] Box<tonic::Status>),
    #[error("the clock says {0} s since 1970, which no certificate can say")]
    Clock(u64),
    /// The hub's answer cannot be what was asked for.
    #[error("hub: {0}")]
    Answer(&'static str),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("certificate: {0}")]
    Certificate(#[from] InvalidCredential),
    #[error("key: {0}")]
    Key(#[from] rcgen::Error),
    #[error(transparent)]
    Membership(#[from] MembershipFault),
    #[error(transparent)]
    Tls(#[from] TlsFault),
    #[error(transparent)]
    Address(#[from] InvalidAddress),
}

impl IdentityFault {
    /// The hub's reason when it refused by name; `None`: worth another try, or
    /// not the hub's doing.
    pub fn reason(&self) -> Option<String> {
        match self {
            IdentityFault::Hub(status) => reason_of(status).map(|reason| reason.into_owned()),
            _ => None,
        }
    }
}

/// A PKCS#10 request, DER, which only proves that the key is held.
fn request(key: &KeyPair) -> Result<Vec<u8>, rcgen::Error> {
    let params = CertificateParams::default();
    Ok(params.serialize_request(key)?.der().to_vec())
}
