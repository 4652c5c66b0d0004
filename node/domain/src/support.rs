//! Support requests (支持请求, WJ-3): what a community asks of a centre of its
//! district, or of whoever can, until it has rated what was done. One process is
//! one request. What the community says goes up as letters, made of the same
//! happenings; what the centres do is learnt from letters.
//!
//! A request's text leaves the community and names no resident; what is personal is
//! attached on purpose, encrypted, and is not kept here. Knows no line and no key.

mod decide;
mod facts;
mod letter;
mod notices;
mod state;

pub use self::letter::letter;
pub use self::state::{Action, Ask, Happening, Rating, Request, Stage};

#[cfg(test)]
pub(crate) mod tests;
