//! What an exact cell keeps, releases and is written as.

use proptest::prelude::*;

use super::*;

/// The digest itself is the draw.
struct Plain;

impl Draw for Plain {
    fn draw(&self, first: u64) -> u64 {
        first
    }
}

fn folded(shape: Shape, changes: &[Change]) -> Exact {
    let mut exact = Exact::empty(shape);
    for (at, change) in (0u64..).zip(changes) {
        exact.apply(change, || at).unwrap();
    }
    exact
}

fn both(numerator: bool, denominator: bool) -> Change {
    Change::Ratio {
        numerator,
        denominator,
    }
}

#[test]
fn bytes_are_frozen() {
    let mut exact = folded(Shape::Ratio, &[both(true, true), both(false, true)]);
    for _ in 0..299 {
        exact.apply(&both(true, true), || 9).unwrap();
    }
    let bytes = exact.encode();
    let numbers = [300u64, 0, 0, 0, 1, 1].map(u64::to_be_bytes);
    assert_eq!(bytes, [&[2, 3][..], numbers.as_flattened()].concat());
    let foreign = exact.clone().on_top_of(Some(Rounded::Ratio {
        numerator: 5,
        denominator: 15,
        numerator_variance: 20,
        denominator_variance: 24,
    }));
    assert_eq!(foreign.encode(), [&bytes[..], &[5, 15, 20, 24]].concat());
    for exact in [exact, foreign] {
        assert_eq!(Exact::decode(&exact.encode()), Ok(exact));
    }
    for damaged in [&[][..], &[9, 0], &[1, 1], &[1, 2, 1], &[1, 1, 0]] {
        assert!(Exact::decode(damaged).is_err(), "{damaged:?}");
    }
    let empty_set = [&[1, 1][..], &[0; 16]].concat();
    assert!(
        Exact::decode(&empty_set).is_err(),
        "an empty set at the end"
    );
}

#[test]
fn a_set_keeps_the_draw_of_its_first_fact() {
    let mut exact = Exact::empty(Shape::Count);
    let mut released = Vec::new();
    for at in 0..11 {
        // Whatever comes later asks for another draw and does not get it.
        exact.apply(&Change::Count, || 3 + at).unwrap();
        let number = exact.released(Base::Five, &Plain);
        released.push(number.and_then(|number| number.number()));
    }
    let expected = [None, Some(5), Some(10)];
    let expected = expected.map(|released| [released; 5]).concat();
    assert_eq!(released, expected[4..], "count + 3, cut to fives");
}

#[test]
fn a_share_never_exceeds_the_whole() {
    // Three of three: rounded side by side they could be 5 of 0.
    for first in 0..10 {
        let mut exact = Exact::empty(Shape::Ratio);
        for at in 0..4 {
            let change = both(at < 3, true);
            exact.apply(&change, || first + at).unwrap();
        }
        if let Some(released) = exact.released(Base::Five, &Plain) {
            let (above, below) = released.fraction().unwrap();
            assert!(above <= below.cast_signed(), "{above} of {below}");
        }
    }
}

#[test]
fn what_the_hub_gave_back_is_added_and_not_rounded_again() {
    let given = |count| Rounded::Count {
        count,
        variance: 20,
    };
    let since = folded(Shape::Count, &[Change::Count, Change::Count]);
    let exact = since.clone().on_top_of(Some(given(5)));
    let released = exact.released(Base::Five, &Plain).unwrap();
    assert_eq!(released, Accumulator::Rounded(given(5)));
    let alone = Exact::empty(Shape::Count).on_top_of(Some(given(10)));
    let released = alone.released(Base::Five, &Plain);
    assert_eq!(released, Some(Accumulator::Rounded(given(10))));
    assert_eq!(since.before(&since), Exact::empty(Shape::Count));
}

fn change(shape: Shape) -> BoxedStrategy<Change> {
    match shape {
        Shape::Count => Just(Change::Count).boxed(),
        Shape::Ratio => {
            prop::sample::select(vec![both(true, true), both(true, false), both(false, true)])
                .boxed()
        }
        Shape::Histogram => (0u16..6).prop_map(Change::Bucket).boxed(),
    }
}

proptest! {
    #[test]
    fn what_is_taken_back_was_never_there(
        (shape, changes) in prop::sample::select(vec![Shape::Count, Shape::Ratio, Shape::Histogram])
            .prop_flat_map(|shape| (Just(shape), prop::collection::vec(change(shape), 0..40))),
        kept in 0usize..40,
    ) {
        let kept = kept.min(changes.len());
        let whole = folded(shape, &changes);
        prop_assert_eq!(&Exact::decode(&whole.encode()).unwrap(), &whole);
        let mut back = whole.clone();
        for change in changes[kept..].iter().rev() {
            back.take_back(change).unwrap();
        }
        let part = folded(shape, &changes[..kept]);
        prop_assert_eq!(&back, &part);
        let mut since = Exact::empty(shape);
        for change in &changes[kept..] {
            since.apply(change, || 99).unwrap();
        }
        prop_assert_eq!(whole.before(&since), part);
        for base in [Base::Five, Base::Ten] {
            if let Some(Accumulator::Rounded(released)) = whole.released(base, &Plain) {
                prop_assert!(released.is_multiple_of(base));
            }
        }
    }
}
