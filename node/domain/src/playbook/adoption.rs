//! Adoption (采用): which playbooks a community runs by, and how it changes them. One
//! revision of a playbook has one text for ever, so that the rules which a process
//! took with it can always be looked up. Knows no file and no journal.

use super::{AdoptionRefused, Playbook, PlaybookId, Playbooks, Title};
use crate::process::Refusal;
use crate::sha256::Sha256;

/// Playbooks in force at once.
pub const MOST_PLAYBOOKS: usize = 16;

/// What one adoption did; the journal keeps it with the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// In place of all that was in force before; else each replaces its earlier
    /// revision, or comes behind the others.
    pub replaces_all: bool,
    /// In their order.
    pub playbooks: Vec<Adopted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    pub id: PlaybookId,
    pub title: Title,
    /// Of the text.
    pub sha256: Sha256,
    pub text: Box<str>,
}

/// A playbook that is offered for adoption, read and found sound.
#[derive(Clone, Debug)]
pub struct Offered {
    pub playbook: Playbook,
    pub sha256: Sha256,
    pub text: Box<str>,
}

/// What was decided: to be journalled, and what is in force after it.
#[derive(Clone, Debug)]
pub struct Decided {
    pub adoption: Adoption,
    pub in_force: Playbooks,
}

/// `in_force`: in their order, with `current` the same parsed; none before the first
/// adoption. `known`: the text that a revision was ever adopted with. `None`: all of
/// it is in force already.
pub fn decide(
    offered: Vec<Offered>,
    replaces_all: bool,
    in_force: &[(PlaybookId, Sha256)],
    current: Option<&Playbooks>,
    known: impl Fn(&PlaybookId) -> Option<Sha256>,
) -> Result<Option<Decided>, Refusal> {
    if let Some(other) = offered.iter().find(|one| {
        let known = known(&one.playbook.id);
        known.is_some_and(|known| known != one.sha256)
    }) {
        return Err(reused(&other.playbook.id));
    }
    let ids = || offered.iter().map(|one| (&one.playbook.id, &one.sha256));
    let is_same = match replaces_all {
        true => ids().eq(in_force.iter().map(|(id, sha256)| (id, sha256))),
        false => ids().all(|(id, sha256)| in_force.contains(&(id.clone(), *sha256))),
    };
    if is_same && !offered.is_empty() {
        return Ok(None);
    }
    let mut after = current.filter(|_| !replaces_all).cloned();
    for one in &offered {
        let playbook = one.playbook.clone();
        match &mut after {
            None => after = Some(Playbooks::new(playbook)),
            Some(after) => after.adopt(playbook).map_err(refusal)?,
        }
    }
    let after = after.ok_or_else(none)?;
    if after.iter().count() > MOST_PLAYBOOKS {
        let zh = format!("最多同时采用 {MOST_PLAYBOOKS} 个预案");
        let en = format!("at most {MOST_PLAYBOOKS} playbooks are in force at once");
        return Err(Refusal::exhausted("TOO_MANY_PLAYBOOKS", zh, en));
    }
    let playbooks = offered.into_iter().map(|one| Adopted {
        id: one.playbook.id,
        title: one.playbook.title,
        sha256: one.sha256,
        text: one.text,
    });
    let adoption = Adoption {
        replaces_all,
        playbooks: playbooks.collect(),
    };
    Ok(Some(Decided {
        adoption,
        in_force: after,
    }))
}

/// What is in force after an adoption that made `adopted` of it; `is_first`: it is
/// the first of an adoption that replaces all.
pub fn follow<T>(in_force: &mut Vec<T>, adopted: T, is_first: bool, code: fn(&T) -> &PlaybookId) {
    if is_first {
        in_force.clear();
    }
    let same = |one: &&mut T| code(one).code == code(&adopted).code;
    match in_force.iter_mut().find(same) {
        Some(earlier) => *earlier = adopted,
        None => in_force.push(adopted),
    }
}

fn none() -> Refusal {
    let (zh, en) = ("请至少给出一个预案", "want at least one playbook");
    Refusal::input("texts", "NO_PLAYBOOK", zh, en)
}

fn reused(id: &PlaybookId) -> Refusal {
    let zh = format!("预案 {id} 已用另一份文本采用过，请提高 revision");
    let en = format!("{id} was adopted with another text before: raise its revision");
    Refusal::exists("REVISION_REUSED", zh, en).with("playbook", id)
}

fn refusal(refused: AdoptionRefused) -> Refusal {
    let (zh, en) = (refused.zh(), refused.to_string());
    match &refused {
        AdoptionRefused::NotNewer { playbook, .. } => {
            Refusal::exists("REVISION_NOT_NEWER", zh, en).with("playbook", playbook)
        }
        AdoptionRefused::KindTaken {
            playbook,
            kind,
            owner,
        } => Refusal::exists("KIND_TAKEN", zh, en)
            .with("playbook", playbook)
            .with("kind", kind)
            .with("owner", owner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QINGSHAN: &str = include_str!("../../../../deploy/playbooks/qingshan.toml");
    const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");

    fn offered(text: &str) -> Offered {
        let playbook = Playbook::parse(text).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let sum = text
            .bytes()
            .fold(7u8, |sum, byte| sum.wrapping_mul(31) ^ byte);
        Offered {
            playbook,
            sha256: Sha256([sum; 32]),
            text: text.into(),
        }
    }

    /// A community that remembers what it adopted.
    #[derive(Default)]
    struct Town {
        in_force: Vec<(PlaybookId, Sha256)>,
        ever: Vec<(PlaybookId, Sha256)>,
        current: Option<Playbooks>,
    }

    impl Town {
        fn adopt(&mut self, texts: &[&str], replaces_all: bool) -> Result<bool, &'static str> {
            let offered = texts.iter().map(|text| offered(text)).collect();
            let known = |id: &PlaybookId| {
                let mut ever = self.ever.iter();
                ever.find(|(known, _)| known == id).map(|(_, sum)| *sum)
            };
            let current = self.current.as_ref();
            let decided = decide(offered, replaces_all, &self.in_force, current, known);
            let Some(decided) = decided.map_err(|refusal| refusal.reason)? else {
                return Ok(false);
            };
            for (at, one) in decided.adoption.playbooks.iter().enumerate() {
                let version = (one.id.clone(), one.sha256);
                self.ever.push(version.clone());
                follow(
                    &mut self.in_force,
                    version,
                    replaces_all && at == 0,
                    |one| &one.0,
                );
            }
            let ids = decided.in_force.iter().map(|one| &one.id);
            assert!(ids.eq(self.in_force.iter().map(|(id, _)| id)));
            self.current = Some(decided.in_force);
            Ok(true)
        }

        fn ids(&self) -> Vec<String> {
            self.in_force.iter().map(|(id, _)| id.to_string()).collect()
        }
    }

    #[test]
    fn one_revision_has_one_text_and_the_first_counts_first() {
        let mut town = Town::default();
        assert_eq!(town.adopt(&[], true), Err("NO_PLAYBOOK"));
        assert_eq!(town.adopt(&[QINGSHAN, QINGHE], true), Ok(true));
        assert_eq!(town.adopt(&[QINGSHAN, QINGHE], true), Ok(false));
        assert_eq!(town.adopt(&[QINGHE], false), Ok(false));
        let second = QINGSHAN.replace("revision = 1", "revision = 2");
        assert_eq!(town.adopt(&[&second], false), Ok(true));
        assert_eq!(town.ids(), ["qingshan@2", "qinghe@1"]);
        let other = second.replace("7 days", "9 days");
        assert_eq!(town.adopt(&[&other], false), Err("REVISION_REUSED"));
        assert_eq!(town.adopt(&[QINGSHAN], false), Err("REVISION_NOT_NEWER"));
        // All at once, a community goes back to what it had, and turns them round.
        assert_eq!(town.adopt(&[QINGHE, QINGSHAN], true), Ok(true));
        assert_eq!(town.ids(), ["qinghe@1", "qingshan@1"]);
        let thief = QINGSHAN.replace("code = \"qingshan\"", "code = \"thief\"");
        assert_eq!(town.adopt(&[&thief], false), Err("KIND_TAKEN"));
        assert_eq!(town.adopt(&[&thief], true), Ok(true));
        assert_eq!(town.ids(), ["thief@1"]);
    }
}
