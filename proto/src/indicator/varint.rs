//! The integers that canonical states are made of: LEB128, least significant
//! seven bits first, in the fewest bytes, below 2^96; signed ones zigzag. Knows
//! no accumulator.

/// Integers of a state stay below 2^96, so that 2^31 states add up in 128 bits.
pub const LIMIT: u128 = 1 << 96;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInteger {
    #[error("ends inside an integer")]
    Short,
    #[error("an integer takes more bytes than it needs")]
    Padded,
    #[error("an integer is 2^96 or more")]
    TooLarge,
}

pub fn put(out: &mut Vec<u8>, mut value: u128) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn put_signed(out: &mut Vec<u8>, value: i128) {
    put(out, zigzag(value));
}

pub const fn zigzag(value: i128) -> u128 {
    ((value << 1) ^ (value >> 127)) as u128
}

pub const fn unzigzag(value: u128) -> i128 {
    (value >> 1) as i128 ^ -((value & 1) as i128)
}

/// Takes integers off the front of a state.
pub struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self) -> Result<u128, InvalidInteger> {
        let mut value = 0u128;
        for (at, byte) in self.0.iter().enumerate() {
            value |= u128::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                if *byte == 0 && at > 0 {
                    return Err(InvalidInteger::Padded);
                }
                self.0 = &self.0[at + 1..];
                return if value < LIMIT {
                    Ok(value)
                } else {
                    Err(InvalidInteger::TooLarge)
                };
            }
            if at == 13 {
                return Err(InvalidInteger::TooLarge);
            }
        }
        Err(InvalidInteger::Short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wasteful_and_endless_integers_are_refused() {
        let take = |bytes: &[u8]| Reader(bytes).take();
        assert_eq!(take(&[]), Err(InvalidInteger::Short));
        assert_eq!(take(&[0x80]), Err(InvalidInteger::Short));
        assert_eq!(take(&[0x80, 0]), Err(InvalidInteger::Padded));
        assert_eq!(take(&[0xff; 40]), Err(InvalidInteger::TooLarge));
        let mut limit = Vec::new();
        put(&mut limit, LIMIT);
        assert_eq!(take(&limit), Err(InvalidInteger::TooLarge));
    }

    proptest! {
        #[test]
        fn integers_survive_a_round_trip(value in 0..LIMIT, signed in -(1i128 << 95)..(1i128 << 95)) {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            put_signed(&mut bytes, signed);
            let mut reader = Reader(&bytes);
            prop_assert_eq!(reader.take(), Ok(value));
            prop_assert_eq!(reader.take().map(unzigzag), Ok(signed));
            prop_assert!(reader.is_empty());
        }
    }
}
