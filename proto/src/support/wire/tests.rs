//! Round trips of letters, and what is said of those that are none.

use prost::Message as _;

use super::*;
use crate::{
    pb::sync::up_letter,
    support::{
        Asked, Attachment, CIPHERTEXT_BYTES, Card, Down, Form, LETTER_BYTES, Offer, OfferKey,
        OfferKind, Progress, Rated, RequestKey,
    },
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn asked(bytes: usize) -> Up {
    let mut ciphertext = b"age-encryption.org/v1\n".to_vec();
    ciphertext.resize(bytes, 7);
    Up::Asked(Asked {
        request: RequestKey(7),
        centre: Some("care".parse().unwrap()),
        text: "楼".repeat(2000).parse().unwrap(),
        attachment: Some(Attachment {
            centre: "care".parse().unwrap(),
            ciphertext: ciphertext.into(),
        }),
        asked_at: at(-1),
        accept_by: at(9),
        wanted_by: Some("2026-03-05".parse().unwrap()),
    })
}

#[test]
fn letters_survive_a_round_trip_and_the_largest_fits() {
    let exchange = Exchange {
        lineage: 2,
        epoch: 5,
        cursor: Some(Cursor {
            log_id: LogId([3; 16]),
            seq: 4,
        }),
        first: 5,
        letters: vec![
            asked(CIPHERTEXT_BYTES),
            Up::Withdrawn {
                request: RequestKey(8),
                at: at(2),
            },
            Up::Rated(Rated {
                request: RequestKey(9),
                stars: 5,
                comment: None,
                at: at(3),
            }),
        ],
        waits: true,
    };
    let wire = pb::ExchangeRequest::from(&exchange);
    assert!(wire.letters[0].encoded_len() <= LETTER_BYTES);
    assert_eq!(Exchange::try_from(wire), Ok(exchange));
    let progress = Progress {
        request: RequestKey(7),
        centre: "care".parse().unwrap(),
        routed_at: None,
        accepted_at: Some(at(5)),
        declined_at: None,
        begun_at: Some(at(6)),
        done_at: None,
        deliver_by: Some("2026-03-05".parse().unwrap()),
        words: None,
    };
    let offer = Offer {
        key: OfferKey(1),
        centre: "incubation".parse().unwrap(),
        kind: OfferKind::Grant,
        title: "微创投".parse().unwrap(),
        text: "说明".parse().unwrap(),
        published_at: at(1),
        until: None,
        places: 2,
        form: Some(Form::Venture),
        fen: 500_000,
        closed_at: None,
    };
    let card = Card {
        centre: "care".parse().unwrap(),
        recipient: format!("age1{}", "q".repeat(58)).parse().unwrap(),
    };
    let downs = [
        Down::Progress(progress),
        Down::Offer(offer),
        Down::Card(card),
    ];
    let answer = Answer {
        received: 7,
        cursor: Cursor {
            log_id: LogId([3; 16]),
            seq: 9,
        },
        letters: (1..)
            .zip(downs)
            .map(|(seq, down)| Letter { seq, down })
            .collect(),
    };
    let wire = pb::ExchangeResponse::from(&answer);
    assert_eq!(Answer::try_from(wire), Ok(answer));
}

#[test]
fn what_is_wrong_is_named() {
    let field = |letter: pb::UpLetter| Up::try_from(letter).unwrap_err().field;
    assert_eq!(field(pb::UpLetter::default()), "letter");
    let change = |change: fn(&mut pb::AskedLetter)| {
        let mut wire = pb::UpLetter::from(&asked(64));
        if let Some(up_letter::Letter::Asked(asked)) = &mut wire.letter {
            change(asked);
        }
        wire
    };
    assert_eq!(field(change(|a| a.text.clear())), "asked.text");
    assert_eq!(field(change(|a| a.centre = "A".into())), "asked.centre");
    assert_eq!(field(change(|a| a.asked_at = None)), "asked.asked_at");
    let plain = change(|a| {
        a.attachment.as_mut().unwrap().ciphertext = "王秀英".into();
    });
    assert_eq!(field(plain), "attachment.ciphertext");
    let long = pb::UpLetter::from(&asked(CIPHERTEXT_BYTES + 1));
    assert_eq!(field(long), "attachment.ciphertext");
}
