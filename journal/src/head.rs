//! The head file: which record was last acknowledged. Written after each successful sync of the
//! log, so it never runs ahead of it; a log that ends before its head has lost something. Layout in
//! `docs/storage.md`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::FORMAT;
use crate::chain::Link;
use crate::fault::{Fault, Flaw};
use crate::file;
use crate::layout;
use crate::log_id::LogId;
use crate::segment::array;

const MAGIC: [u8; 8] = *b"txjhead\0";
const SLOT_BYTES: usize = 84;
const CHECKSUM_AT: usize = 80;
/// One page each: a torn page takes one slot with it, never both.
const SLOT_AT: [u64; 2] = [0, 4096];

/// What the head file says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acknowledged {
    pub link: Link,
    newest_slot: usize,
    /// The other slot did not verify: a torn write after a power cut, or rot.
    pub slot_damaged: bool,
    /// Both slots say the same, as an orderly stop leaves them.
    pub settled: bool,
}

/// The head file of an open journal.
#[derive(Debug)]
pub(crate) struct HeadFile {
    file: File,
    pub path: PathBuf,
    log_id: LogId,
    next_slot: usize,
    /// What both slots name.
    settled: Option<Link>,
}

impl HeadFile {
    pub fn create(dir: &Path, log_id: &LogId, link: &Link) -> Result<Self, Fault> {
        let path = layout::head_path(dir);
        let file = file::create(&path).map_err(Fault::io("create", &path))?;
        let mut head = Self {
            file,
            path,
            log_id: *log_id,
            next_slot: 0,
            settled: None,
        };
        head.settle(link)
            .map_err(Fault::io("write", &head.path.clone()))?;
        Ok(head)
    }

    pub fn open(dir: &Path, log_id: &LogId, acknowledged: &Acknowledged) -> Result<Self, Fault> {
        let path = layout::head_path(dir);
        let file = file::open_writable(&path).map_err(Fault::io("open", &path))?;
        Ok(Self {
            file,
            path,
            log_id: *log_id,
            next_slot: 1 - acknowledged.newest_slot,
            settled: acknowledged.settled.then_some(acknowledged.link),
        })
    }

    /// Names a new acknowledged point; the slot with the one before stays whole meanwhile.
    pub fn advance(&mut self, link: &Link) -> io::Result<()> {
        file::write_all_at(
            &self.file,
            &encode(&self.log_id, link),
            SLOT_AT[self.next_slot],
        )?;
        self.next_slot = 1 - self.next_slot;
        self.settled = None;
        Ok(())
    }

    /// Both slots name `link`, durably.
    pub fn settle(&mut self, link: &Link) -> io::Result<()> {
        if self.settled == Some(*link) {
            return Ok(());
        }
        for _ in SLOT_AT {
            self.advance(link)?;
            failpoint::reached("head-unsynced");
            file::sync(&self.file)?;
        }
        self.settled = Some(*link);
        Ok(())
    }
}

pub(crate) fn read(dir: &Path, log_id: &LogId) -> Result<Acknowledged, Fault> {
    let path = layout::head_path(dir);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Fault::damage(&path, 0, 0, Flaw::Missing));
        }
        Err(error) => return Err(Fault::io("open", &path)(error)),
    };
    let mut slots = [None, None];
    for (slot, at) in slots.iter_mut().zip(SLOT_AT) {
        let mut bytes = [0; SLOT_BYTES];
        match file.read_exact_at(&mut bytes, at) {
            Ok(()) => *slot = decode(&path, log_id, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(Fault::io("read", &path)(error)),
        }
    }
    let slot_damaged = slots.contains(&None);
    let settled = slots[0] == slots[1];
    let newest = slots
        .into_iter()
        .enumerate()
        .filter_map(|(slot, link)| Some((slot, link?)));
    let (newest_slot, link) = newest
        .max_by_key(|(_, link)| link.frame)
        .ok_or_else(|| Fault::damage(&path, 0, 0, Flaw::HeadUnreadable))?;
    Ok(Acknowledged {
        link,
        newest_slot,
        slot_damaged,
        settled,
    })
}

/// A whole head file that names `link` in both slots, as an orderly stop leaves it.
pub(crate) fn bytes(log_id: &LogId, link: &Link) -> Vec<u8> {
    let mut out = Vec::new();
    for at in SLOT_AT {
        out.resize(at as usize, 0);
        out.extend(encode(log_id, link));
    }
    out
}

fn encode(log_id: &LogId, link: &Link) -> [u8; SLOT_BYTES] {
    let mut out = [0; SLOT_BYTES];
    out[..8].copy_from_slice(&MAGIC);
    out[8..12].copy_from_slice(&FORMAT.to_be_bytes());
    // Bytes 12 to 16 are reserved.
    out[16..32].copy_from_slice(&log_id.0);
    out[32..40].copy_from_slice(&link.seq.to_be_bytes());
    out[40..48].copy_from_slice(&link.frame.to_be_bytes());
    out[48..80].copy_from_slice(&link.chain);
    let checksum = crc32c::crc32c(&out[..CHECKSUM_AT]);
    out[CHECKSUM_AT..].copy_from_slice(&checksum.to_be_bytes());
    out
}

/// `None` when the slot does not verify. Another log or a newer format is no torn write, so it is a
/// fault.
fn decode(path: &Path, log_id: &LogId, bytes: &[u8; SLOT_BYTES]) -> Result<Option<Link>, Fault> {
    if bytes[..8] != MAGIC
        || crc32c::crc32c(&bytes[..CHECKSUM_AT]).to_be_bytes() != bytes[CHECKSUM_AT..]
    {
        return Ok(None);
    }
    let format = u32::from_be_bytes(array(bytes, 8));
    if format > FORMAT {
        return Err(Fault::NewerFormat {
            file: path.to_owned(),
            found: format,
        });
    }
    if bytes[16..32] != log_id.0 {
        return Err(Fault::damage(path, 0, 0, Flaw::OtherLog));
    }
    Ok(Some(Link {
        seq: u64::from_be_bytes(array(bytes, 32)),
        frame: u64::from_be_bytes(array(bytes, 40)),
        chain: array(bytes, 48),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::unhex;

    const LOG: LogId = LogId([7; 16]);
    const LINK: Link = Link {
        seq: 5,
        frame: 2,
        chain: [9; 32],
    };

    #[test]
    fn golden_bytes() {
        let expected = unhex(concat!(
            "74786a6865616400",
            "00000001",
            "00000000",
            "07070707070707070707070707070707",
            "0000000000000005",
            "0000000000000002",
            "0909090909090909090909090909090909090909090909090909090909090909",
            "c7efa389",
        ));
        assert_eq!(encode(&LOG, &LINK).to_vec(), expected);
    }

    #[test]
    fn a_changed_slot_is_refused() {
        let path = Path::new("head");
        let bytes = encode(&LOG, &LINK);
        assert_eq!(decode(path, &LOG, &bytes).expect("own slot"), Some(LINK));
        assert!(decode(path, &LogId([8; 16]), &bytes).is_err());
        for at in 0..bytes.len() {
            let mut changed = bytes;
            changed[at] ^= 1;
            assert_eq!(
                decode(path, &LOG, &changed).expect("no fault"),
                None,
                "byte {at}"
            );
        }
        let mut newer = bytes;
        newer[11] = 2;
        let checksum = crc32c::crc32c(&newer[..CHECKSUM_AT]);
        newer[CHECKSUM_AT..].copy_from_slice(&checksum.to_be_bytes());
        assert!(matches!(
            decode(path, &LOG, &newer),
            Err(Fault::NewerFormat { found: 2, .. })
        ));
    }
}
