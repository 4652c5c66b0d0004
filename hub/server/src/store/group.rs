//! A group: one community's cells of one base period and 32 neighbouring
//! indicators, kept and written together, because single cells would be a
//! hundred times slower to write. Knows no sled and no journal.
//!
//! A chunk is a row of runs. A run is: indicator (low 5 bits), revision, kind,
//! lineage, count, bytes that follow, all varints; then per cell the breakdown
//! (difference to the one before), the seq (signed difference), the state's
//! length and the state. Frozen: docs/storage.md, "Hub view".

use proto::indicator::cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision};
use proto::period::Period;

use super::varint::{Reader, put, put_signed};

/// Indicators in one group.
pub const INDICATORS: u32 = 32;

/// A chunk is closed once it is this long. With the largest state a message
/// can carry it still is one value of the view.
const CHUNK_BYTES: usize = 4 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    key: Within,
    kind: u32,
    order: Order,
    at: u32,
    length: u32,
}

/// A cell's key less what its group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Within {
    indicator: u32,
    revision: u32,
    breakdown: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Group {
    // Ascending by key.
    cells: Vec<Held>,
    // Replaced states stay as garbage until the group is written.
    states: Vec<u8>,
}

/// What a write of a cell did.
#[derive(Debug, PartialEq, Eq)]
pub enum Put {
    New,
    /// What was held before.
    Replaced(Cell),
    /// Held already, to the byte.
    Same,
    /// A newer one is held.
    Older,
    /// The same order is held with other content, which stays.
    Conflict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a group of cells cannot be read: {0}")]
pub struct InvalidGroup(pub &'static str);

impl Within {
    fn of(key: &CellKey) -> Within {
        Within {
            indicator: key.indicator.0,
            revision: key.revision.0,
            breakdown: key.breakdown.0,
        }
    }
}

impl Group {
    pub fn size_bytes(&self) -> usize {
        self.cells.capacity() * size_of::<Held>() + self.states.capacity()
    }

    /// Newest order wins.
    pub fn put(&mut self, cell: &Cell) -> Put {
        let key = Within::of(&cell.key);
        match self.find(key) {
            Err(at) => {
                let held = self.hold(key, cell);
                self.cells.insert(at, held);
                Put::New
            }
            Ok(at) => {
                let before = self.cells[at];
                if cell.order < before.order {
                    return Put::Older;
                }
                if cell.order == before.order {
                    let same =
                        before.kind == cell.state.kind && *self.state(&before) == *cell.state.bytes;
                    return if same { Put::Same } else { Put::Conflict };
                }
                let replaced = self.cell(&before, cell.key.period);
                self.cells[at] = self.hold(key, cell);
                Put::Replaced(replaced)
            }
        }
    }

    /// Writes a cell whatever is held; returns that.
    pub fn force(&mut self, cell: &Cell) -> Option<Cell> {
        let before = self.remove(&cell.key);
        self.put(cell);
        before
    }

    pub fn remove(&mut self, key: &CellKey) -> Option<Cell> {
        let at = self.find(Within::of(key)).ok()?;
        let held = self.cells.remove(at);
        Some(self.cell(&held, key.period))
    }

    pub fn get(&self, key: &CellKey) -> Option<Cell> {
        let at = self.find(Within::of(key)).ok()?;
        Some(self.cell(&self.cells[at], key.period))
    }

    /// All cells, ascending by indicator, revision and breakdown.
    pub fn cells(&self, period: Period) -> impl Iterator<Item = Cell> + '_ {
        self.cells.iter().map(move |held| self.cell(held, period))
    }

    fn find(&self, key: Within) -> Result<usize, usize> {
        // Batches come in key order more often than not.
        if self.cells.last().is_none_or(|last| last.key < key) {
            return Err(self.cells.len());
        }
        self.cells.binary_search_by_key(&key, |held| held.key)
    }

    fn hold(&mut self, key: Within, cell: &Cell) -> Held {
        let at = self.states.len() as u32;
        self.states.extend_from_slice(&cell.state.bytes);
        Held {
            key,
            kind: cell.state.kind,
            order: cell.order,
            at,
            length: cell.state.bytes.len() as u32,
        }
    }

    fn state(&self, held: &Held) -> &[u8] {
        &self.states[held.at as usize..][..held.length as usize]
    }

    fn cell(&self, held: &Held, period: Period) -> Cell {
        Cell {
            key: CellKey {
                indicator: IndicatorId(held.key.indicator),
                revision: Revision(held.key.revision),
                period,
                breakdown: Breakdown(held.key.breakdown),
            },
            order: held.order,
            state: CellState {
                kind: held.kind,
                bytes: self.state(held).into(),
            },
        }
    }

    /// The group as chunks.
    pub fn encode(&self) -> Vec<Vec<u8>> {
        let mut chunks = Vec::new();
        let (mut chunk, mut run) = (Vec::new(), Vec::new());
        let (mut seq, mut breakdown, mut count) = (0u64, 0u64, 0u64);
        for (at, held) in self.cells.iter().enumerate() {
            put(&mut run, held.key.breakdown.wrapping_sub(breakdown));
            put_signed(&mut run, held.order.seq.wrapping_sub(seq).cast_signed());
            put(&mut run, u64::from(held.length));
            run.extend_from_slice(self.state(held));
            (seq, breakdown, count) = (held.order.seq, held.key.breakdown, count + 1);
            let next = self.cells.get(at + 1);
            let is_full = chunk.len() + run.len() >= CHUNK_BYTES;
            if is_full || next.is_none_or(|next| next.header() != held.header()) {
                for part in held.header() {
                    put(&mut chunk, u64::from(part));
                }
                put(&mut chunk, count);
                put(&mut chunk, run.len() as u64);
                chunk.append(&mut run);
                (breakdown, count) = (0, 0);
            }
            if chunk.len() >= CHUNK_BYTES {
                chunks.push(std::mem::take(&mut chunk));
                seq = 0;
            }
        }
        if !chunk.is_empty() {
            chunks.push(chunk);
        }
        chunks
    }

    /// Adds the cells of a chunk, which come after those already here. `group`
    /// is the group's number.
    pub fn decode(&mut self, group: u32, chunk: &[u8]) -> Result<(), InvalidGroup> {
        let mut runs = Runs::open(group, chunk);
        while let Some(run) = runs.next()? {
            runs.cells(&run, |breakdown, seq, state| {
                let key = Within {
                    indicator: run.indicator,
                    revision: run.revision,
                    breakdown,
                };
                if self.cells.last().is_some_and(|last| last.key >= key) {
                    return Err(InvalidGroup("cells are not in order"));
                }
                let at = self.states.len() as u32;
                self.states.extend_from_slice(state);
                self.cells.push(Held {
                    key,
                    kind: run.kind,
                    order: Order {
                        lineage: run.lineage,
                        seq,
                    },
                    at,
                    length: state.len() as u32,
                });
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl Held {
    fn header(&self) -> [u32; 4] {
        let indicator = self.key.indicator % INDICATORS;
        [indicator, self.key.revision, self.kind, self.order.lineage]
    }
}

/// Reads a chunk run by run.
pub struct Runs<'a> {
    group: u32,
    reader: Reader<'a>,
    seq: u64,
}

pub struct Run<'a> {
    pub indicator: u32,
    pub revision: u32,
    /// 0: removed cells.
    pub kind: u32,
    pub lineage: u32,
    count: u64,
    body: &'a [u8],
}

impl<'a> Runs<'a> {
    pub fn open(group: u32, chunk: &'a [u8]) -> Runs<'a> {
        Runs {
            group,
            reader: Reader(chunk),
            seq: 0,
        }
    }

    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Run<'a>>, InvalidGroup> {
        if self.reader.0.is_empty() {
            return Ok(None);
        }
        let mut part = || self.reader.take_u32().ok_or(InvalidGroup("run header"));
        let [low, revision, kind, lineage] = [part()?, part()?, part()?, part()?];
        let count = self.reader.take().ok_or(InvalidGroup("run count"))?;
        let length = self.reader.take().ok_or(InvalidGroup("run length"))?;
        let body = self.reader.slice(length);
        if low >= INDICATORS {
            return Err(InvalidGroup("indicator"));
        }
        let base = self.group.checked_mul(INDICATORS);
        let indicator = base.and_then(|base| base.checked_add(low));
        Ok(Some(Run {
            indicator: indicator.ok_or(InvalidGroup("indicator"))?,
            revision,
            kind,
            lineage,
            count,
            body: body.ok_or(InvalidGroup("run body"))?,
        }))
    }

    /// Calls `take` with breakdown, seq and state. Seqs are right only when
    /// every run of the chunk is read.
    pub fn cells(
        &mut self,
        run: &Run<'a>,
        mut take: impl FnMut(u64, u64, &'a [u8]) -> Result<(), InvalidGroup>,
    ) -> Result<(), InvalidGroup> {
        let mut body = Reader(run.body);
        let mut breakdown = 0u64;
        for _ in 0..run.count {
            let delta = body.take().ok_or(InvalidGroup("breakdown"))?;
            let seq_delta = body.take_signed().ok_or(InvalidGroup("seq"))?;
            let length = body.take().ok_or(InvalidGroup("state length"))?;
            let state = body.slice(length).ok_or(InvalidGroup("state"))?;
            breakdown = breakdown.wrapping_add(delta);
            self.seq = self.seq.wrapping_add_signed(seq_delta);
            take(breakdown, self.seq, state)?;
        }
        if body.0.is_empty() {
            Ok(())
        } else {
            Err(InvalidGroup("bytes after a run"))
        }
    }
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
