//! Letters in the store: what goes up is read from the journal, what comes down is
//! taken once, and a rebuilt view stands where the old one stood.

use node_domain::process::State;
use node_domain::support::{self, Ask, Rating, Request, Stage};
use proto::support::{
    BACKLOG, Card, Down, Letter, Offer, OfferKey, OfferKind, Progress, RequestKey, Up,
};

use super::*;
use crate::store::keyspace::post::{Post, PostKey, PostRow};
use crate::store::keyspace::process::Processes;
use crate::store::verify::verify;

const KEY: RequestKey = RequestKey(0xab);

fn ask(key: RequestKey) -> support::Action {
    support::Action::Ask(Box::new(Ask {
        key,
        centre: Some("care".parse().unwrap()),
        text: "请派社工".parse().unwrap(),
        attachment: None,
        wanted_by: None,
    }))
}

fn done_at(hours: i64) -> Progress {
    Progress {
        request: KEY,
        centre: "care".parse().unwrap(),
        routed_at: None,
        accepted_at: Some(at(1)),
        declined_at: None,
        begun_at: Some(at(2)),
        done_at: Some(at(hours)),
        deliver_by: None,
        words: None,
    }
}

fn offer() -> Offer {
    Offer {
        key: OfferKey(9),
        centre: "care".parse().unwrap(),
        kind: OfferKind::Course,
        title: "急救".parse().unwrap(),
        text: "一课".parse().unwrap(),
        published_at: at(0),
        until: None,
        places: 0,
        form: None,
        fen: 0,
        closed_at: None,
    }
}

fn card() -> Card {
    Card {
        centre: "care".parse().unwrap(),
        recipient: format!("age1{}", "q".repeat(58)).parse().unwrap(),
    }
}

impl Town {
    fn deliver(&self, hours: i64, log: u8, downs: Vec<(u64, Down)>) {
        let letters = downs.into_iter().map(|(seq, down)| Letter { seq, down });
        let deliver = Command::Deliver {
            now: at(hours),
            log_id: LogId([log; 16]),
            letters: letters.collect(),
        };
        assert!(matches!(self.ask(deliver), Answer::Recorded));
    }

    fn position(&self) -> u64 {
        self.store().marks().borrow().position
    }

    fn requested(&self) -> (ProcessId, Request) {
        let Some(PostRow::Process(id)) = self.view().load::<Post>(&PostKey::Request(KEY)).unwrap()
        else {
            panic!("no such request");
        };
        let key = (process::Engine::Support, id);
        match self.view().load::<Processes>(&key).unwrap() {
            Some(State::Support(request)) => (id, request),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn letters_go_up_from_the_journal_and_come_down_once() {
    let mut town = Town::new();
    let asked_now = town.process(asked(Actor::Staff, 0), None, ask(KEY));
    assert!(asked_now.is_ok());
    let (id, request) = town.requested();
    assert_eq!(request.stage(), Stage::Asked);
    let letters = town.store().letters_after(0).unwrap();
    assert!(matches!(&letters[..], [Up::Asked(asked)] if asked.request == KEY));
    assert_eq!(town.store().letters_after(1).unwrap(), []);

    let all = || {
        vec![
            (4, Down::Card(card())),
            (6, Down::Progress(done_at(5))),
            (7, Down::Offer(offer())),
        ]
    };
    town.deliver(6, 1, all());
    assert_eq!(town.requested().1.stage(), Stage::Done);
    let after = town.position();
    town.deliver(7, 1, all());
    assert_eq!(town.position(), after, "taken once");
    let cursor = town.store().letter_cursor().unwrap().unwrap();
    assert_eq!((cursor.log_id, cursor.seq), (LogId([1; 16]), 7));
    // A hub that came back says it all again, in another log: it means the same.
    town.deliver(8, 2, all());
    assert_eq!(town.position(), after + 1, "the cursor alone");
    // What nobody here asked is passed over.
    let stranger = Progress {
        request: RequestKey(1),
        ..done_at(5)
    };
    town.deliver(9, 2, vec![(9, Down::Progress(stranger))]);
    assert_eq!(town.store().letter_cursor().unwrap().unwrap().seq, 9);

    let rating = Rating {
        stars: 4,
        comment: None,
        is_shared: false,
    };
    let rated = town.process(
        asked(Actor::Staff, 10),
        Some(id),
        support::Action::Rate(rating),
    );
    assert!(rated.is_ok());
    let letters = town.store().letters_after(1).unwrap();
    assert!(matches!(&letters[..], [Up::Rated(rated)] if rated.stars == 4));
    let received = Command::Received {
        now: at(11),
        through: 2,
    };
    town.ask(received);

    town.close();
    let verified = verify(town.path(), &setup(), |_| {}).unwrap();
    assert_eq!((verified.differences, verified.named), (0, vec![]));
    std::fs::remove_dir_all(town.path().join("view")).unwrap();
    town.open();
    assert_eq!(town.requested().1.stage(), Stage::Rated);
    let marks = town.store().marks().borrow().clone();
    assert_eq!((marks.letters, marks.letters_received), (2, 2));
}

#[test]
fn too_many_letters_that_wait_are_refused_at_the_sender() {
    let town = Town::new();
    for number in 0..BACKLOG {
        let answer = town.process(asked(Actor::Staff, 0), None, ask(RequestKey(number)));
        assert!(answer.is_ok(), "{number}");
    }
    let refused = |answer: Result<ProcessAnswer, Refused>| match answer {
        Err(Refused::Process(refusal)) => refusal.reason,
        _ => panic!("not refused"),
    };
    let more = || town.process(asked(Actor::Staff, 1), None, ask(RequestKey(BACKLOG)));
    assert_eq!(refused(more()), "BACKLOG_FULL");
    town.ask(Command::Received {
        now: at(2),
        through: 1,
    });
    assert!(more().is_ok());
    assert_eq!(refused(more()), "BACKLOG_FULL");
    // As many as one exchange takes.
    assert_eq!(town.store().letters_after(0).unwrap().len(), 64);
}
