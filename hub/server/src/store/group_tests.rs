//! Groups survive being written, and their bytes are frozen.

use proptest::prelude::*;

use super::*;

fn period() -> Period {
    "202601".parse().unwrap()
}

fn cell(indicator: u32, breakdown: u64, seq: u64, kind: u32, state: &[u8]) -> Cell {
    Cell {
        key: CellKey {
            indicator: IndicatorId(indicator),
            revision: Revision(1),
            period: period(),
            breakdown: Breakdown(breakdown),
        },
        order: Order { lineage: 1, seq },
        state: CellState {
            kind,
            bytes: state.into(),
        },
    }
}

fn read(group: u32, chunks: &[Vec<u8>]) -> Result<Group, InvalidGroup> {
    let mut read = Group::default();
    for chunk in chunks {
        read.decode(group, chunk)?;
    }
    Ok(read)
}

#[test]
fn the_bytes_are_frozen() {
    let mut group = Group::default();
    group.put(&cell(33, 1, 1000, 1, &[7]));
    group.put(&cell(33, 0x1_0002, 1001, 1, &[0x80, 1]));
    group.put(&cell(40, 0, 999, 0, &[]));
    let frozen: [u8; 28] = [
        1, 1, 1, 1, 2, 12, // indicator 33, revision 1, kind 1, lineage 1: two cells
        1, 0xd0, 0x0f, 1, 7, // breakdown 1, seq 1000
        0x81, 0x80, 0x04, 2, 2, 0x80, 1, // breakdown +0x10001, seq +1
        8, 1, 0, 1, 1, 3, // indicator 40, removed: one cell
        0, 3, 0, // seq -2
        0,
    ];
    assert_eq!(group.encode(), vec![frozen[..27].to_vec()]);
}

#[test]
fn newest_order_wins_and_equal_order_must_be_equal() {
    let mut group = Group::default();
    assert_eq!(group.put(&cell(1, 0, 5, 1, &[1])), Put::New);
    assert_eq!(group.put(&cell(1, 0, 4, 1, &[9])), Put::Older);
    assert_eq!(group.put(&cell(1, 0, 5, 1, &[1])), Put::Same);
    assert_eq!(group.put(&cell(1, 0, 5, 1, &[2])), Put::Conflict);
    let before = cell(1, 0, 5, 1, &[1]);
    assert_eq!(group.put(&cell(1, 0, 6, 0, &[])), Put::Replaced(before));
    let later_life = Cell {
        order: Order { lineage: 2, seq: 1 },
        ..cell(1, 0, 0, 1, &[3])
    };
    assert!(matches!(group.put(&later_life), Put::Replaced(_)));
    assert_eq!(group.get(&later_life.key), Some(later_life));
}

#[test]
fn damaged_chunks_are_refused() {
    let mut group = Group::default();
    group.put(&cell(1, 3, 5, 1, &[1, 2, 3]));
    let chunk = &group.encode()[0];
    for cut in 1..chunk.len() {
        assert!(Group::default().decode(0, &chunk[..cut]).is_err(), "{cut}");
    }
    assert!(read(0, &[chunk.clone(), chunk.clone()]).is_err());
    assert!(Group::default().decode(u32::MAX, chunk).is_err());
}

proptest! {
    #[test]
    fn groups_survive_a_round_trip(
        writes in prop::collection::vec(
            (64u32..96, 0u64..1 << 36, 1u64..1 << 40, 0u32..3, prop::collection::vec(any::<u8>(), 0..60)), 0..300,
        ),
    ) {
        let mut group = Group::default();
        for (indicator, breakdown, seq, kind, state) in &writes {
            group.put(&cell(*indicator, *breakdown, *seq, *kind, state));
        }
        let chunks = group.encode();
        prop_assert!(chunks.iter().all(|chunk| chunk.len() < 8 * 1024));
        let back = read(2, &chunks).unwrap();
        prop_assert!(back.cells(period()).eq(group.cells(period())));
        prop_assert_eq!(back.encode(), chunks);
    }
}
