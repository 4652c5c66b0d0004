//! A session as its follower sees it, over an in-memory journal and view.

use super::*;
use proptest::prelude::*;
use proto::indicator::cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision};
use std::collections::BTreeMap;

use crate::{
    centre::Scope,
    feed::{Record, Sight, What, window},
};

fn catalogue() -> proto::indicator::catalogue::Catalogue {
    let first = include_str!("../../../../deploy/catalogue/first.toml");
    proto::indicator::catalogue::Catalogue::from_toml(first).unwrap()
}

fn place(number: usize) -> Place {
    ["510115001001", "510115003064"][number].parse().unwrap()
}

fn cell(member: u16, lineage: u32, seq: u64, is_removed: bool) -> Cell {
    let state = CellState {
        kind: if is_removed { 0 } else { 3 },
        bytes: if is_removed {
            vec![]
        } else {
            vec![1, seq as u8]
        }
        .into(),
    };
    Cell {
        key: CellKey {
            indicator: IndicatorId(2),
            revision: Revision(1),
            period: "202601".parse().unwrap(),
            breakdown: Breakdown::new([member]),
        },
        order: Order { lineage, seq },
        state,
    }
}

type Held = BTreeMap<(Place, CellKey), Cell>;

/// The hub's records and what its view makes of them.
#[derive(Default)]
struct World {
    records: Vec<Record>,
    held: Held,
    seqs: [u64; 2],
    lineages: [u32; 2],
}

impl World {
    fn head(&self) -> u64 {
        self.records.len() as u64
    }

    fn record(&mut self, at: usize, what: What) {
        let seq = self.head() + 1;
        let place = place(at);
        self.records.push(Record { seq, place, what });
    }

    fn report(&mut self, at: usize, members: &[u16], is_removed: bool, sweeps: bool) {
        let cells = members.iter().map(|member| {
            self.seqs[at] += 1;
            cell(*member, 1 + self.lineages[at], self.seqs[at], is_removed)
        });
        let cells: Vec<Cell> = cells.collect();
        for cell in &cells {
            self.held.insert((place(at), cell.key), cell.clone());
        }
        let sweeps = sweeps.then_some(1 + self.lineages[at]);
        if let Some(lineage) = sweeps {
            self.held
                .retain(|(held, _), cell| *held != place(at) || cell.order.lineage >= lineage);
        }
        self.record(at, What::Cells { cells, sweeps });
    }

    /// A repair that takes one cell away and puts another in.
    fn mend(&mut self, at: usize, member: u16) {
        let key = cell(member, 1, 1, false).key;
        if self.held.remove(&(place(at), key)).is_none() {
            self.seqs[at] += 1;
            let cell = cell(member, 1 + self.lineages[at], self.seqs[at], false);
            self.held.insert((place(at), key), cell);
        }
        self.record(at, What::Mended);
    }
}

/// What a follower keeps: rows with the listing that they were last named in.
#[derive(Clone, Default)]
struct Follower {
    rows: BTreeMap<(Place, CellKey), (Cell, u64)>,
    listing: u64,
    cursor: Option<Cursor>,
}

impl Follower {
    fn take(&mut self, batch: &Batch) {
        for sweep in &batch.sweeps {
            self.rows.retain(|(place, _), (cell, _)| {
                *place != sweep.place || cell.order.lineage >= sweep.lineage
            });
        }
        self.listing += u64::from(batch.begins_listing);
        for change in &batch.changes {
            let key = (change.place, change.cell.key);
            let held = self.rows.get(&key).map(|(cell, _)| cell.order);
            let is_newer = match batch.lists {
                Some(_) => held.is_none_or(|held| change.cell.order >= held),
                None => held.is_none_or(|held| change.cell.order > held),
            };
            if is_newer {
                self.rows.insert(key, (change.cell.clone(), self.listing));
            } else if batch.lists.is_some() {
                self.rows.get_mut(&key).unwrap().1 = self.listing;
            }
        }
        if batch.ends_listing {
            let listed = batch.lists.flatten();
            self.rows.retain(|(place, _), (_, seen)| {
                listed.is_some_and(|listed| !listed.contains(*place)) || *seen == self.listing
            });
        }
        self.cursor = Some(batch.cursor);
    }

    fn held(&self) -> Held {
        let there = self
            .rows
            .iter()
            .filter(|(_, (cell, _))| !cell.state.is_removed());
        there.map(|(key, (cell, _))| (*key, cell.clone())).collect()
    }
}

fn stand(world: &World, most_records: u64) -> Stand {
    Stand {
        log: LogId([1; 16]),
        scope_version: 0,
        head: world.head(),
        applied: world.head(),
        most_records,
    }
}

fn start(cursor: Option<Cursor>, rows: u32, window: u32) -> Start {
    Start {
        cursor,
        rows,
        window,
    }
}

/// One step of the driver: `None` when there is nothing to read now.
fn step(session: &mut Session, world: &World, sight: &Sight, records: u64) -> Option<Batch> {
    if let Some(batch) = session.batch() {
        return Some(batch);
    }
    match session.wants()? {
        Read::Window { after, through } => {
            let through = through.unwrap_or((after + records).min(world.head()));
            if through == after {
                return session.bookmark();
            }
            let read = &world.records[after as usize..through as usize];
            session.window(window(read, through, sight));
            session.skip();
            session
                .batch()
                .or_else(|| step(session, world, sight, records))
        }
        Read::Listing {
            place, last, rows, ..
        } => {
            let cells = world.held.iter().filter(|((at, key), cell)| {
                place.is_none_or(|place| place == *at)
                    && last.is_none_or(|last| (*at, *key) > (last.place, last.key))
                    && !cell.state.is_removed()
            });
            let mut changes: Vec<Change> = cells
                .map(|((place, _), cell)| Change {
                    place: *place,
                    cell: cell.clone(),
                })
                .take(rows + 1)
                .collect();
            let is_last = changes.len() <= rows;
            changes.truncate(rows);
            session.listed(changes, is_last)
        }
    }
}

fn there(held: &Held) -> Held {
    let there = held.iter().filter(|(_, cell)| !cell.state.is_removed());
    there.map(|(key, cell)| (*key, cell.clone())).collect()
}

proptest! {
    /// Whatever happens, and wherever a follower is cut off, it ends with what
    /// the hub holds.
    #[test]
    fn a_follower_ends_with_what_the_hub_holds(
        steps in proptest::collection::vec((0usize..2, 0u8..8, proptest::collection::vec(0u16..6, 1..5)), 1..60),
        rows in 1u32..4, unacked in 1u32..3, records in 1u64..9,
        cuts in proptest::collection::vec(0u8..4, 1..40), expires in 3u64..100,
    ) {
        let sight = Sight::of(Scope::Whole, &catalogue());
        let mut world = World::default();
        let mut follower = Follower::default();
        let mut cuts = cuts.into_iter().cycle();
        let mut follow = |world: &World, follower: &mut Follower, steps: usize| {
            let stand = stand(world, expires);
            let mut session = Session::begin(&start(follower.cursor, rows, unacked), stand);
            for _ in 0..steps {
                let Some(batch) = step(&mut session, world, &sight, records) else {
                    break;
                };
                // Stored, but the acknowledgement may be lost; or never stored.
                match cuts.next().unwrap() {
                    0 => return,
                    1 => {
                        follower.take(&batch);
                        return;
                    }
                    _ => {
                        follower.take(&batch);
                        session.ack(&batch.cursor).unwrap();
                    }
                }
            }
        };
        for (at, what, mut members) in steps {
            members.sort_unstable();
            members.dedup();
            match what {
                0 => world.mend(at, members[0]),
                1 => {
                    world.lineages[at] += 1;
                    world.report(at, &members, false, true);
                }
                2 => world.report(at, &members, true, false),
                _ => world.report(at, &members, false, false),
            }
            follow(&world, &mut follower, 3);
        }
        // Left in peace it catches up.
        let stand = stand(&world, expires);
        let mut session = Session::begin(&start(follower.cursor, rows, unacked), stand);
        while let Some(batch) = step(&mut session, &world, &sight, records) {
            follower.take(&batch);
            session.ack(&batch.cursor).unwrap();
        }
        prop_assert_eq!(follower.held(), there(&world.held));
        prop_assert_eq!(session.acked_seq(), world.head());
    }
}

#[test]
fn no_more_is_sent_than_is_acknowledged() {
    let sight = Sight::of(Scope::Whole, &catalogue());
    let mut world = World::default();
    world.report(0, &[0, 1, 2, 3, 4], false, false);
    let cursor = Cursor {
        log: LogId([1; 16]),
        scope_version: 0,
        at: At::after(0),
    };
    let mut session = Session::begin(&start(Some(cursor), 1, 2), stand(&world, 100));
    let first = step(&mut session, &world, &sight, 9).unwrap();
    let second = step(&mut session, &world, &sight, 9).unwrap();
    assert!(session.is_full() && step(&mut session, &world, &sight, 9).is_none());
    session.ack(&second.cursor).unwrap();
    assert_eq!(session.ack(&first.cursor), Err(UnknownAck));
    assert!(step(&mut session, &world, &sight, 9).is_some());
    assert_eq!(session.acked_seq(), 0);
}

#[test]
fn another_log_scope_or_age_is_listed_anew() {
    let mut world = World::default();
    for _ in 0..9 {
        world.report(0, &[0], false, false);
    }
    let here = Cursor {
        log: LogId([1; 16]),
        scope_version: 0,
        at: At::after(4),
    };
    let listed = |cursor, most_records| {
        let session = Session::begin(&start(cursor, 5, 1), stand(&world, most_records));
        matches!(
            session.wants(),
            Some(Read::Listing {
                place: None,
                resume: 9,
                ..
            })
        )
    };
    assert!(!listed(Some(here), 5));
    assert!(listed(Some(here), 4) && listed(None, 100));
    let log = LogId([2; 16]);
    assert!(listed(Some(Cursor { log, ..here }), 100));
    let scope_version = 1;
    assert!(listed(
        Some(Cursor {
            scope_version,
            ..here
        }),
        100
    ));
    let at = At::after(10);
    assert!(listed(Some(Cursor { at, ..here }), 100));
}
