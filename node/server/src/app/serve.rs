//! Runs a node until it is told to stop or its store fails: the store's writer,
//! the local port, time, the local certificate, and once the node has joined a
//! district, the renewal of its identity.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use proto_edge::clock::Clock;
use proto_edge::listener::{Limits, listen};
use proto_edge::live::Live;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::tasks::Tasks;
use super::ticks::tick;
use crate::config::Config;
use crate::identity::IdentityFault;
use crate::identity::credentials::{Credentials, joined};
use crate::identity::heads::HeadKey;
use crate::identity::local::Local;
use crate::identity::renew::keep_renewed;
use crate::link::{self, LinkFault, LinkStatus};
use crate::monitoring::Figures;
use crate::rpc;
use crate::store::fault::StoreFault;
use crate::store::{self, Opened, Setup, Store};

/// How long calls in flight may take to end.
const DRAIN: Duration = Duration::from_secs(10);
/// The same once the store has failed: only refusals are still to be sent.
const LAST_WORDS: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Local clients are few and known by token, so one back end may hold many
/// connections.
const LIMITS: Limits = Limits {
    connections: 2048,
    unnamed: 2048,
    per_address: 1024,
    per_identity: 4,
    handshakes: 256,
    handshake_deadline: Duration::from_secs(5),
};

#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("server: {0}")]
    Server(String),
}

/// A node at work.
pub struct Running {
    /// Where local clients reach it.
    pub local_addr: SocketAddr,
    pub store: Store,
    ended: JoinHandle<Result<(), ServeFault>>,
}

impl Running {
    /// Returns when the node has ended: in order after a stop, or with the fault
    /// that ended it.
    pub async fn join(self) -> Result<(), ServeFault> {
        drop(self.store);
        let ended = self.ended.await;
        ended.unwrap_or_else(|panic| Err(ServeFault::Server(panic.to_string())))
    }
}

pub async fn serve(config: Config, stop: CancellationToken) -> Result<Running, ServeFault> {
    let setup = Setup::of(&config);
    let dir = config.dir.clone();
    let named = config.playbooks.clone();
    // Never told before the journal's last records, whatever the machine's clock says.
    let clock = Clock::system(0);
    let present = config.present.clone().not_before(&clock);
    let (floor, starting) = (clock.clone(), present.clone());
    let opening = tokio::task::spawn_blocking(move || {
        let opened = store::open(&dir, &setup)?;
        let recorded = opened.store.last_recorded()?.as_second();
        floor.raise(recorded.try_into().unwrap_or_default());
        opened.store.mark_start(starting.now())?;
        let named = named.map_or_else(Vec::new, |named| named.offered);
        opened.store.adopt_first(starting.now(), named)?;
        Ok::<Opened, StoreFault>(opened)
    });
    let opened = opening
        .await
        .map_err(|panic| ServeFault::Server(panic.to_string()))??;
    tell(&opened);
    let Opened { store, running, .. } = opened;
    let (local_addr, listener) = bound(config.listen).await?;
    let metrics = match config.metrics {
        Some(address) => Some(bound(address).await?.1),
        None => None,
    };

    let open311 = match config.open311 {
        Some(address) => Some(bound(address).await?.1),
        None => None,
    };

    // Whatever ends first ends all, without ending the caller's token.
    let stop = stop.child_token();
    let local = Local::open(&config.dir, &config.hosts, clock.clone())?;
    let live = Arc::new(Live::default());
    let incoming = listen(listener, local.config(), LIMITS, live.clone(), stop.clone());
    let mut tasks = Tasks::new(stop.clone());
    let office = rpc::Office {
        store: store.clone(),
        now: {
            let present = present.clone();
            Arc::new(move || present.now())
        },
        stop: stop.clone(),
    };
    let identity = credentials(&config, clock)?;
    let (told, link_status) = watch::channel(LinkStatus::alone(config.community.to_string()));
    if let Some(reader) = metrics {
        let dir = config.dir.clone();
        let figures = Figures::new(dir, store.clone(), link_status.clone(), live.clone());
        let page = move || std::future::ready(Ok(figures.page()));
        let serving = proto_edge::monitoring::serve(reader, page, stop.clone());
        tasks.start("metrics", serving);
    }
    if let Some(listener) = open311 {
        let zone = config.zone.clone();
        let community = config.community.to_string();
        let facade = rpc::Open311::new(office.clone(), zone, community);
        tasks.start("Open311", facade.serve(listener));
    }
    tasks.start("local port", async move {
        if let Err(fault) = rpc::serve(office, link_status, incoming).await {
            tracing::error!(%fault, "local port");
        }
    });
    tasks.start("ticks", tick(store.clone(), present.clone(), stop.clone()));
    tasks.start("local certificate", keep_local(local, stop.clone()));
    if let Some(identity) = identity {
        let chance = chance();
        let renewing = keep_renewed(identity.clone(), chance, stop.clone());
        tasks.start("renewal", renewing);
        let link = link::Config {
            interval: config.sync_interval,
            stays_connected: config.stays_connected,
            reconnect_window: config.reconnect_window,
            present,
        };
        let heads = HeadKey::open_or_make(&config.dir)?;
        let line = link::spawn(store.clone(), identity, heads, link, told, stop.clone());
        let stop = stop.clone();
        tasks.start("link", async move {
            let ended = line.await.unwrap_or(Err(LinkFault::Panicked));
            if let Err(fault) = ended
                && !stop.is_cancelled()
            {
                tracing::error!(%fault, "the line to the hub has ended");
            }
        });
    }
    let ended = tokio::spawn(end(store.clone(), running, tasks, live, stop));
    Ok(Running {
        local_addr,
        store,
        ended,
    })
}

async fn bound(address: SocketAddr) -> Result<(SocketAddr, TcpListener), ServeFault> {
    let listener = TcpListener::bind(address).await;
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    bound.map_err(|source| ServeFault::Listen { address, source })
}

fn tell(opened: &Opened) {
    if let Some(rebuilt) = &opened.rebuilt {
        let set_aside = rebuilt
            .set_aside
            .as_ref()
            .map(|path| path.display().to_string());
        tracing::warn!(
            why = rebuilt.why,
            set_aside,
            "the view was rebuilt from the journal"
        );
    }
    if opened.recovery.torn_bytes > 0 {
        let bytes = opened.recovery.torn_bytes;
        tracing::warn!(
            bytes,
            "an unfinished write at the end of the journal was cut"
        );
    }
    tracing::info!(
        records = opened.recovery.records,
        replayed = opened.replayed,
        "store open"
    );
}

fn credentials(config: &Config, clock: Clock) -> Result<Option<Arc<Credentials>>, IdentityFault> {
    joined(&config.dir)?
        .then(|| Credentials::open(&config.dir, clock).map(Arc::new))
        .transpose()
}

async fn end(
    store: Store,
    running: store::Running,
    tasks: Tasks,
    live: Arc<Live>,
    stop: CancellationToken,
) -> Result<(), ServeFault> {
    let patience = tokio::select! {
        () = stop.cancelled() => DRAIN,
        () = store.stopped() => {
            stop.cancel();
            LAST_WORDS
        }
    };
    tasks.join(patience).await;
    live.cut_all();
    store.stop().await;
    drop(store);
    let joined = tokio::task::spawn_blocking(move || running.join()).await;
    let joined = joined.map_err(|panic| ServeFault::Server(panic.to_string()))?;
    Ok(joined?)
}

async fn keep_local(local: Local, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(DAY) => {}
        }
        if let Err(fault) = local.renew_if_due() {
            tracing::error!(%fault, "local certificate not renewed");
        }
    }
}

/// Numbers from 0 to 1 that differ from node to node.
fn chance() -> impl FnMut() -> f64 + Send {
    use ring::rand::{SecureRandom as _, SystemRandom};
    let entropy = SystemRandom::new();
    move || {
        let mut bytes = [0; 4];
        match entropy.fill(&mut bytes) {
            Ok(()) => f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX),
            Err(_) => 0.5,
        }
    }
}
