//! Certificates: what stands in a root, an issuing CA and a leaf, and for how
//! long. Knows no file and no member list.

use proto::identity::{District, Identity, Subject};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

use super::{PkiFault, entropy};
use hub_domain::issuance::Serial;

const DAY_S: u64 = 86_400;

/// How long certificates live, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub root_s: u64,
    pub issuer_s: u64,
    pub leaf_s: u64,
}

impl Lifetimes {
    pub fn of_leaves(leaf_s: u64) -> Lifetimes {
        Lifetimes {
            leaf_s,
            ..Lifetimes::default()
        }
    }
}

impl Default for Lifetimes {
    fn default() -> Lifetimes {
        Lifetimes {
            root_s: 3_653 * DAY_S,
            issuer_s: 90 * DAY_S,
            leaf_s: 14 * DAY_S,
        }
    }
}

/// From when until when, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub not_before_s: u64,
    pub not_after_s: u64,
}

impl Validity {
    /// From a little before `now`, since clocks differ: an hour, or a tenth of
    /// a short life.
    pub fn from(now_s: u64, life_s: u64) -> Validity {
        Validity {
            not_before_s: now_s.saturating_sub((life_s / 10).min(3_600)),
            not_after_s: now_s + life_s,
        }
    }

    pub fn until_at_most(self, not_after_s: u64) -> Validity {
        Validity {
            not_after_s: self.not_after_s.min(not_after_s),
            ..self
        }
    }
}

/// A key that signs, with its own certificate.
pub struct Signer {
    pub certificate: CertificateDer<'static>,
    key: rcgen::Issuer<'static, KeyPair>,
}

impl Signer {
    pub fn load(certificate: CertificateDer<'static>, key: KeyPair) -> Result<Signer, PkiFault> {
        let key = rcgen::Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Signer { certificate, key })
    }

    pub fn root(district: &District, validity: Validity) -> Result<Signer, PkiFault> {
        let key = KeyPair::generate()?;
        let mut params = authority(&format!("tongxin {district} root"), validity, 1)?;
        params.use_authority_key_identifier_extension = false;
        let certificate = params.self_signed(&key)?.into();
        Signer::load(certificate, key)
    }

    /// An issuing authority under this root.
    pub fn issuing(&self, district: &District, validity: Validity) -> Result<Signer, PkiFault> {
        let key = KeyPair::generate()?;
        let name = format!("tongxin {district} issuer from {}", validity.not_before_s);
        let params = authority(&name, validity, 0)?;
        let certificate = params.signed_by(&key, &self.key)?.into();
        Signer::load(certificate, key)
    }

    /// The same, and its key under another root as well, for those who know no
    /// other.
    pub fn issuing_under_both(
        &self,
        old: &Signer,
        district: &District,
        validity: Validity,
    ) -> Result<(Signer, CertificateDer<'static>), PkiFault> {
        let key = KeyPair::generate()?;
        let name = format!("tongxin {district} issuer from {}", validity.not_before_s);
        let certificate = authority(&name, validity, 0)?.signed_by(&key, &self.key)?;
        let under_old = authority(&name, validity, 0)?.signed_by(&key, &old.key)?;
        let signer = Signer::load(certificate.into(), key)?;
        Ok((signer, under_old.into()))
    }

    /// A leaf for `identity`. Of what the holder sent only the key is taken.
    /// `hosts` are the names and addresses the hub is dialled under.
    pub fn leaf(
        &self,
        identity: &Identity,
        key: &impl PublicKeyData,
        serial: Serial,
        validity: Validity,
        hosts: &[String],
    ) -> Result<CertificateDer<'static>, PkiFault> {
        let mut params = CertificateParams::new(hosts)?;
        params
            .subject_alt_names
            .push(SanType::URI(identity.to_string().try_into()?));
        params.distinguished_name = rcgen::DistinguishedName::new();
        let common_name = identity.subject.to_string();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.serial_number = Some(SerialNumber::from_slice(serial.as_bytes()));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // A member's certificate is of no use to somebody who plays the hub. The
        // hub may dial a centre: those two do either, and a centre's bears no host.
        use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
        params.extended_key_usages = match identity.subject {
            Subject::Hub | Subject::Centre(_) => vec![ServerAuth, ClientAuth],
            _ => vec![ClientAuth],
        };
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = dates(validity)?;
        Ok(params.signed_by(key, &self.key)?.into())
    }

    pub fn key_pem(&self) -> String {
        self.key.key().serialize_pem()
    }
}

fn authority(name: &str, validity: Validity, below: u8) -> Result<CertificateParams, PkiFault> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(SerialNumber::from_slice(
        Serial::from_entropy(entropy()?).as_bytes(),
    ));
    (params.not_before, params.not_after) = dates(validity)?;
    Ok(params)
}

fn dates(validity: Validity) -> Result<(OffsetDateTime, OffsetDateTime), PkiFault> {
    let date = |second: u64| {
        i64::try_from(second)
            .ok()
            .and_then(|second| OffsetDateTime::from_unix_timestamp(second).ok())
            .ok_or(PkiFault::Time(second))
    };
    Ok((date(validity.not_before_s)?, date(validity.not_after_s)?))
}
