//! The starts of the process, newest last, at most 64: where in the journal and
//! among the cells' changes each came. Key: none. Value: per start its name (8),
//! position (8) and cell seq (8), big-endian.

use proto::sync::uplink::StartId;

use super::Space;

pub struct Starts;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    pub id: StartId,
    /// Of its record.
    pub position: u64,
    /// Changes of cells before it.
    pub cell_seq: u64,
}

const BYTES: usize = 24;

impl Space for Starts {
    const TAG: u8 = 0x52;
    const NAME: &'static str = "starts";
    type Key = ();
    type Value = Vec<Start>;

    fn key((): &()) -> Vec<u8> {
        Vec::new()
    }

    fn key_from(bytes: &[u8]) -> Option<()> {
        bytes.is_empty().then_some(())
    }

    fn encode(starts: &Vec<Start>) -> Vec<u8> {
        let words = starts
            .iter()
            .flat_map(|start| [start.id.0, start.position, start.cell_seq]);
        words.flat_map(u64::to_be_bytes).collect()
    }

    fn decode(bytes: &[u8]) -> Result<Vec<Start>, String> {
        let chunks = bytes.chunks_exact(BYTES);
        if !chunks.remainder().is_empty() {
            return Err(format!("{} bytes", bytes.len()));
        }
        let word = |bytes: &[u8]| super::number(bytes).ok_or("a word too short");
        let start = |chunk: &[u8]| {
            Ok(Start {
                id: StartId(word(&chunk[..8])?),
                position: word(&chunk[8..16])?,
                cell_seq: word(&chunk[16..])?,
            })
        };
        chunks
            .map(start)
            .collect::<Result<_, &str>>()
            .map_err(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let starts = vec![Start {
            id: StartId(1),
            position: 2,
            cell_seq: 3,
        }];
        let hex = "000000000000000100000000000000020000000000000003";
        super::super::golden::row::<Starts>((), starts, "52", hex);
    }
}
