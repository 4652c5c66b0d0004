//! The segment header: 4096 bytes that let a log be continued, and checked against its neighbour,
//! without reading what lies before. Layout in `docs/storage.md`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::FORMAT;
use crate::chain::{Link, State};
use crate::fault::{Fault, Flaw};
use crate::frame::MAX_SEQ;
use crate::log_id::LogId;
use crate::tree::CompactRange;

pub(crate) const HEADER_BYTES: u64 = 4096;
const MAGIC: [u8; 8] = *b"txjsegmt";
const SUBTREES_AT: usize = 100;
const CHECKSUM_AT: usize = HEADER_BYTES as usize - 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub log_id: LogId,
    /// State of the log before the first frame of this segment.
    pub before: State,
    pub previous: Option<Previous>,
}

/// The finished segment before, so that a missing or cut one is noticed without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Previous {
    pub first_seq: u64,
    pub bytes: u64,
}

impl SegmentHeader {
    pub fn first_seq(&self) -> u64 {
        self.before.link.seq + 1
    }

    pub fn encode(&self) -> Vec<u8> {
        let link = &self.before.link;
        let previous = self.previous.unwrap_or(Previous {
            first_seq: 0,
            bytes: 0,
        });
        let subtrees = self.before.tree.subtrees();
        let mut out = Vec::with_capacity(HEADER_BYTES as usize);
        out.extend(MAGIC);
        out.extend(FORMAT.to_be_bytes());
        out.extend([0; 4]);
        out.extend(self.log_id.0);
        out.extend(self.first_seq().to_be_bytes());
        out.extend((link.frame + 1).to_be_bytes());
        out.extend(previous.first_seq.to_be_bytes());
        out.extend(previous.bytes.to_be_bytes());
        out.extend(link.chain);
        out.extend((subtrees.len() as u32).to_be_bytes());
        out.extend(subtrees.as_flattened());
        out.resize(CHECKSUM_AT, 0);
        let checksum = crc32c::crc32c(&out);
        out.extend(checksum.to_be_bytes());
        out
    }

    fn decode(bytes: &[u8; HEADER_BYTES as usize]) -> Result<Self, Undecodable> {
        let u32_at = |at| u32::from_be_bytes(array(bytes, at));
        let u64_at = |at| u64::from_be_bytes(array(bytes, at));
        if bytes[..8] != MAGIC {
            return Err(Undecodable::Flaw(Flaw::Foreign));
        }
        if u32_at(8) > FORMAT {
            return Err(Undecodable::Newer(u32_at(8)));
        }
        if crc32c::crc32c(&bytes[..CHECKSUM_AT]) != u32_at(CHECKSUM_AT) {
            return Err(Undecodable::Flaw(Flaw::HeaderChecksum));
        }
        let content = || Undecodable::Flaw(Flaw::HeaderContent);
        let before = |first: u64| first.checked_sub(1).filter(|before| *before < MAX_SEQ);
        let seq = before(u64_at(32)).ok_or_else(content)?;
        let frame = before(u64_at(40)).ok_or_else(content)?;
        let count = u32_at(96) as usize;
        if count > 64 {
            return Err(content());
        }
        let subtrees = (0..count)
            .map(|i| array(bytes, SUBTREES_AT + 32 * i))
            .collect();
        let header = Self {
            log_id: LogId(array(bytes, 16)),
            before: State {
                link: Link {
                    seq,
                    frame,
                    chain: array(bytes, 64),
                },
                tree: CompactRange::from_parts(seq, subtrees).ok_or_else(content)?,
            },
            previous: (u64_at(48) > 0).then(|| Previous {
                first_seq: u64_at(48),
                bytes: u64_at(56),
            }),
        };
        // Only one encoding of a header exists: reserved bytes, unused bytes, counts.
        if header.encode() == bytes {
            Ok(header)
        } else {
            Err(content())
        }
    }

    /// Reads the header of the segment that is named by `first_seq`.
    pub fn read(file: &File, path: &Path, log_id: &LogId, first_seq: u64) -> Result<Self, Fault> {
        let damage = |flaw| Fault::damage(path, 0, first_seq, flaw);
        let mut bytes = [0; HEADER_BYTES as usize];
        match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(damage(Flaw::Cut));
            }
            Err(error) => return Err(Fault::io("read", path)(error)),
        }
        let header = Self::decode(&bytes).map_err(|undecodable| match undecodable {
            Undecodable::Flaw(flaw) => damage(flaw),
            Undecodable::Newer(found) => Fault::NewerFormat {
                file: path.to_owned(),
                found,
            },
        })?;
        if header.log_id != *log_id {
            return Err(damage(Flaw::OtherLog));
        }
        if header.first_seq() != first_seq {
            return Err(damage(Flaw::Name {
                named: first_seq,
                found: header.first_seq(),
            }));
        }
        Ok(header)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Undecodable {
    Flaw(Flaw),
    Newer(u32),
}

/// `N` bytes at a position that the caller knows to be inside.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("the range has N bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::unhex;

    fn header() -> SegmentHeader {
        let mut before = State::genesis(&LogId([7; 16]));
        before.absorb(&[[1; 32], [2; 32], [3; 32]]);
        SegmentHeader {
            log_id: LogId([7; 16]),
            before,
            previous: Some(Previous {
                first_seq: 1,
                bytes: 0x1234,
            }),
        }
    }

    #[test]
    fn golden_bytes() {
        let bytes = header().encode();
        assert_eq!(bytes.len() as u64, HEADER_BYTES);
        let expected = unhex(concat!(
            "74786a7365676d74",
            "00000001",
            "00000000",
            "07070707070707070707070707070707",
            "0000000000000004",
            "0000000000000002",
            "0000000000000001",
            "0000000000001234",
        ));
        assert_eq!(bytes[..64], expected);
        let rest = unhex(concat!(
            "32864334eab51625275535acab97b5878debbcc542cd48ecd0c5422ed7fd0bd1",
            "00000002",
            "b331da6ec49d4547d9942a6727e5123f69bed5a0b97ac171cfbfd6201431fcfa",
            "0303030303030303030303030303030303030303030303030303030303030303",
        ));
        assert_eq!(bytes[64..164], rest);
        assert_eq!(bytes[CHECKSUM_AT..], unhex("e669ec39"));
        assert!(bytes[164..CHECKSUM_AT].iter().all(|byte| *byte == 0));
        assert_eq!(SegmentHeader::decode(&array(&bytes, 0)), Ok(header()));
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let bytes = header().encode();
        for at in 0..bytes.len() {
            let mut changed: [u8; HEADER_BYTES as usize] = array(&bytes, 0);
            changed[at] ^= 0x10;
            assert!(SegmentHeader::decode(&changed).is_err(), "byte {at}");
        }
        let mut newer: [u8; HEADER_BYTES as usize] = array(&bytes, 0);
        newer[11] = 2;
        assert_eq!(SegmentHeader::decode(&newer), Err(Undecodable::Newer(2)));
    }
}
