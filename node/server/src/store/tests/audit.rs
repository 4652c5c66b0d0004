//! The journal alone gives the cells again, as of any record, whoever was erased since.

use node_domain::audit::compare;
use proto::indicator::cell::Cell;
use proto::sync::uplink::Checkpoint;

use super::*;
use crate::store::audit::replay;
use crate::store::keyspace::cell::Cells;

/// What a scan would release now, and of how many records.
fn released(town: &mut Town) -> (u64, Vec<Cell>) {
    town.close();
    town.open();
    let records = town.store().marks().borrow().position;
    let cells = town.view().all::<Cells>().map(|found| {
        let (key, stored) = found.unwrap();
        Cell {
            key,
            order: stored.order,
            state: stored.state,
        }
    });
    (records, cells.collect())
}

fn given(town: &Town, records: u64) -> (Vec<Cell>, Checkpoint, u64) {
    let beside = town.path().join("audit");
    let replayed = replay(town.path(), &setup(), records, &beside, |_| {}).unwrap();
    assert!(!beside.exists());
    (replayed.cells, replayed.checkpoint, replayed.through)
}

#[test]
fn cells_follow_from_the_journal_as_of_any_record_and_after_erasures() {
    let mut town = Town::new();
    town.activate();
    let mut cases = Vec::new();
    let mut checked = Vec::new();
    for n in 0..40 {
        let resident = super::tokens::resident(&town, &format!("wx-{n}"));
        cases.push(town.live_through_a_case(resident, n * 7));
        if n % 10 == 9 {
            checked.push(released(&mut town));
        }
    }
    assert!(checked.last().unwrap().1.len() > 10);
    // A tenth of them is forgotten.
    for case in cases.iter().step_by(10) {
        let asked = asked(Actor::Staff, 500);
        let of = Whose::Case(CaseId(*case));
        let erased = town.ask(Command::Erase(EraseCommand { asked, of }));
        assert!(matches!(erased, Answer::Erased(Ok(1))));
    }
    checked.push(released(&mut town));
    for (records, cells) in &checked {
        let (again, checkpoint, through) = given(&town, *records);
        assert_eq!(compare(cells, &again), [], "as of record {records}");
        let mut digest = proto::digest::Digest::default();
        cells.iter().for_each(|cell| digest.add(cell));
        let count = cells.len() as u64;
        let root = digest.root();
        assert_eq!(checkpoint, Checkpoint { count, root });
        let last = cells.iter().map(|cell| cell.order.seq).max();
        assert_eq!(Some(through), last);
    }
    let (before, last) = (&checked[3].1, &checked[4].1);
    assert_eq!(compare(before, last), [], "no number changed");
}
