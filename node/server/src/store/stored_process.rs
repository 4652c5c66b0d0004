//! How engines' states and happenings are kept: a version byte, then the form that
//! their types have in the domain (postcard: places, no names). Happenings are
//! append-only there and frozen by golden bytes; states are the view's own, and a
//! change of theirs needs another `head::FORMAT`. What else is kept in its type's form
//! (notices, their consumers) goes the same way. Knows no key.

use node_domain::for_each_engine;
use node_domain::process::{Engine, Event, Happenings, ProcessId, State};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Of each state and happening; a greater one is refused.
const VERSION: u8 = 1;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredEvent {
    #[prost(uint64, tag = "1")]
    process: u64,
    #[prost(uint32, tag = "2")]
    engine: u32,
    #[prost(bytes = "vec", repeated, tag = "3")]
    happened: Vec<Vec<u8>>,
}

impl From<&Event> for StoredEvent {
    fn from(event: &Event) -> StoredEvent {
        StoredEvent {
            process: event.process.0,
            engine: event.happenings.engine() as u32,
            happened: encode_happenings(&event.happenings),
        }
    }
}

impl TryFrom<StoredEvent> for Event {
    type Error = String;

    fn try_from(stored: StoredEvent) -> Result<Event, String> {
        let engine = engine(stored.engine)?;
        Ok(Event {
            process: ProcessId(stored.process),
            happenings: decode_happenings(engine, &stored.happened)?,
        })
    }
}

pub fn engine(number: u32) -> Result<Engine, String> {
    let known = u8::try_from(number).ok().and_then(Engine::by_number);
    known.ok_or_else(|| format!("engine {number}: use a newer program"))
}

pub(super) fn encode(value: &impl Serialize) -> Vec<u8> {
    // Numbers, texts, lists: nothing that has no form.
    postcard::to_extend(value, vec![VERSION]).unwrap_or_default()
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let (version, rest) = bytes.split_first().ok_or("no bytes")?;
    if *version != VERSION {
        return Err(format!(
            "version {version}; this program reads {VERSION}: use a newer program"
        ));
    }
    let (value, left) = postcard::take_from_bytes(rest).map_err(|error| error.to_string())?;
    match left {
        [] => Ok(value),
        _ => Err(format!("{} bytes too many", left.len())),
    }
}

macro_rules! codecs {
    ($($name:ident($state:ident) = $number:literal, $collection:literal;)*) => {
        pub fn encode_state(state: &State) -> Vec<u8> {
            match state {
                $(State::$name(state) => encode(state),)*
            }
        }

        pub fn decode_state(engine: Engine, bytes: &[u8]) -> Result<State, String> {
            match engine {
                $(Engine::$name => decode(bytes).map(State::$name),)*
            }
        }

        fn encode_happenings(happenings: &Happenings) -> Vec<Vec<u8>> {
            match happenings {
                $(Happenings::$name(happened) => happened.iter().map(encode).collect(),)*
            }
        }

        fn decode_happenings(engine: Engine, stored: &[Vec<u8>]) -> Result<Happenings, String> {
            let stored = stored.iter();
            match engine {
                $(Engine::$name => {
                    let happened = stored.map(|bytes| decode(bytes)).collect::<Result<_, _>>();
                    happened.map(Happenings::$name)
                })*
            }
        }
    };
}

for_each_engine!(codecs);

#[cfg(test)]
mod tests;
