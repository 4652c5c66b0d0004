//! What one entry adds to its register's stock. The sum over all entries is kept
//! by whoever keeps the entries; this file only knows the parts.

use jiff::Timestamp;
use proto::fact::{Fact, register as fact_type};

use super::{Entry, PlotState};
use crate::code::Code;

/// As many as the measures of `register.stock`, in their order.
pub const MEASURES: usize = 8;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock(pub [i64; MEASURES]);

impl Stock {
    /// Nothing, for an entry that is not active.
    pub fn of(entry: &Entry) -> Stock {
        if !entry.is_active() {
            return Stock::default();
        }
        let (seats, filled) = entry.seats();
        let plots = |wanted: fn(PlotState) -> bool| {
            let plots = entry.plots.iter();
            plots.filter(|plot| wanted(plot.state)).count() as i64
        };
        Stock([
            1,
            i64::from(seats == filled),
            i64::from(entry.resident.is_some()),
            seats,
            filled,
            plots(|state| state != PlotState::Planned),
            plots(|state| !matches!(state, PlotState::Planned | PlotState::Open)),
            plots(|state| state == PlotState::Neglected),
        ])
    }

    /// With an entry's part taken out and its new part put in.
    #[must_use]
    pub fn moved(mut self, before: Stock, after: Stock) -> Stock {
        for (at, sum) in self.0.iter_mut().enumerate() {
            *sum += after.0[at] - before.0[at];
        }
        self
    }

    /// A register's sum as of a moment.
    pub fn fact(&self, register: &Code, at: Timestamp) -> Fact {
        Fact {
            fact_type: fact_type::STOCK,
            occurred_at: at,
            members: [register.member()].into(),
            measures: self.0.into(),
        }
    }
}
