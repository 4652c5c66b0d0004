//! The head: how far the view has come, and every counter that follows from the
//! journal. One row, written with each batch. Cells come less often than other
//! rows: they change with most records, and few of them.

use super::Space;

pub struct Heads;

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Head {
    /// Journal position that is applied.
    #[prost(uint64, tag = "1")]
    pub position: u64,
    /// 16 bytes: the journal it belongs to.
    #[prost(bytes = "vec", tag = "2")]
    pub log_id: Vec<u8>,
    /// Layout of the view; another one is rebuilt.
    #[prost(uint32, tag = "3")]
    pub format: u32,
    /// Every cell holds what records up to here mean for it; some hold more,
    /// and say so themselves.
    #[prost(uint64, tag = "5")]
    pub cells_position: u64,
    /// Cell changes counted in journal order, up to `cells_position`.
    #[prost(uint64, tag = "4")]
    pub cell_seq: u64,
    #[prost(uint64, tag = "6")]
    pub last_case: u64,
    #[prost(uint64, tag = "7")]
    pub open_cases: u64,
    #[prost(uint64, tag = "8")]
    pub last_subject: u64,
    #[prost(uint64, tag = "9")]
    pub last_token: u64,
    /// Records that answered a request.
    #[prost(uint64, tag = "10")]
    pub requests: u64,
    /// Greatest `recorded_at` so far: the clock never goes behind it.
    #[prost(sint64, tag = "11")]
    pub recorded_at_us: i64,
    /// Epoch of the last erasure that the journal knows.
    #[prost(uint64, tag = "12")]
    pub erasure_epoch: u64,
    /// IANA name of the zone whose days and months the cells count by.
    #[prost(string, tag = "13")]
    pub zone: String,
    #[prost(uint64, tag = "14")]
    pub last_process: u64,
}

pub const FORMAT: u32 = 4;

impl Space for Heads {
    const TAG: u8 = 0x01;
    const NAME: &'static str = "head";
    type Key = ();
    type Value = Head;

    fn key((): &()) -> Vec<u8> {
        Vec::new()
    }

    fn key_from(bytes: &[u8]) -> Option<()> {
        bytes.is_empty().then_some(())
    }

    fn encode(head: &Head) -> Vec<u8> {
        prost::Message::encode_to_vec(head)
    }

    fn decode(bytes: &[u8]) -> Result<Head, String> {
        prost::Message::decode(bytes).map_err(|error: prost::DecodeError| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let head = Head {
            position: 300,
            log_id: vec![0xaa; 2],
            format: 1,
            cell_seq: 2,
            cells_position: 3,
            last_case: 4,
            open_cases: 5,
            last_subject: 6,
            last_token: 7,
            requests: 8,
            recorded_at_us: 9,
            erasure_epoch: 10,
            zone: "UTC".to_owned(),
            last_process: 0,
        };
        super::super::golden::row::<Heads>(
            (),
            head,
            "01",
            "08ac021202aaaa180120022803300438054006480750085812600a6a03555443",
        );
    }
}
