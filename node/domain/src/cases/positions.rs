//! Where the journal keeps a case's events: ascending positions, each as the
//! distance from the one before in as few bytes as it needs. Knows no journal.

/// Grows by one to ten bytes per position, two or three as a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    last: u64,
    count: u32,
    /// LEB128 distances; the first from 0.
    bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("journal positions do not decode at byte {0}")]
pub struct InvalidPositions(pub usize);

impl Positions {
    /// Adds a position; one that is not beyond the last is already there.
    pub fn push(&mut self, position: u64) {
        if self.count > 0 && position <= self.last {
            return;
        }
        let mut distance = position - self.last;
        while distance >= 0x80 {
            self.bytes.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        self.bytes.push(distance as u8);
        self.last = position;
        self.count += 1;
    }

    pub fn len(&self) -> usize {
        self.count as usize
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn last(&self) -> Option<u64> {
        (self.count > 0).then_some(self.last)
    }

    pub fn iter(&self) -> impl Iterator<Item = u64> {
        let mut rest = self.bytes.as_slice();
        let mut position = 0u64;
        std::iter::from_fn(move || {
            let (distance, length) = take(rest)?;
            rest = &rest[length..];
            position = position.checked_add(distance)?;
            Some(position)
        })
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Result<Positions, InvalidPositions> {
        let (mut at, mut last, mut count) = (0, 0u64, 0u32);
        while at < bytes.len() {
            let (distance, length) = take(&bytes[at..]).ok_or(InvalidPositions(at))?;
            let next = last.checked_add(distance).ok_or(InvalidPositions(at))?;
            if count > 0 && distance == 0 {
                return Err(InvalidPositions(at));
            }
            last = next;
            count = count.checked_add(1).ok_or(InvalidPositions(at))?;
            at += length;
        }
        Ok(Positions { last, count, bytes })
    }
}

/// The first distance and how many bytes it took; `None` when it is cut short,
/// too great or longer than it needs to be.
fn take(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut distance = 0u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        let part = u64::from(byte & 0x7f);
        if at == 9 && part > 1 {
            return None;
        }
        distance |= part << (7 * at);
        if byte & 0x80 == 0 {
            return (at == 0 || part != 0).then_some((distance, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn damaged_positions_are_refused() {
        for bytes in [&[0x80][..], &[0x80, 0x00], &[5, 0], &[0xff; 11], &[1, 0x80]] {
            assert!(Positions::from_bytes(bytes.to_vec()).is_err(), "{bytes:?}");
        }
        assert!(Positions::from_bytes(vec![0]).is_ok());
    }

    #[test]
    fn a_position_is_kept_once() {
        let mut positions = Positions::default();
        for position in [7, 7, 3, 9] {
            positions.push(position);
        }
        assert_eq!(positions.iter().collect::<Vec<_>>(), [7, 9]);
        assert_eq!((positions.len(), positions.last()), (2, Some(9)));
    }

    proptest! {
        #[test]
        fn positions_survive_a_round_trip(set in proptest::collection::btree_set(any::<u64>(), 0..50)) {
            let mut positions = Positions::default();
            set.iter().for_each(|position| positions.push(*position));
            prop_assert!(positions.iter().eq(set.iter().copied()));
            let decoded = Positions::from_bytes(positions.as_bytes().to_vec()).unwrap();
            prop_assert_eq!(decoded, positions);
        }
    }
}
