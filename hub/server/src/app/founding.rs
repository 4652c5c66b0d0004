//! Making a hub: authority, store, first operator, configuration. The
//! configuration is written last: while it is missing, there is no hub.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hub_domain::{
    catalogue::Log,
    event::{Asked, Founded},
    issuance,
    register::{self, Register},
};
use jiff::Timestamp;
use proto::{
    identity::{LogId, Subject},
    indicator::{catalogue::Item, mistake::InvalidItem},
};
use proto_edge::{clock::Clock, keyfile};

use super::{FIRST_OPERATOR, OPERATOR, PKI, memory};
use crate::{
    config::{Config, ConfigFault},
    pki::{
        PkiFault,
        authority::Authority,
        entropy,
        issuer::Lifetimes,
        ledger::{IssuanceLedger as _, LedgerFault},
    },
    store::{self, Store, StoreFault},
};

pub struct InitOptions {
    pub config: Config,
    /// The communities to begin with; may be empty.
    pub communities: Vec<register::Row>,
    /// The catalogue to begin with; may be empty.
    pub catalogue: Vec<Item>,
}

#[derive(Debug, thiserror::Error)]
pub enum InitFault {
    #[error("{}: not empty; give a new directory", .0.display())]
    NotEmpty(PathBuf),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("communities: {0}")]
    Register(#[from] register::Refusal),
    #[error("catalogue: {}", first(.0))]
    Catalogue(Vec<InvalidItem>),
    #[error(transparent)]
    Config(#[from] ConfigFault),
    #[error(transparent)]
    Pki(#[from] PkiFault),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    #[error("the first operator was refused: {0:?}")]
    Operator(issuance::Refusal),
}

fn first(invalid: &[InvalidItem]) -> String {
    invalid.first().map(ToString::to_string).unwrap_or_default()
}

/// Makes a hub in `dir`, which must be new or empty. Nothing is made when the
/// communities or the catalogue are wrong. Blocks.
pub fn init(dir: &Path, options: InitOptions) -> Result<(), InitFault> {
    let now = Timestamp::now();
    let today = options.config.zone.to_datetime(now).date();
    Register::default().import(&options.communities, today)?;
    let log_id = LogId(entropy()?);
    let checked = Log::new(log_id).publish(options.catalogue.clone());
    checked.map_err(InitFault::Catalogue)?;

    prepare(dir)?;
    let config = &options.config;
    let authority = Authority::create(
        &dir.join(PKI),
        config.district.clone(),
        config.address.clone(),
        Lifetimes::of_leaves(config.leaf_life_s),
        Clock::system(0),
    )?;
    let founded = Founded {
        district: config.district.clone(),
        incarnation: 1,
        catalogue_log: log_id,
        zone: config.zone_name(),
        at: now,
    };
    store::create(dir, entropy()?, &founded)?;
    // The store answers asynchronously; a thread of its own, because the caller
    // may itself be inside a runtime.
    std::thread::scope(|scope| {
        let begun = scope.spawn(|| begin(dir, &authority, &options));
        begun
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    Ok(config.save(dir)?)
}

fn prepare(dir: &Path) -> Result<(), InitFault> {
    let file = |source| InitFault::File {
        path: dir.to_owned(),
        source,
    };
    match fs::read_dir(dir) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(InitFault::NotEmpty(dir.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(file(error)),
    }
    keyfile::make_directory(dir).map_err(file)
}

fn begin(dir: &Path, authority: &Authority, options: &InitOptions) -> Result<(), InitFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|source| InitFault::File {
        path: dir.to_owned(),
        source,
    })?;
    runtime.block_on(async {
        let (store, threads) = Store::open(dir, memory(&options.config.limits))?;
        let recorded = record(dir, &store, authority, options).await;
        threads.stop().await?;
        recorded
    })
}

async fn record(
    dir: &Path,
    store: &Store,
    authority: &Authority,
    options: &InitOptions,
) -> Result<(), InitFault> {
    let operator = operator();
    let (membership, certificate) = authority.appoint(operator.clone())?;
    let appoint = issuance::Command::Appoint {
        subject: operator.clone(),
        certificate,
        now: authority.now()?,
    };
    store.submit(appoint).await?.map_err(InitFault::Operator)?;
    membership
        .save(&dir.join(OPERATOR))
        .map_err(PkiFault::from)?;
    let asked = |name: &str| Asked {
        by: operator.clone(),
        request: name.parse().expect("a plain name"),
    };
    if !options.communities.is_empty() {
        let today = options.config.zone.to_datetime(Timestamp::now()).date();
        let rows = options.communities.clone();
        store
            .import(asked("init-communities"), rows, today)
            .await??;
    }
    if !options.catalogue.is_empty() {
        let published = store.publish(asked("init-catalogue"), options.catalogue.clone());
        published.await?.map_err(InitFault::Catalogue)?;
    }
    Ok(())
}

fn operator() -> Subject {
    FIRST_OPERATOR.parse().expect("a plain name")
}
