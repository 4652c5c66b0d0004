//! Entries in the store: what is personal is sealed and can be destroyed, whoever
//! the entry is bound to and whenever; stocks follow every entry and a rebuild.

use node_domain::code::Code;
use node_domain::process::State;
use node_domain::registers::{self, Entry, Open};

use super::erasure::holding;
use super::*;
use crate::store::keyspace::process::Processes;
use crate::store::keyspace::stock::Stocks;
use crate::store::ledger::command::{EraseCommand, Whose};
use crate::store::verify::verify;

const BAIBUTING: &str = include_str!("../../../../../deploy/playbooks/baibuting.toml");

fn private(personal: &str, resident: &str) -> Private {
    Private {
        personal: (!personal.is_empty()).then(|| personal.as_bytes().to_vec().into()),
        resident: (!resident.is_empty()).then(|| resident.to_owned().into()),
    }
}

fn open(register: &str) -> Open {
    Open::of(register.parse().unwrap())
}

fn submit(
    town: &Town,
    hours: i64,
    process: Option<u64>,
    action: registers::Action,
    private: Private,
) -> Result<u64, Refused> {
    let command = ProcessCommand {
        asked: asked(Actor::Staff, hours),
        process: process.map(ProcessId),
        happened_at: None,
        action: action.into(),
        private,
    };
    match town.ask(Command::Process(Box::new(command))) {
        Answer::Process(Ok(ProcessAnswer::Now(id, _))) => Ok(id.0),
        Answer::Process(Err(refused)) => Err(refused),
        _ => unreachable!(),
    }
}

fn register(town: &Town, open: Open, private: Private) -> u64 {
    let action = registers::Action::Register(Box::new(open));
    submit(town, 1, None, action, private).unwrap()
}

fn amend(town: &Town, id: u64, private: Private) -> Result<u64, Refused> {
    let action = registers::Action::Amend(Box::default());
    submit(town, 2, Some(id), action, private)
}

fn entry(town: &Town, id: u64) -> Entry {
    let key = (process::Engine::Registers, ProcessId(id));
    match town.view().load::<Processes>(&key).unwrap() {
        Some(State::Registers(entry)) => entry,
        other => panic!("{other:?}"),
    }
}

fn opens(town: &Town, id: u64) -> Option<String> {
    let personal = entry(town, id).personal.unwrap();
    let subject = Some(crate::sealing::SubjectId(personal.subject.0));
    let plain = town.store().unseal(subject, &personal.sealed.0).unwrap();
    plain.map(|plain| String::from_utf8(plain.to_vec()).unwrap())
}

fn erase(town: &Town, of: Whose) -> Result<u64, Refused> {
    let asked = asked(Actor::Admin, 500);
    match town.ask(Command::Erase(EraseCommand { asked, of })) {
        Answer::Erased(answer) => answer,
        _ => unreachable!(),
    }
}

#[test]
fn personal_fields_are_sealed_and_an_erasure_destroys_them() {
    let mut town = Town::new();
    let resident = super::tokens::resident(&town, "canary-wx-1");
    // On paper first, bound to a resident who is known already.
    let late = register(&town, open("residents"), private("canary-first", ""));
    amend(&town, late, private("", "canary-wx-1")).unwrap();
    amend(&town, late, private("canary-second", "")).unwrap();
    // Bound from the beginning; on paper and bound to somebody who is new.
    let whole = register(
        &town,
        open("residents"),
        private("canary-whole", "canary-wx-2"),
    );
    let fresh = register(&town, open("residents"), private("canary-fresh", ""));
    amend(&town, fresh, private("", "canary-wx-3")).unwrap();
    let stays = register(&town, open("residents"), private("canary-stays", ""));
    assert_eq!(
        super::tokens::resident(&town, "canary-wx-3"),
        entry(&town, fresh).resident.unwrap().0
    );
    assert_eq!(
        entry(&town, fresh).resident,
        entry(&town, fresh).personal.map(|p| p.subject)
    );
    let case = town.live_through_a_case(resident, 5);
    assert_eq!(opens(&town, late).as_deref(), Some("canary-second"));
    assert_eq!(erase(&town, Whose::Case(CaseId(case))), Ok(1));
    assert_eq!(erase(&town, Whose::Entry(ProcessId(whole))), Ok(0));
    assert_eq!(erase(&town, Whose::Entry(ProcessId(fresh))), Ok(0));
    let refused = amend(&town, late, private("canary-third", "")).err();
    assert_eq!(refused, Some(Refused::SubjectErased));
    for round in 0..2 {
        for id in [late, whole, fresh] {
            assert_eq!(opens(&town, id), None, "round {round}: {id}");
        }
        assert_eq!(opens(&town, stays).as_deref(), Some("canary-stays"));
        town.close();
        if round == 0 {
            std::fs::remove_dir_all(town.path().join("view")).unwrap();
        }
        town.open();
    }
    town.close();
    assert_eq!(holding(town.path(), &["canary"]), Vec::<String>::new());
    assert_eq!(verify(town.path(), &setup(), |_| {}).unwrap().named, []);
}

#[test]
fn a_stock_follows_every_entry_and_a_rebuild_gives_it_again() {
    let mut town = Town::new();
    let ids = [(); 3].map(|()| register(&town, open("residents"), Private::default()));
    amend(&town, ids[1], private("", "wx-1")).unwrap();
    let residents: Code = "residents".parse().unwrap();
    let stock = |town: &Town| town.view().load::<Stocks>(&residents).unwrap().unwrap();
    town.close();
    town.open();
    assert_eq!(stock(&town).stock.0[..3], [3, 3, 1]);
    // Four changes within one hour and its fractions: each has its own moment.
    assert!(stock(&town).at_ms >= at(1).as_millisecond() + 2);
    let leave = registers::Action::Leave {
        on: None,
        reason: "moved-away".parse().unwrap(),
    };
    submit(&town, 3, Some(ids[1]), leave, Private::default()).unwrap();
    town.close();
    town.open();
    assert_eq!(stock(&town).stock.0[..3], [2, 2, 0]);
    let before = stock(&town);
    town.close();
    std::fs::remove_dir_all(town.path().join("view")).unwrap();
    town.open();
    assert_eq!(stock(&town), before);
    town.close();
    assert_eq!(verify(town.path(), &setup(), |_| {}).unwrap().named, []);
}

#[test]
fn a_person_s_pairs_and_a_register_s_entries_are_found_by_themselves() {
    let mut town = Town::new();
    let both = [PLAYBOOK, BAIBUTING].map(super::playbooks::read);
    town.store().adopt_first(at(0), both.into()).unwrap();
    let enter = |of: &str| register(&town, open(of), Private::default());
    let (cared_for, other) = (enter("care-list"), enter("care-list"));
    let helper = enter("volunteers");
    enter("residents");
    let pair = |person| {
        let helpers = vec![helper];
        let person = Some(person);
        let action = registers::Action::Register(Box::new(Open {
            person,
            helpers,
            ..open("pairs")
        }));
        submit(&town, 2, None, action, Private::default())
    };
    let first = pair(cared_for).unwrap();
    let Err(Refused::Process(refusal)) = pair(cared_for) else {
        panic!("paired twice");
    };
    assert_eq!(refusal.reason, "ALREADY_PAIRED");
    let others = pair(other).unwrap();
    let end = registers::Action::Move {
        to: "ended".parse().unwrap(),
        reason: None,
        seen: Default::default(),
    };
    submit(&town, 3, Some(first), end, Private::default()).unwrap();
    let next = pair(cared_for).unwrap();
    assert_eq!(entry(&town, next).pair.unwrap().again, Some((0, true)));
    assert_eq!(entry(&town, others).pair.unwrap().again, None);
    for round in 0..2 {
        let listed = |of: &str, below| {
            let rows = town
                .store()
                .entries_in(&of.parse().unwrap(), below, Direction::Ascending);
            rows.map(|row| row.unwrap().0.0).collect::<Vec<_>>()
        };
        assert_eq!(listed("pairs", u64::MAX), [first, others, next], "{round}");
        assert_eq!(listed("pairs", next), [first, others]);
        assert_eq!(listed("care-list", u64::MAX), [cared_for, other]);
        assert_eq!(listed("pair", u64::MAX), [0; 0]);
        town.close();
        std::fs::remove_dir_all(town.path().join("view")).unwrap();
        town.open();
    }
    town.close();
    assert_eq!(verify(town.path(), &setup(), |_| {}).unwrap().named, []);
}

#[test]
fn whom_an_entry_names_must_be_there() {
    let town = Town::new();
    let root = register(
        &town,
        Open {
            title: Some("大工委".parse().unwrap()),
            ..open("party-organisations")
        },
        Private::default(),
    );
    let below = |parent| {
        let open = Open {
            title: Some("大党委".parse().unwrap()),
            parent: Some(registers::Parent {
                entry: parent,
                level: 0,
            }),
            ..open("party-organisations")
        };
        let action = registers::Action::Register(Box::new(open));
        submit(&town, 1, None, action, Private::default())
    };
    let child = below(root).unwrap();
    let reason = |refused: Result<u64, Refused>| match refused {
        Err(Refused::Process(refusal)) => refusal.reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(below(99)), "UNKNOWN_ENTRY");
    let grant = |holder| registers::Action::Grant {
        role: "secretary".parse().unwrap(),
        holder: Some(holder),
        from: None,
        until: None,
    };
    let granted = submit(&town, 2, Some(child), grant(99), Private::default());
    assert_eq!(reason(granted), "UNKNOWN_ENTRY");
    submit(&town, 2, Some(child), grant(root), Private::default()).unwrap();
}
