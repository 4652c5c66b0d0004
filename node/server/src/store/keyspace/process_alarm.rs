//! Processes that wait for a moment. Key: the moment in microseconds since 1970
//! with the sign bit turned over, so that keys are in its order (8 bytes), engine
//! (1), id (8). No value.

use jiff::Timestamp;
use node_domain::process::ProcessId;

use super::index::Index;
use super::process::{ProcessKey, engine_from, key_bytes};

pub struct ProcessAlarms;

const SIGN: u64 = 1 << 63;

impl Index for ProcessAlarms {
    const TAG: u8 = 0x16;
    const NAME: &'static str = "alarms of processes";
    type Key = (Timestamp, ProcessKey);

    fn key((at, process): &(Timestamp, ProcessKey)) -> Vec<u8> {
        let moment = at.as_microsecond().cast_unsigned() ^ SIGN;
        let mut bytes = moment.to_be_bytes().to_vec();
        bytes.extend(key_bytes(process));
        bytes
    }

    fn key_from(bytes: &[u8]) -> Option<(Timestamp, ProcessKey)> {
        let (moment, rest) = bytes.split_at_checked(8)?;
        let us = (super::number(moment)? ^ SIGN).cast_signed();
        let (engine, rest) = engine_from(rest)?;
        let process = (engine, ProcessId(super::number(rest)?));
        Some((Timestamp::from_microsecond(us).ok()?, process))
    }
}

#[cfg(test)]
mod tests {
    use node_domain::process::Engine;

    use super::*;

    #[test]
    fn bytes_are_frozen_and_in_the_order_of_time() {
        let at = |us| {
            (
                Timestamp::from_microsecond(us).unwrap(),
                (Engine::Duties, ProcessId(7)),
            )
        };
        super::super::golden::row::<ProcessAlarms>(
            at(1),
            (),
            "168000000000000001020000000000000007",
            "",
        );
        assert!(ProcessAlarms::key(&at(-1)) < ProcessAlarms::key(&at(1)));
    }
}
