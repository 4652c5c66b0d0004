//! The digest of all cells: 256 buckets of count (8 bytes) and sum (16 bytes),
//! big-endian, in one row.

use proto::digest::{BUCKETS, Bucket, Digest};

use super::Space;

pub struct Digests;

const BUCKET_BYTES: usize = 24;

impl Space for Digests {
    const TAG: u8 = 0x02;
    const NAME: &'static str = "digest";
    type Key = ();
    type Value = Digest;

    fn key((): &()) -> Vec<u8> {
        Vec::new()
    }

    fn key_from(bytes: &[u8]) -> Option<()> {
        bytes.is_empty().then_some(())
    }

    fn encode(digest: &Digest) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BUCKETS * BUCKET_BYTES);
        for bucket in digest.buckets() {
            bytes.extend_from_slice(&bucket.count.to_be_bytes());
            bytes.extend_from_slice(&bucket.sum.to_be_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Digest, String> {
        if bytes.len() != BUCKETS * BUCKET_BYTES {
            return Err(format!("{} bytes", bytes.len()));
        }
        let mut buckets = [Bucket::default(); BUCKETS];
        for (bucket, bytes) in buckets.iter_mut().zip(bytes.chunks_exact(BUCKET_BYTES)) {
            let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, b| sum << 8 | u128::from(*b));
            bucket.count = number(&bytes[..8]) as u64;
            bucket.sum = number(&bytes[8..]);
        }
        Ok(Digest::from_buckets(buckets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let mut buckets = [Bucket::default(); BUCKETS];
        buckets[1] = Bucket {
            count: 2,
            sum: 0x0304,
        };
        let hex = format!(
            "{}{:016x}{:032x}{}",
            "00".repeat(24),
            2,
            0x0304,
            "00".repeat(24 * 254)
        );
        super::super::golden::row::<Digests>((), Digest::from_buckets(buckets), "02", &hex);
        assert!(Digests::decode(&[0; 10]).is_err());
    }
}
