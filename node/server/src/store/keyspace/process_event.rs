//! Where in the journal a process's events are. Key: engine (1 byte), id (8),
//! position (8). No value.

use node_domain::process::ProcessId;

use super::index::Index;
use super::process::{ProcessKey, engine_from, key_bytes};

pub struct ProcessEvents;

impl Index for ProcessEvents {
    const TAG: u8 = 0x15;
    const NAME: &'static str = "events of processes";
    type Key = (ProcessKey, u64);

    fn key((process, position): &(ProcessKey, u64)) -> Vec<u8> {
        let mut bytes = key_bytes(process);
        bytes.extend_from_slice(&position.to_be_bytes());
        bytes
    }

    fn key_from(bytes: &[u8]) -> Option<(ProcessKey, u64)> {
        let (engine, rest) = engine_from(bytes)?;
        let (process, position) = super::two_numbers(rest)?;
        Some(((engine, ProcessId(process)), position))
    }
}

impl ProcessEvents {
    /// Raw bounds of one process's rows from a position on.
    pub fn bounds(process: ProcessKey, from: u64) -> (Vec<u8>, Vec<u8>) {
        let bound = |position| Self::key(&(process, position));
        (bound(from), bound(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use node_domain::process::Engine;

    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let process = (Engine::Duties, ProcessId(258));
        super::super::golden::row::<ProcessEvents>(
            (process, 3),
            (),
            "150200000000000001020000000000000003",
            "",
        );
    }
}
