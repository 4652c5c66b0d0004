//! Entries by register, so that a small register is not looked for among all
//! residents. Key: length of the register's code (1 byte), the code, entry (8). No value.
//! An entry never changes its register.

use node_domain::code::Code;
use node_domain::process::ProcessId;

use super::index::Index;

pub struct RegisterEntries;

impl Index for RegisterEntries {
    const TAG: u8 = 0x34;
    const NAME: &'static str = "entries by register";
    type Key = (Code, ProcessId);

    fn key((register, entry): &(Code, ProcessId)) -> Vec<u8> {
        let code = register.as_str().as_bytes();
        let mut bytes = Vec::with_capacity(9 + code.len());
        // A code is at most 40 long.
        bytes.push(code.len() as u8);
        bytes.extend_from_slice(code);
        bytes.extend_from_slice(&entry.0.to_be_bytes());
        bytes
    }

    fn key_from(bytes: &[u8]) -> Option<(Code, ProcessId)> {
        let (length, rest) = bytes.split_first()?;
        let (code, entry) = rest.split_at_checked(usize::from(*length))?;
        let code = std::str::from_utf8(code).ok()?;
        Some((code.parse().ok()?, ProcessId(super::number(entry)?)))
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
            "340261620000000000000102",
            "",
        );
    }
}
