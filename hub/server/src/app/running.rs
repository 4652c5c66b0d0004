//! A hub that serves: its tasks, and how they end. When told to stop it answers
//! what it has in hand, for a while; when the journal cannot be written it ends
//! at once with an error.

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use proto_edge::{clock::Clock, listener::listen, live::Live};
use tokio::{
    net::TcpListener,
    task::{JoinError, JoinHandle, JoinSet},
    time::timeout,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{OPERATOR, PKI, memory, operator::Keeper, waves::Waves};
use crate::{
    config::{self, Config, ConfigFault, Invalid},
    monitoring::Figures,
    parent::{self, Parent, ParentFault},
    pki::{
        PkiFault,
        authority::Authority,
        gate::HubGate,
        issuer::Lifetimes,
        ledger::IssuanceLedger as _,
        upkeep::{ROUND, Upkeep},
    },
    rpc::{
        RpcFault, Services,
        auditor::Auditor,
        feed::{FeedRpc, Feeds, inbox::Inboxes},
        heard::Heard,
        hub_status::HubStatusRpc,
        sync::SyncRpc,
    },
    store::{Store, StoreFault, Threads},
    watching::Watching,
};

/// How long calls in hand are waited for.
const DRAIN: Duration = Duration::from_secs(10);
/// How long tasks are given to end once their connections are cut.
const LAST_WORDS: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    #[error(transparent)]
    Config(#[from] ConfigFault),
    #[error(transparent)]
    Pki(#[from] PkiFault),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error("{address}: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error(transparent)]
    Rpc(#[from] RpcFault),
    #[error("line to the parent: {0}")]
    Parent(#[from] ParentFault),
    #[error("task {0} ended before its time")]
    Task(&'static str),
    #[error("{0}")]
    Panic(String),
}

/// Stops when it is dropped.
#[derive(Debug)]
pub struct Running {
    /// What it listens on, with the port it was given.
    pub address: SocketAddr,
    ended: JoinHandle<Result<(), ServeFault>>,
    _stop: DropGuard,
}

impl Running {
    /// Returns when everything has ended, in order or by a fault.
    pub async fn join(self) -> Result<(), ServeFault> {
        let ended = self.ended.await;
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}

/// Serves the hub that `init` made in `dir` until `stop`, or until a fault.
pub async fn serve(dir: &Path, stop: CancellationToken) -> Result<Running, ServeFault> {
    serve_as_child(dir, None, stop).await
}

/// The same, as the child of another hub.
pub async fn serve_as_child(
    dir: &Path,
    parent: Option<Parent>,
    stop: CancellationToken,
) -> Result<Running, ServeFault> {
    let config = Config::load(dir)?;
    let listener = bound(config.listen).await?;
    let local = |source| ServeFault::Listen {
        address: config.listen,
        source,
    };
    let address = listener.local_addr().map_err(local)?;
    let metrics = match config.metrics {
        Some(address) => Some(bound(address).await?),
        None => None,
    };
    let (store, threads) = open(dir, &config).await?;
    let stop = stop.child_token();
    let hub = match Hub::start(dir, &config, (listener, metrics), &store, parent) {
        Ok(started) => Hub {
            store,
            threads,
            started,
        },
        Err(fault) => {
            threads.stop().await?;
            return Err(fault);
        }
    };
    tracing::info!(%address, district = %config.district, "serving");
    Ok(Running {
        address,
        ended: tokio::spawn(hub.run(stop.clone())),
        _stop: stop.drop_guard(),
    })
}

async fn bound(address: SocketAddr) -> Result<TcpListener, ServeFault> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|source| ServeFault::Listen { address, source })
}

async fn open(dir: &Path, config: &Config) -> Result<(Store, Threads), ServeFault> {
    let (path, memory) = (dir.to_owned(), memory(&config.limits));
    let opened = tokio::task::spawn_blocking(move || Store::open(&path, memory));
    let (store, threads) = opened.await.map_err(|_| ServeFault::Task("open"))??;
    match disagrees(config, &store) {
        None => Ok((store, threads)),
        Some(source) => {
            threads.stop().await?;
            let path = dir.join(config::FILE);
            Err(ConfigFault::Invalid { path, source }.into())
        }
    }
}

/// What was founded stays: certificates name the district, and periods begin
/// by its zone.
fn disagrees(config: &Config, store: &Store) -> Option<Invalid> {
    let invalid = |key: &str, founded: &dyn std::fmt::Display| Invalid {
        key: key.to_owned(),
        problem: format!("this hub was founded with {founded}, which never changes"),
    };
    let zone = store.zone().iana_name().unwrap_or_default();
    if config.district != *store.district() {
        return Some(invalid("district", store.district()));
    }
    (config.zone_name() != zone).then(|| invalid("zone", &zone))
}

/// Everything that runs, by the name of its task.
type Tasks = JoinSet<(&'static str, Result<(), ServeFault>)>;

struct Hub {
    store: Store,
    threads: Threads,
    started: Started,
}

struct Started {
    tasks: Tasks,
    live: Arc<Live>,
    auditor: Arc<Auditor>,
    /// Nothing new is begun.
    drain: CancellationToken,
}

impl Hub {
    fn start(
        dir: &Path,
        config: &Config,
        (listener, metrics): (TcpListener, Option<TcpListener>),
        store: &Store,
        parent: Option<Parent>,
    ) -> Result<Started, ServeFault> {
        let clock = Clock::system(0);
        let authority = Arc::new(Authority::open(
            &dir.join(PKI),
            config.district.clone(),
            config.address.clone(),
            Lifetimes::of_leaves(config.leaf_life_s),
            clock.clone(),
        )?);
        let members = store.clone();
        let auditor = Arc::new(Auditor::new(clock.clone()));
        let gate = HubGate::new(
            config.district.clone(),
            Arc::new(move || members.state()),
            clock,
        );
        let gate = Arc::new(gate.audited(auditor.clone()));
        let live = Arc::new(Live::default());
        let upkeep = Upkeep::new(authority.clone(), gate.clone(), live.clone())?;
        let drain = CancellationToken::new();
        let incoming = listen(
            listener,
            upkeep.config(),
            config.limits.listener(),
            live.clone(),
            drain.clone(),
        );
        let keeper = Keeper {
            directory: dir.join(OPERATOR),
            store: store.clone(),
            authority: authority.clone(),
        };
        let rounds = authority.rounds(ROUND);
        let heard: Arc<Heard> = Arc::default();
        let sync = SyncRpc::new(store.clone(), heard.clone(), drain.clone());
        let feeds = Arc::new(Feeds {
            store: store.clone(),
            clock: authority.clock().clone(),
            followers: Arc::default(),
            most_records: config.limits.feed_records as u64,
            stop: drain.clone(),
            tasks: TaskTracker::new(),
        });
        let feed = FeedRpc::new(feeds.clone());
        let inboxes = Inboxes {
            feeds,
            authority: authority.clone(),
            gate: gate.clone(),
        };
        let status = HubStatusRpc {
            store: store.clone(),
            authority: authority.clone(),
            live: live.clone(),
            heard,
        };
        let mut tasks = Tasks::new();
        if let Some(reader) = metrics {
            let figures = Figures::new(dir, status.clone(), sync.clone());
            let page = move || {
                let figures = figures.clone();
                async move { figures.page().await }
            };
            let stop = drain.clone();
            tasks.spawn(async move {
                proto_edge::monitoring::serve(reader, page, stop).await;
                ("metrics", Ok(()))
            });
        }
        let clock = authority.clock().clone();
        let services = Services {
            store: store.clone(),
            authority,
            gate,
            live: live.clone(),
            status,
            sync,
            feed,
            auditor: auditor.clone(),
            limits: config.limits,
        };
        let stop = drain.clone();
        tasks.spawn(async move {
            let served = services.serve(incoming, stop).await;
            ("rpc", served.map_err(ServeFault::from))
        });
        let stop = drain.clone();
        tasks.spawn(async move {
            upkeep.run(rounds, stop).await;
            ("upkeep", Ok(()))
        });
        let rollouts = Waves {
            store: store.clone(),
            clock: clock.clone(),
            live: live.clone(),
        };
        let stop = drain.clone();
        tasks.spawn(async move {
            rollouts.run(stop).await;
            ("rollouts", Ok(()))
        });
        tasks.spawn(async move {
            inboxes.run().await;
            ("inboxes", Ok(()))
        });
        let (stop, noted, follows) = (drain.clone(), auditor.clone(), store.clone());
        tasks.spawn(async move {
            noted.run(follows, stop).await;
            ("audit", Ok(()))
        });
        let stop = drain.clone();
        tasks.spawn(async move {
            keeper.run(stop).await;
            ("operator", Ok(()))
        });
        let watching = Watching {
            store: store.clone(),
            clock,
        };
        let stop = drain.clone();
        tasks.spawn(async move {
            watching.run(stop).await;
            ("watch", Ok(()))
        });
        if let Some(parent) = parent {
            let (store, settings, stop) = (store.clone(), config.parent, drain.clone());
            tasks.spawn(async move {
                let ended = parent::run(store, parent, settings, stop).await;
                ("parent", ended.map_err(ServeFault::from))
            });
        }
        Ok(Started {
            tasks,
            live,
            auditor,
            drain,
        })
    }

    async fn run(self, stop: CancellationToken) -> Result<(), ServeFault> {
        let Started {
            mut tasks,
            live,
            auditor,
            drain,
        } = self.started;
        let (patience, outcome) = tokio::select! {
            () = stop.cancelled() => (DRAIN, Ok(())),
            // The threads say why, below.
            () = self.store.stopped() => (Duration::ZERO, Ok(())),
            Some(ended) = tasks.join_next() => (Duration::ZERO, Err(before_its_time(ended))),
        };
        drain.cancel();
        if timeout(patience, ended(&mut tasks)).await.is_err() {
            let cut = live.cut_all();
            tracing::warn!(cut, "connections cut: their calls did not end in time");
            let _ = timeout(LAST_WORDS, ended(&mut tasks)).await;
        }
        // Whatever is left holds the store's handle, not its files.
        tasks.shutdown().await;
        auditor.write(&self.store).await;
        self.threads.stop().await?;
        outcome
    }
}

fn before_its_time(ended: Ended) -> ServeFault {
    match ended {
        Ok((_, Err(fault))) => fault,
        Ok((name, Ok(()))) => ServeFault::Task(name),
        Err(panic) => ServeFault::Panic(panic.to_string()),
    }
}

type Ended = Result<(&'static str, Result<(), ServeFault>), JoinError>;

async fn ended(tasks: &mut Tasks) {
    while let Some(ended) = tasks.join_next().await {
        if !matches!(ended, Ok((_, Ok(())))) {
            tracing::error!(fault = %before_its_time(ended), "a task ended badly");
        }
    }
}
