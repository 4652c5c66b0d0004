//! Frozen bytes: nodes and hubs of every version exchange these. A test that
//! fails here means that the new build cannot talk to the old one.

use proptest::prelude::*;

use crate::indicator::{
    accumulator::{Accumulator, Distinct, Level, Stock},
    cell::CellState,
    kind::Kind,
    rounded::Rounded,
    sketch::Sketch,
    state::{InvalidState, MAX_STATE_BYTES},
};

fn state(kind: u32, bytes: &[u8]) -> CellState {
    CellState {
        kind,
        bytes: bytes.into(),
    }
}

#[test]
fn canonical_bytes_are_golden() {
    let mut sketch = Sketch::default();
    [-5, 60, 60, 7200, 1_000_000]
        .iter()
        .for_each(|value| sketch.observe(*value));
    let golden: [(Accumulator, u32, &[u8]); 15] = [
        (Accumulator::Count(300), 1, &[0xac, 0x02]),
        (Accumulator::Sum(-3), 2, &[5]),
        (
            Accumulator::Ratio {
                numerator: 9,
                denominator: 10,
            },
            3,
            &[9, 10],
        ),
        (
            Accumulator::Ratio {
                numerator: 0,
                denominator: 4,
            },
            3,
            &[0, 4],
        ),
        (
            Accumulator::Mean {
                sum: 130,
                observed: 4,
            },
            4,
            &[0x84, 0x02, 4],
        ),
        (Accumulator::Range(Some((-1, 9))), 5, &[1, 10]),
        (Accumulator::Histogram(vec![0, 2, 0, 7]), 6, &[0, 2, 0, 7]),
        (
            Accumulator::Quantile(sketch),
            7,
            &[9, 1, 130, 1, 2, 0xe8, 6, 1, 0x94, 7, 1],
        ),
        (
            Accumulator::Level(Level(Some(Stock {
                set_at_ms: 1_000,
                value: 38,
            }))),
            8,
            &[0xd0, 0x0f, 76],
        ),
        (
            Accumulator::Distinct(Distinct {
                total: 164,
                parts: 1,
            }),
            9,
            &[0xa4, 0x01],
        ),
        (
            Accumulator::Distinct(Distinct { total: 5, parts: 3 }),
            9,
            &[5, 2],
        ),
        (
            Accumulator::Rounded(Rounded::Count {
                count: 300,
                variance: 4,
            }),
            10,
            &[0xac, 0x02, 4],
        ),
        (
            Accumulator::Rounded(Rounded::Ratio {
                numerator: 5,
                denominator: 15,
                numerator_variance: 20,
                denominator_variance: 24,
            }),
            11,
            &[5, 15, 20, 24],
        ),
        (
            Accumulator::Rounded(Rounded::Histogram {
                buckets: vec![0, 5, 10],
                variance: 24,
            }),
            12,
            &[24, 0, 5, 10],
        ),
        (Accumulator::Unknown(state(77, &[0, 0])), 77, &[0, 0]),
    ];
    for (accumulator, kind, bytes) in golden {
        assert_eq!(accumulator.encode(), state(kind, bytes), "{accumulator:?}");
        assert_eq!(Accumulator::decode(&state(kind, bytes)), Ok(accumulator));
    }
    for kind in Kind::ALL.into_iter().chain(Kind::ROUNDED) {
        let empty = Accumulator::empty(kind);
        assert_eq!(empty.encode(), state(kind.number(), &[]));
    }
}

#[test]
fn what_encoding_would_not_write_is_refused() {
    let refused: [(u32, &[u8]); 18] = [
        (1, &[0]),
        (1, &[1, 0]),
        (1, &[1, 1]),
        (3, &[1, 0]),
        (3, &[0, 0]),
        (4, &[2]),
        (5, &[2]),
        (6, &[1, 0]),
        (7, &[2, 0]),
        (7, &[2, 1, 0, 1]),
        (7, &[2, 1, 1, 1]),
        (8, &[2]),
        (9, &[0, 1]),
        (9, &[2, 2]),
        (10, &[5, 0]),
        (11, &[5, 5, 20, 0]),
        (12, &[20]),
        (12, &[20, 5, 0]),
    ];
    for (kind, bytes) in refused {
        let decoded = Accumulator::decode(&state(kind, bytes));
        assert!(decoded.is_err(), "{kind} {bytes:?}: {decoded:?}");
    }
    assert_eq!(
        Accumulator::decode(&CellState::removed()),
        Err(InvalidState::Removed)
    );
    let long = state(77, &[0; MAX_STATE_BYTES + 1]);
    assert!(matches!(
        Accumulator::decode(&long),
        Err(InvalidState::TooLong(77, _))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn bytes_that_decode_encode_to_themselves(
        kind in 0u32..15, bytes in prop::collection::vec(prop_oneof![0u8..8, any::<u8>()], 0..24),
    ) {
        let state = state(kind, &bytes);
        if let Ok(accumulator) = Accumulator::decode(&state) {
            prop_assert_eq!(accumulator.encode(), state);
        }
    }
}
