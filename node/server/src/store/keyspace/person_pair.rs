//! Pairs by the person who is cared for, ended ones included. Key: the person's
//! entry and the pair's, 8 bytes each. No value.

use node_domain::process::ProcessId;

use super::index::Index;

pub struct PersonPairs;

impl Index for PersonPairs {
    const TAG: u8 = 0x35;
    const NAME: &'static str = "pairs by person";
    /// Person, pair.
    type Key = (ProcessId, ProcessId);

    fn key((person, pair): &(ProcessId, ProcessId)) -> Vec<u8> {
        super::pair(person.0, pair.0)
    }

    fn key_from(bytes: &[u8]) -> Option<(ProcessId, ProcessId)> {
        let (person, pair) = super::two_numbers(bytes)?;
        Some((ProcessId(person), ProcessId(pair)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        super::super::golden::row::<PersonPairs>(
            (ProcessId(2), ProcessId(259)),
            (),
            "3500000000000000020000000000000103",
            "",
        );
    }
}
