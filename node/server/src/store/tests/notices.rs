//! The outbox: what is kept for whom, what an acknowledgement takes away, what a
//! crash leaves, and that nobody waits for a consumer that never acknowledges.

use node_domain::notices::{Command as Ask, Consumer, Mark, Matter, Recipient};

use super::*;
use crate::store::MOST_NOTICES;
use crate::store::keyspace::consumer::Consumers;
use crate::store::keyspace::notice::{NoticeRow, Notices};

impl Town {
    fn notices(&self, by: Actor, ask: Ask) -> Option<Consumer> {
        let asked = asked(by, 0);
        match self.ask(Command::Notices(NoticesCommand { asked, ask })) {
            Answer::Notices(answer) => answer.unwrap(),
            _ => unreachable!(),
        }
    }

    fn open_consumer(&self, by: Actor, name: &str) -> Consumer {
        let consumer = name.parse().unwrap();
        self.notices(by, Ask::Open { consumer }).unwrap()
    }

    fn acknowledge(&self, by: Actor, name: &str, through: Mark) {
        let consumer = name.parse().unwrap();
        self.notices(by, Ask::Acknowledge { consumer, through });
    }

    fn kept(&self) -> Vec<(Mark, NoticeRow)> {
        let rows = self.view().all::<Notices>();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// Codes of what is kept, with how many are told.
    fn codes(&self) -> Vec<(String, usize)> {
        let kept = self.kept().into_iter();
        kept.map(|(_, row)| (row.code.into(), row.recipients.len()))
            .collect()
    }

    fn lost(&self, name: &str) -> u64 {
        let consumer = self.view().load::<Consumers>(&name.parse().unwrap());
        consumer.unwrap().unwrap().lost
    }
}

fn codes(codes: &[(&str, usize)]) -> Vec<(String, usize)> {
    let codes = codes.iter();
    codes
        .map(|(code, told)| ((*code).to_owned(), *told))
        .collect()
}

const STORY: &[(&str, usize)] = &[
    // Its grid's worker and the office.
    ("REPORTED", 2),
    ("ACCEPTED", 1),
    // The requester and the handler.
    ("DISPATCHED", 2),
    ("COMPLETED", 2),
    // Its handler and the office; then the requester too, by the node itself.
    ("BAD_REVIEW", 2),
    ("REOPENED", 3),
    ("COMPLETED", 2),
    ("RATED", 1),
    ("CLOSED", 2),
];

#[test]
fn nothing_is_kept_before_there_is_a_consumer() {
    let mut town = Town::new();
    let resident = tokens::resident(&town, "wx-1");
    town.live_through_a_case(resident, 0);
    assert_eq!(town.codes(), []);
    let opened = town.open_consumer(Actor::Admin, "app");
    assert_eq!((opened.owner, opened.lost), (Actor::Staff, 0));
    town.live_through_a_case(resident, 10);
    assert_eq!(town.codes(), codes(STORY));
    // What another system's history holds is told to nobody.
    let records = vec![imported("a", 3_000)];
    town.ask(Command::Import {
        now: at(40),
        records,
    });
    assert_eq!(town.codes(), codes(STORY));
    town.close();
}

#[test]
fn what_was_kept_survives_a_crash_and_a_rebuild_gives_the_same() {
    let mut town = Town::new();
    let resident = tokens::resident(&town, "wx-1");
    town.open_consumer(Actor::Staff, "app");
    town.live_through_a_case(resident, 0);
    let matter = Matter::Case(CaseId(1));
    town.notices(Actor::Resident(Pseudonym(resident)), Ask::Follow(matter));
    let kept = town.kept();
    let (middle, last) = (kept[3].0, kept[8].0);
    // Sent and not acknowledged: after the end it is still there.
    town.crash();
    town.open();
    assert_eq!(town.kept(), kept);
    town.acknowledge(Actor::Staff, "app", middle);
    assert_eq!(town.kept(), kept[4..]);
    // A repeat, or an older one, changes nothing.
    town.acknowledge(Actor::Staff, "app", kept[0].0);
    assert_eq!(town.kept(), kept[4..]);
    town.crash();
    town.open();
    assert_eq!(town.kept(), kept[4..]);
    let rows = town.rows();
    town.close();
    std::fs::remove_dir_all(town.path().join("view")).unwrap();
    town.open();
    assert_eq!(town.rows(), rows);
    town.acknowledge(Actor::Staff, "app", last);
    assert_eq!(town.kept(), []);
    town.close();
    let verified = crate::store::verify::verify(town.path(), &setup(), |_| {}).unwrap();
    assert_eq!((verified.differences, verified.unusable), (0, None));
}

#[test]
fn the_slowest_consumer_decides_what_is_kept_and_one_that_sleeps_loses_the_oldest() {
    let mut town = Town::new();
    let resident = tokens::resident(&town, "wx-1");
    let property = Actor::Handler("物业".parse().unwrap());
    town.open_consumer(Actor::Staff, "app");
    town.open_consumer(property.clone(), "property");
    town.live_through_a_case(resident, 0);
    let kept = town.kept();
    town.acknowledge(Actor::Staff, "app", kept[8].0);
    assert_eq!(town.kept().len(), 9);
    town.acknowledge(property.clone(), "property", kept[8].0);
    assert_eq!(town.kept().len(), 0);
    for hours in 1..=12 {
        town.live_through_a_case(resident, hours * 10);
        let all = town.kept();
        town.acknowledge(Actor::Staff, "app", all[all.len() - 1].0);
    }
    assert_eq!(town.kept().len() as u64, MOST_NOTICES);
    // Of 108 the first 44 were given up: four cases, and eight notices of the fifth.
    // Of each case five are the handler's.
    assert_eq!((town.lost("app"), town.lost("property")), (0, 4 * 5 + 4));
    town.crash();
    town.open();
    assert_eq!(town.kept().len() as u64, MOST_NOTICES);
    // Once nobody wants any, nothing is kept.
    for (by, name) in [(Actor::Staff, "app"), (property, "property")] {
        let consumer = name.parse().unwrap();
        town.notices(by, Ask::Close { consumer });
    }
    assert_eq!(town.kept(), []);
    town.close();
}

#[test]
fn followers_hear_what_is_public_as_long_as_they_may_see_it() {
    let mut town = Town::new();
    let resident = tokens::resident(&town, "wx-1");
    town.open_consumer(Actor::Staff, "app");
    let case = town
        .report(Actor::Resident(Pseudonym(resident)), 0, "路灯不亮")
        .case
        .id;
    let follow = Ask::Follow(Matter::Case(case));
    let asked_by = |by| NoticesCommand {
        asked: asked(by, 0),
        ask: follow.clone(),
    };
    // Somebody else's case is not there.
    let other = town.ask(Command::Notices(asked_by(Actor::Resident(Pseudonym(
        resident + 1,
    )))));
    assert!(matches!(other, Answer::Notices(Err(Refused::Process(_)))));
    let worker = Actor::GridWorker("003".parse().unwrap());
    town.ask(Command::Notices(asked_by(worker)));
    town.act(Actor::Staff, 1, case.0, Action::Accept);
    let (_, row) = town.kept().pop().unwrap();
    let told = [
        Recipient::Resident(Pseudonym(resident)),
        Recipient::Grid("003".parse().unwrap()),
    ];
    assert_eq!((&*row.code, row.recipients), ("ACCEPTED", told.to_vec()));
    town.close();
}
