//! Tokens by number: whom the bearer acts as, from when to when. Key: 8 bytes.
//! The same form is journalled when a token is made.

use jiff::Timestamp;
use node_domain::actor::{Actor, Pseudonym};
use node_domain::token::{Token, TokenId};
use prost::Message as _;

use super::Space;

pub struct Tokens;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredToken {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// `Role::code`.
    #[prost(string, tag = "2")]
    pub role: String,
    /// Grid worker: three digits. Handler: its name.
    #[prost(string, tag = "3")]
    pub scope: String,
    /// Resident: its subject.
    #[prost(uint64, tag = "4")]
    pub subject: u64,
    #[prost(sint64, tag = "5")]
    pub created_at_us: i64,
    #[prost(sint64, optional, tag = "6")]
    pub expires_at_us: Option<i64>,
    #[prost(sint64, optional, tag = "7")]
    pub revoked_at_us: Option<i64>,
}

impl From<&Token> for StoredToken {
    fn from(token: &Token) -> StoredToken {
        let (scope, subject) = match &token.actor {
            Actor::Resident(Pseudonym(subject)) => (String::new(), *subject),
            Actor::GridWorker(grid) => (grid.to_string(), 0),
            Actor::Handler(name) => (name.to_string(), 0),
            _ => (String::new(), 0),
        };
        StoredToken {
            id: token.id.0,
            role: token.actor.role().code().to_owned(),
            scope,
            subject,
            created_at_us: token.created_at.as_microsecond(),
            expires_at_us: token.expires_at.map(Timestamp::as_microsecond),
            revoked_at_us: token.revoked_at.map(Timestamp::as_microsecond),
        }
    }
}

impl TryFrom<StoredToken> for Token {
    type Error = String;

    fn try_from(stored: StoredToken) -> Result<Token, String> {
        let actor = match stored.role.as_str() {
            "resident" => Actor::Resident(Pseudonym(stored.subject)),
            "grid-worker" => Actor::GridWorker(stored.scope.parse().map_err(text)?),
            "handler" => Actor::Handler(stored.scope.parse().map_err(text)?),
            "staff" => Actor::Staff,
            "admin" => Actor::Admin,
            "auditor" => Actor::Auditor,
            role => return Err(format!("role {role:?} has no tokens")),
        };
        let at = |us: i64| Timestamp::from_microsecond(us).map_err(text);
        Ok(Token {
            id: TokenId(stored.id),
            actor,
            created_at: at(stored.created_at_us)?,
            expires_at: stored.expires_at_us.map(at).transpose()?,
            revoked_at: stored.revoked_at_us.map(at).transpose()?,
        })
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

impl Space for Tokens {
    const TAG: u8 = 0x30;
    const NAME: &'static str = "tokens";
    type Key = TokenId;
    type Value = Token;

    fn key(token: &TokenId) -> Vec<u8> {
        token.0.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<TokenId> {
        super::number(bytes).map(TokenId)
    }

    fn encode(token: &Token) -> Vec<u8> {
        StoredToken::from(token).encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Token, String> {
        StoredToken::decode(bytes).map_err(text)?.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(actor: Actor) -> Token {
        Token {
            id: TokenId(2),
            actor,
            created_at: Timestamp::from_microsecond(3).unwrap(),
            expires_at: Some(Timestamp::from_microsecond(4).unwrap()),
            revoked_at: None,
        }
    }

    #[test]
    fn bytes_are_frozen() {
        super::super::golden::row::<Tokens>(
            TokenId(2),
            token(Actor::GridWorker("007".parse().unwrap())),
            "300000000000000002",
            "0802120b677269642d776f726b65721a0330303728063008",
        );
    }

    #[test]
    fn every_bearer_survives_a_round_trip() {
        let handler = Actor::Handler("物业".parse().unwrap());
        let resident = Actor::Resident(Pseudonym(9));
        for actor in [
            handler,
            resident,
            Actor::Staff,
            Actor::Admin,
            Actor::Auditor,
        ] {
            let token = token(actor);
            assert_eq!(Tokens::decode(&Tokens::encode(&token)), Ok(token));
        }
        let mut stored = StoredToken::from(&token(Actor::Staff));
        stored.role = "mayor".to_owned();
        assert!(Token::try_from(stored).is_err());
    }
}
