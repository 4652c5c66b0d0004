//! Bearer tokens of a node's local clients: who may make one, what it lets its
//! bearer be, and when it no longer does. Knows neither secrets nor hashes.

use jiff::{SignedDuration, Timestamp};

use crate::actor::Actor;

/// Counted from 1 in the order of making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub u64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    /// Whom its bearer acts as: role and scope.
    pub actor: Actor,
    pub created_at: Timestamp,
    /// `None`: until it is revoked.
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Create {
        actor: Actor,
        expires_at: Option<Timestamp>,
    },
    Revoke(TokenId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Created(Token),
    Revoked {
        token: TokenId,
        revoked_at: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotAdmin,
    /// Imports and the node itself carry no token.
    RoleWithoutTokens,
    ExpiresTooSoon,
    ExpiresTooLate,
    UnknownToken,
    /// Whoever revoked the last administrator's token could never make another.
    OwnToken,
}

/// What a decision looks at.
pub struct Context<'a> {
    pub now: Timestamp,
    pub by: &'a Actor,
    /// The token the command came with; none at `init`.
    pub with: Option<TokenId>,
    /// The number a new token gets.
    pub next: TokenId,
    /// The token that the command names.
    pub named: Option<&'a Token>,
}

/// Ten years: long enough for a device, short enough to be thought about.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 3653);

pub fn decide(command: &Command, context: &Context<'_>) -> Result<Option<Event>, Refusal> {
    if !matches!(context.by, Actor::Admin | Actor::System) {
        return Err(Refusal::NotAdmin);
    }
    match command {
        Command::Create { actor, expires_at } => {
            if matches!(actor, Actor::Import | Actor::System) {
                return Err(Refusal::RoleWithoutTokens);
            }
            let now = context.now;
            match expires_at {
                Some(at) if *at <= now => return Err(Refusal::ExpiresTooSoon),
                Some(at) if at.duration_since(now) > LONGEST => {
                    return Err(Refusal::ExpiresTooLate);
                }
                _ => {}
            }
            Ok(Some(Event::Created(Token {
                id: context.next,
                actor: actor.clone(),
                created_at: now,
                expires_at: *expires_at,
                revoked_at: None,
            })))
        }
        Command::Revoke(id) if context.with == Some(*id) => Err(Refusal::OwnToken),
        Command::Revoke(id) => match context.named {
            None => Err(Refusal::UnknownToken),
            // Revoking twice is what was asked for the first time.
            Some(token) if token.revoked_at.is_some() => Ok(None),
            Some(_) => Ok(Some(Event::Revoked {
                token: *id,
                revoked_at: context.now,
            })),
        },
    }
}

/// Why a token no longer lets anybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    Revoked,
    Expired { at: Timestamp },
}

impl Token {
    pub fn bearer(&self, now: Timestamp) -> Result<&Actor, Invalid> {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => Err(Invalid::Revoked),
            (None, Some(at)) if at <= now => Err(Invalid::Expired { at }),
            _ => Ok(&self.actor),
        }
    }

    pub fn apply(&mut self, event: &Event) {
        if let Event::Revoked { token, revoked_at } = event
            && *token == self.id
        {
            self.revoked_at.get_or_insert(*revoked_at);
        }
    }
}

impl Refusal {
    pub const fn reason(self) -> &'static str {
        match self {
            Refusal::NotAdmin => "NOT_ADMIN",
            Refusal::RoleWithoutTokens => "ROLE_WITHOUT_TOKENS",
            Refusal::ExpiresTooSoon => "EXPIRES_TOO_SOON",
            Refusal::ExpiresTooLate => "EXPIRES_TOO_LATE",
            Refusal::UnknownToken => "UNKNOWN_TOKEN",
            Refusal::OwnToken => "OWN_TOKEN",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Refusal::NotAdmin => "only an administrator makes or revokes tokens",
            Refusal::RoleWithoutTokens => "this role has no tokens",
            Refusal::ExpiresTooSoon => "the token would have expired already; give a later time",
            Refusal::ExpiresTooLate => {
                "a token is good for at most ten years; give an earlier time"
            }
            Refusal::UnknownToken => "there is no such token; list the tokens to find its name",
            Refusal::OwnToken => {
                "a token does not revoke itself; make another administrator's token and use that"
            }
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Refusal::NotAdmin => "只有管理员可以发放或吊销令牌",
            Refusal::RoleWithoutTokens => "这个角色没有令牌",
            Refusal::ExpiresTooSoon => "令牌的到期时间已经过去，请填写以后的时间",
            Refusal::ExpiresTooLate => "令牌最长有效十年，请填写更早的时间",
            Refusal::UnknownToken => "没有这个令牌，请先列出令牌查看名称",
            Refusal::OwnToken => "令牌不能吊销自己，请换用另一个管理员令牌",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn context<'a>(by: &'a Actor, named: Option<&'a Token>) -> Context<'a> {
        Context {
            now: at(1000),
            by,
            with: Some(TokenId(1)),
            next: TokenId(7),
            named,
        }
    }

    fn token() -> Token {
        Token {
            id: TokenId(2),
            actor: Actor::Staff,
            created_at: at(0),
            expires_at: Some(at(2000)),
            revoked_at: None,
        }
    }

    #[test]
    fn only_an_administrator_makes_tokens_and_only_sensible_ones() {
        let create = |actor, expires_at| Command::Create { actor, expires_at };
        let decided = |by: &Actor, command: Command| decide(&command, &context(by, None));
        let staff = create(Actor::Staff, None);
        assert_eq!(
            decided(&Actor::Staff, staff.clone()),
            Err(Refusal::NotAdmin)
        );
        assert!(matches!(
            decided(&Actor::Admin, staff),
            Ok(Some(Event::Created(Token { id: TokenId(7), .. })))
        ));
        let rows = [
            (create(Actor::System, None), Refusal::RoleWithoutTokens),
            (
                create(Actor::Staff, Some(at(1000))),
                Refusal::ExpiresTooSoon,
            ),
            (
                create(Actor::Staff, Some(at(400_000_000))),
                Refusal::ExpiresTooLate,
            ),
            (Command::Revoke(TokenId(1)), Refusal::OwnToken),
            (Command::Revoke(TokenId(3)), Refusal::UnknownToken),
        ];
        for (command, refusal) in rows {
            assert_eq!(decided(&Actor::Admin, command), Err(refusal));
        }
    }

    #[test]
    fn a_token_ends_by_time_or_by_revocation_for_good() {
        let mut token = token();
        assert_eq!(token.bearer(at(1999)), Ok(&Actor::Staff));
        assert_eq!(
            token.bearer(at(2000)),
            Err(Invalid::Expired { at: at(2000) })
        );
        let revoke = Command::Revoke(token.id);
        let event = decide(&revoke, &context(&Actor::Admin, Some(&token)))
            .unwrap()
            .unwrap();
        token.apply(&event);
        assert_eq!(token.bearer(at(1500)), Err(Invalid::Revoked));
        let again = decide(&revoke, &context(&Actor::Admin, Some(&token)));
        assert_eq!(again, Ok(None));
    }
}
