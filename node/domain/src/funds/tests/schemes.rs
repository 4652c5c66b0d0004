//! Declining subsidies: 70/30 with its remainder, tiers in their order, and a ratio
//! that stays as it was fixed.

use super::*;

fn tier(percent: u8, places: u16) -> Tier {
    Tier {
        percent,
        places,
        agreed_by: None,
    }
}

fn scheme(tiers: Vec<Tier>) -> Open {
    Open {
        tiers,
        eligible: 10,
        ..open("facade-subsidy")
    }
}

fn code(building: &str) -> crate::code::Code {
    building.parse().unwrap()
}

fn apply(building: &str, agreed_on: i8, total: i64) -> Action {
    Action::Apply {
        building: code(building),
        agreed_on: Day(date(2026, 2, agreed_on)),
        total,
    }
}

fn pledge(building: &str, fen: i64) -> Action {
    let building = code(building);
    Action::Pledge { building, fen }
}

fn start(building: &str) -> Action {
    let building = code(building);
    Action::StartBuilding { building }
}

fn pay(building: &str, fen: i64) -> Action {
    let building = code(building);
    Action::PaySubsidy { building, fen }
}

fn percents(trial: &Trial) -> Vec<u8> {
    fund(trial)
        .applications
        .iter()
        .map(|one| one.percent)
        .collect()
}

#[test]
fn tiers_never_rise_and_begin_at_seventy() {
    let wrong = [
        (vec![], "TIERS_MISSING"),
        (vec![tier(71, 1)], "FIRST_TIER"),
        (vec![tier(60, 1)], "FIRST_TIER"),
        (vec![tier(70, 1), tier(50, 1), tier(51, 1)], "TIERS_RISE"),
    ];
    for (tiers, wanted) in wrong {
        let mut trial = Trial::new(TIANNING, START);
        let opened = Action::Open(Box::new(scheme(tiers)));
        let refusal = trial.act(Actor::Staff, opened).unwrap_err();
        assert_eq!(refusal.reason, wanted);
    }
    started(
        TIANNING,
        scheme(vec![tier(70, 1), tier(70, 1), tier(50, 0)]),
    );
    let by = |percent, day| Tier {
        agreed_by: day,
        ..tier(percent, 0)
    };
    let (june, may) = (Some(Day(date(2026, 6, 1))), Some(Day(date(2026, 5, 1))));
    let mut trial = Trial::new(TIANNING, START);
    let backwards = scheme(vec![by(70, june), by(60, may)]);
    let refusal = trial.act(Actor::Staff, Action::Open(Box::new(backwards)));
    assert_eq!(refusal.unwrap_err().reason, "TIER_DAYS");
}

#[test]
fn a_million_fen_is_seven_hundred_thousand_and_three() {
    let mut trial = started(TIANNING, scheme(vec![tier(70, 0)]));
    act(&mut trial, apply("b-1", 1, 1_000_000));
    let one = &fund(&trial).applications[0];
    assert_eq!((one.subsidy(), one.household_part()), (700_000, 300_000));
    // A remainder is the households': 70 % of 1 fen is nothing.
    assert_eq!((subsidy(1, 70), household_part(1, 70)), (0, 1));
    assert_eq!((subsidy(101, 70), household_part(101, 70)), (70, 31));
    act(&mut trial, pledge("b-1", 299_999));
    assert_eq!(refused(&mut trial, start("b-1")), "NOT_PLEDGED");
    assert_eq!(refused(&mut trial, pledge("b-1", 2)), "MORE_THAN_IS_LEFT");
    assert_eq!(refused(&mut trial, pay("b-1", 1)), "BUILDING_STATE");
    act(&mut trial, pledge("b-1", 1));
    act(&mut trial, start("b-1"));
    assert_eq!(
        refused(&mut trial, pay("b-1", 700_001)),
        "MORE_THAN_IS_LEFT"
    );
    act(&mut trial, pay("b-1", 700_000));
    let building = code("b-1");
    act(&mut trial, Action::FinishBuilding { building });
    assert_eq!(trial.members("subsidy.done"), ["003,1"]);
    assert_eq!(refused(&mut trial, start("b-2")), "UNKNOWN_BUILDING");
}

#[test]
pub(super) fn a_ratio_is_fixed_at_application_and_never_lowered() {
    let tiers = vec![tier(70, 1), tier(60, 1), tier(50, 1)];
    let mut trial = started(TIANNING, scheme(tiers));
    act(&mut trial, apply("b-5", 10, 100));
    assert_eq!(refused(&mut trial, apply("b-5", 9, 100)), "ALREADY_APPLIED");
    act(&mut trial, apply("b-6", 12, 100));
    // It agreed before both: first in the order, and nobody loses for it.
    act(&mut trial, apply("b-7", 9, 100));
    assert_eq!(percents(&trial), [70, 60, 70]);
    // Agreed with b-5 on one day and applied on one day: the code decides.
    act(&mut trial, apply("b-4", 10, 100));
    assert_eq!(percents(&trial), [70, 60, 70, 60]);
    assert_eq!(refused(&mut trial, apply("b-8", 11, 100)), "NO_TIER_LEFT");
    assert_eq!(fund(&trial).applications[3].tier, 2);
}

#[test]
fn places_and_days_run_out() {
    let mut trial = started(TIANNING, scheme(vec![tier(70, 1), tier(60, 1)]));
    act(&mut trial, apply("b-1", 1, 100));
    act(&mut trial, apply("b-2", 2, 100));
    assert_eq!(refused(&mut trial, apply("b-3", 3, 100)), "NO_TIER_LEFT");
    let by = |percent, day: Option<i8>| Tier {
        agreed_by: day.map(|day| Day(date(2026, 2, day))),
        ..tier(percent, 0)
    };
    let tiers = vec![by(70, Some(10)), by(60, Some(20)), by(30, None)];
    let mut trial = started(TIANNING, scheme(tiers));
    for (building, day) in [("b-1", 10), ("b-2", 11), ("b-3", 20), ("b-4", 21)] {
        act(&mut trial, apply(building, day, 100));
    }
    assert_eq!(percents(&trial), [70, 60, 60, 30]);
    let later = Action::Apply {
        building: code("b-9"),
        agreed_on: Day(date(2026, 3, 3)),
        total: 100,
    };
    assert_eq!(refused(&mut trial, later), "AGREED_LATER");
}

proptest! {
    /// In whatever order buildings come: each gets one of the tiers, never more than
    /// the first, and what it got stays.
    #[test]
    fn no_later_application_changes_an_earlier_one(
        days in prop::collection::vec(1i8..28, 1..20),
        places in prop::collection::vec(1u16..4, 1..5),
    ) {
        let last = places.len() - 1;
        let tiers = places.iter().enumerate().map(|(at, places)| {
            tier(70 - 10 * at as u8, if at == last { 0 } else { *places })
        });
        let mut trial = started(TIANNING, scheme(tiers.collect()));
        let mut before: Vec<u8> = Vec::new();
        for (at, day) in days.into_iter().enumerate() {
            act(&mut trial, apply(&format!("b-{at}"), day, 100));
            let now = percents(&trial);
            prop_assert_eq!(&now[..before.len()], &before[..]);
            prop_assert!(now.iter().all(|percent| *percent <= 70));
            before = now;
        }
    }
}
