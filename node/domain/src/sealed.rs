//! Personal text as a domain may hold it: ciphertext that it cannot read. The
//! server seals under the subject's own key and can destroy that key.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Opaque bytes: a name, a phone number, an address, what somebody wrote.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sealed(pub Box<[u8]>);

/// A keyed hash over the author and the text before sealing, so that a repeat is
/// noticed although two seals of one text differ. Keyed per subject: it says
/// nothing once that key is destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub u64);

/// What somebody wrote in a note or a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub text: Sealed,
    pub fingerprint: Fingerprint,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}
