//! Which cases a list looks at, by whichever index knows best, and where the next
//! call goes on. Says nothing of whether they are shown.

use std::collections::BTreeSet;

use node_domain::actor::Pseudonym;
use node_domain::cases::CaseId;

use crate::sealing::SubjectId;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::head::Heads;
use crate::store::keyspace::open::{Block, OpenCases};
use crate::store::keyspace::subject_case::SubjectCases;
use crate::store::read::happened;
use crate::store::view::Direction;

/// Cases that one call looks at.
const LOOKED_AT: usize = 2000;

/// Greatest id first.
pub struct Candidates {
    pub ids: Vec<CaseId>,
    /// Below which the ones are that this call does not look at, if any are left.
    pub rest: Option<u64>,
}

impl Candidates {
    /// All cases below `below`: their ids are dense.
    pub fn all(below: u64) -> Candidates {
        let low = below.saturating_sub(LOOKED_AT as u64).max(1);
        Candidates {
            ids: (low..below).rev().map(CaseId).collect(),
            rest: (low > 1).then_some(low),
        }
    }

    /// Those of one resident.
    pub fn of(store: &Store, own: Pseudonym, below: u64) -> Result<Candidates, StoreFault> {
        let key = |case: u64| [own.0.to_be_bytes(), case.to_be_bytes()].concat();
        let (from, to) = (key(0), key(below));
        let view = store.view();
        let rows = view.entries::<SubjectCases>(Some(&from), Some(&to), Direction::Descending);
        let ids = rows.map(|found| found.map(|((SubjectId(_), id), ())| id));
        let ids = ids.take(LOOKED_AT + 1).collect::<Result<_, _>>()?;
        Ok(Candidates::first(ids))
    }

    /// Those that are open, and some that no longer are.
    pub fn open(store: &Store, below: u64) -> Result<Candidates, StoreFault> {
        let mut ids = recent(store)?;
        ids.retain(|id| id.0 < below);
        let end = (Block::of(CaseId(below)) + 1).to_be_bytes();
        let view = store.view();
        let blocks = view.entries::<OpenCases>(None, Some(&end), Direction::Descending);
        let mut taken = 0;
        for found in blocks {
            let (block, cases) = found?;
            let open = cases
                .cases(block)
                .filter(|(id, of)| of.open && id.0 < below);
            let before = ids.len();
            ids.extend(open.map(|(id, _)| id));
            taken += ids.len() - before;
            if taken > LOOKED_AT {
                break;
            }
        }
        Ok(Candidates::first(ids.into_iter().rev().collect()))
    }

    fn first(mut ids: Vec<CaseId>) -> Candidates {
        let rest = ids.get(LOOKED_AT).map(|next| next.0 + 1);
        ids.truncate(LOOKED_AT);
        Candidates { ids, rest }
    }
}

/// Cases that something happened to after the index of open cases was written
/// last: it is behind the rows by a few hundred records at most.
fn recent(store: &Store) -> Result<BTreeSet<CaseId>, StoreFault> {
    let written = store.view().load::<Heads>(&())?;
    let written = written.map_or(0, |head| head.position);
    let last = store.marks().borrow().position;
    let mut ids = BTreeSet::new();
    if written >= last {
        return Ok(ids);
    }
    for record in store.source().reader(written + 1)? {
        let record = record?;
        if record.seq > last {
            break;
        }
        let happened = happened(record.seq, &record.payload)?;
        let events = happened.iter().flat_map(|happened| &happened.events);
        ids.extend(events.map(|event| event.case));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_looks_at_so_many_and_says_where_to_go_on() {
        let none = Candidates::all(1);
        assert_eq!((none.ids.len(), none.rest), (0, None));
        let few = Candidates::all(4);
        assert_eq!(few.ids, [3, 2, 1].map(CaseId));
        assert_eq!(few.rest, None);
        let mut walked = Vec::new();
        let mut below = Some(4501);
        while let Some(from) = below {
            let some = Candidates::all(from);
            assert!(some.ids.len() <= LOOKED_AT);
            walked.extend(some.ids);
            below = some.rest;
        }
        assert!(walked.iter().map(|id| id.0).eq((1..=4500).rev()));
        let many: Vec<CaseId> = (1..=2500).rev().map(CaseId).collect();
        let first = Candidates::first(many);
        assert_eq!((first.ids.len(), first.rest), (LOOKED_AT, Some(501)));
    }
}
