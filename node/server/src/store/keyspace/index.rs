//! Key spaces whose keys say everything: a row is there, or it is not. What its key
//! names is found elsewhere.

use super::Space;

/// As [`Space`], without a value.
pub trait Index {
    const TAG: u8;
    const NAME: &'static str;
    type Key;

    fn key(key: &Self::Key) -> Vec<u8>;
    fn key_from(bytes: &[u8]) -> Option<Self::Key>;
}

impl<I: Index> Space for I {
    const TAG: u8 = I::TAG;
    const NAME: &'static str = I::NAME;
    type Key = I::Key;
    type Value = ();

    fn key(key: &I::Key) -> Vec<u8> {
        I::key(key)
    }

    fn key_from(bytes: &[u8]) -> Option<I::Key> {
        I::key_from(bytes)
    }

    fn encode((): &()) -> Vec<u8> {
        Vec::new()
    }

    fn decode(bytes: &[u8]) -> Result<(), String> {
        match bytes {
            [] => Ok(()),
            _ => Err("want no value".to_owned()),
        }
    }
}
