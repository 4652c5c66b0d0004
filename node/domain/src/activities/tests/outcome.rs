//! What comes of sessions: money, harvests, counts by kind.

use super::*;

#[test]
fn accounts_are_published_once_and_stay() {
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("organisation")).unwrap();
    let book = |income, fen| Action::Book {
        session: 1,
        money: Money {
            income,
            fen,
            what: "场地".parse().unwrap(),
        },
    };
    let publish = |session| Action::PublishAccounts {
        session,
        channel: "notice".parse().unwrap(),
    };
    held_today(&mut trial, Size::Large, None);
    assert_eq!(reason(trial.act(STAFF, book(None, 0))), "AMOUNT");
    for (income, fen) in [
        (Some(Income::Shared), 30_000),
        (Some(Income::Donation), 20_001),
        (Some(Income::Crowdfunding), 1),
        (Some(Income::Purchase), 50_000),
        (None, 80_000),
    ] {
        trial.act(STAFF, book(income, fen)).unwrap();
    }
    assert_eq!(programme(&trial).sessions[0].sums(), (100_002, 80_000));
    trial.act(STAFF, publish(1)).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, book(None, 1))),
        "ACCOUNTS_PUBLISHED"
    );
    assert_eq!(reason(trial.act(STAFF, publish(1))), "ACCOUNTS_PUBLISHED");
    held_today(&mut trial, Size::Small, None);
    // Fifteen days: until the end of the 17th.
    trial.pass_to("2026-03-17T16:00:00Z");
    trial.act(STAFF, publish(2)).unwrap();
    assert_eq!(trial.members("activity.accounts_published"), ["yes", "no"]);
    let cells = cells(&trial.facts);
    assert_eq!(of(&cells, "CZY.O03N", "2026").number(), Some(50_002));
    assert_eq!(of(&cells, "CZY.O03D", "2026").number(), Some(100_002));
    assert_eq!(of(&cells, "CZY.O02", "2026Q1").number(), Some(2));
    assert_eq!(of(&cells, "CZY.O02P", "2026Q1").number(), Some(60));
    let mut other = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    other.act(STAFF, open("culture-sport")).unwrap();
    held_today(&mut other, Size::Small, None);
    assert_eq!(reason(other.act(STAFF, book(None, 1))), "NO_ACCOUNTS");
}

#[test]
fn children_harvest_and_elders_are_brought_some() {
    let mut trial = Trial::new(RUIQUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("childrens-garden")).unwrap();
    held_today(&mut trial, Size::Small, None);
    let harvest = |crop: &str| Action::Harvest {
        session: 1,
        harvest: Harvest {
            crop: crop.parse().unwrap(),
            grams: 4_500,
            homes: 3,
        },
    };
    assert_eq!(reason(trial.act(STAFF, harvest("rice"))), "UNKNOWN_CROP");
    trial.act(STAFF, harvest("garlic")).unwrap();
    assert_eq!(trial.members("activity.harvested"), ["garlic"]);
    assert_eq!(trial.members("activity.delivered").len(), 3);
    let text = include_str!("../../../../../deploy/catalogue/activities.toml");
    assert_eq!(trial.numbers(text)["WJ.G03 2026Q1"], (3, None));
    let mut training = Trial::new(RUIQUAN, "2026-03-02T01:00:00Z");
    training.act(STAFF, open("training")).unwrap();
    held_today(&mut training, Size::Small, Some("rules-of-order"));
    let cells = cells(&training.facts);
    assert_eq!(of(&cells, "WJ.T02", "2026Q1").number(), Some(30));
}

#[test]
fn seven_kinds_are_counted_by_kind() {
    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("seven-kinds")).unwrap();
    let today = date(2026, 3, 2);
    for theme in [None, Some("karaoke")] {
        let odd = trial.act(STAFF, announce(Size::Small, today, theme));
        assert_eq!(reason(odd), "UNKNOWN_THEME");
    }
    for theme in ["fitness", "moral-forum", "fitness"] {
        held_today(&mut trial, Size::Small, Some(theme));
    }
    let cells = cells(&trial.facts);
    let counts = cells.iter().filter(|cell| cell.0 == "BBT.A01");
    let mut counts: Vec<_> = counts.map(|cell| cell.2.number()).collect();
    counts.sort();
    assert_eq!(counts, [Some(1), Some(2)]);
}

#[test]
fn old_sessions_give_way_and_open_ones_do_not() {
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("organisation")).unwrap();
    for _ in 0..60 {
        held_today(&mut trial, Size::Small, None);
    }
    let another = || announce(Size::Small, date(2026, 3, 2), None);
    assert_eq!(reason(trial.act(STAFF, another())), "TOO_MANY_SESSIONS");
    let channel = "notice".parse().unwrap();
    trial
        .act(
            STAFF,
            Action::PublishAccounts {
                session: 3,
                channel,
            },
        )
        .unwrap();
    trial.act(STAFF, another()).unwrap();
    let programme = programme(&trial);
    assert_eq!((programme.sessions.len(), programme.announced), (60, 61));
    assert!(programme.session(3).is_none() && programme.session(1).is_some());
}
