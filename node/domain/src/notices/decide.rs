//! What can be asked about notices: that they be kept for a consumer, that it has
//! dealt with some, that somebody follows a matter. Knows no matter's state: whether
//! the asker may see it has been looked up.

use serde::{Deserialize, Serialize};

use super::{Consumer, Mark, Matter, Recipient};
use crate::actor::Actor;
use crate::code::Code;
use crate::process::{Class, Refusal};

pub const MOST_CONSUMERS: usize = 32;
/// Of one matter.
pub const MOST_FOLLOWERS: usize = 2_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// From now on, where it is new.
    Open {
        consumer: Code,
    },
    Acknowledge {
        consumer: Code,
        through: Mark,
    },
    /// Nothing is kept for it any more.
    Close {
        consumer: Code,
    },
    Follow(Matter),
    Unfollow(Matter),
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    Opened { consumer: Code, owner: Actor },
    Acknowledged { consumer: Code, through: Mark },
    Closed { consumer: Code },
    Followed { matter: Matter, by: Recipient },
    Unfollowed { matter: Matter, by: Recipient },
}

/// What a decision may look at.
pub struct Context<'a> {
    pub by: &'a Actor,
    /// The named consumer, where there is one.
    pub consumer: Option<&'a Consumer>,
    /// How many there are.
    pub consumers: usize,
    /// Of the last record.
    pub position: u64,
    /// The asker may see the named matter.
    pub is_visible: bool,
    /// The asker follows it already.
    pub follows: bool,
    /// How many do.
    pub followers: usize,
}

/// `None`: it is so already.
pub fn decide(command: &Command, context: &Context<'_>) -> Result<Option<Event>, Refusal> {
    match command {
        Command::Open { consumer } => open(consumer, context),
        Command::Acknowledge { consumer, through } => acknowledge(consumer, *through, context),
        Command::Close { consumer } => {
            let closed = context.consumer.is_some();
            if closed && *context.by != Actor::Admin {
                own(context)?;
            }
            let consumer = consumer.clone();
            Ok(closed.then_some(Event::Closed { consumer }))
        }
        Command::Follow(matter) => follow(*matter, context),
        Command::Unfollow(matter) => {
            let by = Recipient::of(context.by).filter(|_| context.follows);
            let matter = *matter;
            Ok(by.map(|by| Event::Unfollowed { matter, by }))
        }
    }
}

fn open(consumer: &Code, context: &Context<'_>) -> Result<Option<Event>, Refusal> {
    if context.consumer.is_some() {
        own(context)?;
        return Ok(None);
    }
    if context.consumers >= MOST_CONSUMERS {
        let zh = format!("最多 {MOST_CONSUMERS} 个消费方，请先关闭不用的");
        let en = format!("there are {MOST_CONSUMERS} consumers; close one that is not used");
        return Err(Refusal::exhausted("TOO_MANY_CONSUMERS", zh, en));
    }
    Ok(Some(Event::Opened {
        consumer: consumer.clone(),
        owner: Consumer::owner_of(context.by),
    }))
}

fn acknowledge(
    consumer: &Code,
    through: Mark,
    context: &Context<'_>,
) -> Result<Option<Event>, Refusal> {
    let acked = own(context)?.acked;
    if through.position > context.position {
        let (zh, en) = (
            "还没有这条通知，请填写收到的通知的 id",
            "there is no such notice yet: want the id of one that came",
        );
        return Err(Refusal::input("through", "NOTICE_AHEAD", zh, en));
    }
    Ok((through > acked).then(|| Event::Acknowledged {
        consumer: consumer.clone(),
        through,
    }))
}

fn follow(matter: Matter, context: &Context<'_>) -> Result<Option<Event>, Refusal> {
    let by = Recipient::of(context.by).filter(|_| context.is_visible);
    let by = by.ok_or_else(Refusal::unknown)?;
    if context.follows {
        return Ok(None);
    }
    if context.followers >= MOST_FOLLOWERS {
        let zh = format!("一件事最多 {MOST_FOLLOWERS} 人关注");
        let en = format!("at most {MOST_FOLLOWERS} follow one matter");
        return Err(Refusal::exhausted("TOO_MANY_FOLLOWERS", zh, en));
    }
    Ok(Some(Event::Followed { matter, by }))
}

/// The named consumer, if it is the asker's.
fn own<'a>(context: &Context<'a>) -> Result<&'a Consumer, Refusal> {
    let consumer = context.consumer.ok_or_else(|| Refusal {
        class: Class::NotFound,
        reason: "UNKNOWN_CONSUMER",
        zh: "没有这个消费方，请先调用 FollowNotices".into(),
        en: "there is no such consumer; call FollowNotices first".into(),
        details: Vec::new(),
    })?;
    if consumer.owner != Consumer::owner_of(context.by) {
        return Err(Refusal {
            class: Class::Denied,
            reason: "CONSUMER_TAKEN",
            zh: "这个名称是别的消费方的，请另取一个".into(),
            en: "another client's consumer has this name; take another name".into(),
            details: Vec::new(),
        });
    }
    Ok(consumer)
}
