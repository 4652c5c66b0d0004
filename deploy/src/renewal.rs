//! Keeps a membership of this process good while it runs. Knows no hub.

use std::sync::Arc;

use node_server::identity::{credentials::Credentials, renew::keep_renewed};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio_util::sync::CancellationToken;

/// Renews the certificate until `stop`.
pub fn keep(credentials: &Arc<Credentials>, stop: &CancellationToken) {
    tokio::spawn(keep_renewed(credentials.clone(), chance, stop.clone()));
}

/// From 0 to 1; without entropy renewals merely bunch.
pub fn chance() -> f64 {
    let mut bytes = [0; 4];
    let _ = SystemRandom::new().fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}
