//! A certificate signing request, of which only the key counts. Knows no rule.

use proto_edge::problem::Problem;
use rcgen::{CertificateSigningRequestParams, PKCS_ECDSA_P256_SHA256, PublicKey, PublicKeyData};
use rustls_pki_types::CertificateSigningRequestDer;
use sha2::{Digest as _, Sha256};

const LONGEST: usize = 4 * 1024;
const P256_POINT: usize = 65;

/// A key whose holder has proved to hold it.
pub struct ProvedKey {
    pub key: PublicKey,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub sha256: [u8; 32],
}

impl ProvedKey {
    /// From PKCS#10 in DER. Its subject and the names it asks for are not read.
    pub fn from_request(der: &[u8]) -> Result<ProvedKey, Problem> {
        if der.len() > LONGEST {
            return Err(invalid("want at most 4 KiB", "最多 4 KiB"));
        }
        let der = CertificateSigningRequestDer::from(der);
        let request = CertificateSigningRequestParams::from_der(&der).map_err(|_| {
            invalid(
                "want a PKCS#10 request in DER, signed by its own key",
                "应为 DER 编码的 PKCS#10 请求，由自身密钥签名",
            )
        })?;
        let key = request.public_key;
        let p256 =
            key.algorithm() == &PKCS_ECDSA_P256_SHA256 && key.der_bytes().len() == P256_POINT;
        if !p256 {
            return Err(invalid("want a P-256 key", "密钥应为 P-256"));
        }
        let sha256 = Sha256::digest(key.subject_public_key_info()).into();
        Ok(ProvedKey { key, sha256 })
    }
}

fn invalid(want: &str, want_zh: &str) -> Problem {
    Problem::field(
        "CSR_INVALID",
        "csr",
        want,
        format!("证书请求无效：{want_zh}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384};

    fn request(key: &KeyPair) -> Vec<u8> {
        let params = CertificateParams::new(vec!["hub.example".to_owned()]).unwrap();
        params.serialize_request(key).unwrap().der().to_vec()
    }

    #[test]
    fn only_a_p256_key_that_signed_is_taken() {
        let key = KeyPair::generate().unwrap();
        let der = request(&key);
        let proved = ProvedKey::from_request(&der).unwrap();
        assert_eq!(proved.key.der_bytes(), key.public_key_raw());
        let other = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        assert!(ProvedKey::from_request(&request(&other)).is_err());
        assert!(ProvedKey::from_request(&[0; LONGEST + 1]).is_err());
        let mut forged = der.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert!(ProvedKey::from_request(&forged).is_err());
    }

    proptest! {
        /// A flipped bit that nothing depends on may pass; the key is then the
        /// one that signed.
        #[test]
        fn damage_never_brings_in_another_key(at in 0usize..400, bit in 0u8..8, cut in 0usize..400) {
            let key = KeyPair::generate().unwrap();
            let mut der = request(&key);
            let at = at % der.len();
            der[at] ^= 1 << bit;
            if let Ok(proved) = ProvedKey::from_request(&der) {
                prop_assert_eq!(proved.key.der_bytes(), key.public_key_raw());
            }
            der.truncate(cut % der.len());
            prop_assert!(ProvedKey::from_request(&der).is_err());
        }
    }
}
