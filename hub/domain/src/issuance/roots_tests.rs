//! Who needs the old root, and who does not.

use jiff::{SignedDuration, Timestamp};
use proto::identity::Subject;

use super::*;
use crate::issuance::{Certificate, Command, InviteId, SecretHash, Serial};

const DAY: i64 = 86_400;
const OLD: RootHash = RootHash([1; 32]);
const NEW: RootHash = RootHash([2; 32]);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn node(n: u8) -> Subject {
    format!("community/5101150010{n:02}").parse().unwrap()
}

fn certificate(serial: u8, from: i64) -> Certificate {
    Certificate {
        serial: Serial::from_entropy([serial; 16]),
        key_sha256: [serial; 32],
        not_after: at(from + 14 * DAY),
    }
}

fn done(state: &mut State, command: Command) -> Result<Event, Refusal> {
    match state.decide(command)? {
        Decision::Record(event) => {
            state.apply(&event);
            Ok(event)
        }
        Decision::Repeat(event) => Ok(event),
    }
}

fn appoint(state: &mut State, n: u8, second: i64) {
    let command = Command::Appoint {
        subject: node(n),
        certificate: certificate(n, second),
        now: at(second),
    };
    done(state, command).unwrap();
}

fn renew(state: &mut State, n: u8, shown: u8, serial: u8, second: i64) {
    let command = Command::Renew {
        subject: node(n),
        shown: Serial::from_entropy([shown; 16]),
        certificate: certificate(serial, second),
        now: at(second),
    };
    done(state, command).unwrap();
}

fn roll(state: &mut State, second: i64) -> Result<Event, Refusal> {
    let (old, new, now) = (OLD, NEW, at(second));
    let by = None;
    done(state, Command::RollRoot { old, new, by, now })
}

fn retire(state: &mut State, is_forced: bool, second: i64) -> Result<Event, Refusal> {
    let (by, now) = (None, at(second));
    done(state, Command::RetireRoot { is_forced, by, now })
}

fn named(state: &State, second: i64) -> Vec<String> {
    let holders = state.holders(at(second)).into_iter();
    let names = holders.map(|holder| match holder {
        Holder::Member { subject, .. } => subject.to_string(),
        Holder::Invite { subject, .. } => format!("invite of {subject}"),
    });
    names.collect()
}

#[test]
fn the_old_root_goes_when_nobody_hangs_on_it() {
    let mut state = State::default();
    assert!(named(&state, 0).is_empty());
    assert_eq!(
        retire(&mut state, false, 0).unwrap_err(),
        Refusal::NoRollOver
    );
    for n in 1..=3 {
        appoint(&mut state, n, 0);
    }
    let revoke = Command::Revoke {
        subject: node(3),
        reason: "stolen".into(),
        request: "r-1".parse().unwrap(),
        by: "operator/li".parse().unwrap(),
        now: at(1),
    };
    done(&mut state, revoke).unwrap();
    roll(&mut state, DAY).unwrap();
    let again = (OLD, RootHash([3; 32]));
    let second = Command::RollRoot {
        old: again.0,
        new: again.1,
        by: None,
        now: at(DAY + 1),
    };
    assert_eq!(state.decide(second).unwrap_err(), Refusal::RollOverUnderWay);
    appoint(&mut state, 4, 2 * DAY);
    // A revoked member is shut out anyway; who came since knows the new root.
    assert_eq!(
        named(&state, 2 * DAY),
        [node(1), node(2)].map(|n| n.to_string())
    );
    let refused = retire(&mut state, false, 2 * DAY).unwrap_err();
    assert!(matches!(refused, Refusal::RootHeld { holders } if holders.len() == 2));

    // The answer may have been lost: only the next renewal proves that it was not.
    renew(&mut state, 1, 1, 11, 7 * DAY);
    assert_eq!(named(&state, 8 * DAY).len(), 2);
    renew(&mut state, 1, 11, 12, 13 * DAY);
    assert_eq!(named(&state, 13 * DAY), [node(2).to_string()]);
    // Who was away for all of its leaf is let in by one approval, or not at all.
    assert_eq!(named(&state, 14 * DAY), [""; 0]);
    retire(&mut state, false, 14 * DAY).unwrap();
    assert_eq!(state.roll_over(), None);
    assert_eq!(
        retire(&mut state, false, 14 * DAY).unwrap_err(),
        Refusal::NoRollOver
    );
}

#[test]
fn an_invite_that_names_the_old_root_holds_it_and_force_lets_go() {
    let mut state = State::default();
    let invite = |id: u8, second: i64| Command::Invite {
        invite: InviteId([id; 16]),
        secret: SecretHash([id; 32]),
        subject: node(id),
        expires_at: at(second) + SignedDuration::from_hours(2),
        by: "operator/li".parse().unwrap(),
        now: at(second),
    };
    done(&mut state, invite(1, 0)).unwrap();
    roll(&mut state, 60).unwrap();
    done(&mut state, invite(2, 120)).unwrap();
    assert_eq!(named(&state, 120), [format!("invite of {}", node(1))]);
    assert!(retire(&mut state, false, 120).is_err());
    let Ok(Event::RootRetired { root, lost, .. }) = retire(&mut state, true, 121) else {
        panic!("forced, and not retired");
    };
    assert_eq!((root, lost), (OLD, 1));
    roll(&mut state, 200).unwrap();
}

#[test]
fn a_certificate_of_the_second_of_the_roll_over_counts_as_old() {
    let mut state = State::default();
    appoint(&mut state, 1, 10);
    appoint(&mut state, 2, 11);
    roll(&mut state, 10).unwrap();
    assert_eq!(named(&state, 20), [node(1).to_string()]);
}
