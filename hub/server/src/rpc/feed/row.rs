//! Changes as rows: codes in place of numbers, and what an accumulator says
//! beside its bytes. Decides nothing.

use std::collections::HashMap;

use hub_domain::feed::Change;
use proto::{
    indicator::{
        accumulator::Accumulator,
        catalogue::Catalogue,
        cell::{IndicatorId, OTHER_MEMBER, Revision},
        definition::Definition,
        dimension::Dimension,
    },
    pb::hub as pb,
};
use std::sync::Arc;

/// Remembers the series of one batch.
pub struct Rows<'a> {
    catalogue: &'a Catalogue,
    series: HashMap<(IndicatorId, Revision), Option<Series>>,
}

struct Series {
    definition: Arc<Definition>,
    dimensions: Vec<Option<Arc<Dimension>>>,
}

impl<'a> Rows<'a> {
    pub fn new(catalogue: &'a Catalogue) -> Rows<'a> {
        Rows {
            catalogue,
            series: HashMap::new(),
        }
    }

    /// A series that has just left the catalogue is left out.
    pub fn shown(&mut self, changes: &[Change]) -> Vec<pb::FeedRow> {
        changes
            .iter()
            .filter_map(|change| self.row(change))
            .collect()
    }

    fn row(&mut self, change: &Change) -> Option<pb::FeedRow> {
        let cell = &change.cell;
        let key = &cell.key;
        let catalogue = self.catalogue;
        let series = self
            .series
            .entry((key.indicator, key.revision))
            .or_insert_with(|| Series::of(catalogue, key.indicator, key.revision));
        let series = series.as_ref()?;
        let dimensions = series.dimensions.iter().enumerate();
        let members = dimensions
            .map(|(at, dimension)| member(dimension.as_deref(), key.breakdown.member(at)));
        let mut row = pb::FeedRow {
            place: change.place.to_string(),
            indicator: series.definition.code.to_string(),
            revision: key.revision.0,
            period: key.period.to_string(),
            members: members.collect(),
            lineage: cell.order.lineage,
            seq: cell.order.seq,
            removed: cell.state.is_removed(),
            kind: cell.state.kind,
            state: cell.state.bytes.to_vec().into(),
            ..pb::FeedRow::default()
        };
        if !row.removed
            && let Ok(held) = Accumulator::decode(&cell.state)
        {
            read(&held, &mut row);
        }
        Some(row)
    }
}

impl Series {
    fn of(catalogue: &Catalogue, indicator: IndicatorId, revision: Revision) -> Option<Series> {
        let definition = catalogue.definition(indicator, revision)?.clone();
        let codes = definition.breakdowns.iter();
        let dimensions = codes.map(|code| catalogue.dimension(code.as_str()).cloned());
        Some(Series {
            dimensions: dimensions.collect(),
            definition,
        })
    }
}

fn member(dimension: Option<&Dimension>, id: u16) -> String {
    let code = dimension.and_then(|dimension| dimension.member_code(id));
    match code {
        Some(code) => code.into_owned(),
        None if id == OTHER_MEMBER => "other".to_owned(),
        None => id.to_string(),
    }
}

fn read(held: &Accumulator, row: &mut pb::FeedRow) {
    let (number, fraction) = (held.number(), held.fraction());
    if let Some((above, below)) = fraction {
        row.numerator = Some(whole(above));
        row.denominator = Some(whole(below.cast_signed()));
        row.number = (below != 0).then(|| above as f64 / below as f64);
        return;
    }
    let observed = || held.observed().map(u128::cast_signed);
    row.number = number.or_else(observed).map(|number| number as f64);
}

/// What does not fit is the greatest that does; `state` has it all.
fn whole(number: i128) -> i64 {
    let bounded = number.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    bounded as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::indicator::cell::{Breakdown, Cell, CellKey, CellState, Order};

    fn row(indicator: u32, members: [u16; 3], state: CellState) -> Option<pb::FeedRow> {
        let first = include_str!("../../../../../deploy/catalogue/first.toml");
        let catalogue = Catalogue::from_toml(first).unwrap();
        let change = Change {
            place: "510115003064".parse().unwrap(),
            cell: Cell {
                key: CellKey {
                    indicator: IndicatorId(indicator),
                    revision: Revision(1),
                    period: "202601".parse().unwrap(),
                    breakdown: Breakdown::new(members),
                },
                order: Order { lineage: 1, seq: 9 },
                state,
            },
        };
        Rows::new(&catalogue).shown(&[change]).pop()
    }

    #[test]
    fn rows_say_codes_and_numbers() {
        let ratio = |numerator, denominator| {
            let ratio = Accumulator::Ratio {
                numerator,
                denominator,
            };
            row(2, [1, 2, OTHER_MEMBER], ratio.encode()).unwrap()
        };
        let quarter = ratio(1, 4);
        assert_eq!(
            (quarter.place.as_str(), quarter.indicator.as_str()),
            ("510115003064", "QS.R02")
        );
        assert_eq!(quarter.members.len(), 3);
        assert_eq!(quarter.members[2], "other");
        assert_eq!(
            (quarter.number, quarter.numerator, quarter.denominator),
            (Some(0.25), Some(1), Some(4))
        );
        let none = ratio(0, 0);
        assert_eq!((none.number, none.denominator), (None, Some(0)));
        let histogram = Accumulator::Histogram([1, 0, 2].into()).encode();
        assert_eq!(row(3, [1, 1, 3], histogram).unwrap().number, Some(3.0));
        let gone = row(2, [1, 1, 3], CellState::removed()).unwrap();
        assert!(gone.removed && gone.number.is_none() && gone.numerator.is_none());
        assert_eq!(row(99, [1, 1, 3], CellState::removed()), None);
    }
}
