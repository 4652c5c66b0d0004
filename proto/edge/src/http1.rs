//! HTTP/1.1 for what is no gRPC: few connections at once, each for a short while.
//! In clear and without a name for the caller, so whoever uses it binds to loopback
//! or an operations network. Knows no path.

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

const HEADER_WAIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);

/// Who is let in.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Further ones are closed.
    pub connections: usize,
    /// Of one connection, whatever it does.
    pub longest: Duration,
}

/// Serves until `stop`; then what is being answered is cut off.
pub async fn serve<F, W>(listener: TcpListener, bounds: Bounds, answer: F, stop: CancellationToken)
where
    F: Fn(Request<Incoming>) -> W + Send + Sync + 'static,
    W: Future<Output = Response<String>> + Send + 'static,
{
    let answer = Arc::new(answer);
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else {
            // Out of files or memory: asking again at once would spin.
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => continue,
            }
        };
        if let Ok(place) = places.clone().try_acquire_owned() {
            let answer = answer.clone();
            connections.spawn(async move {
                let served = tokio::time::timeout(bounds.longest, connection(socket, answer));
                drop((place, served.await));
            });
        }
    }
}

async fn connection<F, W>(socket: TcpStream, answer: Arc<F>)
where
    F: Fn(Request<Incoming>) -> W,
    W: Future<Output = Response<String>>,
{
    let service = service_fn(|request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WAIT)
        .serve_connection(TokioIo::new(socket), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a client went away");
    }
}
