//! Registers (册): people and their roles, organisations, grids, households,
//! volunteers, posts, partners, care lists, pairs, gardens with their plots
//! (`reference/seed-systems.md` QS-7, QS-13, QS-14, BBT-2, BBT-7, BBT-8, BBT-10 to
//! 12, WJ-4, WJ-6, WJ-8, WJ-11, WJ-12, CZY-9, CZY-10, QH-8, QH-13, QH-14). One
//! process is one entry of a register that a playbook lists. What is personal is
//! ciphertext here; neighbours are numbers of entries.
//!
//! An entry is valid over time: it has terms, and roles with terms. What begins or
//! ends with a day does so by itself, so that a stock is always as of now.

mod decide;
mod entry;
mod facts;
mod garden;
mod kind;
mod notices;
mod roll;
mod state;
mod stock;
mod told;

pub use self::garden::{MOST_PLOTS, Plot, PlotAsk, PlotChange, PlotState};
pub use self::kind::{Condition, Form, Kind, Post, Rules, Stage, WantedResult};
pub use self::roll::{Line, MOST_LINES, Roll, Selection};
pub use self::state::{
    Action, Amend, Entry, Grant, Happening, Open, Pair, PairsBefore, Parent, Personal, Registered,
    Seen, Term,
};
pub use self::stock::Stock;

#[cfg(test)]
pub(crate) mod tests;
