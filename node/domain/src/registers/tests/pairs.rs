//! Pairs: they begin when all agree, and the next one is in time or late.

use super::*;

fn pair() -> Open {
    Open {
        group: Some("empty-nest".parse().unwrap()),
        person: Some(5),
        helpers: vec![6, 7],
        ..open("pairs")
    }
}

#[test]
fn a_pair_begins_when_all_agree() {
    let mut trial = started(BAIBUTING, pair());
    let early = trial.act(Actor::Staff, move_to("active"));
    assert_eq!(reason(early), "NOT_ACCEPTED");
    for party in [6, 5] {
        trial.act(Actor::Staff, Action::Accept { party }).unwrap();
        assert!(!entry(&trial).is_active());
    }
    let again = trial.act(Actor::Staff, Action::Accept { party: 5 });
    assert_eq!(reason(again), "ALREADY_ACCEPTED");
    let stranger = trial.act(Actor::Staff, Action::Accept { party: 8 });
    assert_eq!(reason(stranger), "NO_PARTY");
    trial
        .act(Actor::Staff, Action::Accept { party: 7 })
        .unwrap();
    assert!(entry(&trial).is_active());
    assert_eq!(trial.members("pair.begun"), ["empty-nest,003,first"]);
    trial.act(Actor::Staff, move_to("paused")).unwrap();
    assert!(!entry(&trial).is_active());
    trial.act(Actor::Staff, move_to("active")).unwrap();
    trial.act(Actor::Staff, move_to("ended")).unwrap();
    assert_eq!(trial.members("pair.begun").len(), 1);
    assert_eq!(trial.members("entry.left"), ["empty-nest,003,ended"]);
    let over = trial.act(Actor::Staff, move_to("active"));
    assert_eq!(reason(over), "ALREADY_OVER");
}

#[test]
fn the_next_pair_is_in_time_or_late() {
    for (ended, again) in [(1, "in-time"), (2, "in-time"), (3, "late")] {
        // 30 days before 2 March is 31 January.
        let ended_on = date(2026, 2, 2 - 1).checked_sub(jiff::Span::new().days(ended - 1));
        let before = PairsBefore {
            is_paired: false,
            ended_on: Some(Day(ended_on.unwrap())),
        };
        let mut trial = started(BAIBUTING, Open { before, ..pair() });
        for party in [5, 6, 7] {
            trial.act(Actor::Staff, Action::Accept { party }).unwrap();
        }
        let wanted = format!("empty-nest,003,{again}");
        assert_eq!(trial.members("pair.begun"), [wanted]);
    }
    let before = PairsBefore {
        is_paired: true,
        ended_on: None,
    };
    let mut trial = Trial::new(BAIBUTING, START);
    let twice = trial.act(Actor::Staff, register(Open { before, ..pair() }));
    assert_eq!(reason(twice), "ALREADY_PAIRED");
    let alone = Open {
        helpers: vec![5],
        ..pair()
    };
    let alone = trial.act(Actor::Staff, register(alone));
    assert_eq!(reason(alone), "HELPERS_OF_A_PAIR");
}
