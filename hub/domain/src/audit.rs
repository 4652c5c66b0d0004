//! Decisions about calls, gathered before they are journalled: equal ones become
//! one with a count, and how many different ones are kept has a limit, so that
//! nobody fills the journal by calling often. Knows no call and no clock.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proto::identity::Subject;

/// Different decisions in one record, at most; more are counted per caller.
pub const DISTINCT: usize = 256;
/// Characters of a scope that are kept.
pub const SCOPE_CHARS: usize = 200;
/// What a caller's decisions beyond [`DISTINCT`] are counted under.
pub const OVERFLOW: &str = "*";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct What {
    pub subject: Subject,
    /// The method's full path.
    pub method: String,
    /// What the call was about, where it says so.
    pub scope: String,
    pub is_allowed: bool,
    /// "OK", or the reason of the refusal or fault.
    pub result: String,
}

/// `count` equal decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub what: What,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub count: u32,
}

/// Whose calls are audited: everybody but nodes, child hubs and strangers.
pub fn is_audited(subject: &Subject) -> bool {
    matches!(
        subject,
        Subject::Operator(_) | Subject::Centre(_) | Subject::Extension(_) | Subject::Auditor(_)
    )
}

#[derive(Clone, Debug, Default)]
pub struct Gathered(BTreeMap<What, (Timestamp, Timestamp, u32)>);

impl Gathered {
    pub fn add(&mut self, what: What, at: Timestamp) {
        self.merge(what, (at, at, 1));
    }

    /// Puts back what could not be journalled.
    pub fn put_back(&mut self, decisions: Vec<Decision>) {
        for decision in decisions {
            let times = (decision.first_at, decision.last_at, decision.count);
            self.merge(decision.what, times);
        }
    }

    fn merge(&mut self, mut what: What, (first, last, count): (Timestamp, Timestamp, u32)) {
        if self.0.len() >= DISTINCT && !self.0.contains_key(&what) {
            what.method = OVERFLOW.to_owned();
            what.scope = String::new();
            what.result = OVERFLOW.to_owned();
        } else if what.scope.chars().count() > SCOPE_CHARS {
            what.scope = what.scope.chars().take(SCOPE_CHARS).collect();
        }
        let held = self.0.entry(what).or_insert((first, last, 0));
        held.0 = held.0.min(first);
        held.1 = held.1.max(last);
        held.2 = held.2.saturating_add(count);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order in which they first happened.
    pub fn take(&mut self) -> Vec<Decision> {
        let taken = std::mem::take(&mut self.0).into_iter();
        let mut decisions: Vec<Decision> = taken
            .map(|(what, (first_at, last_at, count))| Decision {
                what,
                first_at,
                last_at,
                count,
            })
            .collect();
        decisions.sort_by_key(|decision| decision.first_at);
        decisions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(subject: &str, method: &str) -> What {
        What {
            subject: subject.parse().unwrap(),
            method: method.into(),
            scope: String::new(),
            is_allowed: true,
            result: "OK".into(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn equal_decisions_become_one_with_a_count() {
        let mut gathered = Gathered::default();
        gathered.add(what("centre/care", "/a"), at(3));
        gathered.add(what("centre/care", "/b"), at(4));
        gathered.add(what("centre/care", "/a"), at(9));
        let taken = gathered.take();
        assert!(gathered.is_empty());
        let times = |of: &Decision| (of.first_at, of.last_at, of.count);
        assert_eq!(times(&taken[0]), (at(3), at(9), 2));
        assert_eq!(times(&taken[1]), (at(4), at(4), 1));
        gathered.add(what("centre/care", "/a"), at(20));
        gathered.put_back(taken);
        assert_eq!(times(&gathered.take()[0]), (at(3), at(20), 3));
    }

    #[test]
    fn too_many_different_ones_are_counted_per_caller() {
        let mut gathered = Gathered::default();
        for number in 0..DISTINCT as i64 + 50 {
            gathered.add(what("centre/care", &format!("/{number}")), at(number));
        }
        let taken = gathered.take();
        assert_eq!(taken.len(), DISTINCT + 1);
        let over = taken.iter().find(|of| of.what.method == OVERFLOW).unwrap();
        assert_eq!(over.count, 50);
        let all: u32 = taken.iter().map(|of| of.count).sum();
        assert_eq!(all, DISTINCT as u32 + 50);
    }

    #[test]
    fn nodes_and_strangers_are_not_audited() {
        for (subject, audited) in [
            ("operator/li", true),
            ("centre/care", true),
            ("extension/flood", true),
            ("auditor/shen", true),
            ("community/510115001001", false),
            ("child/510115", false),
            ("hub", false),
        ] {
            assert_eq!(is_audited(&subject.parse().unwrap()), audited, "{subject}");
        }
    }
}
