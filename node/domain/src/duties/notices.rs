//! Who is told what of a duty: who owes it, and who looks after them. What was
//! delivered as promised is no news.

use super::{Duty, Happening, Outcome};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    OPENED: "新的履责 {}", "A new duty, {}";
    TRIGGERED: "发生了需要履责的事：{}", "Something happened that makes duty {} due";
    POSTPONED: "履责 {} 改期", "An occurrence of duty {} is postponed";
    ALERTED: "履责 {} 连续多次无人应答，请关注", "Several visits of duty {} in a row found nobody: please look";
    NO_ANSWER: "履责 {} 到期仍无人应答", "An occurrence of duty {} ended with nobody found";
    MISSED: "履责 {} 到期未履行", "An occurrence of duty {} was missed";
    ENDED: "履责 {} 结束", "Duty {} has ended";
}

pub(super) fn notice(duty: &Duty, happened: &Happened<Happening>) -> Option<Notice> {
    let bearers = Recipient::handler(duty.owed_by.as_ref());
    let bearers = bearers.into_iter().chain(Recipient::grid(duty.grid));
    let watchful = [Recipient::Office];
    let owed_to = Recipient::entries(duty.owed_to);
    Some(match &happened.what {
        Happening::Opened { .. } => Notice::to(&OPENED, bearers),
        Happening::Triggered { .. } => Notice::to(&TRIGGERED, bearers),
        Happening::Postponed { .. } => Notice::public(&POSTPONED, bearers.chain(owed_to)),
        Happening::Alerted { .. } => Notice::to(&ALERTED, bearers.chain(watchful)),
        Happening::Concluded {
            outcome: Outcome::Missed,
            ..
        } => Notice::public(&MISSED, bearers.chain(watchful)),
        Happening::Concluded {
            outcome: Outcome::NoAnswer,
            ..
        } => Notice::public(&NO_ANSWER, bearers.chain(watchful)),
        Happening::Ended { .. } => Notice::public(&ENDED, bearers.chain(owed_to)),
        Happening::Concluded { .. } | Happening::Attempted { .. } | Happening::HeldExtra { .. } => {
            return None;
        }
    })
}
