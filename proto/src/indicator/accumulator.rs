//! Accumulators: integers only, merge commutative and associative, canonical
//! bytes. A rate is never one.

/// The mergeable state of one cell (design section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accumulator {
    Count(i128),
}
