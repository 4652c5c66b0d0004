//! The centres' side by itself: letters once, desks apart, post compacted.

mod desks;

use jiff::{Timestamp, tz::TimeZone};
use proto::{
    identity::{Label, LogId},
    place::Place,
    support::{Asked, Attachment, Down, Exchange, RequestKey, Up},
    sync::{downlink::Cursor, end::Reason},
};

use super::*;
use crate::sync::line::Line;

const LOG: LogId = LogId([1; 16]);

fn label(code: &str) -> Label {
    code.parse().unwrap()
}

fn ruiquan() -> Place {
    "510115003064".parse().unwrap()
}

fn heping() -> Place {
    "510115001001".parse().unwrap()
}

/// A Monday, 09:00 in Shanghai, and hours after it.
fn at(hours: i64) -> Timestamp {
    let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
    start + jiff::SignedDuration::from_hours(hours)
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn attached(centre: &str) -> Attachment {
    Attachment {
        centre: label(centre),
        ciphertext: b"age-encryption.org/v1\n".as_slice().into(),
    }
}

fn asked(key: u64, centre: Option<&str>) -> Up {
    Up::Asked(Asked {
        request: RequestKey(key),
        centre: centre.map(label),
        text: "请派社工".parse().unwrap(),
        attachment: Some(attached(centre.unwrap_or("support"))),
        asked_at: at(0),
        accept_by: at(72),
        wanted_by: None,
    })
}

fn exchange(first: u64, letters: Vec<Up>) -> Exchange {
    Exchange {
        lineage: 1,
        epoch: 4,
        cursor: None,
        first,
        letters,
        waits: false,
    }
}

fn line() -> Line {
    Line {
        lineage: 1,
        epoch: 4,
        ..Line::default()
    }
}

struct Desk(State);

impl Desk {
    fn take(&mut self, community: Place, exchange: &Exchange) -> u64 {
        let event = decide_exchange(&self.0, Some(&line()), community, exchange).unwrap();
        event.iter().for_each(|event| self.0.apply(event));
        self.0.received(community, exchange.lineage)
    }

    fn act(&mut self, by: &str, command: Command, hours: i64) -> Result<DeskAnswer, Refusal> {
        let decided = self.0.decide(&label(by), command, at(hours), &zone());
        decided.map(|event| {
            self.0.apply(&event);
            event.answer().unwrap()
        })
    }

    fn go(&mut self, by: &str, key: u64, to: Move, hours: i64) -> Result<DeskAnswer, Refusal> {
        let command = Command::Move {
            community: ruiquan(),
            request: RequestKey(key),
            to,
        };
        self.act(by, command, hours)
    }

    fn request(&self, key: u64) -> &Request {
        self.0.request(ruiquan(), RequestKey(key)).unwrap()
    }

    fn heard(&self, community: Place, seq: u64) -> Vec<(u64, Down)> {
        let cursor = Some(Cursor { log_id: LOG, seq });
        let answer = self.0.answer(community, 1, LOG, cursor);
        let letters = answer.letters.into_iter();
        letters.map(|letter| (letter.seq, letter.down)).collect()
    }
}

fn accepted(day: &str) -> Move {
    Move::Accepted {
        deliver_by: Some(day.parse().unwrap()),
    }
}

#[test]
fn both_ends_know_the_same_fixed_centres() {
    let fixed = crate::centre::FIXED.map(|centre| centre.code);
    assert_eq!(fixed, proto::support::CENTRES);
}

#[test]
fn letters_are_taken_once_and_in_order() {
    let mut desk = Desk(State::default());
    let letters = vec![asked(1, Some("care")), asked(2, None)];
    assert_eq!(desk.take(ruiquan(), &exchange(1, letters.clone())), 2);
    assert_eq!(desk.take(ruiquan(), &exchange(1, letters.clone())), 2);
    let overlapping = exchange(2, vec![asked(2, None), asked(3, None)]);
    assert_eq!(desk.take(ruiquan(), &overlapping), 3);
    assert_eq!(desk.take(ruiquan(), &exchange(9, letters)), 3, "a gap");
    assert_eq!(desk.take(heping(), &exchange(1, vec![asked(1, None)])), 1);
    assert_eq!(desk.0.requests(usize::MAX).count(), 4);
    let newest: Vec<u64> = desk
        .0
        .requests(usize::MAX)
        .map(|(_, _, request)| request.asked.request.0)
        .collect();
    assert_eq!(newest, [1, 3, 2, 1]);
}

#[test]
fn only_the_store_that_the_uplink_knows_is_heard() {
    let state = State::default();
    let letters = exchange(1, vec![asked(1, None)]);
    let refused = |line: Option<&Line>, exchange: &Exchange| {
        decide_exchange(&state, line, ruiquan(), exchange)
            .unwrap_err()
            .reason
    };
    assert_eq!(refused(None, &letters), Some(Reason::EpochStale));
    let copy = Exchange {
        epoch: 3,
        ..letters.clone()
    };
    assert_eq!(refused(Some(&line()), &copy), Some(Reason::EpochStale));
    let older = Exchange {
        lineage: 0,
        ..letters
    };
    assert_eq!(refused(Some(&line()), &older), Some(Reason::EpochStale));
}

#[test]
fn a_store_that_came_back_sends_its_letters_again_and_nothing_is_there_twice() {
    let mut desk = Desk(State::default());
    desk.take(
        ruiquan(),
        &exchange(1, vec![asked(1, None), asked(2, None)]),
    );
    let again = Exchange {
        lineage: 2,
        ..exchange(1, vec![asked(1, None), asked(5, None)])
    };
    let line = Line {
        lineage: 2,
        ..line()
    };
    let event = decide_exchange(&desk.0, Some(&line), ruiquan(), &again).unwrap();
    desk.0.apply(&event.unwrap());
    assert_eq!(desk.0.received(ruiquan(), 2), 2);
    assert_eq!(desk.0.received(ruiquan(), 1), 0);
    assert_eq!(desk.0.requests(usize::MAX).count(), 3);
}

#[test]
fn a_community_has_a_bounded_number_of_open_requests() {
    let mut desk = Desk(State::default());
    for key in 0..OPEN_REQUESTS as u64 {
        desk.take(ruiquan(), &exchange(key + 1, vec![asked(key, None)]));
    }
    let next = exchange(OPEN_REQUESTS as u64 + 1, vec![asked(9_999, None)]);
    let refused = decide_exchange(&desk.0, Some(&line()), ruiquan(), &next).unwrap_err();
    assert_eq!(refused.reason, Some(Reason::Busy));
    // What ends one still comes.
    let ends = Up::Withdrawn {
        request: RequestKey(0),
        at: at(1),
    };
    let next = exchange(OPEN_REQUESTS as u64 + 1, vec![ends]);
    assert_eq!(desk.take(ruiquan(), &next), OPEN_REQUESTS as u64 + 1);
    let next = exchange(OPEN_REQUESTS as u64 + 2, vec![asked(9_999, None)]);
    assert_eq!(desk.take(ruiquan(), &next), OPEN_REQUESTS as u64 + 2);
}
