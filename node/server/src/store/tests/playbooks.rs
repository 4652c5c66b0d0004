//! Adopted playbooks: journalled once, in force after every end, and no
//! configuration is asked any more.

use node_domain::playbook::adoption::Offered;

use super::*;
use crate::config::offered;

const QINGHE: &str = include_str!("../../../../../deploy/playbooks/qinghe.toml");

pub fn read(text: &str) -> Offered {
    offered(Playbook::parse(text).unwrap(), text.to_owned())
}

fn ids(store: &Store) -> Vec<String> {
    let playbooks = store.playbooks();
    playbooks.iter().map(|one| one.id.to_string()).collect()
}

fn bare() -> Setup {
    Setup {
        playbooks: None,
        ..setup()
    }
}

#[test]
fn a_store_that_has_adopted_none_journals_the_configured_ones_once() {
    let mut town = Town::new();
    let position = |town: &Town| town.store().marks().borrow().position;
    assert_eq!(
        (ids(town.store()), position(&town)),
        (vec!["qingshan@1".into()], 0)
    );
    town.store()
        .adopt_first(at(0), vec![read(PLAYBOOK)])
        .unwrap();
    assert_eq!(position(&town), 1);
    town.store().adopt_first(at(1), vec![read(QINGHE)]).unwrap();
    assert_eq!(
        (ids(town.store()), position(&town)),
        (vec!["qingshan@1".into()], 1)
    );
    town.crash();
    // The journal alone says what is in force.
    let opened = open(town.path(), &bare()).unwrap();
    assert_eq!(ids(&opened.store), ["qingshan@1"]);
    drop(opened.store);
    opened.running.join().unwrap();
    std::fs::remove_dir_all(town.path().join("view")).unwrap();
    let opened = open(town.path(), &bare()).unwrap();
    assert_eq!(ids(&opened.store), ["qingshan@1"]);
    drop(opened.store);
    opened.running.join().unwrap();
    let verified = crate::store::verify::verify(town.path(), &bare(), |_| {}).unwrap();
    assert_eq!((verified.differences, verified.unusable), (0, None));
}

#[test]
fn a_store_without_any_playbook_does_not_open() {
    let mut town = Town::new();
    town.close();
    let refused = open(town.path(), &bare()).map(drop).unwrap_err();
    assert!(refused.to_string().contains("adopted none"), "{refused}");
}

#[test]
fn an_amendment_survives_and_what_is_under_way_keeps_its_rules() {
    let mut town = Town::new();
    town.store()
        .adopt_first(at(0), vec![read(PLAYBOOK)])
        .unwrap();
    let number = tokens::resident(&town, "wx-1");
    let resident = || Actor::Resident(Pseudonym(number));
    let old = town.report(resident(), 0, "路灯不亮").case;
    let second = PLAYBOOK.replace("revision = 1", "revision = 2");
    let second = second.replace("complete = \"7 days\"", "complete = \"9 days\"");
    let command = AdoptCommand {
        asked: asked(Actor::Admin, 1),
        offered: vec![read(&second), read(QINGHE)],
        replaces_all: false,
    };
    let answer = town.ask(Command::Adopt(command));
    assert!(matches!(answer, Answer::Adopted(Ok(true))));
    town.crash();
    town.open();
    assert_eq!(ids(town.store()), ["qingshan@2", "qinghe@1"]);
    let new = town.report(resident(), 2, "又不亮").case;
    let due = |town: &Town, case: u64| {
        town.act(Actor::Staff, 3, case, Action::Accept);
        let handler = "物业".parse().unwrap();
        let row = town.act(Actor::Staff, 3, case, Action::Dispatch { handler });
        let clocks = row.case.clocks.iter();
        let mut complete =
            clocks.filter(|(kind, _)| *kind == node_domain::cases::ClockKind::Complete);
        complete.next().unwrap().1.due_at
    };
    let days = |from: Timestamp| (due(&town, old.id.0) - from, due(&town, new.id.0) - from);
    let day = |days: i64| SignedDuration::from_hours(24 * days);
    assert_eq!(days(at(3)), (day(7), day(9)));
    town.close();
}
