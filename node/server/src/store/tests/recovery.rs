//! What a store is after every kind of end.

use std::fs;

use proto::indicator::cell::CellState;
use proto::indicator::kind::Kind;

use super::*;
use crate::store::keyspace::request::RequestHash;
use crate::store::verify::verify;

/// Everything a rebuild must give again: residents, imports, duties, tokens, requests,
/// a catalogue that came in the middle.
fn eventful() -> Town {
    let town = Town::new();
    let resident = super::tokens::resident(&town, "wx-1");
    for hours in 0..30 {
        town.live_through_a_case(resident, hours * 8);
    }
    town.activate();
    for hours in 30..40 {
        town.live_through_a_case(resident, hours * 8);
    }
    for hours in [0, 72, 24 * 20] {
        town.live_through_a_duty(hours);
    }
    let records = (0..300).map(|n| imported(&format!("s-{n}"), 400)).collect();
    town.ask(Command::Import {
        now: at(400),
        records,
    });
    let mut repeated = asked(Actor::Staff, 401);
    repeated.request_id = Some("request-1".to_owned());
    let done = town.case(repeated, None, report("有人摔倒"));
    assert!(done.is_ok());
    assert!(RequestHash::of(1, "request-1") != RequestHash::of(2, "request-1"));
    town
}

#[test]
fn an_orderly_end_loses_nothing_and_replays_nothing() {
    let mut town = eventful();
    let cases = (town.load(1), town.load(41), town.load(341));
    assert!(cases.0.is_some() && cases.2.is_some());
    town.close();
    let opened = town.open();
    assert_eq!((opened.replayed, &opened.rebuilt), (0, &None));
    assert_eq!(cases, (town.load(1), town.load(41), town.load(341)));
}

#[test]
fn a_view_behind_the_journal_is_replayed_to_the_same_rows() {
    let mut town = eventful();
    // How far sled has come is the view thread's affair: until it is behind.
    let replayed = (0..100).find_map(|hours| {
        town.report(Actor::Staff, 402 + hours, "又一件");
        let marks = town.store().marks().borrow().clone();
        let last = town.load(marks.cases);
        town.crash();
        let replayed = town.open().replayed;
        assert_eq!(town.load(marks.cases), last);
        let again = town.store().marks().borrow().clone();
        let token_changes = marks.token_changes;
        let again = Marks {
            token_changes,
            ..again
        };
        assert_eq!(again, marks);
        (replayed > 0).then_some(replayed)
    });
    assert!(replayed.is_some());
    town.close();
    let verified = verify(town.path(), &setup(), |_| {}).unwrap();
    assert_eq!((verified.differences, verified.named), (0, vec![]));
    assert!(verified.rows > 400, "{}", verified.rows);
}

#[test]
fn a_deleted_view_is_rebuilt_row_by_row() {
    let mut town = eventful();
    town.close();
    town.open();
    let rows = town.rows();
    town.close();
    fs::remove_dir_all(town.path().join("view")).unwrap();
    let opened = town.open();
    assert!(opened.replayed > 300);
    assert_eq!(town.rows().len(), rows.len());
    assert!(town.rows() == rows);
}

#[test]
fn a_damaged_view_is_set_aside_and_rebuilt() {
    let mut town = eventful();
    town.close();
    town.open();
    let rows = town.rows();
    town.close();
    let db = town.path().join("view/db");
    let mut bytes = fs::read(&db).unwrap();
    for at in (0..bytes.len()).step_by(113) {
        bytes[at] ^= 0x55;
    }
    fs::write(&db, bytes).unwrap();
    let opened = town.open();
    let rebuilt = opened.rebuilt.clone();
    assert!(opened.replayed > 300);
    assert!(town.rows() == rows);
    assert!(rebuilt.is_none_or(|rebuilt| rebuilt.set_aside.unwrap().exists()));
}

#[test]
fn verify_names_a_row_that_is_not_what_the_journal_says() {
    let mut town = eventful();
    town.close();
    {
        let (writer, _) = view::ViewWriter::open(&town.path().join("view")).unwrap();
        let mut row = writer.view().load::<Cases>(&CaseId(3)).unwrap().unwrap();
        row.case.bounces = 9;
        let mut table = view::Table::default();
        let key = keyspace::key::<Cases>(&CaseId(3));
        table.put(key, Some(keyspace::row::<Cases>(&row)));
        writer.publish(table);
        writer.seal().unwrap();
        writer.close().unwrap();
    }
    let verified = verify(town.path(), &setup(), |_| {}).unwrap();
    assert_eq!(verified.differences, 1);
    assert_eq!(verified.named[0].key, "100000000000000003");
}

#[test]
fn a_running_node_is_neither_opened_twice_nor_verified() {
    let town = Town::new();
    let twice = open(town.path(), &setup()).err().unwrap();
    assert!(matches!(
        twice,
        StoreFault::Open(journal::OpenFault::Locked { .. })
    ));
    let verified = verify(town.path(), &setup(), |_| {}).err().unwrap();
    assert!(matches!(
        verified,
        StoreFault::Open(journal::OpenFault::Locked { .. })
    ));
}

#[test]
fn cells_are_the_same_whether_the_catalogue_came_first_or_last() {
    let states = |early: bool| {
        let mut town = Town::new();
        let resident = super::tokens::resident(&town, "wx-1");
        if early {
            town.activate();
        }
        for hours in 0..20 {
            town.live_through_a_case(resident, hours * 8);
        }
        if !early {
            town.activate();
        }
        town.close();
        town.open();
        let cells = town.view().all::<keyspace::cell::Cells>();
        let cells: Vec<_> = cells
            .map(|found| found.map(|(key, cell)| (key, cell.state)).unwrap())
            .collect();
        assert_eq!(town.store().marks().borrow().cells, cells.len() as u64);
        // Each town rounds by a secret of its own.
        let rounded = |state: &CellState| state.kind >= Kind::RoundedCount.number();
        cells
            .into_iter()
            .filter(|(_, state)| !rounded(state))
            .collect::<Vec<_>>()
    };
    let first = states(true);
    assert!(first.len() > 8, "{}", first.len());
    assert_eq!(first, states(false));
}

#[test]
fn a_definition_taken_just_before_a_crash_has_the_whole_history() {
    let counted = |crashes: bool| {
        let mut town = Town::new();
        let resident = super::tokens::resident(&town, "wx-1");
        for hours in 0..20 {
            town.live_through_a_case(resident, hours * 8);
        }
        town.activate();
        if crashes {
            town.crash();
        } else {
            town.close();
        }
        town.open();
        let cells = town.view().all::<keyspace::cell::Cells>();
        let cells = cells.map(|found| found.map(|(key, cell)| (key, cell.state)).unwrap());
        // Each town rounds by a secret of its own.
        let plain = cells.filter(|(_, state)| state.kind < Kind::RoundedCount.number());
        plain.collect::<Vec<_>>()
    };
    let cells = counted(true);
    assert!(cells.len() > 8, "{}", cells.len());
    assert_eq!(cells, counted(false));
}

#[test]
fn a_repeated_request_gets_the_case_as_it_was_then() {
    let mut town = Town::new();
    let mut once = asked(Actor::Staff, 0);
    once.request_id = Some("r-1".to_owned());
    let first = town
        .case(once.clone(), None, report("漏水"))
        .unwrap()
        .row()
        .unwrap();
    town.act(Actor::Staff, 1, 1, Action::Accept);
    for _ in 0..2 {
        let again = town.case(once.clone(), None, report("漏水")).unwrap();
        let CaseAnswer::Earlier { case, position } = again else {
            panic!("reported twice");
        };
        let then = town.store().case_at(case, position).unwrap().unwrap();
        assert_eq!(then.case.lifecycle, first.case.lifecycle);
        assert_eq!(then.case.revision, first.case.revision);
        town.crash();
        town.open();
    }
    once.token = Some(TokenId(2));
    let other = town.case(once, None, report("漏水")).unwrap();
    assert!(
        matches!(other, CaseAnswer::Now(_)),
        "another token's request"
    );
    assert_eq!(town.store().marks().borrow().cases, 2);
}

#[test]
fn a_repeated_request_gets_the_process_as_it_was_then() {
    let town = Town::new();
    let open = duties::Action::Open(duties::Open {
        kind: "door-knock".parse().unwrap(),
        grid: None,
        owed_by: None,
        owed_to: None,
        from: Some(date(2026, 3, 2)),
        until: None,
        year_day: None,
    });
    let Ok(ProcessAnswer::Now(id, _)) = town.process(asked(Actor::Staff, 0), None, open) else {
        panic!("not opened");
    };
    let (on, present, seats) = (None, 1, 1);
    let hold = duties::Action::Hold { on, present, seats };
    let mut once = asked(Actor::Staff, 1);
    once.request_id = Some("r-1".to_owned());
    let Ok(ProcessAnswer::Now(_, first)) = town.process(once.clone(), Some(id), hold.clone())
    else {
        panic!("not held");
    };
    let key = (process::Engine::Duties, id);
    // At once, when nothing came after it, and when something has.
    for later in [2, 3] {
        let again = town.process(once.clone(), Some(id), hold.clone());
        let Ok(ProcessAnswer::Earlier { position, .. }) = again else {
            panic!("held twice");
        };
        let then = town.store().process_at(key, position).unwrap();
        assert_eq!(then.as_ref(), Some(&*first));
        let held = town.process(asked(Actor::Staff, later), Some(id), hold.clone());
        assert!(matches!(held, Ok(ProcessAnswer::Now(_, newest)) if newest != first));
    }
}

#[test]
fn an_import_adds_each_record_once() {
    let town = Town::new();
    let import = |n| {
        let records = (0..n).map(|n| imported(&format!("s-{n}"), 0)).collect();
        match town.ask(Command::Import {
            now: at(0),
            records,
        }) {
            Answer::Imported(outcomes) => outcomes,
            _ => unreachable!(),
        }
    };
    assert!(import(3).iter().all(Result::is_ok));
    let again = import(5);
    assert_eq!(again[1], Err(NotImported::Already(CaseId(2))));
    assert_eq!(again[4], Ok(CaseId(5)));
    let case = town.load(5).unwrap().case;
    assert_eq!(case.reported_at, at(-3000));
    assert_eq!(case.completed_at, Some(at(-2950)));
    assert_eq!(town.store().marks().borrow().open_cases, 0);
    let row = town.load(1).unwrap();
    let plain = town.store().unseal(row.subject, &row.personal.unwrap().0);
    assert_eq!(&**plain.unwrap().unwrap(), b"s-0 lives here");
}

#[test]
fn time_does_its_work_at_each_tick() {
    let town = Town::new();
    town.report(Actor::Staff, 0, "路灯");
    let alarm = town.store().alarms().borrow().unwrap();
    let ticked = |now| match town.ask(Command::Tick { now }) {
        Answer::Ticked(cases) => cases,
        _ => unreachable!(),
    };
    assert_eq!(ticked(alarm - SignedDuration::from_secs(1)), 0);
    assert_eq!(ticked(alarm), 1);
    let next = *town.store().alarms().borrow();
    assert!(next.is_none_or(|next| next > alarm));
    assert_eq!(ticked(alarm), 0);
}
