//! Reads a range of the view in key order, from either end, with the rows in
//! memory laid over those in sled.

use std::collections::VecDeque;

use super::table::{Entry, Row, Table};
use crate::store::fault::StoreFault;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

type Found = Result<Entry, StoreFault>;

pub struct Scan {
    newer: VecDeque<(Box<[u8]>, Option<Row>)>,
    disk: Box<dyn Iterator<Item = Found> + Send>,
    peeked: Option<Entry>,
    direction: Direction,
}

impl Scan {
    pub(super) fn new(
        newer: Table,
        disk: impl DoubleEndedIterator<Item = Found> + Send + 'static,
        direction: Direction,
    ) -> Scan {
        // sled's iterator goes on after its end once rows were added there.
        let newer = newer.rows().map(|(key, row)| (key.into(), row.cloned()));
        // Fused: an iterator of sled that has ended goes on once rows were added.
        let (newer, disk): (VecDeque<_>, Box<dyn Iterator<Item = Found> + Send>) = match direction {
            Direction::Ascending => (newer.collect(), Box::new(disk.fuse())),
            Direction::Descending => {
                let mut newer: Vec<_> = newer.collect();
                newer.reverse();
                (newer.into(), Box::new(disk.rev().fuse()))
            }
        };
        Scan {
            newer,
            disk,
            peeked: None,
            direction,
        }
    }

    fn advance(&mut self) -> Result<Option<Entry>, StoreFault> {
        loop {
            if self.peeked.is_none() {
                self.peeked = self.disk.next().transpose()?;
            }
            let Some((newer, _)) = self.newer.front() else {
                return Ok(self.peeked.take());
            };
            if let Some((older, _)) = &self.peeked {
                let ordering = match self.direction {
                    Direction::Ascending => older.cmp(newer),
                    Direction::Descending => newer.cmp(older),
                };
                if ordering.is_lt() {
                    return Ok(self.peeked.take());
                }
                if ordering.is_eq() {
                    self.peeked = None;
                }
            }
            if let Some((key, Some(row))) = self.newer.pop_front() {
                return Ok(Some((key, row)));
            }
        }
    }
}

impl Iterator for Scan {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        self.advance().transpose()
    }
}
