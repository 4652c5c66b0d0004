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

/// The issuing CA with its dates, and what it hangs on.
pub struct Issuing {
    pub signer: Signer,
    pub validity: Validity,
    pub anchors: Anchors,
}

/// What is trusted: one root, or the old one beside it while it is replaced.
#[derive(Clone)]
pub struct Anchors {
    /// Signed the issuer's certificate.
    pub root: CertificateDer<'static>,
    pub old: Option<OldRoot>,
}

#[derive(Clone)]
pub struct OldRoot {
    pub root: CertificateDer<'static>,
    /// The issuer's key under the old root, for those who know no other root.
    pub issuer: CertificateDer<'static>,
}

impl Issuing {
    /// One file, so that issuer and roots change in one rename: the issuer's key
    /// and certificate; while a root is replaced also the certificate under the
    /// old root, the new root and the old one.
    pub fn pem(&self) -> String {
        let mut certificates = vec![self.signer.certificate.clone()];
        if let Some(old) = &self.anchors.old {
            let (issuer, root) = (old.issuer.clone(), old.root.clone());
            certificates.extend([issuer, self.anchors.root.clone(), root]);
        }
        self.signer.key_pem() + &certificates_pem(&certificates)
    }
}

pub fn read_certificate(path: &Path) -> Result<CertificateDer<'static>, PkiFault> {
    let pem = read(path)?;
    let found = certificates(pem.as_bytes()).map_err(|source| PkiFault::Pem {
        path: path.to_owned(),
        source,
    })?;
    Ok(found[0].clone())
}

/// `root`: where the root is while no root is being replaced.
pub fn read_issuer(path: &Path, root: &Path) -> Result<Issuing, PkiFault> {
    let pem = read(path)?;
    let found = certificates(pem.as_bytes()).map_err(|source| PkiFault::Pem {
        path: path.to_owned(),
        source,
    })?;
    let content = |reason| PkiFault::Content {
        path: path.to_owned(),
        reason,
    };
    let (certificate, anchors) = match found.as_slice() {
        [certificate] => {
            let (root, old) = (read_certificate(root)?, None);
            (certificate.clone(), Anchors { root, old })
        }
        [certificate, issuer, root, old] => {
            let (issuer, root) = (issuer.clone(), root.clone());
            let old = OldRoot {
                root: old.clone(),
                issuer,
            };
            let old = Some(old);
            (certificate.clone(), Anchors { root, old })
        }
        _ => {
            return Err(content(
                "want one certificate, or four while a root is replaced",
            ));
        }
    };
    let (_, parsed) = X509Certificate::from_der(&certificate)
        .map_err(|_| content("the certificate cannot be decoded"))?;
    let second = |at: i64| u64::try_from(at).map_err(|_| content("dates before 1970"));
    let validity = Validity {
        not_before_s: second(parsed.validity().not_before.timestamp())?,
        not_after_s: second(parsed.validity().not_after.timestamp())?,
    };
    let signer = Signer::load(certificate.clone(), KeyPair::from_pem(&pem)?)?;
    Ok(Issuing {
        signer,
        validity,
        anchors,
    })
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
