//! rustls configurations of both ends: TLS 1.3 only, no resumption (it would
//! skip the check of a client certificate), HTTP/2. Knows no file and no call.

mod client;
mod server;
mod voucher;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub use client::{admitting_client, mutual_client, pinned_client, plain_client};
pub use server::{Admission, Barred, mutual_server, plain_server};
pub use voucher::vouches;

const ALPN: &[u8] = b"h2";

/// A chain, key or root that rustls does not take.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    #[error("TLS configuration: {0}")]
    Rustls(#[from] rustls::Error),
    #[error("client verifier: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
