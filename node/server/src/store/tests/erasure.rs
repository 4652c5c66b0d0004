//! Deletion is real: plain text never reaches the disk, and after an erasure no
//! key opens what was sealed, while every number stays.

use std::fs;
use std::path::Path;

use super::*;
use crate::sealing::SubjectId;
use crate::store::keyspace::cell::Cells;
use crate::store::ledger::command::{EraseCommand, Whose};
use crate::store::verify::verify;

fn erase(town: &Town, case: u64) -> Result<u64, Refused> {
    let asked = asked(Actor::Staff, 500);
    let case = CaseId(case);
    let of = Whose::Case(case);
    match town.ask(Command::Erase(EraseCommand { asked, of })) {
        Answer::Erased(answer) => answer,
        _ => unreachable!(),
    }
}

fn opens(town: &Town, case: u64) -> Option<String> {
    let row = town.load(case).unwrap();
    let sealed = row.personal.unwrap();
    let plain = town.store().unseal(row.subject, &sealed.0).unwrap();
    plain.map(|plain| String::from_utf8(plain.to_vec()).unwrap())
}

/// Every file under `dir` that holds one of `words`.
pub fn holding(dir: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, words));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for word in words {
            let word = word.as_bytes();
            if bytes.windows(word.len()).any(|window| window == word) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn an_erased_person_cannot_be_read_and_no_number_changes() {
    let mut town = Town::new();
    town.activate();
    let gone = super::tokens::resident(&town, "canary-openid-4711");
    let stays = super::tokens::resident(&town, "canary-openid-4712");
    let first = town.live_through_a_case(gone, 0);
    let second = town.live_through_a_case(stays, 0);
    let third = town.live_through_a_case(gone, 10);
    // A walk-in without a token.
    let walk_in = town
        .report(Actor::Staff, 20, "canary-13800000000")
        .case
        .id
        .0;
    town.act(Actor::Staff, 21, walk_in, note("canary-note"));
    let cells = |town: &Town| -> Vec<_> {
        let all = town.view().all::<Cells>();
        all.map(Result::unwrap).collect()
    };
    town.close();
    town.open();
    let before = cells(&town);
    assert_eq!(opens(&town, first).as_deref(), Some("路灯不亮"));

    assert_eq!(erase(&town, third), Ok(2));
    assert_eq!(erase(&town, first), Ok(2), "again");
    for round in 0..3 {
        assert_eq!(opens(&town, first), None, "round {round}");
        assert_eq!(opens(&town, third), None);
        assert_eq!(opens(&town, second).as_deref(), Some("路灯不亮"));
        assert_eq!(opens(&town, walk_in).as_deref(), Some("canary-13800000000"));
        assert!(town.store().is_erased(Some(SubjectId(gone))).unwrap());
        assert_eq!(cells(&town), before);
        town.close();
        if round == 1 {
            fs::remove_dir_all(town.path().join("view")).unwrap();
        }
        town.open();
    }
    let refused = town.case(asked(Actor::Staff, 501), Some(first), note("又来电"));
    assert_eq!(refused.err(), Some(Refused::SubjectErased));
    let anew = super::tokens::resident(&town, "canary-openid-4711");
    assert_ne!(anew, gone, "whoever comes back is somebody new");

    assert_eq!(erase(&town, walk_in), Ok(1));
    assert_eq!(opens(&town, second).as_deref(), Some("路灯不亮"));
    assert_eq!(opens(&town, walk_in), None);
    town.close();
    let verified = verify(town.path(), &setup(), |_| {}).unwrap();
    assert_eq!(verified.named, []);
    let words = ["canary", "路灯不亮", "换了灯泡", "还是不亮"];
    assert_eq!(holding(town.path(), &words), Vec::<String>::new());
}

#[test]
fn an_erasure_that_the_journal_missed_is_finished_at_the_next_start() {
    let mut town = Town::new();
    let gone = super::tokens::resident(&town, "wx-1");
    let stays = super::tokens::resident(&town, "wx-2");
    let first = town.live_through_a_case(gone, 0);
    let second = town.live_through_a_case(stays, 0);
    town.close();
    {
        // The crash: the keys are replaced, the record is not written.
        let keyring = crate::sealing::Keyring::open(&town.path().join("keys")).unwrap();
        let (writer, _) = view::ViewWriter::open(&town.path().join("view")).unwrap();
        let subjects = writer.view().all::<keyspace::subject::Subjects>();
        let all = subjects.map(|found| found.map(|(id, row)| (id, row.wrapped)).unwrap());
        keyring.erase(SubjectId(gone), all).unwrap();
        writer.close().unwrap();
    }
    town.open();
    assert!(town.store().is_erased(Some(SubjectId(gone))).unwrap());
    assert_eq!(opens(&town, first), None);
    assert_eq!(opens(&town, second).as_deref(), Some("路灯不亮"));
    let position = town.store().marks().borrow().position;
    town.close();
    town.open();
    assert_eq!(town.store().marks().borrow().position, position, "once");
}
