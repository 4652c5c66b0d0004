//! Activities (活动): a team's or organisation's programme of sessions, small and
//! large: who signed up, how many came, hours of volunteers, money in and out,
//! harvests (`reference/seed-systems.md` QS-7, QS-10, QS-11, CZY-10, WJ-2, WJ-9,
//! WJ-10). One process is one programme. Knows no person: who signs up is a number.
//!
//! A programme can be bound to a cadence (3天一个小活动、1周一场大活动): each day and
//! week is judged once, when nothing more can be entered for it.

mod apply;
mod decide;
mod facts;
mod happening;
mod kind;
mod notices;
mod session;
mod state;

pub use self::happening::{Action, Announce, Happening, Open};
pub use self::kind::{Kind, Rules};
pub use self::session::{Harvest, Hours, Income, Money, Session, SignUp, Size, Status, Who};
pub use self::state::Programme;

#[cfg(test)]
pub(crate) mod tests;
