//! Columns: every batch of cells survives, limits hold, and what does not add
//! up is refused.

use proptest::prelude::*;
use prost::Message as _;

use crate::{
    indicator::{
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
        columns::{InvalidCells, MAX_BYTES, MAX_CELLS, Packer, decode, encode},
        state::MAX_STATE_BYTES,
    },
    pb::sync::Cells,
    period::{Grain, Period},
};

fn period() -> impl Strategy<Value = Period> {
    (0usize..6, 1900i16..2200, 1i8..13, 1i8..29).prop_map(|(grain, year, month, day)| {
        Period::containing(jiff::civil::date(year, month, day), Grain::ALL[grain]).unwrap()
    })
}

fn state() -> impl Strategy<Value = CellState> {
    let bytes = prop::collection::vec(any::<u8>(), 0..12);
    (0u32..14, bytes).prop_map(|(kind, bytes)| CellState {
        kind,
        bytes: if kind == 0 {
            Box::default()
        } else {
            bytes.into()
        },
    })
}

fn cell() -> impl Strategy<Value = Cell> {
    let key = (1u32..9, 1u32..3, period(), any::<u64>());
    (key, 0u32..3, any::<u64>(), state()).prop_map(|(key, lineage, seq, state)| Cell {
        key: CellKey {
            indicator: IndicatorId(key.0),
            revision: Revision(key.1),
            period: key.2,
            breakdown: Breakdown(key.3),
        },
        order: Order { lineage, seq },
        state,
    })
}

fn first() -> Cell {
    Cell {
        key: CellKey {
            indicator: IndicatorId(2),
            revision: Revision(1),
            period: "202601".parse().unwrap(),
            breakdown: Breakdown::new([3, 1, 7]),
        },
        order: Order {
            lineage: 1,
            seq: 40,
        },
        state: CellState {
            kind: 3,
            bytes: [9, 10].into(),
        },
    }
}

/// Frozen: a removal, an unknown kind, an older lineage among the rest.
#[test]
fn columns_are_golden() {
    let mut removed = first();
    removed.order.seq = 41;
    removed.state = CellState::removed();
    let mut unknown = first();
    unknown.key.period = "202602".parse().unwrap();
    unknown.order = Order { lineage: 0, seq: 7 };
    unknown.state = CellState {
        kind: 99,
        bytes: [0, 0, 255].into(),
    };
    let cells = [first(), removed, unknown];
    let bytes = encode(&cells).unwrap().encode_to_vec();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        concat!(
            "0803",
            "12080802100118032001", // indicator 2, revision 1, kind 3, lineage 1
            "1206080210012001",     // the same, removed
            "1206080210011863",     // kind 99, lineage 0
            "1a03000102",
            "220986bd0186bd0196bd01", // 202601 twice, 202602
            "2a03040000",
            "3203020000",
            "3a03080000",
            "4a03500243",
            "5203020003",
            "5a05090a0000ff",
        )
    );
    assert_eq!(decode(&Cells::decode(&bytes[..]).unwrap()).unwrap(), cells);
}

#[test]
fn a_packer_stops_at_500_cells_or_32_kib() {
    let mut packer = Packer::default();
    for _ in 0..MAX_CELLS {
        assert!(packer.push(&first()));
    }
    assert!(!packer.push(&first()));
    assert_eq!(decode(&packer.finish()).unwrap().len(), MAX_CELLS);

    let mut large = first();
    large.state.bytes = vec![1; MAX_STATE_BYTES].into();
    let mut packer = Packer::default();
    assert!(packer.push(&large) && !packer.push(&large));
    assert!(packer.push(&first()), "a small one still fits");
    assert!(packer.finish().encoded_len() <= MAX_BYTES);
    assert!(encode(&[large.clone(), large]).is_none());
}

#[test]
fn what_does_not_add_up_is_refused() {
    let good = encode(&[first(), first()]).unwrap();
    type Damage = fn(&mut Cells);
    let damages: [(Damage, &str); 9] = [
        (|cells| cells.count = 501, "count"),
        (|cells| cells.count = 3, "period_delta"),
        (|cells| cells.series_index = vec![0], "series_index"),
        (|cells| cells.series_index = vec![0, 1], "series_index"),
        (
            |cells| cells.period_delta = vec![1 << 30, 0],
            "period_delta",
        ),
        (|cells| cells.member_4 = vec![65_537, 0], "member_4"),
        (|cells| cells.state_length = vec![2, 3], "states"),
        (|cells| cells.state_length = vec![1, 2], "states"),
        (|cells| cells.series[0].kind = 0, "state_length"),
    ];
    for (damage, column) in damages {
        let mut bad = good.clone();
        damage(&mut bad);
        let refused = decode(&bad).unwrap_err();
        assert!(refused.to_string().starts_with(column), "{refused}");
    }
    let mut short = good;
    short.states = short.states.slice(..3);
    let want = InvalidCells::States { found: 3, want: 4 };
    assert_eq!(decode(&short), Err(want));
}

proptest! {
    #[test]
    fn batches_survive_a_round_trip(cells in prop::collection::vec(cell(), 0..60)) {
        let mut packer = Packer::default();
        prop_assert!(cells.iter().all(|cell| packer.push(cell)));
        let bound = packer.bytes();
        let message = packer.finish();
        prop_assert!(message.encoded_len() <= bound);
        let received = Cells::decode(&message.encode_to_vec()[..]).unwrap();
        prop_assert_eq!(decode(&received).unwrap(), cells);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(cells) = Cells::decode(&bytes[..]) {
            let _ = decode(&cells);
        }
    }

    #[test]
    fn arbitrary_columns_never_panic(
        cells in prop::collection::vec(cell(), 1..20), column in 0usize..5, row in 0usize..20, value: i64,
    ) {
        let mut message = encode(&cells).unwrap();
        let row = row % cells.len();
        let set = |entries: &mut Vec<i32>| if let Some(entry) = entries.get_mut(row) { *entry = value as i32 };
        match column {
            0 => set(&mut message.period_delta),
            1 => if let Some(entry) = message.member_2.get_mut(row) { *entry = value as u32 },
            2 => if let Some(entry) = message.series_index.get_mut(row) { *entry = value as u32 },
            3 => if let Some(entry) = message.state_length.get_mut(row) { *entry = value as u32 },
            _ => if let Some(entry) = message.seq_delta.get_mut(row) { *entry = value },
        }
        let _ = decode(&message);
    }
}
