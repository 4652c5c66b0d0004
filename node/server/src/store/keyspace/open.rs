//! Cases that are open or still wait for a moment, 128 neighbouring ids to a
//! row: few rows to write when many cases come in, few to read at the start.
//!
//! Key: block (case id / 128), 8 bytes. Value: per case, ascending, 9 bytes: id
//! within the block with the top bit set while the case is open, then the next
//! alarm in microseconds since 1970 (signed, big-endian; the greatest value:
//! none).

use jiff::Timestamp;
use node_domain::cases::CaseId;

use super::Space;

pub struct OpenCases;

/// Cases of one block; without those that are neither open nor waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    waiting: Vec<(u8, Waiting)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub open: bool,
    /// To the microsecond.
    pub alarm: Option<Timestamp>,
}

const OPEN: u8 = 0x80;
const ENTRY_BYTES: usize = 9;

impl Block {
    pub fn of(case: CaseId) -> u64 {
        case.0 >> 7
    }

    fn within(case: CaseId) -> u8 {
        (case.0 & 0x7f) as u8
    }

    pub fn get(&self, case: CaseId) -> Option<Waiting> {
        let at = self
            .waiting
            .binary_search_by_key(&Block::within(case), |(id, _)| *id);
        at.ok().map(|at| self.waiting[at].1)
    }

    /// Says whether anything changed.
    pub fn set(&mut self, case: CaseId, waiting: Waiting) -> bool {
        let id = Block::within(case);
        let waits = waiting.open || waiting.alarm.is_some();
        match self.waiting.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) if !waits => drop(self.waiting.remove(at)),
            Ok(at) if self.waiting[at].1 == waiting => return false,
            Ok(at) => self.waiting[at].1 = waiting,
            Err(_) if !waits => return false,
            Err(at) => self.waiting.insert(at, (id, waiting)),
        }
        true
    }

    pub fn next_alarm(&self) -> Option<Timestamp> {
        self.waiting.iter().filter_map(|(_, w)| w.alarm).min()
    }

    pub fn cases(&self, block: u64) -> impl DoubleEndedIterator<Item = (CaseId, Waiting)> {
        let id = move |id: u8| CaseId(block << 7 | u64::from(id));
        self.waiting.iter().map(move |(at, w)| (id(*at), *w))
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Space for OpenCases {
    const TAG: u8 = 0x11;
    const NAME: &'static str = "open cases";
    type Key = u64;
    type Value = Block;

    fn key(block: &u64) -> Vec<u8> {
        block.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<u64> {
        super::number(bytes)
    }

    fn encode(block: &Block) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(block.waiting.len() * ENTRY_BYTES);
        for (id, waiting) in &block.waiting {
            bytes.push(id | if waiting.open { OPEN } else { 0 });
            let alarm_us = waiting.alarm.map_or(i64::MAX, Timestamp::as_microsecond);
            bytes.extend_from_slice(&alarm_us.to_be_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Block, String> {
        let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
        if !rest.is_empty() {
            return Err(format!("{} bytes", bytes.len()));
        }
        let waiting = entries.iter().map(|entry| {
            let alarm_us = entry[1..].iter().fold(0, |sum, b| sum << 8 | i64::from(*b));
            let alarm = match alarm_us {
                i64::MAX => None,
                us => Some(Timestamp::from_microsecond(us).map_err(|error| error.to_string())?),
            };
            let open = entry[0] & OPEN != 0;
            Ok((entry[0] & !OPEN, Waiting { open, alarm }))
        });
        let waiting = waiting.collect::<Result<Vec<_>, String>>()?;
        match waiting.is_sorted_by(|(a, _), (b, _)| a < b) {
            true => Ok(Block { waiting }),
            false => Err("cases out of order".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let mut block = Block::default();
        let alarm = Some(Timestamp::from_microsecond(0x0102).unwrap());
        assert!(block.set(
            CaseId(128 + 5),
            Waiting {
                open: true,
                alarm: None
            }
        ));
        assert!(block.set(CaseId(128 + 2), Waiting { open: false, alarm }));
        super::super::golden::row::<OpenCases>(
            1,
            block,
            "110000000000000001",
            "020000000000000102857fffffffffffffff",
        );
    }

    #[test]
    fn a_case_that_waits_for_nothing_leaves_its_block() {
        let mut block = Block::default();
        let open = Waiting {
            open: true,
            alarm: None,
        };
        let done = Waiting {
            open: false,
            alarm: None,
        };
        assert!(!block.set(CaseId(3), done));
        assert!(block.set(CaseId(3), open));
        assert!(!block.set(CaseId(3), open));
        assert_eq!(block.get(CaseId(3)), Some(open));
        assert!(block.set(CaseId(3), done));
        assert!(block.is_empty());
    }
}
