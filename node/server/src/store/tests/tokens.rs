//! Tokens in the store: who they make of their bearer, and that a resident's
//! own name is a number everywhere else.

use super::*;
use crate::store::keyspace::token::Tokens;

pub fn create(town: &Town, by: Actor, bearer: Bearer, secret: u8) -> Result<TokenAnswer, Refused> {
    let command = TokenCommand {
        asked: asked(by, 0),
        ask: TokenAsk::Create {
            bearer,
            expires_at: None,
            secret_hash: [secret; 32],
        },
    };
    match town.ask(Command::Token(command)) {
        Answer::Token(answer) => answer,
        _ => unreachable!(),
    }
}

/// The number of a resident that a client knows by `scope`.
pub fn resident(town: &Town, scope: &str) -> u64 {
    let bearer = Bearer::Resident(scope.to_owned());
    match create(town, Actor::Admin, bearer, 9).unwrap().token.actor {
        Actor::Resident(Pseudonym(number)) => number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_resident_has_one_number_over_all_tokens_and_starts() {
    let mut town = Town::new();
    let (one, other) = (resident(&town, "wx-1"), resident(&town, "wx-2"));
    assert_ne!(one, other);
    assert_eq!(resident(&town, "wx-1"), one);
    town.close();
    std::fs::remove_dir_all(town.path().join("view")).unwrap();
    town.open();
    assert_eq!(resident(&town, "wx-1"), one);
    assert_eq!(resident(&town, "wx-2"), other);
}

#[test]
fn tokens_are_made_and_revoked_by_administrators() {
    let town = Town::new();
    let staff = || Bearer::Other(Actor::Staff);
    let refused = create(&town, Actor::Staff, staff(), 1).err().unwrap();
    assert_eq!(
        refused,
        Refused::Token(node_domain::token::Refusal::NotAdmin)
    );
    let made = create(&town, Actor::System, staff(), 1).unwrap().token;
    let other = create(&town, Actor::Admin, staff(), 2).unwrap().token;
    let revoke = TokenCommand {
        asked: asked(Actor::Admin, 1),
        ask: TokenAsk::Revoke(other.id),
    };
    town.ask(Command::Token(revoke));
    let held = |id| town.view().load::<Tokens>(&id).unwrap().unwrap();
    assert!(held(other.id).bearer(at(2)).is_err());
    assert!(held(made.id).bearer(at(2)).is_ok());
}
