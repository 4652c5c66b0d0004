//! The centres' side of support: requests that communities sent, offers that centres
//! made, and what each community has still to hear of them. Decides and applies;
//! knows no certificate, no store and no attachment's content.

mod decide;
mod event;
mod exchange;
mod request;
mod state;

pub use decide::{Command, DeskAnswer, NewOffer, Refusal};
pub use event::{Event, Move};
pub use exchange::decide_exchange;
pub use request::{Request, Stage};
pub use state::{Published, State};

/// Requests of one community that are not over, at most.
pub const OPEN_REQUESTS: usize = 1_000;
/// Offers of one centre that are not closed, at most.
pub const OPEN_OFFERS: usize = 500;

#[cfg(test)]
mod tests;
