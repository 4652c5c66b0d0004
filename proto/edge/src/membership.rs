//! What a member keeps of its membership, in one directory: its credential, the
//! roots it trusts, its hub. Knows no way to get one.
//!
//! `member.pem` key and chain · `roots.pem` · `hub.toml` address and identity.
//! `member.pem` is written last: while it is missing, nobody has joined.

use std::{
    io,
    path::{Path, PathBuf},
};

use proto::identity::{Identity, Subject};
use rustls::ClientConfig;
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    connector::Address,
    credential::{Credential, InvalidCredential, certificates, certificates_pem},
    keyfile,
    peer::Peer,
    tls::{TlsFault, mutual_client},
};

pub const MEMBER: &str = "member.pem";
const ROOTS: &str = "roots.pem";
const HUB: &str = "hub.toml";

#[derive(Clone, Debug)]
pub struct Membership {
    pub credential: Credential,
    pub roots: Vec<CertificateDer<'static>>,
    pub hub: Address,
}

#[derive(Debug, thiserror::Error)]
pub enum MembershipFault {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Pem {
        path: PathBuf,
        source: InvalidCredential,
    },
    #[error("{}: {reason}", path.display())]
    Hub { path: PathBuf, reason: String },
    #[error(transparent)]
    Tls(#[from] TlsFault),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HubFile {
    address: String,
}

impl Membership {
    /// Whether the directory holds a membership.
    pub fn exists(directory: &Path) -> bool {
        directory.join(MEMBER).exists()
    }

    /// Whether one was there: its roots are, and the credential is not.
    pub fn is_lost(directory: &Path) -> bool {
        directory.join(ROOTS).exists() && !Membership::exists(directory)
    }

    pub fn load(directory: &Path) -> Result<Membership, MembershipFault> {
        let member = directory.join(MEMBER);
        let roots = directory.join(ROOTS);
        Ok(Membership {
            credential: read(&member, Credential::from_pem)?,
            roots: read(&roots, certificates)?,
            hub: load_hub(&directory.join(HUB))?,
        })
    }

    /// Durable when it returns; a crash leaves the old membership or the new.
    pub fn save(&self, directory: &Path) -> Result<(), MembershipFault> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| MembershipFault::File { path, source }
        };
        keyfile::make_directory(directory).map_err(io(directory))?;
        let file = HubFile {
            address: self.hub.to_string(),
        };
        let hub = toml::to_string(&file).map_err(|error| MembershipFault::Hub {
            path: directory.join(HUB),
            reason: error.to_string(),
        })?;
        for (name, text) in [
            (HUB, hub),
            (ROOTS, certificates_pem(&self.roots)),
            (MEMBER, self.credential.to_pem()),
        ] {
            let path = directory.join(name);
            keyfile::write_sealed(&path, &text).map_err(io(&path))?;
        }
        Ok(())
    }

    /// Who the holder is, by its own certificate.
    pub fn holder(&self) -> Result<Peer, InvalidCredential> {
        self.credential.holder()
    }

    /// For calls to the hub of this member's district.
    pub fn client_config(&self, clock: &Clock) -> Result<ClientConfig, MembershipFault> {
        let holder = self.holder().map_err(|source| MembershipFault::Pem {
            path: MEMBER.into(),
            source,
        })?;
        let hub = Identity {
            district: holder.identity.district,
            subject: Subject::Hub,
        };
        Ok(mutual_client(&self.credential, &self.roots, &hub, clock)?)
    }
}

fn read<T>(
    path: &Path,
    parse: impl Fn(&[u8]) -> Result<T, InvalidCredential>,
) -> Result<T, MembershipFault> {
    let text = keyfile::read_sealed(path).map_err(|source| MembershipFault::File {
        path: path.to_owned(),
        source,
    })?;
    parse(text.as_bytes()).map_err(|source| MembershipFault::Pem {
        path: path.to_owned(),
        source,
    })
}

fn load_hub(path: &Path) -> Result<Address, MembershipFault> {
    let text = keyfile::read_sealed(path).map_err(|source| MembershipFault::File {
        path: path.to_owned(),
        source,
    })?;
    let hub = |reason: String| MembershipFault::Hub {
        path: path.to_owned(),
        reason,
    };
    let file: HubFile = toml::from_str(&text).map_err(|error| hub(error.to_string()))?;
    file.address
        .parse()
        .map_err(|error: crate::connector::InvalidAddress| hub(error.to_string()))
}
