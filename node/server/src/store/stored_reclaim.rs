//! A store that came back, as the journal keeps it: the terms, and every cell as
//! it is from then on (`docs/storage.md`, "Node records").

use node_domain::event::Reclaimed;
use node_domain::indicators::{Adopted, Exact};
use proto::indicator::cell::CellState;
use proto::sync::uplink::ReclaimMode;

use super::keyspace::cell::cell_key;
use super::keyspace::link::StoredStanding;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredReclaimed {
    /// 1 adopt, 2 restate.
    #[prost(uint32, tag = "1")]
    mode: u32,
    #[prost(message, optional, tag = "2")]
    standing: Option<StoredStanding>,
    #[prost(uint64, tag = "3")]
    base: u64,
    #[prost(message, repeated, tag = "4")]
    cells: Vec<StoredAdopted>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredAdopted {
    /// 20 bytes.
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(uint32, tag = "2")]
    kind: u32,
    #[prost(bytes = "vec", tag = "3")]
    state: Vec<u8>,
    #[prost(bool, tag = "4")]
    is_foreign: bool,
    /// Of a protected cell that is foreign.
    #[prost(bytes = "vec", optional, tag = "5")]
    exact: Option<Vec<u8>>,
}

impl From<&Reclaimed> for StoredReclaimed {
    fn from(reclaimed: &Reclaimed) -> StoredReclaimed {
        let cells = reclaimed.cells.iter().map(|cell| StoredAdopted {
            key: cell.key.to_bytes().to_vec(),
            kind: cell.state.kind,
            state: cell.state.bytes.to_vec(),
            is_foreign: cell.is_foreign,
            exact: cell.exact.as_ref().map(Exact::encode),
        });
        StoredReclaimed {
            mode: reclaimed.mode as u32,
            standing: Some((&reclaimed.standing).into()),
            base: reclaimed.base,
            cells: cells.collect(),
        }
    }
}

impl TryFrom<StoredReclaimed> for Reclaimed {
    type Error = String;

    fn try_from(stored: StoredReclaimed) -> Result<Reclaimed, String> {
        let cell = |cell: StoredAdopted| -> Result<Adopted, String> {
            Ok(Adopted {
                key: cell_key(&cell.key).ok_or("not a cell key")?,
                state: CellState {
                    kind: cell.kind,
                    bytes: cell.state.into(),
                },
                is_foreign: cell.is_foreign,
                exact: cell.exact.map(|bytes| Exact::decode(&bytes)).transpose()?,
            })
        };
        Ok(Reclaimed {
            mode: match stored.mode {
                1 => ReclaimMode::Adopt,
                2 => ReclaimMode::Restate,
                mode => return Err(format!("mode {mode}")),
            },
            standing: stored.standing.ok_or("no standing")?.try_into()?,
            base: stored.base,
            cells: stored
                .cells
                .into_iter()
                .map(cell)
                .collect::<Result<_, String>>()?,
        })
    }
}
