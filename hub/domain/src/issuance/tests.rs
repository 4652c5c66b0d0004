//! Tables over the rules of issuance, and a property over random histories.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proto::identity::Subject;

use super::*;

const NODE: &str = "community/510115003064";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn subject(name: &str) -> Subject {
    name.parse().unwrap()
}

fn certificate(number: u8) -> Certificate {
    Certificate {
        serial: Serial::from_entropy([number; 16]),
        key_sha256: [number; 32],
        not_after: at(14 * 86_400),
    }
}

fn invite(number: u8, name: &str, now: i64) -> Command {
    Command::Invite {
        invite: InviteId([number; 16]),
        secret: SecretHash([number; 32]),
        subject: subject(name),
        expires_at: at(now) + INVITE_VALID,
        by: subject("operator/li"),
        now: at(now),
    }
}

fn redeem(number: u8, key: u8, now: i64) -> Command {
    Command::Redeem {
        invite: InviteId([number; 16]),
        secret: SecretHash([number; 32]),
        certificate: certificate(key),
        now: at(now),
    }
}

fn renew(shown: u8, next: u8) -> Command {
    Command::Renew {
        subject: subject(NODE),
        shown: certificate(shown).serial,
        certificate: certificate(next),
        now: at(100),
    }
}

fn revoke(name: &str, request: &str) -> Command {
    Command::Revoke {
        subject: subject(name),
        reason: "stolen".into(),
        request: request.parse().unwrap(),
        by: subject("operator/li"),
        now: at(200),
    }
}

/// Does what is recorded, and says whether it was.
fn done(state: &mut State, command: Command) -> Result<bool, Refusal> {
    Ok(match state.decide(command)? {
        Decision::Record(event) => {
            state.apply(&event);
            true
        }
        Decision::Repeat(_) => false,
    })
}

fn enrolled() -> State {
    let mut state = State::default();
    done(&mut state, invite(1, NODE, 0)).unwrap();
    done(&mut state, redeem(1, 1, 10)).unwrap();
    state
}

fn standing(state: &State, number: u8) -> Standing {
    state.standing(&subject(NODE), Some(certificate(number).serial))
}

#[test]
fn an_invite_makes_one_member() {
    let mut state = enrolled();
    assert_eq!(standing(&state, 1), Standing::Member);
    assert_eq!(standing(&state, 2), Standing::Replaced);
    assert_eq!(state.standing(&subject(NODE), None), Standing::Replaced);
    assert_eq!(done(&mut state, redeem(1, 2, 20)), Err(Refusal::InviteUsed));
    let other = subject("community/510115003065");
    let serial = certificate(1).serial;
    assert_eq!(state.standing(&other, Some(serial)), Standing::NotEnrolled);
}

#[test]
fn a_machine_that_lost_the_answer_may_ask_again_with_its_key() {
    let mut state = enrolled();
    let mut again = redeem(1, 1, 20);
    if let Command::Redeem { certificate, .. } = &mut again {
        certificate.serial = Serial::from_entropy([9; 16]);
    }
    assert_eq!(done(&mut state, again), Ok(true));
    assert_eq!(standing(&state, 9), Standing::Member);
    assert_eq!(standing(&state, 1), Standing::Replaced);
}

#[test]
fn an_expired_unknown_or_wrong_token_enrols_nobody() {
    let mut state = State::default();
    done(&mut state, invite(1, NODE, 0)).unwrap();
    let expired = Refusal::InviteExpired {
        expired_at: at(3600),
    };
    assert_eq!(state.decide(redeem(1, 1, 3600)).err(), Some(expired));
    assert_eq!(
        state.decide(redeem(2, 1, 10)).err(),
        Some(Refusal::InviteUnknown)
    );
    let wrong = Command::Redeem {
        invite: InviteId([1; 16]),
        secret: SecretHash([3; 32]),
        certificate: certificate(1),
        now: at(4000),
    };
    assert_eq!(state.decide(wrong).err(), Some(Refusal::InviteUnknown));
    assert!(state.member(&subject(NODE)).is_none());
    assert_eq!(
        (state.open_invites(at(10)), state.open_invites(at(3600))),
        (1, 0)
    );
}

#[test]
fn an_invite_names_a_member_and_a_bounded_time() {
    let state = State::default();
    let hub = state.decide(invite(1, "hub", 0));
    assert_eq!(hub.err(), Some(Refusal::NotInvitable));
    for wrong in [
        SignedDuration::ZERO,
        SignedDuration::from_secs(-5),
        INVITE_VALID_AT_MOST + SignedDuration::from_secs(1),
    ] {
        let mut command = invite(1, NODE, 0);
        if let Command::Invite { expires_at, .. } = &mut command {
            *expires_at = at(0) + wrong;
        }
        assert_eq!(state.decide(command).err(), Some(Refusal::InviteValidity));
    }
}

#[test]
fn a_repeated_invite_is_the_same_one() {
    let mut state = State::default();
    assert_eq!(done(&mut state, invite(1, NODE, 0)), Ok(true));
    match state.decide(invite(1, NODE, 50)).unwrap() {
        Decision::Repeat(Event::Invited { expires_at, .. }) => assert_eq!(expires_at, at(3600)),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        done(&mut state, invite(1, "operator/wang", 0)),
        Err(Refusal::RequestReused)
    );
}

#[test]
fn the_first_machine_cannot_come_back_after_the_second() {
    let mut state = enrolled();
    done(&mut state, invite(2, NODE, 20)).unwrap();
    done(&mut state, redeem(2, 2, 30)).unwrap();
    assert_eq!(done(&mut state, redeem(1, 1, 40)), Err(Refusal::InviteUsed));
    assert_eq!(standing(&state, 2), Standing::Member);
}

#[test]
fn an_invite_can_be_withdrawn() {
    let mut state = State::default();
    assert_eq!(
        done(&mut state, revoke(NODE, "r-1")),
        Err(Refusal::NotEnrolled)
    );
    done(&mut state, invite(1, NODE, 0)).unwrap();
    assert_eq!(done(&mut state, revoke(NODE, "r-1")), Ok(true));
    assert_eq!(done(&mut state, revoke(NODE, "r-1")), Ok(false));
    assert_eq!(done(&mut state, redeem(1, 1, 10)), Err(Refusal::InviteVoid));
    // Also that of a member who is out already.
    let mut state = enrolled();
    done(&mut state, revoke(NODE, "r-2")).unwrap();
    done(&mut state, invite(2, NODE, 100)).unwrap();
    assert_eq!(done(&mut state, revoke(NODE, "r-3")), Ok(true));
    assert_eq!(
        done(&mut state, redeem(2, 2, 210)),
        Err(Refusal::InviteVoid)
    );
}

#[test]
fn renewal_keeps_the_shown_certificate_until_the_next() {
    let mut state = enrolled();
    done(&mut state, renew(1, 2)).unwrap();
    assert_eq!(standing(&state, 1), Standing::Member);
    assert_eq!(standing(&state, 2), Standing::Member);
    // The answer was lost: the old one asks again, the unseen one is dropped.
    done(&mut state, renew(1, 3)).unwrap();
    assert_eq!(standing(&state, 2), Standing::Replaced);
    done(&mut state, renew(3, 4)).unwrap();
    assert_eq!(standing(&state, 1), Standing::Replaced);
    assert_eq!(
        done(&mut state, renew(1, 5)),
        Err(Refusal::CertificateReplaced)
    );
}

#[test]
fn a_revoked_member_is_out_until_it_is_invited_again() {
    let mut state = enrolled();
    done(&mut state, invite(2, NODE, 20)).unwrap();
    assert_eq!(done(&mut state, revoke(NODE, "r-1")), Ok(true));
    assert_eq!(done(&mut state, revoke(NODE, "r-1")), Ok(false));
    assert_eq!(
        done(&mut state, revoke(NODE, "r-2")),
        Err(Refusal::AlreadyRevoked { at: at(200) })
    );
    assert_eq!(standing(&state, 1), Standing::Revoked { at: at(200) });
    assert_eq!(
        done(&mut state, renew(1, 2)),
        Err(Refusal::Revoked { at: at(200) })
    );
    // Neither an unused invite nor the key of a used one opens the door again.
    assert_eq!(done(&mut state, redeem(2, 2, 30)), Err(Refusal::InviteVoid));
    assert_eq!(done(&mut state, redeem(1, 1, 30)), Err(Refusal::InviteVoid));
    done(&mut state, invite(3, NODE, 300)).unwrap();
    done(&mut state, redeem(3, 3, 310)).unwrap();
    assert_eq!(standing(&state, 3), Standing::Member);
    assert_eq!(standing(&state, 1), Standing::Replaced);
}

#[test]
fn an_operator_is_left() {
    let mut state = State::default();
    let appoint = |name: &str, number| Command::Appoint {
        subject: subject(name),
        certificate: certificate(number),
        now: at(0),
    };
    assert_eq!(done(&mut state, appoint("operator/admin", 1)), Ok(true));
    assert_eq!(
        done(&mut state, revoke("operator/admin", "r")),
        Err(Refusal::LastOperator)
    );
    assert_eq!(done(&mut state, appoint("operator/li", 2)), Ok(true));
    assert_eq!(done(&mut state, revoke("operator/admin", "r")), Ok(true));
    let nobody = done(&mut state, revoke("operator/nobody", "r"));
    assert_eq!(nobody, Err(Refusal::NotEnrolled));
    let hub = done(&mut state, appoint("hub", 3));
    assert_eq!(hub, Err(Refusal::NotInvitable));
}

#[test]
fn old_invites_are_forgotten() {
    let mut state = State::default();
    done(&mut state, invite(1, NODE, 0)).unwrap();
    let later = 3600 + INVITE_REMEMBERED.as_secs();
    done(&mut state, invite(2, NODE, later)).unwrap();
    assert!(state.invite(InviteId([1; 16])).is_some());
    done(&mut state, invite(3, NODE, later + 1)).unwrap();
    assert!(state.invite(InviteId([1; 16])).is_none());
}

proptest! {
    /// Whatever is asked in whatever order: at most two certificates of a
    /// subject are good, and none of a subject whose last word was "revoked".
    #[test]
    fn few_certificates_are_good_at_any_time(steps in prop::collection::vec((0..4u8, 1..6u8, 1..12u8), 1..60)) {
        let mut state = State::default();
        for (step, (what, a, b)) in steps.into_iter().enumerate() {
            let now = step as i64;
            let command = match what {
                0 => invite(a, NODE, now),
                1 => redeem(a, b, now),
                2 => renew(a, b),
                _ => revoke(NODE, "r"),
            };
            if let Ok(Decision::Record(event)) = state.decide(command) {
                state.apply(&event);
            }
            let good = (1..12).filter(|n| standing(&state, *n) == Standing::Member).count();
            let revoked = state.member(&subject(NODE)).is_some_and(|m| m.revoked.is_some());
            let most = if revoked { 0 } else { 2 };
            prop_assert!(good <= most);
        }
    }
}
