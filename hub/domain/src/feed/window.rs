//! What a stretch of the hub's records means to one follower: of each cell that
//! it sees the newest state, once. The same records give the same changes in the
//! same order. Knows no journal and no cursor.

use std::collections::{BTreeMap, HashMap, HashSet};

use proto::{
    indicator::{
        catalogue::Catalogue,
        cell::{Cell, CellKey, IndicatorId, Revision},
    },
    place::Place,
};

use crate::{
    centre::Scope,
    event::{Event, LineEvent},
};

/// What of a record concerns cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub seq: u64,
    /// Whoever reported.
    pub place: Place,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Cells {
        cells: Vec<Cell>,
        /// Cells of lineages before this one are gone.
        sweeps: Option<u32>,
    },
    /// A repair: what the place holds is only known from the view.
    Mended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub place: Place,
    pub cell: Cell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    pub place: Place,
    pub lineage: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// Everything up to `through`, in the order of place and key.
    Changes {
        through: u64,
        sweeps: Vec<Sweep>,
        changes: Vec<Change>,
    },
    /// List this place anew; record `seq` mended it.
    List { place: Place, seq: u64 },
}

/// What one follower sees, out of its scope and the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    scope: Scope,
    series: HashSet<(IndicatorId, Revision)>,
}

impl Record {
    pub fn of(seq: u64, event: Event) -> Option<Record> {
        let Event::Line(place, event) = event else {
            return None;
        };
        let what = match event {
            LineEvent::Accepted(accepted)
                if !accepted.cells.is_empty() || accepted.sweeps.is_some() =>
            {
                What::Cells {
                    cells: accepted.cells,
                    sweeps: accepted.sweeps,
                }
            }
            LineEvent::Listed(_) => What::Mended,
            _ => return None,
        };
        Some(Record { seq, place, what })
    }

    pub fn cells(&self) -> usize {
        match &self.what {
            What::Cells { cells, .. } => cells.len(),
            What::Mended => 0,
        }
    }
}

impl Sight {
    pub fn of(scope: Scope, catalogue: &Catalogue) -> Sight {
        let seen = catalogue
            .definitions()
            .filter(|of| scope.reads(of) && scope.allows(of.base_grain));
        let series = seen.map(|of| (of.id, of.revision)).collect();
        Sight { scope, series }
    }

    pub fn sees_place(&self, place: Place) -> bool {
        self.scope.sees(place)
    }

    pub fn sees(&self, key: &CellKey) -> bool {
        self.series.contains(&(key.indicator, key.revision))
    }

    /// The indicators that it sees, by number, in no order.
    pub fn indicators(&self) -> impl Iterator<Item = IndicatorId> {
        self.series.iter().map(|(indicator, _)| *indicator)
    }
}

/// `records`: ascending, all that concern cells up to `through`.
pub fn window(records: &[Record], through: u64, sight: &Sight) -> Window {
    let mut end = through;
    let mut latest: HashMap<(Place, CellKey), &Cell> = HashMap::new();
    let mut sweeps: BTreeMap<Place, u32> = BTreeMap::new();
    let mut is_first = true;
    for record in records.iter().take_while(|record| record.seq <= through) {
        if !sight.sees_place(record.place) {
            continue;
        }
        match &record.what {
            What::Mended if is_first => {
                return Window::List {
                    place: record.place,
                    seq: record.seq,
                };
            }
            What::Mended => {
                end = record.seq - 1;
                break;
            }
            What::Cells {
                cells,
                sweeps: swept,
            } => {
                for cell in cells.iter().filter(|cell| sight.sees(&cell.key)) {
                    let held = latest.entry((record.place, cell.key)).or_insert(cell);
                    if cell.order > held.order {
                        *held = cell;
                    }
                }
                if let Some(lineage) = swept {
                    latest.retain(|(place, _), cell| {
                        *place != record.place || cell.order.lineage >= *lineage
                    });
                    sweeps.insert(record.place, *lineage);
                }
            }
        }
        is_first = false;
    }
    let mut changes: Vec<Change> = latest
        .into_iter()
        .map(|((place, _), cell)| Change {
            place,
            cell: cell.clone(),
        })
        .collect();
    changes.sort_unstable_by_key(|change| (change.place, change.cell.key));
    let sweeps = sweeps
        .into_iter()
        .map(|(place, lineage)| Sweep { place, lineage });
    Window::Changes {
        through: end,
        sweeps: sweeps.collect(),
        changes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::centre::Reader;
    use proto::indicator::cell::{Breakdown, CellState, Order};

    fn catalogue() -> Catalogue {
        Catalogue::from_toml(include_str!("../../../../deploy/catalogue/first.toml")).unwrap()
    }

    fn place(code: &str) -> Place {
        code.parse().unwrap()
    }

    fn cell(indicator: u32, lineage: u32, seq: u64) -> Cell {
        Cell {
            key: CellKey {
                indicator: IndicatorId(indicator),
                revision: Revision(1),
                period: "202601".parse().unwrap(),
                breakdown: Breakdown::new([1]),
            },
            order: Order { lineage, seq },
            state: CellState::removed(),
        }
    }

    fn cells(seq: u64, code: &str, cells: Vec<Cell>, sweeps: Option<u32>) -> Record {
        Record {
            seq,
            place: place(code),
            what: What::Cells { cells, sweeps },
        }
    }

    fn told(window: Window) -> (u64, Vec<(String, u32, u64)>) {
        let Window::Changes {
            through, changes, ..
        } = window
        else {
            panic!("{window:?}");
        };
        let told = changes.iter().map(|change| {
            let cell = &change.cell;
            (
                change.place.to_string(),
                cell.key.indicator.0,
                cell.order.seq,
            )
        });
        (through, told.collect())
    }

    const A: &str = "510115001001";
    const B: &str = "510115003064";

    #[test]
    fn of_each_cell_in_sight_the_newest_is_told_once() {
        let all = Sight::of(Scope::Whole, &catalogue());
        let records = [
            cells(2, B, vec![cell(2, 1, 1), cell(3, 1, 2)], None),
            cells(4, A, vec![cell(2, 1, 1)], None),
            cells(5, B, vec![cell(2, 1, 7), cell(99, 1, 8)], None),
        ];
        let at = |place: &str, indicator, seq| (place.to_owned(), indicator, seq);
        assert_eq!(
            told(window(&records, 6, &all)),
            (6, vec![at(A, 2, 1), at(B, 2, 7), at(B, 3, 2)])
        );
        assert_eq!(told(window(&records, 2, &all)).1.len(), 2);
        let narrow = Scope::Reader(Reader {
            reads: vec!["QS.R03".parse().unwrap()],
            places: vec![place("510115003")],
            ..Reader::default()
        });
        let narrow = Sight::of(narrow, &catalogue());
        assert_eq!(told(window(&records, 6, &narrow)), (6, vec![at(B, 3, 2)]));
        let nothing = Sight::of(Scope::Nothing, &catalogue());
        assert_eq!(told(window(&records, 6, &nothing)), (6, vec![]));
    }

    #[test]
    fn a_finest_grain_leaves_finer_indicators_out() {
        let months = Scope::Reader(Reader {
            reads: vec!["*".parse().unwrap()],
            finest: Some(proto::period::Grain::Month),
            ..Reader::default()
        });
        let sight = Sight::of(months, &catalogue());
        // QS.R01 is by day.
        assert!(!sight.sees(&cell(1, 1, 1).key) && sight.sees(&cell(2, 1, 1).key));
        assert!(sight.indicators().all(|of| of != IndicatorId(1)));
    }

    #[test]
    fn a_sweep_takes_older_lineages_along() {
        let all = Sight::of(Scope::Whole, &catalogue());
        let records = [
            cells(2, A, vec![cell(2, 1, 1), cell(3, 1, 2)], None),
            cells(3, A, vec![cell(3, 2, 3)], Some(2)),
        ];
        let Window::Changes {
            sweeps, changes, ..
        } = window(&records, 3, &all)
        else {
            panic!("changes");
        };
        let sweep = Sweep {
            place: place(A),
            lineage: 2,
        };
        assert_eq!((sweeps, changes.len()), (vec![sweep], 1));
        assert_eq!(changes[0].cell.order.lineage, 2);
    }

    #[test]
    fn a_mended_place_is_listed_in_its_turn() {
        let all = Sight::of(Scope::Whole, &catalogue());
        let mended = Record {
            seq: 3,
            place: place(A),
            what: What::Mended,
        };
        let records = [cells(2, B, vec![cell(2, 1, 1)], None), mended];
        assert_eq!(told(window(&records, 9, &all)).0, 2);
        let list = Window::List {
            place: place(A),
            seq: 3,
        };
        assert_eq!(window(&records[1..], 9, &all), list);
        let elsewhere = Scope::Reader(Reader {
            places: vec![place(B)],
            ..Reader::default()
        });
        let elsewhere = Sight::of(elsewhere, &catalogue());
        assert_eq!(told(window(&records[1..], 9, &elsewhere)), (9, vec![]));
    }
}
