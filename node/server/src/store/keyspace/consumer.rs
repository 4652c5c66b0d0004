//! Consumers of notices, and how far each has come. Key: its name, UTF-8.

use node_domain::code::Code;
use node_domain::notices::Consumer;

use super::Space;
use crate::store::stored_process::{decode, encode};

pub struct Consumers;

impl Space for Consumers {
    const TAG: u8 = 0x19;
    const NAME: &'static str = "consumers of notices";
    type Key = Code;
    type Value = Consumer;

    fn key(name: &Code) -> Vec<u8> {
        name.as_str().as_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<Code> {
        std::str::from_utf8(bytes).ok()?.parse().ok()
    }

    fn encode(consumer: &Consumer) -> Vec<u8> {
        encode(consumer)
    }

    fn decode(bytes: &[u8]) -> Result<Consumer, String> {
        decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use node_domain::actor::Actor;
    use node_domain::notices::Mark;

    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let acked = Mark {
            position: 300,
            index: 2,
        };
        let consumer = Consumer {
            owner: Actor::Handler("a".parse().unwrap()),
            acked,
            lost: 5,
        };
        super::super::golden::row::<Consumers>(
            "app".parse().unwrap(),
            consumer,
            "19617070",
            "01020161ac020205",
        );
    }
}
