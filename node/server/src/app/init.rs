//! Makes a node: directory, store with its playbooks, local authority, and the first
//! administrator's token. The configuration comes last: without it there is no
//! node, and `init` may be run again.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use node_domain::actor::Actor;
use node_domain::playbook::adoption::Offered;
use node_domain::playbook::{AdoptionRefused, Playbook, Playbooks};
use proto_edge::clock::Clock;
use proto_edge::keyfile;

use super::ADMIN_TOKEN;
use crate::config::{Config, ConfigFile, InvalidConfig, SyncFile, offered};
use crate::identity::IdentityFault;
use crate::identity::heads::HeadKey;
use crate::identity::local::Local;
use crate::present::Present;
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
    init_at(dir, init, Present::of_machine())
}

/// The same for a node that lives by another time, from its first record on.
pub fn init_at(dir: &Path, init: Init, present: Present) -> Result<Config, InitFault> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| InitFault::File { path, source }
    };
    let config_path = Config::path(dir);
    if config_path.exists() {
        return Err(InitFault::Exists(dir.to_owned()));
    }
    let playbooks = init.playbooks.into_iter().map(parsed);
    let playbooks: Vec<Offered> = playbooks.collect::<Result<_, _>>()?;
    keyfile::make_directory(dir).map_err(at(dir))?;
    let file = ConfigFile {
        community: init.community,
        listen: init.listen,
        hosts: Vec::new(),
        metrics: None,
        open311: None,
        time_zone: init.time_zone,
        playbooks: Vec::new(),
        residents: init.residents,
        sync: init.sync,
    };
    let config = Config {
        present,
        ..Config::check(dir, file.clone())?
    };
    config.found().map_err(at(dir))?;
    make_store(dir)?;
    Local::open(dir, &config.hosts, Clock::system(0))?;
    HeadKey::open_or_make(dir)?;
    let secret = first_records(&config, playbooks)?;
    let token_path = dir.join(ADMIN_TOKEN);
    keyfile::write(&token_path, secret.reveal().as_bytes()).map_err(at(&token_path))?;
    let text = toml::to_string(&file)?;
    keyfile::write(&config_path, text.as_bytes()).map_err(at(&config_path))?;
    Ok(config)
}

fn parsed(text: String) -> Result<Offered, InitFault> {
    let playbook = Playbook::parse(&text);
    let playbook = playbook.map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        InitFault::Playbook(lines.join("\n"))
    })?;
    Ok(offered(playbook, text))
}

/// One that an interrupted `init` left holds nothing yet, and is taken.
fn make_store(dir: &Path) -> Result<(), StoreFault> {
    match store::create(dir) {
        Err(StoreFault::Open(journal::OpenFault::Exists(_))) => Ok(()),
        made => made,
    }
}

/// The playbooks that it runs by, and the first administrator.
fn first_records(config: &Config, playbooks: Vec<Offered>) -> Result<Secret, InitFault> {
    let invalid = |refused: AdoptionRefused| InitFault::Playbook(refused.to_string());
    let mut first: Option<Playbooks> = None;
    for Offered { playbook, .. } in playbooks.iter().cloned() {
        match &mut first {
            None => first = Some(Playbooks::new(playbook)),
            Some(first) => first.adopt(playbook).map_err(invalid)?,
        }
    }
    let setup = Setup {
        playbooks: first.map(Arc::new),
        ..Setup::of(config)
    };
    let opened = store::open(&config.dir, &setup)?;
    let secret = Secret::random()?;
    let now = config.present.now();
    let adopted = opened.store.adopt_first(now, playbooks);
    let made = adopted
        .map_err(InitFault::from)
        .and_then(|()| make_token(&opened.store, now, secret.hash()));
    drop(opened.store);
    opened.running.join()?;
    made.map(|()| secret)
}

fn make_token(store: &Store, now: Timestamp, secret_hash: [u8; 32]) -> Result<(), InitFault> {
    let asked = Asked {
        by: Actor::System,
        token: None,
        request_id: None,
        now,
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
