//! The frame: the records of one group commit, with checksums, order and the link to the frame
//! before. Layout in `docs/storage.md`. Does no I/O.

use crate::chain::Link;
use crate::fault::Flaw;
use crate::segment::array;
use crate::tree::{Hash, leaf_hash};
use crate::{MAX_FRAME_BYTES, MAX_RECORD_BYTES};

pub(crate) const HEADER_BYTES: usize = 68;
pub(crate) const MAGIC: [u8; 4] = *b"txfr";
/// Greater sequences and ordinals are never reached, so they are refused: sums cannot overflow.
pub(crate) const MAX_SEQ: u64 = 1 << 62;
const LEN_BYTES: usize = 4;
const CHECKSUM_AT: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub body_bytes: u32,
    pub records: u32,
    pub body_checksum: u32,
    pub first_seq: u64,
    pub ordinal: u64,
    pub link: Hash,
}

impl FrameHeader {
    /// `seed` is the log's checksum seed, here and below.
    pub fn encode(&self, seed: u32) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&self.body_bytes.to_be_bytes());
        out[8..12].copy_from_slice(&self.records.to_be_bytes());
        out[12..16].copy_from_slice(&self.body_checksum.to_be_bytes());
        out[16..24].copy_from_slice(&self.first_seq.to_be_bytes());
        out[24..32].copy_from_slice(&self.ordinal.to_be_bytes());
        out[32..64].copy_from_slice(&self.link);
        let checksum = crc32c::crc32c_append(seed, &out[..CHECKSUM_AT]);
        out[CHECKSUM_AT..].copy_from_slice(&checksum.to_be_bytes());
        out
    }

    pub fn decode(bytes: &[u8; HEADER_BYTES], seed: u32) -> Result<Self, Flaw> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Err(Flaw::Blank);
        }
        let checksum = crc32c::crc32c_append(seed, &bytes[..CHECKSUM_AT]);
        if bytes[..4] != MAGIC || checksum.to_be_bytes() != bytes[CHECKSUM_AT..] {
            return Err(Flaw::HeaderChecksum);
        }
        let header = Self {
            body_bytes: u32::from_be_bytes(array(bytes, 4)),
            records: u32::from_be_bytes(array(bytes, 8)),
            body_checksum: u32::from_be_bytes(array(bytes, 12)),
            first_seq: u64::from_be_bytes(array(bytes, 16)),
            ordinal: u64::from_be_bytes(array(bytes, 24)),
            link: array(bytes, 32),
        };
        let fits = header.frame_bytes() <= MAX_FRAME_BYTES as u64 && header.records > 0;
        let counts = 1..=MAX_SEQ;
        if fits && counts.contains(&header.first_seq) && counts.contains(&header.ordinal) {
            Ok(header)
        } else {
            Err(Flaw::HeaderContent)
        }
    }

    /// Header and body.
    pub fn frame_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.body_bytes)
    }

    /// Order and link: this frame is the next one after `link`.
    pub fn follows(&self, link: &Link) -> Result<(), Flaw> {
        if self.ordinal != link.frame + 1 || self.first_seq != link.seq + 1 {
            return Err(Flaw::Order {
                expected: link.frame + 1,
                found: self.ordinal,
            });
        }
        if self.link == link.chain {
            Ok(())
        } else {
            Err(Flaw::Link)
        }
    }

    pub fn check_body(&self, body: &[u8], seed: u32) -> Result<(), Flaw> {
        if crc32c::crc32c_append(seed, body) == self.body_checksum {
            Ok(())
        } else {
            Err(Flaw::BodyChecksum)
        }
    }
}

/// Payloads of a body, in order; the last item is an error when they do not fill it exactly.
pub(crate) fn records(mut body: &[u8]) -> impl Iterator<Item = Result<&[u8], Flaw>> {
    std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let split = body.split_at_checked(LEN_BYTES).and_then(|(len, rest)| {
            let len = u32::from_be_bytes(array(len, 0)) as usize;
            (len <= MAX_RECORD_BYTES).then_some(())?;
            rest.split_at_checked(len)
        });
        match split {
            Some((payload, rest)) => {
                body = rest;
                Some(Ok(payload))
            }
            None => {
                body = &[];
                Some(Err(Flaw::Records))
            }
        }
    })
}

/// Fills `leaves` with the leaf hash of every record.
pub(crate) fn leaf_hashes(
    header: &FrameHeader,
    body: &[u8],
    leaves: &mut Vec<Hash>,
) -> Result<(), Flaw> {
    leaves.clear();
    for record in records(body) {
        leaves.push(leaf_hash(record?));
    }
    if leaves.len() == header.records as usize {
        Ok(())
    } else {
        Err(Flaw::Records)
    }
}

/// Records that wait for the next commit, already in the shape of a frame.
#[derive(Debug, Clone)]
pub(crate) struct FrameBuilder {
    /// Header space, then the body.
    bytes: Vec<u8>,
    records: u32,
}

impl FrameBuilder {
    pub fn new() -> Self {
        Self {
            bytes: vec![0; HEADER_BYTES],
            records: 0,
        }
    }

    pub fn records(&self) -> u32 {
        self.records
    }

    pub fn body(&self) -> &[u8] {
        &self.bytes[HEADER_BYTES..]
    }

    /// Bytes that a record takes inside a frame.
    pub fn cost(payload: &[u8]) -> usize {
        LEN_BYTES + payload.len()
    }

    pub fn has_room(&self, bytes: usize) -> bool {
        bytes <= MAX_FRAME_BYTES - self.bytes.len()
    }

    pub fn push(&mut self, payload: &[u8]) {
        self.bytes.extend((payload.len() as u32).to_be_bytes());
        self.bytes.extend_from_slice(payload);
        self.records += 1;
    }

    /// The whole frame, to be written after `link`.
    pub fn finish(&mut self, link: &Link, seed: u32) -> (FrameHeader, &[u8]) {
        let header = FrameHeader {
            body_bytes: self.body().len() as u32,
            records: self.records,
            body_checksum: crc32c::crc32c_append(seed, self.body()),
            first_seq: link.seq + 1,
            ordinal: link.frame + 1,
            link: link.chain,
        };
        self.bytes[..HEADER_BYTES].copy_from_slice(&header.encode(seed));
        (header, &self.bytes)
    }

    /// Empty again; a buffer that one large frame has blown up is given back.
    pub fn reset(&mut self) {
        const KEPT_BYTES: usize = 1 << 20;
        self.bytes.truncate(HEADER_BYTES);
        self.bytes.shrink_to(KEPT_BYTES);
        self.records = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log_id::LogId;
    use crate::tree::tests::unhex;

    const LOG: LogId = LogId([7; 16]);

    fn frame() -> (FrameHeader, Vec<u8>) {
        let mut builder = FrameBuilder::new();
        builder.push(b"first");
        builder.push(b"");
        let link = Link {
            seq: 3,
            frame: 1,
            chain: [9; 32],
        };
        let (header, bytes) = builder.finish(&link, LOG.checksum_seed());
        (header, bytes.to_vec())
    }

    #[test]
    fn golden_bytes() {
        let (header, bytes) = frame();
        let fixed = concat!(
            "74786672",
            "0000000d",
            "00000002",
            "32dff256",
            "0000000000000004",
            "0000000000000002",
            "0909090909090909090909090909090909090909090909090909090909090909",
            "f84805a0",
            "00000005",
            "6669727374",
            "00000000",
        );
        assert_eq!(bytes, unhex(fixed));
        assert_eq!(
            FrameHeader::decode(&array(&bytes, 0), LOG.checksum_seed()),
            Ok(header)
        );
        let mut leaves = Vec::new();
        assert_eq!(
            leaf_hashes(&header, &bytes[HEADER_BYTES..], &mut leaves),
            Ok(())
        );
        assert_eq!(leaves, [leaf_hash(b"first"), leaf_hash(b"")]);
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let (_, bytes) = frame();
        let check = |bytes: &[u8], log: LogId| -> Result<(), Flaw> {
            let seed = log.checksum_seed();
            FrameHeader::decode(&array(bytes, 0), seed)?.check_body(&bytes[HEADER_BYTES..], seed)
        };
        assert_eq!(check(&bytes, LOG), Ok(()));
        assert_eq!(check(&bytes, LogId([8; 16])), Err(Flaw::HeaderChecksum));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(check(&changed, LOG).is_err(), "byte {at}");
        }
    }

    #[test]
    fn counts_that_would_overflow_are_refused() {
        let (header, _) = frame();
        for (first_seq, ordinal) in [(0, 1), (1, 0), (u64::MAX, 1), (1, u64::MAX)] {
            let absurd = FrameHeader {
                first_seq,
                ordinal,
                ..header
            };
            assert_eq!(
                FrameHeader::decode(&absurd.encode(0), 0),
                Err(Flaw::HeaderContent)
            );
        }
    }

    #[test]
    fn records_must_fill_the_body() {
        let read = |body: &[u8]| {
            records(body)
                .collect::<Result<Vec<_>, _>>()
                .map(|records| records.len())
        };
        assert_eq!(read(&[]), Ok(0));
        assert_eq!(read(&[0, 0, 0, 1, 5, 0, 0, 0, 0]), Ok(2));
        assert_eq!(read(&[0, 0, 0, 1]), Err(Flaw::Records));
        assert_eq!(read(&[0, 0, 0]), Err(Flaw::Records));
        assert_eq!(read(&[255, 255, 255, 255, 1]), Err(Flaw::Records));
    }
}
