//! Funds (经费): cost splits, declining subsidies, contributions by kind, expenses
//! with countersignature, grants (`reference/seed-systems.md` QS-12, TN-3, TN-4,
//! TN-6, TN-7, BBT-13, CZY-10, QH-11, and the four funding forms of section 7). One
//! process is one fund: a project, a subsidy scheme, a budget, or a grant. Whole
//! fen only. Knows no person: payers, auditors and owners are numbers of entries.
//!
//! Money moves outside; what is kept is who agreed to it, who checked it and what
//! of it was made public.

mod decide;
mod facts;
mod fund;
mod kind;
mod notices;
mod split;
mod state;
mod subsidy;
mod told;

pub use self::kind::{Form, Kind, Rules};
pub use self::split::{Split, shares};
pub use self::state::{Action, Answer, Expense, ExpenseState, Fund, Happening, Open, Plan, Share};
pub use self::subsidy::{Application, BuildingState, Tier, household_part, subsidy};

/// The greatest amount that is taken: ten thousand million yuan.
pub const MOST_FEN: i64 = 1_000_000_000_000;

#[cfg(test)]
pub(crate) mod tests;
