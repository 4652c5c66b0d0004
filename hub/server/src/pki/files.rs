//! The authority's files: reading, writing, and what is said when one is not as
//! it should be. Knows no lifetime.

use std::path::Path;

use proto_edge::{
    credential::{certificates, certificates_pem},
    keyfile,
};
use rcgen::KeyPair;
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{
    PkiFault,
    issuer::{Signer, Validity},
};

/// The issuing CA with its dates.
pub struct Issuing {
    pub signer: Signer,
    pub validity: Validity,
}

pub fn signer_pem(signer: &Signer) -> String {
    signer.key_pem() + &certificates_pem(std::slice::from_ref(&signer.certificate))
}

pub fn read_certificate(path: &Path) -> Result<CertificateDer<'static>, PkiFault> {
    let pem = read(path)?;
    let found = certificates(pem.as_bytes()).map_err(|source| PkiFault::Pem {
        path: path.to_owned(),
        source,
    })?;
    Ok(found[0].clone())
}

pub fn read_issuer(path: &Path) -> Result<Issuing, PkiFault> {
    let certificate = read_certificate(path)?;
    let pem = read(path)?;
    let content = |reason| PkiFault::Content {
        path: path.to_owned(),
        reason,
    };
    let (_, parsed) = X509Certificate::from_der(&certificate)
        .map_err(|_| content("the certificate cannot be decoded"))?;
    let second = |at: i64| u64::try_from(at).map_err(|_| content("dates before 1970"));
    let validity = Validity {
        not_before_s: second(parsed.validity().not_before.timestamp())?,
        not_after_s: second(parsed.validity().not_after.timestamp())?,
    };
    let signer = Signer::load(certificate.clone(), KeyPair::from_pem(&pem)?)?;
    Ok(Issuing { signer, validity })
}

pub fn read(path: &Path) -> Result<String, PkiFault> {
    keyfile::read_sealed(path).map_err(at(path))
}

pub fn write(directory: &Path, name: &str, text: &str) -> Result<(), PkiFault> {
    let path = directory.join(name);
    keyfile::write_sealed(&path, text).map_err(at(&path))
}

pub fn at(path: &Path) -> impl FnOnce(std::io::Error) -> PkiFault + use<> {
    let path = path.to_owned();
    move |source| PkiFault::File { path, source }
}
