//! Calls from the command line: to a hub as an operator over mutual TLS, to a
//! node as its administrator over TLS with a token. Knows no command.

use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use proto_edge::{
    clock::Clock,
    connector::{self, Address},
    credential::certificates,
    membership::Membership,
    tls::plain_client,
};
use tonic::{Request, metadata::MetadataValue, transport::Channel};

use crate::failure::{Exit, Failure};

/// Longer than any answer should take; a hung peer is told apart from a slow one.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs one command's calls to their end.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}

/// A channel to the hub of `dir`: a hub's own directory, or that of an operator
/// who joined with an invite.
pub fn hub(dir: &Path) -> Result<Channel, Failure> {
    let own = operator_directory(dir);
    let membership = Membership::load(&own).map_err(|fault| {
        Failure::new(
            Exit::Configuration,
            crate::text!(
                "{}：这里没有操作员凭证（{}）。先运行 tongxin hub init 或 tongxin hub join",
                "{}: no operator credential here ({}). Run tongxin hub init or tongxin hub join first",
                dir.display(),
                fault
            ),
        )
    })?;
    let config = membership
        .client_config(&Clock::system(0))
        .map_err(configuration)?;
    let config = Arc::new(ArcSwap::from_pointee(config));
    connector::channel(&membership.hub, config).map_err(configuration)
}

/// Where `hub init` leaves the first operator's credential.
pub fn operator_directory(dir: &Path) -> PathBuf {
    let beside = dir.join("operator");
    if Membership::exists(&beside) {
        beside
    } else {
        dir.to_owned()
    }
}

/// A node's local port, called with its administrator's token.
pub struct NodeDoor {
    pub channel: Channel,
    bearer: MetadataValue<tonic::metadata::Ascii>,
}

impl NodeDoor {
    /// `address` is what the node listens on; the token and the local authority
    /// are files of its directory.
    pub fn open(dir: &Path, address: &Address) -> Result<NodeDoor, Failure> {
        let read = |name: &str| {
            let path = dir.join(name);
            fs::read(&path).map_err(|error| {
                Failure::new(Exit::Configuration, format!("{}: {error}", path.display()))
            })
        };
        let token = read("admin.token")?;
        let token = String::from_utf8_lossy(&token);
        let roots = certificates(&read("local-ca.pem")?).map_err(configuration)?;
        let config = plain_client(&roots, &Clock::system(0)).map_err(configuration)?;
        let config = Arc::new(ArcSwap::from_pointee(config));
        Ok(NodeDoor {
            channel: connector::channel(address, config).map_err(configuration)?,
            bearer: format!("Bearer {}", token.trim())
                .parse()
                .map_err(configuration)?,
        })
    }

    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = asked(message);
        request
            .metadata_mut()
            .insert("authorization", self.bearer.clone());
        request
    }
}

/// A request that does not wait for ever.
pub fn asked<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(DEADLINE);
    request
}

pub fn configuration(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Configuration, error.to_string())
}

/// A fresh name for one mutation, so that a repeat is recognised.
pub fn request_id() -> Result<String, Failure> {
    let random: [u8; 16] = ring::rand::generate(&ring::rand::SystemRandom::new())
        .map_err(|_| Failure::new(Exit::Failure, "the system gave no random bytes"))?
        .expose();
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// `2026-01-31T08:00:00Z`, or empty when out of range.
pub fn time_text(time: prost_types::Timestamp) -> String {
    Timestamp::new(time.seconds, time.nanos)
        .ok()
        .and_then(|time| time.round(jiff::Unit::Second).ok())
        .map_or_else(String::new, |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_seconds_of_utc() {
        let time = prost_types::Timestamp {
            seconds: 1_769_846_400,
            nanos: 300_000_000,
        };
        assert_eq!(time_text(time), "2026-01-31T08:00:00Z");
        assert_eq!(
            time_text(prost_types::Timestamp {
                seconds: i64::MAX,
                nanos: 0
            }),
            ""
        );
    }

    #[test]
    fn request_ids_fit_and_differ() {
        let (first, second) = (request_id().unwrap(), request_id().unwrap());
        assert!(first.parse::<proto::identity::RequestId>().is_ok());
        assert_ne!(first, second);
    }
}
