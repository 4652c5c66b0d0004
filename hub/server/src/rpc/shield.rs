//! Bounds on calls that answer once: how many are in hand, and for how long.
//! More are turned away at once, with a reason. Streams bound themselves.

use std::{
    future::{Future, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::{sync::Semaphore, time::timeout};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use super::status::{late, overloaded};

#[derive(Clone)]
pub struct ShieldLayer {
    calls: Arc<Semaphore>,
    deadline: Duration,
}

#[derive(Clone)]
pub struct Shield<S> {
    inner: S,
    layer: ShieldLayer,
}

impl ShieldLayer {
    pub fn new(calls: usize, deadline: Duration) -> ShieldLayer {
        ShieldLayer {
            calls: Arc::new(Semaphore::new(calls)),
            deadline,
        }
    }
}

impl<S> Layer<S> for ShieldLayer {
    type Service = Shield<S>;

    fn layer(&self, inner: S) -> Shield<S> {
        Shield {
            inner,
            layer: self.clone(),
        }
    }
}

impl<S, B> Service<Request<B>> for Shield<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if is_stream(request.uri().path()) {
            return Box::pin(self.inner.call(request));
        }
        let Ok(place) = self.layer.calls.clone().try_acquire_owned() else {
            return Box::pin(ready(Ok(Status::from(overloaded()).into_http())));
        };
        let (answer, deadline) = (self.inner.call(request), self.layer.deadline);
        Box::pin(async move {
            let _place = place;
            timeout(deadline, answer)
                .await
                .unwrap_or_else(|_| Ok(Status::from(late(deadline)).into_http()))
        })
    }
}

/// Streams of nodes and centres, and what looks at the server itself: a full hub must
/// still say that it lives.
fn is_stream(path: &str) -> bool {
    path.starts_with("/tongxin.sync.")
        || path.starts_with("/tongxin.hub.v1.FeedService/")
        || path.starts_with("/grpc.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_edge::problem::reason_of;
    use std::convert::Infallible;
    use tower::{ServiceExt as _, service_fn};

    fn request(path: &str) -> Request<()> {
        Request::builder().uri(path).body(()).unwrap()
    }

    fn reason(response: &Response<Body>) -> Option<String> {
        let status = Status::from_header_map(response.headers())?;
        reason_of(&status).map(|reason| reason.into_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_few_and_short_streams_are_not_held_up() {
        let hangs = service_fn(|_: Request<()>| async {
            std::future::pending::<()>().await;
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        let shield = ShieldLayer::new(1, Duration::from_secs(10)).layer(hangs);
        let first = tokio::spawn(shield.clone().oneshot(request("/tongxin.hub.v1.X/Y")));
        tokio::task::yield_now().await;
        let second = shield.clone().oneshot(request("/tongxin.hub.v1.X/Y")).await;
        assert_eq!(reason(&second.unwrap()).as_deref(), Some("BUSY"));
        let stream = tokio::spawn(shield.clone().oneshot(request("/tongxin.sync.v1.X/Y")));
        let late = first.await.unwrap().unwrap();
        assert_eq!(reason(&late).as_deref(), Some("DEADLINE_EXCEEDED"));
        assert!(!stream.is_finished());
        stream.abort();
    }
}
