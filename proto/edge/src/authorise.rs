//! One layer around a whole server: nothing is called that the gate does not
//! admit, and what is called finds its peer in the extensions. Knows no rule.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

use crate::{peer::Peer, problem::Problem};

/// Decides about each call before any handler sees it.
pub trait Gate: Send + Sync + 'static {
    /// `call` is the full path, for example `/tongxin.sync.v1.SyncService/Uplink`;
    /// `peer` is `None` for a caller without certificate.
    fn admit(&self, call: &str, peer: Option<&Peer>) -> Result<(), Problem>;
}

pub struct AuthoriseLayer<G>(Arc<G>);

pub struct Authorise<S, G> {
    inner: S,
    gate: Arc<G>,
}

impl<G: Gate> AuthoriseLayer<G> {
    pub fn new(gate: Arc<G>) -> AuthoriseLayer<G> {
        AuthoriseLayer(gate)
    }
}

impl<S, G: Gate> Layer<S> for AuthoriseLayer<G> {
    type Service = Authorise<S, G>;

    fn layer(&self, inner: S) -> Authorise<S, G> {
        Authorise {
            inner,
            gate: self.0.clone(),
        }
    }
}

impl<S, G, B> Service<Request<B>> for Authorise<S, G>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    G: Gate,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.judge(&request) {
            Ok(peer) => {
                if let Some(peer) = peer {
                    request.extensions_mut().insert(peer);
                }
                Box::pin(self.inner.call(request))
            }
            Err(problem) => {
                let response = Status::from(problem).into_http();
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}

impl<S, G: Gate> Authorise<S, G> {
    fn judge<B>(&self, request: &Request<B>) -> Result<Option<Peer>, Problem> {
        let peer = Peer::of_request(request.extensions()).map_err(|invalid| {
            Problem::new(
                Code::Unauthenticated,
                "CERTIFICATE_INVALID",
                invalid.to_string(),
                "证书无效：须有且仅有一个身份名称",
            )
        })?;
        self.gate.admit(request.uri().path(), peer.as_ref())?;
        Ok(peer)
    }
}

// Derives would ask that the gate be cloneable.
impl<G> Clone for AuthoriseLayer<G> {
    fn clone(&self) -> Self {
        AuthoriseLayer(self.0.clone())
    }
}

impl<S: Clone, G> Clone for Authorise<S, G> {
    fn clone(&self) -> Self {
        Authorise {
            inner: self.inner.clone(),
            gate: self.gate.clone(),
        }
    }
}
