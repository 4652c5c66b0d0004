//! Processes of the engines beside cases: their state. Key: engine (1 byte), id
//! (8).

use node_domain::process::{Engine, ProcessId, State};

use super::Space;
use crate::store::stored_process;

pub struct Processes;

pub type ProcessKey = (Engine, ProcessId);

pub(super) fn engine_from(bytes: &[u8]) -> Option<(Engine, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some((stored_process::engine(u32::from(*first)).ok()?, rest))
}

pub(super) fn key_bytes((engine, process): &ProcessKey) -> Vec<u8> {
    let mut bytes = vec![*engine as u8];
    bytes.extend_from_slice(&process.0.to_be_bytes());
    bytes
}

impl Space for Processes {
    const TAG: u8 = 0x14;
    const NAME: &'static str = "processes";
    type Key = ProcessKey;
    type Value = State;

    fn key(key: &ProcessKey) -> Vec<u8> {
        key_bytes(key)
    }

    fn key_from(bytes: &[u8]) -> Option<ProcessKey> {
        let (engine, rest) = engine_from(bytes)?;
        Some((engine, ProcessId(super::number(rest)?)))
    }

    fn encode(state: &State) -> Vec<u8> {
        let mut bytes = vec![state.engine() as u8];
        bytes.extend(stored_process::encode_state(state));
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<State, String> {
        let (engine, state) = engine_from(bytes).ok_or("no engine: use a newer program")?;
        stored_process::decode_state(engine, state)
    }
}
