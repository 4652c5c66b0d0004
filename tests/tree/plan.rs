//! What a run may be told to get wrong, and what a run came to.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A hub forgets at a crash which seqs it gave away.
    SeqsGoBack,
    /// Of stocks, only those set in the very period are passed on.
    StocksOfOnePeriod,
    /// Coverage of now, with cells of before.
    PromisesAhead,
    /// Hubs count whoever reports to them, without their parent's word.
    CountsTwice,
}

impl Planted {
    pub const ALL: [Planted; 4] = [
        Planted::SeqsGoBack,
        Planted::StocksOfOnePeriod,
        Planted::PromisesAhead,
        Planted::CountsTwice,
    ];
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub writes: u64,
    pub crashes: u64,
    pub cuts: u64,
    pub moves: u64,
    pub promises: u64,
}
