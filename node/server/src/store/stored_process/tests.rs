//! Frozen bytes of what happens to processes, one per engine and variant, and
//! what a program says to bytes that are not its own.

mod activities;
mod assessments;
mod consents;
mod deliberations;
mod documents;
mod duties;
mod elections;
mod funds;
mod offers;
mod registers;
mod support;
mod surveys;

use jiff::Timestamp;
use node_domain::actor::Actor;
use node_domain::process::{Engine, Happened};

use super::*;
use crate::store::fault::hex;

/// One happening per line: its bytes, and that they read back.
fn frozen<H: Clone>(
    happenings: Vec<H>,
    into: impl Fn(Vec<Happened<H>>) -> Happenings,
    lines: &str,
) {
    let happened = happenings.into_iter().map(|what| Happened {
        at: Timestamp::from_microsecond(1).unwrap(),
        by: Actor::Staff,
        what,
    });
    let all = into(happened.collect());
    let bytes = encode_happenings(&all);
    let written: Vec<String> = bytes.iter().map(|bytes| hex(bytes)).collect();
    let wanted: Vec<&str> = lines.split_whitespace().collect();
    assert_eq!(written, wanted, "\n{}\n", written.join("\n"));
    assert_eq!(decode_happenings(all.engine(), &bytes), Ok(all));
}

#[test]
fn newer_versions_and_engines_are_refused_in_words() {
    let newer = decode_state(Engine::Duties, &[2, 0]).unwrap_err();
    assert!(newer.contains("newer program"), "{newer}");
    let other = engine(99).unwrap_err();
    assert!(other.contains("newer program"), "{other}");
    assert!(decode_state(Engine::Duties, &[]).is_err());
    assert!(decode_state(Engine::Duties, &[1, 1]).is_err());
}
