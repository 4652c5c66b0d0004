//! What a hub must answer: the fold over all leaves below it. And what it does
//! answer: the same fold over what its children sent.

use std::collections::BTreeMap;

use proto::indicator::{
    accumulator::Accumulator,
    cell::{Breakdown, Cell, CellKey, CellState, IndicatorId},
    kind::Kind,
};

use crate::leaf::{KINDS, MONTHS, NEWER};

type Cells = BTreeMap<CellKey, Cell>;

/// Every indicator, breakdown and run of months: merged over the parts, over
/// time within each part first where that matters.
pub fn answers<'a>(
    parts: impl Iterator<Item = &'a Cells> + Clone,
) -> BTreeMap<Question, CellState> {
    let mut answers = BTreeMap::new();
    for kind in KINDS {
        for breakdown in 1..=3 {
            for from in 0..MONTHS.len() {
                for to in from..MONTHS.len() {
                    let months = if kind == Kind::Level {
                        0..to + 1
                    } else {
                        from..to + 1
                    };
                    let mut sum: Option<Accumulator> = None;
                    for part in parts.clone() {
                        let mut own: Option<Accumulator> = None;
                        for month in months.clone() {
                            let key = crate::leaf::key(kind.number(), MONTHS[month], breakdown);
                            let Some(cell) = part.get(&key).filter(|cell| !cell.state.is_removed())
                            else {
                                continue;
                            };
                            let read = Accumulator::decode(&cell.state).expect("canonical");
                            own.get_or_insert_with(|| Accumulator::empty(kind))
                                .merge_periods(&read)
                                .expect("one kind");
                        }
                        if let Some(own) = own {
                            sum.get_or_insert_with(|| Accumulator::empty(kind))
                                .merge_places(&own)
                                .expect("one kind");
                        }
                    }
                    if let Some(sum) = sum {
                        let question = (IndicatorId(kind.number()), Breakdown(breakdown), from, to);
                        answers.insert(question, sum.encode());
                    }
                }
            }
        }
    }
    answers
}

/// Indicator, breakdown, first and last month.
pub type Question = (IndicatorId, Breakdown, usize, usize);

/// Cells of the kind that nobody knows, bit by bit.
pub fn newer<'a>(parts: impl Iterator<Item = &'a Cells>) -> BTreeMap<CellKey, CellState> {
    let cells = parts.flat_map(|part| part.values());
    let newer = cells.filter(|cell| cell.key.indicator.0 == NEWER && !cell.state.is_removed());
    newer.map(|cell| (cell.key, cell.state.clone())).collect()
}

/// All that is counted in `parts`.
pub fn counted<'a>(parts: impl Iterator<Item = &'a Cells>) -> u128 {
    let counts = parts.flat_map(|part| part.values());
    let counts = counts.filter(|cell| cell.key.indicator.0 == Kind::Count.number());
    counts
        .map(|cell| match Accumulator::decode(&cell.state) {
            Ok(Accumulator::Count(count)) => count,
            _ => 0,
        })
        .sum()
}
