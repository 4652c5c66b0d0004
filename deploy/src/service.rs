//! Running a server as a process: logs on stderr, a stop on SIGTERM or Ctrl-C,
//! a second one ends at once. Knows no server.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::{failure::Failure, say};

/// The HTTP/2 library warns of each hostile connection: a peer could fill a disk.
const LOGGED: &str = "info,h2=error";

/// Logs to stderr; `RUST_LOG` chooses what.
pub fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Runs `server` until it ends; signals ask it to.
pub fn run<F>(server: impl FnOnce(CancellationToken) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    log();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let watching = tokio::spawn(watch(stop.clone()));
        let ended = server(stop).await;
        watching.abort();
        ended
    })
}

async fn watch(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("cannot watch for signals");
        return;
    };
    let mut either = async || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    either().await;
    say!(
        "正在收尾，再按一次立即结束",
        "Draining; once more ends at once"
    );
    stop.cancel();
    either().await;
    std::process::exit(1);
}
