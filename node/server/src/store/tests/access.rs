//! What a person may ask for leaves a trace, and what was asked for is really gone.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::sealing::{Keyring, SubjectId};
use crate::store::keyspace::access::Accesses;
use crate::store::keyspace::subject::Subjects;

fn access(town: &Town, by: Actor, of: Whose, ask: AccessAsk) -> Result<Vec<SubjectId>, Refused> {
    let asked = asked(by, 100);
    match town.ask(Command::Access(AccessCommand { asked, of, ask })) {
        Answer::Accessed(answer) => answer,
        _ => unreachable!(),
    }
}

fn opened(town: &Town, case: u64) -> Option<Vec<u8>> {
    let row = town.load(case).unwrap();
    let sealed = row.personal.unwrap();
    let plain = town.store().unseal(row.subject, &sealed.0).unwrap();
    plain.map(|plain| plain.to_vec())
}

fn accesses(town: &Town) -> Vec<SubjectId> {
    let all = town.view().all::<Accesses>();
    all.map(|found| found.unwrap().1).collect()
}

#[test]
fn a_copy_and_a_correction_are_journalled_and_survive_a_rebuild() {
    let mut town = Town::new();
    let number = super::tokens::resident(&town, "wx-1");
    let other = super::tokens::resident(&town, "wx-2");
    let case = town.live_through_a_case(number, 0);
    town.live_through_a_case(other, 0);
    let person = SubjectId(number);

    let by_case = Whose::Case(CaseId(case));
    for of in [by_case.clone(), Whose::Resident("wx-1".to_owned())] {
        let exported = access(&town, Actor::Admin, of, AccessAsk::Export);
        assert_eq!(exported, Ok(vec![person]));
    }
    // A resident is asked about itself, whatever it names.
    let own = Actor::Resident(Pseudonym(other));
    let exported = access(&town, own, by_case.clone(), AccessAsk::Export);
    assert_eq!(exported, Ok(vec![SubjectId(other)]));
    let right = AccessAsk::Correct("路灯很亮".as_bytes().to_vec().into());
    assert_eq!(
        access(&town, Actor::Staff, by_case.clone(), right),
        Ok(vec![person])
    );
    let nobody = Whose::Resident("wx-3".to_owned());
    let refused = access(&town, Actor::Admin, nobody, AccessAsk::Export);
    assert_eq!(refused, Err(Refused::NothingHeld));

    let traced = [person, person, SubjectId(other), person];
    for round in 0..3 {
        assert_eq!(opened(&town, case).as_deref(), Some("路灯很亮".as_bytes()));
        assert_eq!(accesses(&town), traced, "round {round}");
        town.close();
        if round == 1 {
            fs::remove_dir_all(town.path().join("view")).unwrap();
        }
        town.open();
    }
    let asked = asked(Actor::Admin, 101);
    let of = Whose::Resident("wx-1".to_owned());
    let erased = town.ask(Command::Erase(EraseCommand { asked, of }));
    assert!(matches!(erased, Answer::Erased(Ok(1))));
    assert_eq!(accesses(&town).len(), 5);
    let late = AccessAsk::Correct(b"x".to_vec().into());
    let refused = access(&town, Actor::Staff, by_case, late);
    assert_eq!(refused, Err(Refused::SubjectErased));
}

/// Every file below `dir` in which one of `keys` stands at any byte.
fn holding_keys(dir: &Path, keys: &HashSet<[u8; 32]>) -> Vec<String> {
    let starts: HashSet<&[u8]> = keys.iter().map(|key| &key[..8]).collect();
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding_keys(&path, keys));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let mut windows = bytes.windows(32);
        let holds = windows.any(|window| {
            let key: &[u8; 32] = window.try_into().unwrap();
            starts.contains(&window[..8]) && keys.contains(key)
        });
        if holds {
            found.push(path.display().to_string());
        }
    }
    found
}

/// `TONGXIN_ERASURES=1000` erases so many of ten times as many.
#[test]
fn of_the_erased_no_byte_and_no_usable_key_is_left() {
    let given = std::env::var("TONGXIN_ERASURES").ok();
    let erased: u64 = given.map_or(60, |text| text.parse().unwrap());
    let mut town = Town::new();
    let records = (0..10 * erased).map(|n| imported(&format!("canary-{n}-of-many"), 0));
    let records: Vec<_> = records.collect();
    for group in chunks(records) {
        let now = at(0);
        let Answer::Imported(answers) = town.ask(Command::Import {
            now,
            records: group,
        }) else {
            unreachable!()
        };
        assert!(answers.iter().all(Result::is_ok));
    }
    // The keys as they are in memory, of those who will be erased; and every key
    // under which they ever stood wrapped.
    let keyring = Keyring::open(&town.path().join("keys")).unwrap();
    let mut keys = HashSet::new();
    for found in town.view().all::<Subjects>() {
        let (id, subject) = found.unwrap();
        if id.0 % 10 == 0 {
            let key = keyring.keys().subject_key(id, &subject.wrapped);
            keys.insert(*key.unwrap().unwrap().bytes());
        }
    }
    assert_eq!(keys.len() as u64, erased);
    let epoch = town.path().join("keys/epoch");
    for number in 1..=10 * erased {
        if number % 10 != 0 {
            continue;
        }
        keys.insert(fs::read(&epoch).unwrap()[16..48].try_into().unwrap());
        let asked = asked(Actor::Admin, 1);
        let of = Whose::Subject(Pseudonym(number));
        let answer = town.ask(Command::Erase(EraseCommand { asked, of }));
        assert!(matches!(answer, Answer::Erased(Ok(1))), "{number}");
    }
    assert_eq!(keys.len() as u64, 2 * erased);
    assert_eq!(opened(&town, 10), None);
    assert!(opened(&town, 11).is_some());
    town.close();
    assert_eq!(holding_keys(town.path(), &keys), Vec::<String>::new());
    let words = ["lives here", "of-many lives"];
    let found = super::erasure::holding(town.path(), &words);
    assert_eq!(found, Vec::<String>::new());
    // The search finds what is there.
    let key = keys.iter().next().unwrap();
    fs::write(town.path().join("planted"), [&[1, 2, 3], &key[..]].concat()).unwrap();
    assert_eq!(holding_keys(town.path(), &keys).len(), 1);
    fs::remove_file(town.path().join("planted")).unwrap();
    town.open();
    assert!(opened(&town, 11).is_some(), "who stays is still there");
}

fn chunks(mut records: Vec<ImportRecord>) -> Vec<Vec<ImportRecord>> {
    let mut groups = Vec::new();
    while !records.is_empty() {
        let rest = records.split_off(records.len().min(200));
        groups.push(std::mem::replace(&mut records, rest));
    }
    groups
}
