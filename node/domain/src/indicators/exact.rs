//! What a protected indicator's cell really holds, and what of it may leave the
//! community: disjoint sets of facts, each counted exactly here and rounded by
//! itself when it is released. Knows no secret and no store.
//!
//! A set's draw belongs to its first fact and stays while the set grows. So the
//! same facts are rounded alike in every indicator, period and question, and a
//! set that is watched from its first fact to its last shows itself from one
//! side only (`docs/protocol.md`, "Protected cells").

use proto::indicator::{
    accumulator::{Accumulator, Change, Mismatch},
    kind::Kind,
    rounded::{Base, Rounded},
    state::MAX_BUCKETS,
};

/// The node's secret: draws for the digest of a set's first fact, always the
/// same, uniform, and not to be guessed.
pub trait Draw {
    fn draw(&self, first: u64) -> u64;
}

/// Which sets there are: of a count one, of a histogram one per bucket, of a
/// ratio what counts on both sides, above only, below only. Rounding those, and
/// not the two sides, a share never exceeds the whole and what remains of the
/// whole is not narrowed down by subtraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Count = 1,
    Ratio = 2,
    Histogram = 3,
}

/// A set of facts that only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Set {
    count: u64,
    /// [`proto::fact::Fact::digest`] of the first; 0 while there is none.
    first: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
    shape: Shape,
    /// Without the empty ones at the end.
    sets: Vec<Set>,
    /// What the hub gave back of facts that this store lost: rounded already.
    foreign: Option<Rounded>,
}

const BOTH: usize = 0;
const ABOVE: usize = 1;
const BELOW: usize = 2;

impl Shape {
    pub const fn of(kind: Kind) -> Option<Shape> {
        match kind {
            Kind::Count | Kind::RoundedCount => Some(Shape::Count),
            Kind::Ratio | Kind::RoundedRatio => Some(Shape::Ratio),
            Kind::Histogram | Kind::RoundedHistogram => Some(Shape::Histogram),
            _ => None,
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Shape::Count => Kind::Count,
            Shape::Ratio => Kind::Ratio,
            Shape::Histogram => Kind::Histogram,
        }
    }

    const fn sets(self) -> usize {
        match self {
            Shape::Count => 1,
            Shape::Ratio => 3,
            Shape::Histogram => MAX_BUCKETS,
        }
    }
}

impl Exact {
    pub fn empty(shape: Shape) -> Exact {
        Exact {
            shape,
            sets: Vec::new(),
            foreign: None,
        }
    }

    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// `first` is asked for the fact's digest when it begins a set.
    pub fn apply(&mut self, change: &Change, first: impl FnOnce() -> u64) -> Result<(), Mismatch> {
        let at = self.set_of(change)?;
        if self.sets.len() <= at {
            self.sets.resize(at + 1, Set::default());
        }
        let set = &mut self.sets[at];
        if set.count == 0 {
            set.first = first();
        }
        set.count += 1;
        Ok(())
    }

    /// As before the change; the set's first fact is the last to go.
    pub fn take_back(&mut self, change: &Change) -> Result<(), Mismatch> {
        let at = self.set_of(change)?;
        if let Some(set) = self.sets.get_mut(at) {
            set.count = set.count.saturating_sub(1);
            if set.count == 0 {
                *set = Set::default();
            }
        }
        self.trim();
        Ok(())
    }

    /// As before facts that came to `since` by themselves.
    pub fn before(&self, since: &Exact) -> Exact {
        let mut before = self.clone();
        for (set, since) in before.sets.iter_mut().zip(&since.sets) {
            set.count = set.count.saturating_sub(since.count);
            if set.count == 0 {
                *set = Set::default();
            }
        }
        before.trim();
        before
    }

    /// On top of what another history gave.
    pub fn on_top_of(mut self, foreign: Option<Rounded>) -> Exact {
        self.foreign = foreign;
        self
    }

    fn trim(&mut self) {
        let kept = self.sets.iter().rposition(|set| set.count > 0);
        self.sets.truncate(kept.map_or(0, |last| last + 1));
    }

    fn set_of(&self, change: &Change) -> Result<usize, Mismatch> {
        let at = match (self.shape, change) {
            (Shape::Count, Change::Count) => Some(0),
            (
                Shape::Ratio,
                Change::Ratio {
                    numerator,
                    denominator,
                },
            ) => match (numerator, denominator) {
                (true, true) => Some(BOTH),
                (true, false) => Some(ABOVE),
                (false, true) => Some(BELOW),
                (false, false) => None,
            },
            (Shape::Histogram, Change::Bucket(bucket)) => {
                Some(usize::from(*bucket)).filter(|at| *at < MAX_BUCKETS)
            }
            _ => None,
        };
        at.ok_or_else(|| Mismatch::Change {
            kind: self.shape.kind().number(),
            change: change.clone(),
        })
    }

    /// What may leave the community; `None` when it comes to nothing, which is
    /// not released at all: that there is a cell would say that there is
    /// somebody.
    pub fn released(&self, base: Base, draw: &impl Draw) -> Option<Accumulator> {
        let sets: Vec<u64> = self
            .sets
            .iter()
            .map(|set| base.round(set.count, draw.draw(set.first)))
            .collect();
        let number = |at: usize| u128::from(sets.get(at).copied().unwrap_or(0));
        let variance = |at: usize| {
            let released = sets.get(at).copied().unwrap_or(0);
            u128::from(base.variance(released))
        };
        let mut rounded = match self.shape {
            Shape::Count => Rounded::Count {
                count: number(0),
                variance: variance(0),
            },
            Shape::Ratio => Rounded::Ratio {
                numerator: number(BOTH) + number(ABOVE),
                denominator: number(BOTH) + number(BELOW),
                numerator_variance: variance(BOTH) + variance(ABOVE),
                denominator_variance: variance(BOTH) + variance(BELOW),
            },
            Shape::Histogram => {
                let mut buckets: Vec<u128> = (0..sets.len()).map(number).collect();
                let kept = buckets.iter().rposition(|bucket| *bucket > 0);
                buckets.truncate(kept.map_or(0, |last| last + 1));
                Rounded::Histogram {
                    buckets,
                    variance: (0..sets.len()).map(variance).sum(),
                }
            }
        };
        if let Some(foreign) = &self.foreign {
            rounded.add(foreign);
        }
        (!rounded.is_empty()).then_some(Accumulator::Rounded(rounded))
    }

    /// Shape (1 byte), number of sets (1), each as count and digest of its first
    /// fact (8 bytes each, big-endian), then the canonical bytes of what is
    /// foreign, if anything. Frozen by a golden test: kept in view and journal.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.shape as u8, self.sets.len() as u8];
        for set in &self.sets {
            bytes.extend_from_slice(&set.count.to_be_bytes());
            bytes.extend_from_slice(&set.first.to_be_bytes());
        }
        if let Some(foreign) = &self.foreign {
            let foreign = Accumulator::Rounded(foreign.clone());
            bytes.extend_from_slice(&foreign.encode().bytes);
        }
        bytes
    }

    /// The error says what is wrong, for people.
    pub fn decode(bytes: &[u8]) -> Result<Exact, String> {
        let [shape, sets, rest @ ..] = bytes else {
            return Err(format!("an exact cell of {} bytes", bytes.len()));
        };
        let shape = match shape {
            1 => Shape::Count,
            2 => Shape::Ratio,
            3 => Shape::Histogram,
            other => return Err(format!("an exact cell of shape {other}")),
        };
        let mut exact = Exact::empty(shape);
        let mut rest = rest;
        for _ in 0..*sets {
            let cut = || "a set is cut off".to_owned();
            let (count, after) = rest.split_first_chunk().ok_or_else(cut)?;
            let (first, after) = after.split_first_chunk().ok_or_else(cut)?;
            let [count, first] = [count, first].map(|bytes| u64::from_be_bytes(*bytes));
            exact.sets.push(Set { count, first });
            rest = after;
        }
        let sets = exact.sets.len();
        exact.trim();
        if sets > shape.sets() || exact.sets.len() != sets {
            return Err(format!("{sets} sets are not how this cell is written"));
        }
        if !rest.is_empty() {
            let kind = shape.kind().rounded().unwrap_or(Kind::RoundedCount);
            let state = proto::indicator::cell::CellState {
                kind: kind.number(),
                bytes: rest.into(),
            };
            match Accumulator::decode(&state).map_err(|invalid| invalid.to_string())? {
                Accumulator::Rounded(foreign) => exact.foreign = Some(foreign),
                other => return Err(format!("{other:?} is not rounded")),
            }
        }
        Ok(exact)
    }
}

#[cfg(test)]
mod tests;
