//! Between letters and their wire messages, both ways for both ends. What does not
//! parse names its field.

mod down;
#[cfg(test)]
mod tests;
mod up;

use jiff::Timestamp;

use super::{Answer, EXCHANGE_LETTERS, Exchange, Letter, Up};
use crate::{
    identity::LogId,
    pb::sync as pb,
    sync::{
        downlink::Cursor,
        wire::{InvalidMessage, invalid},
    },
};

type Read<T> = Result<T, InvalidMessage>;

impl From<&Exchange> for pb::ExchangeRequest {
    fn from(exchange: &Exchange) -> pb::ExchangeRequest {
        let (log_id, seq) = wire_cursor(exchange.cursor);
        pb::ExchangeRequest {
            lineage: exchange.lineage,
            epoch: exchange.epoch,
            log_id: log_id.into(),
            seq,
            first: exchange.first,
            letters: exchange.letters.iter().map(Into::into).collect(),
            wait: exchange.waits,
        }
    }
}

impl TryFrom<pb::ExchangeRequest> for Exchange {
    type Error = InvalidMessage;

    fn try_from(wire: pb::ExchangeRequest) -> Read<Exchange> {
        if wire.letters.len() > EXCHANGE_LETTERS {
            return Err(invalid("letters", "want at most 64"));
        }
        if !wire.letters.is_empty() && wire.first == 0 {
            return Err(invalid("first", "want the first letter's seq, from 1"));
        }
        let letters = wire.letters.into_iter().map(Up::try_from);
        Ok(Exchange {
            lineage: wire.lineage,
            epoch: wire.epoch,
            cursor: cursor(&wire.log_id, wire.seq)?,
            first: wire.first,
            letters: letters.collect::<Read<_>>()?,
            waits: wire.wait,
        })
    }
}

impl From<&Answer> for pb::ExchangeResponse {
    fn from(answer: &Answer) -> pb::ExchangeResponse {
        let (log_id, seq) = wire_cursor(Some(answer.cursor));
        pb::ExchangeResponse {
            received: answer.received,
            log_id: log_id.into(),
            seq,
            letters: answer.letters.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<pb::ExchangeResponse> for Answer {
    type Error = InvalidMessage;

    fn try_from(wire: pb::ExchangeResponse) -> Read<Answer> {
        let cursor = cursor(&wire.log_id, wire.seq)?;
        let letters = wire.letters.into_iter().map(Letter::try_from);
        let letters = letters.collect::<Read<Vec<Letter>>>()?;
        if !letters.is_sorted_by(|a, b| a.seq < b.seq) {
            return Err(invalid("letters", "want ascending seqs"));
        }
        Ok(Answer {
            received: wire.received,
            cursor: cursor.ok_or_else(|| invalid("log_id", "want 16 bytes"))?,
            letters,
        })
    }
}

fn wire_cursor(cursor: Option<Cursor>) -> (Vec<u8>, u64) {
    cursor.map_or((Vec::new(), 0), |cursor| {
        (cursor.log_id.0.to_vec(), cursor.seq)
    })
}

fn cursor(log_id: &[u8], seq: u64) -> Read<Option<Cursor>> {
    if log_id.is_empty() {
        return Ok(None);
    }
    let log_id = LogId::try_from(log_id).map_err(|wrong| invalid("log_id", wrong))?;
    Ok(Some(Cursor { log_id, seq }))
}

/// To the microsecond, as exact as it is kept.
fn wire_time(at: Timestamp) -> prost_types::Timestamp {
    let us = at.as_microsecond();
    prost_types::Timestamp {
        seconds: us.div_euclid(1_000_000),
        nanos: us.rem_euclid(1_000_000) as i32 * 1_000,
    }
}

fn optional_time(
    field: &'static str,
    at: Option<prost_types::Timestamp>,
) -> Read<Option<Timestamp>> {
    at.map(|at| time(field, Some(at))).transpose()
}

fn time(field: &'static str, at: Option<prost_types::Timestamp>) -> Read<Timestamp> {
    let at = at.ok_or_else(|| invalid(field, "want a time"))?;
    let at = Timestamp::new(at.seconds, at.nanos).map_err(|wrong| invalid(field, wrong))?;
    Timestamp::from_microsecond(at.as_microsecond()).map_err(|wrong| invalid(field, wrong))
}

fn parsed<T: std::str::FromStr<Err: ToString>>(field: &'static str, text: &str) -> Read<T> {
    text.parse().map_err(|wrong: T::Err| invalid(field, wrong))
}

/// Empty is nothing.
fn optional<T: std::str::FromStr<Err: ToString>>(
    field: &'static str,
    text: &str,
) -> Read<Option<T>> {
    match text {
        "" => Ok(None),
        text => parsed(field, text).map(Some),
    }
}

fn text(value: &Option<impl ToString>) -> String {
    value.as_ref().map_or_else(String::new, ToString::to_string)
}
