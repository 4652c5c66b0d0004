//! What is told of calls for the audit log: by the gate when it turns one away,
//! by a layer around the handlers when one was answered. Written in batches every
//! few seconds; what a process that is killed had not written yet is lost.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use hub_domain::audit::{DISTINCT, Gathered, What, is_audited};
use proto::identity::Subject;
use proto_edge::{clock::Clock, peer::Peer, problem::reason_of};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt as _;
use tower::{Layer, Service};

use super::field::now;
use crate::store::Store;

/// A decision is in the journal within this.
const EVERY: Duration = Duration::from_secs(5);

/// What a handler's answer was about; put into the response's extensions.
#[derive(Clone, Debug)]
pub struct About(pub String);

pub struct Auditor {
    gathered: Mutex<Gathered>,
    /// There are many: do not wait for the round.
    crowded: Notify,
    clock: Clock,
}

impl Auditor {
    pub fn new(clock: Clock) -> Auditor {
        Auditor {
            gathered: Mutex::default(),
            crowded: Notify::new(),
            clock,
        }
    }

    /// `result`: "OK", or the reason of a refusal or fault.
    pub fn note(
        &self,
        subject: &Subject,
        method: &str,
        scope: &str,
        is_allowed: bool,
        result: &str,
    ) {
        if !is_audited(subject) || method.starts_with("/grpc.") {
            return;
        }
        let what = What {
            subject: subject.clone(),
            method: method.to_owned(),
            scope: scope.to_owned(),
            is_allowed,
            result: result.to_owned(),
        };
        let mut gathered = self.lock();
        gathered.add(what, now(&self.clock));
        if gathered.len() >= DISTINCT {
            self.crowded.notify_one();
        }
    }

    /// Writes what was gathered; what cannot be written now stays.
    pub async fn write(&self, store: &Store) {
        let decisions = self.lock().take();
        if decisions.is_empty() {
            return;
        }
        if let Err((fault, decisions)) = store.audit(decisions).await {
            tracing::error!(%fault, "decisions about calls cannot be journalled; trying again");
            self.lock().put_back(decisions);
        }
    }

    /// Every few seconds until `stop`; the last ones are for whoever stops.
    pub async fn run(&self, store: Store, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
                () = self.crowded.notified() => {}
            }
            self.write(&store).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone)]
pub struct AuditLayer(pub Arc<Auditor>);

#[derive(Clone)]
pub struct Audit<S> {
    inner: S,
    auditor: Arc<Auditor>,
}

impl<S> Layer<S> for AuditLayer {
    type Service = Audit<S>;

    fn layer(&self, inner: S) -> Audit<S> {
        Audit {
            inner,
            auditor: self.0.clone(),
        }
    }
}

impl<S, B> Service<Request<B>> for Audit<S>
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
        let peer = request.extensions().get::<Peer>();
        let subject = peer.map(|peer| peer.identity.subject.clone());
        let Some(subject) = subject.filter(is_audited) else {
            return Box::pin(self.inner.call(request));
        };
        let method = request.uri().path().to_owned();
        let (auditor, answer) = (self.auditor.clone(), self.inner.call(request));
        Box::pin(async move {
            let response = answer.await?;
            note(&auditor, &subject, &method, &response);
            Ok(response)
        })
    }
}

/// A refusal that a handler answers at once is in the headers; a stream's end is
/// no decision.
fn note(auditor: &Auditor, subject: &Subject, method: &str, response: &Response<Body>) {
    let about = response.extensions().get::<About>();
    let about = about.map_or("", |about| &about.0);
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() != Code::Ok => {
            let reason = reason_of(&status);
            let reason = reason.unwrap_or_else(|| format!("{:?}", status.code()).into());
            let scope = status.get_details_error_info();
            let scope = scope.and_then(|info| info.metadata.get("scope").cloned());
            // Whoever was let in may still have asked for nonsense.
            let is_allowed = !matches!(
                status.code(),
                Code::PermissionDenied | Code::Unauthenticated
            );
            let scope = scope.unwrap_or_default();
            auditor.note(subject, method, &scope, is_allowed, &reason);
        }
        _ => auditor.note(subject, method, about, true, "OK"),
    }
}
