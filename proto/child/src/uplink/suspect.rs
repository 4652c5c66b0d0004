//! The batch that was on its way whenever the stream broke. Bad networks break
//! streams too, so it is halved only at the third time, and what is finally
//! withheld is tried again later.

use proto::{
    indicator::cell::{CellKey, Order},
    sync::limits,
};

#[derive(Clone, Debug)]
pub struct Suspect {
    /// Where batches began that were under way when the stream broke, and how
    /// often it did.
    broken: Vec<(u64, u32)>,
    limit: usize,
    condemned: Option<(CellKey, Order)>,
}

/// A batch under way: where it began, what it carried.
pub type Carried<'a> = (u64, &'a [(CellKey, Order)]);

impl Default for Suspect {
    fn default() -> Suspect {
        Suspect {
            broken: Vec::new(),
            limit: limits::BATCH_CELLS,
            condemned: None,
        }
    }
}

impl Suspect {
    /// Cells that the next batch may hold.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// While a batch is suspected it travels alone, so that a break is its own.
    pub fn in_flight(&self) -> usize {
        if self.broken.is_empty() {
            limits::IN_FLIGHT
        } else {
            1
        }
    }

    /// A cell to be named instead of sent, in this very version.
    pub fn is_condemned(&self, key: CellKey, order: Order) -> bool {
        self.condemned == Some((key, order))
    }

    /// The stream broke with these under way, the oldest first. `is_certain`:
    /// the hub said that a batch was at fault. Answers a cell newly condemned.
    pub fn broke(&mut self, flights: &[Carried<'_>], is_certain: bool) -> Option<(CellKey, Order)> {
        let mut carrying = flights.iter().filter(|(_, cells)| !cells.is_empty());
        let broken: Vec<(u64, u32)> = carrying
            .clone()
            .map(|(from, _)| (*from, self.breaks(*from) + 1))
            .collect();
        let (from, cells) = *carrying.next()?;
        self.broken = broken;
        if self.breaks(from) < limits::SENDS_PER_BATCH && !is_certain {
            return None;
        }
        self.broken[0].1 = 0;
        if let [cell] = cells {
            self.condemned = Some(*cell);
            return self.condemned;
        }
        self.limit = cells.len() / 2;
        None
    }

    /// It was not this batch.
    pub fn acquit(&mut self) {
        self.broken.clear();
        self.condemned = None;
    }

    /// A batch up to here came through; a bookmark says nothing about the batch
    /// that begins where it stands.
    pub fn passed(&mut self, through: u64, is_bookmark: bool) {
        self.broken.retain(|(from, _)| *from >= through);
        self.condemned.take_if(|(_, order)| order.seq <= through);
        if !is_bookmark {
            self.limit = (self.limit * 2).min(limits::BATCH_CELLS);
        }
    }

    fn breaks(&self, from: u64) -> u32 {
        let known = self.broken.iter().find(|(at, _)| *at == from);
        known.map_or(0, |(_, breaks)| *breaks)
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        indicator::cell::{Breakdown, IndicatorId, Revision},
        period::Period,
    };

    use super::*;

    fn cells(count: u64) -> Vec<(CellKey, Order)> {
        let period: Period = "2026".parse().unwrap();
        let cell = |seq| {
            let key = CellKey {
                indicator: IndicatorId(1),
                revision: Revision(1),
                period,
                breakdown: Breakdown(seq),
            };
            (key, Order { lineage: 1, seq })
        };
        (1..=count).map(cell).collect()
    }

    #[test]
    fn the_third_break_halves_and_a_single_cell_is_condemned() {
        let mut suspect = Suspect::default();
        let mut count = 500;
        while count > 1 {
            let cells = cells(count);
            for _ in 0..2 {
                assert_eq!(suspect.broke(&[(0, &cells)], false), None);
                assert_eq!(suspect.in_flight(), 1);
            }
            assert_eq!(suspect.broke(&[(0, &cells)], false), None);
            count /= 2;
            assert_eq!(suspect.limit() as u64, count);
        }
        let last = cells(1);
        assert_eq!(suspect.broke(&[(0, &last)], false), None);
        assert_eq!(suspect.broke(&[(0, &last)], false), None);
        assert_eq!(suspect.broke(&[(0, &last)], false), Some(last[0]));
        assert!(suspect.is_condemned(last[0].0, last[0].1));
        suspect.passed(1, false);
        assert!(!suspect.is_condemned(last[0].0, last[0].1));
        assert_eq!((suspect.limit(), suspect.in_flight()), (2, 4));
    }

    #[test]
    fn what_the_hub_calls_malformed_is_halved_at_once() {
        let mut suspect = Suspect::default();
        assert_eq!(suspect.broke(&[(0, &cells(8))], true), None);
        assert_eq!(suspect.limit(), 4);
    }

    #[test]
    fn every_batch_under_way_remembers_its_breaks() {
        let mut suspect = Suspect::default();
        let (a, b) = (cells(10), cells(10));
        suspect.broke(&[(0, &a), (10, &b)], false);
        suspect.passed(10, false);
        assert_eq!(suspect.in_flight(), 1);
        suspect.broke(&[(10, &b)], false);
        assert_eq!(suspect.limit(), limits::BATCH_CELLS);
        suspect.broke(&[(10, &b)], false);
        assert_eq!(suspect.limit(), 5);
    }

    #[test]
    fn a_batch_behind_a_bookmark_is_counted_and_not_acquitted_with_it() {
        let mut suspect = Suspect::default();
        let cells = cells(8);
        for _ in 0..3 {
            suspect.passed(25, true);
            suspect.broke(&[(25, &[]), (25, &cells)], false);
        }
        assert_eq!(suspect.limit(), 4);
    }

    #[test]
    fn a_bookmark_is_no_suspect() {
        let mut suspect = Suspect::default();
        for _ in 0..5 {
            assert_eq!(suspect.broke(&[(7, &[])], true), None);
        }
        assert_eq!(suspect.in_flight(), limits::IN_FLIGHT);
    }
}
