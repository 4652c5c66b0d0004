//! Cells folded from facts, in memory: for a definition that arrives at a node
//! with a history, and to check what was kept fact by fact.

use std::collections::{BTreeMap, BTreeSet};

use proto::{
    fact::{Fact, Member},
    indicator::{
        accumulator::{Accumulator, Change, Mismatch},
        cell::CellKey,
    },
};

use super::{Evaluator, Exact, Manner, Shape};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub cells: BTreeMap<CellKey, Accumulator>,
    /// Those of protected indicators, which never leave the node as they are.
    pub exact: BTreeMap<CellKey, Exact>,
    /// The exact sets behind distinct counts. They never leave the node.
    pub members: BTreeSet<(CellKey, Member)>,
}

impl Tally {
    fn add(
        &mut self,
        key: CellKey,
        manner: Manner,
        change: &Change,
        fact: &Fact,
    ) -> Result<(), Mismatch> {
        if let (Some(_), Some(shape)) = (manner.base, Shape::of(manner.kind)) {
            let exact = self.exact.entry(key);
            let exact = exact.or_insert_with(|| Exact::empty(shape));
            return exact.apply(change, || fact.digest());
        }
        if let Change::Member(member) = change
            && !self.members.insert((key, Member::clone(member)))
        {
            return Ok(());
        }
        let cell = self.cells.entry(key);
        cell.or_insert_with(|| Accumulator::empty(manner.kind))
            .apply(change)
    }

    pub fn fold(&mut self, evaluator: &Evaluator, fact: &Fact) -> Result<(), Mismatch> {
        let mut outcome = Ok(());
        evaluator.fold(fact, |key, manner, change| {
            if outcome.is_ok() {
                outcome = self.add(key, manner, change, fact);
            }
        });
        outcome
    }
}

/// What facts of any order and time give under an evaluator.
pub fn backfill<'a>(
    evaluator: &Evaluator,
    facts: impl IntoIterator<Item = &'a Fact>,
) -> Result<Tally, Mismatch> {
    let mut tally = Tally::default();
    for fact in facts {
        tally.fold(evaluator, fact)?;
    }
    Ok(tally)
}
