//! Whether roots that are trusted already stand behind a new certificate. By no
//! clock: of a certificate made just now the time is not in question.

use std::time::Duration;

use rustls::{RootCertStore, server::WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::provider;
use crate::credential::Credential;

/// `false` as well for what cannot be read.
pub fn vouches(roots: &[CertificateDer<'static>], certified: &Credential) -> bool {
    let mut trusted = RootCertStore::empty();
    let (_, unreadable) = trusted.add_parsable_certificates(roots.iter().cloned());
    let verifier = WebPkiClientVerifier::builder_with_provider(trusted.into(), provider()).build();
    let (Ok(verifier), Ok(holder)) = (verifier, certified.holder()) else {
        return false;
    };
    let [leaf, above @ ..] = certified.chain.as_slice() else {
        return false;
    };
    let middle_s = holder.not_before_s.midpoint(holder.not_after_s);
    let at = UnixTime::since_unix_epoch(Duration::from_secs(middle_s));
    unreadable == 0 && verifier.verify_client_cert(leaf, above, at).is_ok()
}
