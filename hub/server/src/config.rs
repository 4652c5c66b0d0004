//! `hub.toml`: how a hub is set up. Owns its names and bounds; reads no other
//! file.

use std::{
    fs, io,
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use proto::identity::District;
use proto_edge::{connector::Address, keyfile, listener};
use serde::{Deserialize, Serialize};

use crate::parent::Settings;

pub const FILE: &str = "hub.toml";

/// 14 days, of which a node that is reachable for one hour in any seven days
/// misses none.
pub const LEAF_LIFE_S: u64 = 14 * 86_400;
/// Below ten seconds a renewal has no time for its retries; above half of the
/// issuer's 90 days a leaf could outlive what signs it. Less than 14 days is for
/// tests: it takes nodes' time to be away.
const LEAF_LIVES_S: RangeInclusive<u64> = 10..=45 * 86_400;

#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub district: District,
    /// What nodes and operators dial.
    pub address: Address,
    pub listen: SocketAddr,
    pub zone: TimeZone,
    /// How long a member's and the hub's certificates live; what nodes renew by.
    pub leaf_life_s: u64,
    /// Where `/metrics` is served, in clear and to anybody; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    pub limits: Limits,
    /// Of the line to a parent, if there is one.
    pub parent: Settings,
}

/// What the hub bears at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub connections: usize,
    /// Connections of one source address that have shown no certificate.
    pub connections_per_address: usize,
    pub connections_per_identity: usize,
    pub handshakes: usize,
    /// Calls in hand, streams apart; more are told to try again.
    pub calls: usize,
    /// Questions answered at once; more wait for their turn.
    pub queries: usize,
    pub view_cache_mib: usize,
    pub column_cache_mib: usize,
    /// A centre that lacks more of the journal's records is listed everything.
    pub feed_records: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        let edge = listener::Limits::default();
        Limits {
            connections: edge.connections,
            connections_per_address: edge.per_address,
            connections_per_identity: edge.per_identity,
            handshakes: edge.handshakes,
            calls: 256,
            queries: 2,
            view_cache_mib: 16,
            column_cache_mib: 32,
            feed_records: 1_000_000,
        }
    }
}

impl Limits {
    pub fn listener(&self) -> listener::Limits {
        listener::Limits {
            connections: self.connections,
            per_address: self.connections_per_address,
            per_identity: self.connections_per_identity,
            handshakes: self.handshakes,
            ..listener::Limits::default()
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        let bounds: [(&str, usize, RangeInclusive<usize>); 9] = [
            ("connections", self.connections, 1..=100_000),
            (
                "connections_per_address",
                self.connections_per_address,
                1..=100_000,
            ),
            (
                "connections_per_identity",
                self.connections_per_identity,
                1..=1_000,
            ),
            ("handshakes", self.handshakes, 1..=10_000),
            ("calls", self.calls, 1..=100_000),
            ("queries", self.queries, 1..=256),
            ("view_cache_mib", self.view_cache_mib, 1..=65_536),
            ("column_cache_mib", self.column_cache_mib, 0..=65_536),
            ("feed_records", self.feed_records, 1..=100_000_000),
        ];
        for (key, value, bound) in bounds {
            if !bound.contains(&value) {
                let (least, most) = bound.into_inner();
                return Err(Invalid {
                    key: format!("limits.{key}"),
                    problem: format!("{value}: want {least} to {most}"),
                });
            }
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Toml {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error("{}: {source}", path.display())]
    Invalid { path: PathBuf, source: Invalid },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct Invalid {
    pub key: String,
    pub problem: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    district: String,
    address: String,
    listen: SocketAddr,
    zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metrics: Option<SocketAddr>,
    #[serde(default = "leaf_life_s")]
    leaf_life_s: u64,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    parent: Settings,
}

fn leaf_life_s() -> u64 {
    LEAF_LIFE_S
}

fn life(leaf_life_s: u64) -> Result<u64, Invalid> {
    let (least, most) = LEAF_LIVES_S.into_inner();
    let problem = format!("{leaf_life_s}: want {least} to {most}");
    let key = "leaf_life_s".to_owned();
    let is_possible = (least..=most).contains(&leaf_life_s);
    is_possible
        .then_some(leaf_life_s)
        .ok_or(Invalid { key, problem })
}

/// An IANA name of the bundled time zones.
pub fn zone(name: &str) -> Result<TimeZone, Invalid> {
    TimeZone::get(name).map_err(|_| Invalid {
        key: "zone".to_owned(),
        problem: format!("{name:?}: want a time zone such as Asia/Shanghai"),
    })
}

impl Config {
    pub fn load(directory: &Path) -> Result<Config, ConfigFault> {
        let path = directory.join(FILE);
        let text = fs::read_to_string(&path).map_err(|source| ConfigFault::File {
            path: path.clone(),
            source,
        })?;
        let file: File = toml::from_str(&text).map_err(|source| ConfigFault::Toml {
            path: path.clone(),
            source: source.into(),
        })?;
        file.try_into()
            .map_err(|source| ConfigFault::Invalid { path, source })
    }

    /// On disk when it returns.
    pub fn save(&self, directory: &Path) -> Result<(), ConfigFault> {
        let path = directory.join(FILE);
        let fault = |source| ConfigFault::File {
            path: path.clone(),
            source,
        };
        self.limits.check().map_err(|source| ConfigFault::Invalid {
            path: path.clone(),
            source,
        })?;
        let file = File {
            district: self.district.to_string(),
            address: self.address.to_string(),
            listen: self.listen,
            zone: self.zone_name(),
            metrics: self.metrics,
            leaf_life_s: self.leaf_life_s,
            limits: self.limits,
            parent: self.parent,
        };
        let text = toml::to_string(&file).map_err(|error| fault(io::Error::other(error)))?;
        keyfile::write(&path, text.as_bytes()).map_err(fault)
    }

    pub fn zone_name(&self) -> String {
        self.zone.iana_name().unwrap_or("UTC").to_owned()
    }
}

impl TryFrom<File> for Config {
    type Error = Invalid;

    fn try_from(file: File) -> Result<Config, Invalid> {
        let invalid = |key: &str, problem: &dyn std::fmt::Display| Invalid {
            key: key.to_owned(),
            problem: problem.to_string(),
        };
        file.limits.check()?;
        Ok(Config {
            district: (file.district.parse())
                .map_err(|error: proto::identity::InvalidIdentity| invalid("district", &error))?,
            address: (file.address.parse()).map_err(
                |error: proto_edge::connector::InvalidAddress| invalid("address", &error),
            )?,
            listen: file.listen,
            zone: zone(&file.zone)?,
            metrics: file.metrics,
            leaf_life_s: life(file.leaf_life_s)?,
            limits: file.limits,
            parent: file.parent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            district: "wenjiang".parse().unwrap(),
            address: "hub.wenjiang.example:7443".parse().unwrap(),
            listen: "0.0.0.0:7443".parse().unwrap(),
            zone: zone("Asia/Shanghai").unwrap(),
            leaf_life_s: LEAF_LIFE_S,
            metrics: Some("127.0.0.1:9464".parse().unwrap()),
            limits: Limits::default(),
            parent: Settings::default(),
        }
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config();
        config.limits.connections_per_address = 64;
        config.save(directory.path()).unwrap();
        assert_eq!(Config::load(directory.path()).unwrap(), config);
    }

    #[test]
    fn a_wrong_file_names_the_key_and_what_it_wants() {
        let directory = tempfile::tempdir().unwrap();
        config().save(directory.path()).unwrap();
        let path = directory.path().join(FILE);
        let good = fs::read_to_string(&path).unwrap();
        let said = |text: &str| {
            fs::write(&path, text).unwrap();
            Config::load(directory.path()).unwrap_err().to_string()
        };
        for (from, to, want) in [
            (
                "district = \"wenjiang\"",
                "district = \"温江\"",
                "district: ",
            ),
            (
                "zone = \"Asia/Shanghai\"",
                "zone = \"Mars\"",
                "want a time zone",
            ),
            (
                "queries = 2",
                "queries = 0",
                "limits.queries: 0: want 1 to 256",
            ),
            ("queries = 2", "querys = 2", "unknown field `querys`"),
            ("listen = ", "color = 1\nlisten = ", "unknown field `color`"),
            ("0.0.0.0:7443", "0.0.0.0", "listen"),
            ("127.0.0.1:9464", "9464", "metrics"),
            ("= 1209600", "= 9", "leaf_life_s: 9: want 10 to"),
            ("hub.wenjiang.example:7443", "hub", "address: "),
        ] {
            assert!(good.contains(from), "{from} in {good}");
            let text = said(&good.replacen(from, to, 1));
            assert!(text.contains(want) && text.contains(FILE), "{text}");
        }
    }
}
