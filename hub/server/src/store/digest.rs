//! Digests of communities' cells as the view keeps them. Knows no cell.

use proto::{
    digest::{BUCKETS, Bucket, Digest},
    place::Place,
};

use super::{
    fault::ViewFault,
    key,
    varint::{Reader, put},
    view::View,
};

/// Adds what changes come to, bucket by bucket.
pub fn add(digest: &mut Digest, added: &[(u8, Bucket)]) {
    let mut buckets = *digest.buckets();
    for (at, bucket) in added {
        let sum = &mut buckets[usize::from(*at)];
        sum.count = sum.count.wrapping_add(bucket.count);
        sum.sum = sum.sum.wrapping_add(bucket.sum);
    }
    *digest = Digest::from_buckets(buckets);
}

pub fn encode_digest(digest: &Digest) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BUCKETS * 18);
    for bucket in digest.buckets() {
        put(&mut bytes, bucket.count);
        if bucket.count != 0 {
            bytes.extend_from_slice(&bucket.sum.to_be_bytes());
        }
    }
    bytes
}

fn decode_digest(key: &[u8], bytes: &[u8]) -> Result<Digest, ViewFault> {
    let invalid = || ViewFault::damaged(key, "want 256 buckets");
    let mut reader = Reader(bytes);
    let mut buckets = [Bucket::default(); BUCKETS];
    for bucket in &mut buckets {
        bucket.count = reader.take().ok_or_else(invalid)?;
        if bucket.count != 0 {
            let sum = reader.slice(16).ok_or_else(invalid)?;
            bucket.sum = u128::from_be_bytes(sum.try_into().map_err(|_| invalid())?);
        }
    }
    if reader.0.is_empty() {
        Ok(Digest::from_buckets(buckets))
    } else {
        Err(invalid())
    }
}

pub fn stored_digest(view: &View, community: Place) -> Result<Digest, ViewFault> {
    let key = key::of_community(key::DIGESTS, community);
    match view.get(&key)? {
        Some(bytes) => decode_digest(&key, &bytes),
        None => Ok(Digest::default()),
    }
}

/// How many cells the view holds.
pub fn count_held(view: &View) -> Result<u64, ViewFault> {
    let mut held = 0;
    view.scan(key::DIGESTS, |key, bytes| {
        held += decode_digest(key, bytes)?.count();
        Ok(())
    })?;
    Ok(held)
}
