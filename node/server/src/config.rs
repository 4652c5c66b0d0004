//! A node's configuration file, `config.toml` in its directory. Knows the keys
//! and what they may hold, not what is done with them.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use node_domain::playbook::adoption::Offered;
use node_domain::playbook::{Playbook, Playbooks};
use node_domain::sha256::Sha256;
use proto::place::{Level, Place};
use proto_edge::keyfile;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::present::Present;

const FILE: &str = "config.toml";
const FOUNDED: &str = "founded.toml";

/// What a node is for ever. Written once, sealed, so that a slip of the pen in
/// the configuration does not give its numbers to another community.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Founded {
    community: String,
    time_zone: String,
}

/// A value outside these is refused, with the key's name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// 12 digits.
    pub community: String,
    /// Where local clients reach the node.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// Names and addresses, besides loopback, under which they do.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whose days and months numbers count by; the same for ever.
    #[serde(default = "time_zone")]
    pub time_zone: String,
    /// How many live in the community: numbers about people leave it only above
    /// 40, sensitive ones above 250. 1 to 10000000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residents: Option<u32>,
    /// Playbook files, for a node that has adopted none yet: it journals them at its
    /// next start, and from then on this key says nothing. Relative paths start at
    /// the node's directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub playbooks: Vec<PathBuf>,
    /// Where `/metrics` is served, in clear and to anybody; nowhere unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SocketAddr>,
    /// Where Open311 GeoReport v2 is served, in clear, on loopback alone; nowhere
    /// unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open311: Option<SocketAddr>,
    #[serde(default)]
    pub sync: SyncFile,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncFile {
    /// A round of sync in every interval, at this node's slot. 5 to 86400.
    pub interval_s: u64,
    /// Keep the line open between rounds.
    pub stays_connected: bool,
    /// First contact and reconnects are spread over this. 0 to 3600.
    pub reconnect_window_s: u64,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7444))
}

fn time_zone() -> String {
    "Asia/Shanghai".to_owned()
}

impl Default for SyncFile {
    fn default() -> SyncFile {
        SyncFile {
            interval_s: 60,
            stays_connected: true,
            reconnect_window_s: 120,
        }
    }
}

/// A configuration that was read and found sound.
#[derive(Clone, Debug)]
pub struct Config {
    pub dir: PathBuf,
    pub community: Place,
    pub listen: SocketAddr,
    pub hosts: Vec<String>,
    pub metrics: Option<SocketAddr>,
    pub open311: Option<SocketAddr>,
    pub zone: TimeZone,
    pub residents: Option<u32>,
    pub playbooks: Option<Named>,
    pub sync_interval: Duration,
    pub stays_connected: bool,
    pub reconnect_window: Duration,
    /// Not a key of the file.
    pub present: Present,
}

/// The playbooks that the file names.
#[derive(Clone, Debug)]
pub struct Named {
    pub playbooks: Arc<Playbooks>,
    /// In their order.
    pub offered: Vec<Offered>,
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidConfig {
    #[error("{}: cannot be read: {source}", file.display())]
    Unreadable {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {detail}", file.display())]
    Syntax { file: PathBuf, detail: String },
    #[error("{}: {key} = {found:?}: want {want}", file.display())]
    Value {
        file: PathBuf,
        key: &'static str,
        found: String,
        want: &'static str,
    },
    #[error("{}: {key} = {found:?}: this node was founded with {founded:?}, which never changes", file.display())]
    Founded {
        file: PathBuf,
        key: &'static str,
        found: String,
        founded: String,
    },
    #[error("playbook {}: {detail}", file.display())]
    Playbook { file: PathBuf, detail: String },
}

impl Config {
    pub fn path(dir: &Path) -> PathBuf {
        dir.join(FILE)
    }

    pub fn load(dir: &Path) -> Result<Config, InvalidConfig> {
        let config = Config::check(dir, Config::read(dir)?)?;
        config.agree_with_founding()?;
        Ok(config)
    }

    fn read(dir: &Path) -> Result<ConfigFile, InvalidConfig> {
        let path = Config::path(dir);
        let text = fs::read_to_string(&path).map_err(|source| InvalidConfig::Unreadable {
            file: path.clone(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| InvalidConfig::Syntax {
            file: path,
            detail: error.to_string(),
        })
    }

    /// As the file names them: relative ones start at `dir`.
    pub fn playbook_paths(dir: &Path) -> Result<Vec<PathBuf>, InvalidConfig> {
        Config::read(dir).map(|file| file.playbooks)
    }

    fn founded(&self) -> Founded {
        Founded {
            community: self.community.to_string(),
            time_zone: self.zone.iana_name().unwrap_or_default().to_owned(),
        }
    }

    /// Sets down what never changes. On disk when it returns.
    pub fn found(&self) -> io::Result<()> {
        let text = toml::to_string(&self.founded()).map_err(io::Error::other)?;
        keyfile::write_sealed(&self.dir.join(FOUNDED), &text)
    }

    fn agree_with_founding(&self) -> Result<(), InvalidConfig> {
        let file = self.dir.join(FOUNDED);
        let text = keyfile::read_sealed(&file).map_err(|source| InvalidConfig::Unreadable {
            file: file.clone(),
            source,
        })?;
        let founded: Founded = toml::from_str(&text).map_err(|error| InvalidConfig::Syntax {
            file,
            detail: error.to_string(),
        })?;
        let differs = |key, found: &str, founded: &str| InvalidConfig::Founded {
            file: Config::path(&self.dir),
            key,
            found: found.to_owned(),
            founded: founded.to_owned(),
        };
        let own = self.founded();
        if own.community != founded.community {
            return Err(differs("community", &own.community, &founded.community));
        }
        if own.time_zone != founded.time_zone {
            return Err(differs("time_zone", &own.time_zone, &founded.time_zone));
        }
        Ok(())
    }

    pub fn check(dir: &Path, file: ConfigFile) -> Result<Config, InvalidConfig> {
        let invalid = |key, found: &dyn ToString, want| InvalidConfig::Value {
            file: Config::path(dir),
            key,
            found: found.to_string(),
            want,
        };
        let place: Option<Place> = file.community.parse().ok();
        let community = place
            .filter(|place| place.level() == Level::Community)
            .ok_or_else(|| invalid("community", &file.community, "a community's 12 digits"))?;
        let zone = TimeZone::get(&file.time_zone)
            .map_err(|_| invalid("time_zone", &file.time_zone, "a name such as Asia/Shanghai"))?;
        if let Some(residents) = file.residents
            && !(1..=10_000_000).contains(&residents)
        {
            return Err(invalid("residents", &residents, "1 to 10000000"));
        }
        if let Some(address) = file.open311
            && !address.ip().is_loopback()
        {
            let want = "a loopback address: tokens come in clear, put a TLS proxy before it";
            return Err(invalid("open311", &address, want));
        }
        let sync = &file.sync;
        if !(5..=86_400).contains(&sync.interval_s) {
            return Err(invalid("sync.interval_s", &sync.interval_s, "5 to 86400"));
        }
        if sync.reconnect_window_s > 3600 {
            let found = &sync.reconnect_window_s;
            return Err(invalid("sync.reconnect_window_s", found, "0 to 3600"));
        }
        Ok(Config {
            dir: dir.to_owned(),
            community,
            listen: file.listen,
            hosts: file.hosts,
            metrics: file.metrics,
            open311: file.open311,
            zone,
            residents: file.residents,
            playbooks: playbooks(dir, &file.playbooks)?,
            sync_interval: Duration::from_secs(sync.interval_s),
            stays_connected: sync.stays_connected,
            reconnect_window: Duration::from_secs(sync.reconnect_window_s),
            present: Present::of_machine(),
        })
    }
}

/// `None`: the file names none.
fn playbooks(dir: &Path, files: &[PathBuf]) -> Result<Option<Named>, InvalidConfig> {
    let mut adopted: Option<Playbooks> = None;
    let mut all = Vec::with_capacity(files.len());
    for file in files {
        let path = dir.join(file);
        let text = fs::read_to_string(&path).map_err(|source| InvalidConfig::Playbook {
            file: path.clone(),
            detail: format!("{FILE} names it, and it cannot be read: {source}"),
        })?;
        let refused = |detail: String| InvalidConfig::Playbook {
            file: path.clone(),
            detail,
        };
        let playbook = Playbook::parse(&text).map_err(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            refused(lines.join("\n"))
        })?;
        all.push(offered(playbook.clone(), text));
        match &mut adopted {
            None => adopted = Some(Playbooks::new(playbook)),
            Some(adopted) => adopted
                .adopt(playbook)
                .map_err(|refusal| refused(refusal.to_string()))?,
        }
    }
    Ok(adopted.map(|playbooks| Named {
        playbooks: Arc::new(playbooks),
        offered: all,
    }))
}

/// A playbook for adoption, with the hash of its text.
pub fn offered(playbook: Playbook, text: String) -> Offered {
    Offered {
        playbook,
        sha256: Sha256(sha2::Sha256::digest(&text).into()),
        text: text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAYBOOK: &str = include_str!("../../../deploy/playbooks/qingshan.toml");

    fn load(text: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("qingshan.toml"), PLAYBOOK).unwrap();
        fs::write(Config::path(dir.path()), text).unwrap();
        let founded = "community = \"510115003064\"\ntime_zone = \"Asia/Shanghai\"\n";
        keyfile::write_sealed(&dir.path().join(FOUNDED), founded).unwrap();
        Config::load(dir.path()).map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn the_least_file_has_defaults() {
        let config = load("community = \"510115003064\"\nplaybooks = [\"qingshan.toml\"]").unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:7444");
        assert_eq!(config.zone.iana_name(), Some("Asia/Shanghai"));
        assert_eq!(config.sync_interval, Duration::from_secs(60));
        assert_eq!(config.playbooks.unwrap().offered.len(), 1);
        let least = load("community = \"510115003064\"").unwrap();
        assert!(least.playbooks.is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = "community = \"510115003064\"\nplaybooks = [\"qingshan.toml\"]\n";
        for (text, named) in [
            (format!("{good}colour = 1"), "colour"),
            (format!("{good}listen = \"here\""), "listen"),
            (format!("{good}metrics = \"9464\""), "metrics"),
            (format!("{good}open311 = \"0.0.0.0:7480\""), "loopback"),
            (format!("{good}time_zone = \"Mars\""), "time_zone"),
            (format!("{good}residents = 0"), "residents"),
            (format!("{good}[sync]\ninterval_s = 1"), "sync.interval_s"),
            (format!("{good}[sync]\nspeed = 1"), "speed"),
            (good.replace("510115003064", "510115"), "community"),
            (
                good.replace("3064", "3065"),
                "founded with \"510115003064\"",
            ),
            (format!("{good}time_zone = \"UTC\""), "founded with"),
            (good.replace("qingshan", "nowhere"), "nowhere.toml"),
        ] {
            let refused = load(&text).unwrap_err();
            assert!(refused.contains(named), "{named}: {refused}");
        }
    }
}
