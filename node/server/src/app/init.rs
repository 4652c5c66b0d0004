//! Makes a node: directory, playbook, store, local authority, and the first
//! administrator's token. The configuration comes last: without it there is no
//! node, and `init` may be run again.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use node_domain::actor::Actor;
use node_domain::playbook::Playbook;
use proto_edge::clock::Clock;
use proto_edge::keyfile;

use super::ADMIN_TOKEN;
use crate::config::{Config, ConfigFile, InvalidConfig, SyncFile};
use crate::identity::IdentityFault;
use crate::identity::heads::HeadKey;
use crate::identity::local::Local;
use crate::rpc::secret::Secret;
use crate::sealing::SealingFault;
use crate::store::fault::StoreFault;
use crate::store::ledger::command::{Answer, Asked, Bearer, Command, TokenAsk, TokenCommand};
use crate::store::{self, Setup, Store};

/// What a new node is to be.
#[derive(Clone, Debug)]
pub struct Init {
    /// 12 digits.
    pub community: String,
    pub listen: SocketAddr,
    /// IANA name; the district's.
    pub time_zone: String,
    /// Texts of playbooks, at least one; the first counts first.
    pub playbooks: Vec<String>,
    /// How many live in the community, where somebody said.
    pub residents: Option<u32>,
    pub sync: SyncFile,
}

#[derive(Debug, thiserror::Error)]
pub enum InitFault {
    #[error("{} holds a node already; give another directory", .0.display())]
    Exists(PathBuf),
    #[error("playbook: {0}")]
    Playbook(String),
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("configuration: {0}")]
    Syntax(#[from] toml::ser::Error),
    #[error(transparent)]
    Secret(#[from] SealingFault),
    #[error("the writer has stopped")]
    Stopped,
}

pub fn init(dir: &Path, init: Init) -> Result<Config, InitFault> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| InitFault::File { path, source }
    };
    let config_path = Config::path(dir);
    if config_path.exists() {
        return Err(InitFault::Exists(dir.to_owned()));
    }
    let parsed = init.playbooks.iter().map(|text| parsed(text));
    let parsed: Vec<Playbook> = parsed.collect::<Result<_, _>>()?;
    keyfile::make_directory(dir).map_err(at(dir))?;
    let playbooks = dir.join("playbooks");
    fs::create_dir_all(&playbooks).map_err(at(&playbooks))?;
    let mut names = Vec::with_capacity(parsed.len());
    for (playbook, text) in parsed.iter().zip(&init.playbooks) {
        let name = Path::new("playbooks").join(format!("{}.toml", playbook.id.code));
        let path = dir.join(&name);
        keyfile::write(&path, text.as_bytes()).map_err(at(&path))?;
        names.push(name);
    }
    let file = ConfigFile {
        community: init.community,
        listen: init.listen,
        hosts: Vec::new(),
        metrics: None,
        open311: None,
        time_zone: init.time_zone,
        playbooks: names,
        residents: init.residents,
        sync: init.sync,
    };
    let config = Config::check(dir, file.clone())?;
    config.found().map_err(at(dir))?;
    make_store(dir)?;
    Local::open(dir, &config.hosts, Clock::system(0))?;
    HeadKey::open_or_make(dir)?;
    let secret = first_token(&config)?;
    let token_path = dir.join(ADMIN_TOKEN);
    keyfile::write(&token_path, secret.reveal().as_bytes()).map_err(at(&token_path))?;
    let text = toml::to_string(&file)?;
    keyfile::write(&config_path, text.as_bytes()).map_err(at(&config_path))?;
    Ok(config)
}

fn parsed(text: &str) -> Result<Playbook, InitFault> {
    Playbook::parse(text).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        InitFault::Playbook(lines.join("\n"))
    })
}

/// One that an interrupted `init` left holds nothing yet, and is taken.
fn make_store(dir: &Path) -> Result<(), StoreFault> {
    match store::create(dir) {
        Err(StoreFault::Open(journal::OpenFault::Exists(_))) => Ok(()),
        made => made,
    }
}

fn first_token(config: &Config) -> Result<Secret, InitFault> {
    let opened = store::open(&config.dir, &Setup::of(config))?;
    let secret = Secret::random()?;
    let made = make_token(&opened.store, secret.hash());
    drop(opened.store);
    opened.running.join()?;
    made.map(|()| secret)
}

fn make_token(store: &Store, secret_hash: [u8; 32]) -> Result<(), InitFault> {
    let asked = Asked {
        by: Actor::System,
        token: None,
        request_id: None,
        now: Timestamp::now(),
    };
    let ask = TokenAsk::Create {
        bearer: Bearer::Other(Actor::Admin),
        expires_at: None,
        secret_hash,
    };
    match store.ask_blocking(Command::Token(TokenCommand { asked, ask })) {
        Ok(Answer::Token(Ok(_))) => Ok(()),
        _ => Err(InitFault::Stopped),
    }
}
