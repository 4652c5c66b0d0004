//! Sentences, recipients, consumers and what may be asked of them.

use std::collections::BTreeSet;

use super::*;
use crate::code::Code;

fn matter() -> Matter {
    Matter::Process(Engine::Deliberations, ProcessId(7))
}

#[test]
fn every_sentence_has_one_code_and_names_its_matter() {
    let engines = Engine::ALL.iter().map(|engine| engine.sentences());
    let all: Vec<_> = engines.chain([cases::SENTENCES]).collect();
    assert_eq!(all.len(), Engine::ALL.len() + 1);
    for sentences in all {
        assert!(sentences.len() >= 2, "{sentences:?}");
        let codes: BTreeSet<_> = sentences.iter().map(|one| one.code).collect();
        assert_eq!(codes.len(), sentences.len(), "{codes:?}");
        for one in sentences {
            for text in [one.zh, one.en] {
                assert_eq!(text.matches("{}").count(), 1, "{}: {text}", one.code);
            }
        }
    }
    let passed = matter().sentence("PASSED").unwrap();
    assert_eq!(passed.zh(matter()), "议题 topics/7 表决通过");
    assert_eq!(passed.en(matter()), "Topic topics/7 was decided: passed");
    assert_eq!(matter().sentence("NOSUCH"), None);
    assert_eq!(Matter::Case(CaseId(3)).to_string(), "cases/3");
}

#[test]
fn nobody_is_told_twice_or_of_its_own_act() {
    let says = matter().sentence("PASSED").unwrap();
    let to = [
        Recipient::Office,
        Recipient::Resident(Pseudonym(2)),
        Recipient::Entry(5),
        Recipient::Entry(5),
        Recipient::Handler("grid-003".parse().unwrap()),
    ];
    let raised = |by, is_public| Raised {
        index: 0,
        at: Timestamp::UNIX_EPOCH,
        by,
        notice: Notice {
            is_public,
            ..Notice::to(says, to.clone())
        },
    };
    let follower = || {
        [
            Recipient::Resident(Pseudonym(2)),
            Recipient::Resident(Pseudonym(9)),
        ]
    };
    let told = |by: Actor, is_public| raised(by, is_public).recipients(follower());
    assert_eq!(told(Actor::System, true).len(), 5);
    assert_eq!(told(Actor::System, false).len(), 4);
    assert!(!told(Actor::Staff, true).contains(&Recipient::Office));
    assert!(
        !told(Actor::Resident(Pseudonym(2)), true).contains(&Recipient::Resident(Pseudonym(2)))
    );
    let worker = Actor::GridWorker("003".parse().unwrap());
    assert_eq!(told(worker, false).len(), 3);
}

#[test]
fn marks_are_ordered_and_have_one_spelling() {
    let mark = |text: &str| text.parse::<Mark>();
    assert_eq!(
        mark("4711-2"),
        Ok(Mark {
            position: 4711,
            index: 2
        })
    );
    for odd in ["", "1", "01-0", "1-", "-1", "1-0-0", "+1-0", "1-4294967296"] {
        assert_eq!(mark(odd), Err(InvalidMark), "{odd}");
    }
    assert!(mark("9-9").unwrap() < mark("10-0").unwrap());
    assert_eq!(mark("3-1").unwrap().next(), mark("3-2").unwrap());
    let last = Mark {
        position: 3,
        index: u32::MAX,
    };
    assert_eq!(last.next(), mark("4-0").unwrap());
}

fn consumer(owner: Actor) -> Consumer {
    Consumer {
        owner,
        acked: Mark {
            position: 5,
            index: 0,
        },
        lost: 0,
    }
}

#[test]
fn a_consumer_gets_what_its_owner_may_hear() {
    let rows = [
        (Recipient::Office, [true, false, false]),
        (Recipient::Resident(Pseudonym(1)), [true, false, false]),
        (Recipient::Entry(1), [true, false, false]),
        (
            Recipient::Handler("物业".parse().unwrap()),
            [true, true, false],
        ),
        (
            Recipient::Handler("grid-003".parse().unwrap()),
            [true, false, true],
        ),
        (Recipient::Grid("003".parse().unwrap()), [true, false, true]),
        (
            Recipient::Grid("004".parse().unwrap()),
            [true, false, false],
        ),
    ];
    let owners = [
        Actor::Staff,
        Actor::Handler("物业".parse().unwrap()),
        Actor::GridWorker("003".parse().unwrap()),
    ];
    for (recipient, gets) in rows {
        for (owner, gets) in owners.iter().zip(gets) {
            assert_eq!(
                consumer(owner.clone()).gets(&recipient),
                gets,
                "{owner:?} {recipient:?}"
            );
        }
    }
    let staff = consumer(Actor::Staff);
    let later = Mark {
        position: 5,
        index: 1,
    };
    assert!(staff.waits_for(later, &[Recipient::Office]));
    assert!(!staff.waits_for(staff.acked, &[Recipient::Office]) && !staff.waits_for(later, &[]));
}

struct Asked<'a> {
    by: Actor,
    consumer: Option<&'a Consumer>,
    context: (usize, bool, bool, usize),
}

impl Asked<'_> {
    fn decide(&self, command: Command) -> Result<Option<Event>, &'static str> {
        let (consumers, is_visible, follows, followers) = self.context;
        let context = Context {
            by: &self.by,
            consumer: self.consumer,
            consumers,
            position: 8,
            is_visible,
            follows,
            followers,
        };
        decide(&command, &context).map_err(|refusal| refusal.reason)
    }
}

#[test]
fn consumers_belong_to_who_opened_them() {
    let name: Code = "mini-program".parse().unwrap();
    let open = || Command::Open {
        consumer: name.clone(),
    };
    let close = || Command::Close {
        consumer: name.clone(),
    };
    let ack = |position| Command::Acknowledge {
        consumer: name.clone(),
        through: Mark { position, index: 0 },
    };
    let known = consumer(Actor::Staff);
    let asked = |by, consumer, consumers| Asked {
        by,
        consumer,
        context: (consumers, false, false, 0),
    };
    let opened = asked(Actor::Admin, None, 0).decide(open());
    let owner = Actor::Staff;
    assert_eq!(
        opened,
        Ok(Some(Event::Opened {
            consumer: name.clone(),
            owner
        }))
    );
    let full = asked(Actor::Admin, None, MOST_CONSUMERS).decide(open());
    assert_eq!(full, Err("TOO_MANY_CONSUMERS"));
    let own = asked(Actor::Staff, Some(&known), 1);
    assert_eq!(own.decide(open()), Ok(None));
    assert_eq!(own.decide(ack(5)), Ok(None));
    assert!(matches!(
        own.decide(ack(8)),
        Ok(Some(Event::Acknowledged { .. }))
    ));
    assert_eq!(own.decide(ack(9)), Err("NOTICE_AHEAD"));
    assert!(matches!(
        own.decide(close()),
        Ok(Some(Event::Closed { .. }))
    ));
    let handler = Actor::Handler("物业".parse().unwrap());
    let other = asked(handler, Some(&known), 1);
    for command in [open(), ack(8), close()] {
        assert_eq!(other.decide(command), Err("CONSUMER_TAKEN"));
    }
    let none = asked(Actor::Staff, None, 0);
    assert_eq!(
        (none.decide(ack(1)), none.decide(close())),
        (Err("UNKNOWN_CONSUMER"), Ok(None))
    );
}

#[test]
fn who_sees_a_matter_can_follow_it() {
    let resident = || Actor::Resident(Pseudonym(4));
    let asked = |by, context| Asked {
        by,
        consumer: None,
        context,
    };
    let follow = |by, context| asked(by, context).decide(Command::Follow(matter()));
    let by = Recipient::Resident(Pseudonym(4));
    let followed = Event::Followed {
        matter: matter(),
        by: by.clone(),
    };
    assert_eq!(follow(resident(), (0, true, false, 0)), Ok(Some(followed)));
    assert_eq!(follow(resident(), (0, true, true, 1)), Ok(None));
    assert_eq!(
        follow(resident(), (0, false, false, 0)),
        Err("UNKNOWN_PROCESS")
    );
    assert_eq!(
        follow(Actor::Auditor, (0, true, false, 0)),
        Err("UNKNOWN_PROCESS")
    );
    let full = (0, true, false, MOST_FOLLOWERS);
    assert_eq!(follow(resident(), full), Err("TOO_MANY_FOLLOWERS"));
    let unfollow = |context| asked(resident(), context).decide(Command::Unfollow(matter()));
    let unfollowed = Event::Unfollowed {
        matter: matter(),
        by,
    };
    assert_eq!(unfollow((0, false, true, 1)), Ok(Some(unfollowed)));
    assert_eq!(unfollow((0, true, false, 1)), Ok(None));
}
