//! Who calls: the bearer of a token, looked up for each call, and the table of
//! roles. One layer around the whole server, so that no handler is reached by
//! somebody whom the table does not let through.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use node_domain::actor::Actor;
use node_domain::policy::{Verdict, verdict};
use node_domain::token::{Token, TokenId};
use proto_edge::problem::Problem;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::codegen::http::header::AUTHORIZATION;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic::{Extensions, Status};
use tower::{Layer, Service};

use super::office::{Now, Office};
use super::secret::Secret;
use super::status::{self, NoBearer};
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::token::Tokens;
use crate::store::keyspace::token_hash::TokenHashes;

/// Calls that are worked on at once; more are told to come again.
const CALLS: usize = 256;
/// Tokens kept in memory; some 200 bytes each.
const KNOWN: usize = 1024;

/// Whom a call's token makes of its bearer.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Actor,
    pub token: TokenId,
}

impl Caller {
    /// The caller that the layer has let through.
    pub fn of(extensions: &Extensions) -> Result<Caller, Problem> {
        let caller = extensions.get::<Caller>().cloned();
        caller.ok_or_else(|| status::no_bearer(NoBearer::Missing))
    }
}

pub fn token_by_hash(store: &Store, hash: &[u8; 32]) -> Result<Option<Token>, StoreFault> {
    match store.view().load::<TokenHashes>(hash)? {
        Some(id) => store.view().load::<Tokens>(&id),
        None => Ok(None),
    }
}

#[derive(Clone)]
pub struct CallerLayer {
    store: Store,
    known: Arc<Mutex<Known>>,
    now: Now,
    calls: Arc<Semaphore>,
}

/// Tokens looked up since one was last made, revoked or erased.
#[derive(Default)]
struct Known {
    token_changes: u64,
    tokens: HashMap<[u8; 32], Token>,
}

impl CallerLayer {
    pub fn new(office: &Office) -> CallerLayer {
        CallerLayer {
            store: office.store.clone(),
            known: Arc::default(),
            now: office.now.clone(),
            calls: Arc::new(Semaphore::new(CALLS)),
        }
    }

    /// `None`: a call that is open to everybody.
    fn admit(&self, call: &str, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        match verdict(call, None) {
            Verdict::Allowed => return Ok(None),
            Verdict::Unlisted => return Err(status::unknown_call(call)),
            Verdict::TokenRequired | Verdict::Forbidden => {}
        }
        let caller = self.bearer(headers)?;
        let role = caller.actor.role();
        match verdict(call, Some(role)) {
            Verdict::Allowed => Ok(Some(caller)),
            _ => Err(status::forbidden(role, call)),
        }
    }

    /// Who may make `call`, by a token that came as `key` or as a bearer's header.
    pub fn bearer_of(
        &self,
        call: &str,
        key: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Caller, Problem> {
        let caller = match key {
            Some(key) => {
                let secret = Secret::parse(key.trim());
                let malformed = || status::no_bearer(NoBearer::Malformed);
                self.known(&secret.ok_or_else(malformed)?)?
            }
            None => self.bearer(headers)?,
        };
        match verdict(call, Some(caller.actor.role())) {
            Verdict::Allowed => Ok(caller),
            _ => Err(status::forbidden(caller.actor.role(), call)),
        }
    }

    fn token(&self, hash: [u8; 32]) -> Result<Option<Token>, StoreFault> {
        // Before looking: what changes meanwhile is looked up again.
        let token_changes = self.store.token_changes();
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.token_changes != token_changes || known.tokens.len() >= KNOWN {
                known.tokens.clear();
                known.token_changes = token_changes;
            }
            if let Some(token) = known.tokens.get(&hash) {
                return Ok(Some(token.clone()));
            }
        }
        let token = token_by_hash(&self.store, &hash)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = token
            .clone()
            .filter(|_| known.token_changes == token_changes)
        {
            known.tokens.insert(hash, token);
        }
        Ok(token)
    }

    fn bearer(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        self.known(&secret(headers).map_err(status::no_bearer)?)
    }

    fn known(&self, secret: &Secret) -> Result<Caller, Problem> {
        let token = self.token(secret.hash());
        let token = token
            .map_err(|fault| status::fault(&fault))?
            .ok_or_else(|| status::no_bearer(NoBearer::Unknown))?;
        let actor = token.bearer((self.now)());
        let actor = actor.map_err(|invalid| status::no_bearer(NoBearer::Invalid(invalid)))?;
        Ok(Caller {
            actor: actor.clone(),
            token: token.id,
        })
    }
}

fn secret(headers: &HeaderMap) -> Result<Secret, NoBearer> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Err(NoBearer::Missing),
        (Some(value), None) => value.to_str().map_err(|_| NoBearer::Malformed)?,
        (Some(_), Some(_)) => return Err(NoBearer::Malformed),
    };
    let (scheme, secret) = value.split_once(' ').ok_or(NoBearer::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(NoBearer::Malformed);
    }
    Secret::parse(secret.trim()).ok_or(NoBearer::Malformed)
}

impl<S> Layer<S> for CallerLayer {
    type Service = Admitted<S>;

    fn layer(&self, inner: S) -> Admitted<S> {
        let door = self.clone();
        Admitted { inner, door }
    }
}

#[derive(Clone)]
pub struct Admitted<S> {
    inner: S,
    door: CallerLayer,
}

impl<S, B> Service<Request<B>> for Admitted<S>
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let admitted = self.door.admit(request.uri().path(), request.headers());
        let permit = self.door.calls.clone().try_acquire_owned();
        let permit = permit.map_err(|_| status::too_many("calls"));
        match admitted.and_then(|caller| Ok((caller, permit?))) {
            Ok((caller, permit)) => {
                if let Some(caller) = caller {
                    request.extensions_mut().insert(caller);
                }
                let answer = self.inner.call(request);
                Box::pin(async move {
                    let answer = answer.await;
                    drop(permit);
                    answer
                })
            }
            Err(problem) => {
                let response = Status::from(problem).into_http();
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use node_domain::policy::paths;
    use prost::Message as _;
    use tonic::codegen::http::HeaderValue;

    use super::*;

    /// A method that is not in the table, or a row without a method, fails here.
    #[test]
    fn the_table_names_exactly_the_methods_of_the_node() {
        let set = prost_types::FileDescriptorSet::decode(proto::pb::DESCRIPTORS).unwrap();
        let mut methods = BTreeSet::new();
        for file in set.file.iter().filter(|f| f.package() == "tongxin.node.v1") {
            for service in &file.service {
                for method in &service.method {
                    let service = service.name();
                    methods.insert(format!("/tongxin.node.v1.{service}/{}", method.name()));
                }
            }
        }
        assert!(methods.len() >= 25, "{methods:?}");
        let listed: BTreeSet<String> = paths().filter(|path| !path.starts_with("/grpc.")).collect();
        assert_eq!(listed, methods);
    }

    #[test]
    fn a_bearer_is_one_header_of_one_shape() {
        let whole = Secret::random().unwrap();
        let headers = |values: &[String]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            secret(&headers).map(|secret| secret.hash())
        };
        let good = format!("Bearer {}", whole.reveal());
        assert_eq!(headers(std::slice::from_ref(&good)), Ok(whole.hash()));
        assert_eq!(headers(&[good.to_lowercase()]), Ok(whole.hash()));
        assert_eq!(headers(&[]), Err(NoBearer::Missing));
        let basic = format!("Basic {}", whole.reveal());
        let rows = [
            vec![good.clone(), good],
            vec![basic],
            vec![whole.reveal().to_owned()],
            vec!["Bearer ".to_owned()],
        ];
        for row in rows {
            assert_eq!(headers(&row), Err(NoBearer::Malformed), "{row:?}");
        }
    }
}
