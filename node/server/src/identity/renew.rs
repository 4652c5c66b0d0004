//! Renewal in good time: a new key and certificate before half of the old one's
//! life is over, again and again until the hub answers. No visit, no restart.
//! When it is time is `proto_child::renewal`'s.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use proto::pb::enrol::RenewRequest;
use proto_child::renewal::{LONGEST_RETRY, Moment};
use proto_edge::{
    enrol::enrol_service_client::EnrolServiceClient, membership::Membership, tls::vouches,
};
use rcgen::KeyPair;
use tokio_util::sync::CancellationToken;

use super::{
    IdentityFault,
    credentials::Credentials,
    join::{checked, der},
    request,
};

// The machine's clock may be set, or the machine may sleep; a long wait is cut
// into looks, often enough for the hour in which the hub may be within reach.
const LOOK: Duration = LONGEST_RETRY;
/// A hub that shut this node out by name is asked again this seldom.
const SHUT_OUT: Duration = LONGEST_RETRY;

/// Gets and stores the next certificate, now.
pub async fn renew(credentials: &Credentials) -> Result<(), IdentityFault> {
    let current = credentials.membership();
    let key = KeyPair::generate()?;
    let mut hub = EnrolServiceClient::new(credentials.channel()?);
    let renewal = RenewRequest {
        csr: request(&key)?.into(),
    };
    let answer = hub.renew(renewal).await.map_err(Box::new)?;
    let answer = answer.into_inner().credential;
    let answer = answer.ok_or(IdentityFault::Answer("no credential"))?;
    let credential = checked(&answer, &key)?;
    if credential.holder()?.identity != current.holder()?.identity {
        return Err(IdentityFault::Answer("another identity than before"));
    }
    // Whoever stole no more than the hub's own key must not name new roots.
    if !vouches(&current.roots, &credential) {
        return Err(IdentityFault::Answer(
            "a certificate that no root vouches for which is trusted here",
        ));
    }
    // The hub may add roots before it changes to them; an answer without any
    // is a slip, not an order to trust nobody.
    let roots = match der(&answer.roots) {
        none if none.is_empty() => current.roots.clone(),
        roots => roots,
    };
    credentials.replace(Membership {
        credential,
        roots,
        hub: current.hub.clone(),
    })
}

/// Renews until `stop`. `chance` gives numbers from 0 to 1.
pub async fn keep_renewed(
    credentials: Arc<Credentials>,
    mut chance: impl FnMut() -> f64 + Send,
    stop: CancellationToken,
) {
    let mut failures = 0;
    let mut share = chance();
    let mut held_since: Option<Instant> = None;
    loop {
        let wait = match credentials.holder() {
            Ok(holder) if failures == 0 => {
                let at = Moment {
                    wall_s: credentials.clock().believed_s(),
                    held: held_since.map(|since| since.elapsed()),
                };
                holder.leaf().due_in(at, share)
            }
            Ok(holder) => holder.leaf().retry_in(failures, chance()),
            Err(fault) => {
                tracing::error!(%fault, "own certificate cannot be read");
                LOOK
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait.min(LOOK)) => {}
        }
        if failures == 0 && wait > LOOK {
            continue;
        }
        match renew(&credentials).await {
            Ok(()) => {
                tracing::info!("certificate renewed");
                failures = 0;
                share = chance();
                held_since = Some(Instant::now());
            }
            Err(fault) => failures = failed(failures, &fault, &stop).await,
        }
    }
}

/// Reports a failure and, when the hub shut us out, waits long.
async fn failed(failures: u32, fault: &IdentityFault, stop: &CancellationToken) -> u32 {
    match fault.reason().as_deref() {
        Some(
            reason @ ("REVOKED" | "NOT_ENROLLED" | "CERTIFICATE_REPLACED" | "CERTIFICATE_EXPIRED"),
        ) => {
            tracing::error!(
                reason,
                "the hub has shut this node out; join again with a new token"
            );
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(SHUT_OUT) => {}
            }
        }
        _ => tracing::warn!(%fault, failures, "certificate not renewed; trying again"),
    }
    failures.saturating_add(1)
}
