//! Entries by register, so that a small register is not looked for among all
//! residents. Key: the register's code, a zero, entry (8 bytes). No value. An entry
//! never changes its register.

use node_domain::code::Code;
use node_domain::process::ProcessId;

use super::Space;
use crate::store::fault::StoreFault;

pub struct RegisterEntries;

impl Space for RegisterEntries {
    const TAG: u8 = 0x34;
    const NAME: &'static str = "entries by register";
    type Key = (Code, ProcessId);
    type Value = ();

    fn key((register, entry): &(Code, ProcessId)) -> Vec<u8> {
        // No code holds a zero: none is the beginning of another's keys.
        let code = register.as_str().as_bytes();
        [code, &[0], entry.0.to_be_bytes().as_slice()].concat()
    }

    fn key_from(bytes: &[u8]) -> Option<(Code, ProcessId)> {
        let (rest, entry) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        let code = std::str::from_utf8(rest.strip_suffix(&[0])?).ok()?;
        Some((code.parse().ok()?, ProcessId(super::number(entry)?)))
    }

    fn encode((): &()) -> Vec<u8> {
        Vec::new()
    }

    fn decode(bytes: &[u8]) -> Result<(), String> {
        super::nothing(bytes)
    }
}

impl RegisterEntries {
    /// The fault of a row without its entry; both are written together.
    pub fn points_nowhere(key: &(Code, ProcessId)) -> StoreFault {
        StoreFault::row(Self::NAME, &super::key::<Self>(key), "no such entry")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        super::super::golden::row::<RegisterEntries>(
            ("ab".parse().unwrap(), ProcessId(258)),
            (),
            "346162000000000000000102",
            "",
        );
    }
}
