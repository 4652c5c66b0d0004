//! Between letters and their wire messages, both ways for both ends. What does not
//! parse names its field.

use jiff::Timestamp;

use super::{
    Answer, Asked, Attachment, CIPHERTEXT_BYTES, Card, Down, EXCHANGE_LETTERS, Exchange, Letter,
    Offer, OfferKey, Progress, Rated, RequestKey, Text, Up,
};
use crate::{
    identity::LogId,
    pb::sync::{self as pb, down_letter, up_letter},
    sync::{
        downlink::Cursor,
        wire::{InvalidMessage, invalid},
    },
};

type Read<T> = Result<T, InvalidMessage>;

impl From<&Exchange> for pb::ExchangeRequest {
    fn from(exchange: &Exchange) -> pb::ExchangeRequest {
        let (log_id, seq) = wire_cursor(exchange.cursor);
        pb::ExchangeRequest {
            lineage: exchange.lineage,
            epoch: exchange.epoch,
            log_id: log_id.into(),
            seq,
            first: exchange.first,
            letters: exchange.letters.iter().map(Into::into).collect(),
            wait: exchange.waits,
        }
    }
}

impl TryFrom<pb::ExchangeRequest> for Exchange {
    type Error = InvalidMessage;

    fn try_from(wire: pb::ExchangeRequest) -> Read<Exchange> {
        if wire.letters.len() > EXCHANGE_LETTERS {
            return Err(invalid("letters", "want at most 64"));
        }
        if !wire.letters.is_empty() && wire.first == 0 {
            return Err(invalid("first", "want the first letter's seq, from 1"));
        }
        let letters = wire.letters.into_iter().map(Up::try_from);
        Ok(Exchange {
            lineage: wire.lineage,
            epoch: wire.epoch,
            cursor: cursor(&wire.log_id, wire.seq)?,
            first: wire.first,
            letters: letters.collect::<Read<_>>()?,
            waits: wire.wait,
        })
    }
}

impl From<&Answer> for pb::ExchangeResponse {
    fn from(answer: &Answer) -> pb::ExchangeResponse {
        let (log_id, seq) = wire_cursor(Some(answer.cursor));
        pb::ExchangeResponse {
            received: answer.received,
            log_id: log_id.into(),
            seq,
            letters: answer.letters.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<pb::ExchangeResponse> for Answer {
    type Error = InvalidMessage;

    fn try_from(wire: pb::ExchangeResponse) -> Read<Answer> {
        let cursor = cursor(&wire.log_id, wire.seq)?;
        let letters = wire.letters.into_iter().map(Letter::try_from);
        let letters = letters.collect::<Read<Vec<Letter>>>()?;
        if !letters.is_sorted_by(|a, b| a.seq < b.seq) {
            return Err(invalid("letters", "want ascending seqs"));
        }
        Ok(Answer {
            received: wire.received,
            cursor: cursor.ok_or_else(|| invalid("log_id", "want 16 bytes"))?,
            letters,
        })
    }
}

impl From<&Up> for pb::UpLetter {
    fn from(letter: &Up) -> pb::UpLetter {
        use up_letter::Letter as Wire;
        let letter = match letter {
            Up::Asked(asked) => Wire::Asked(pb::AskedLetter {
                request: asked.request.0,
                centre: text(&asked.centre),
                text: asked.text.to_string(),
                attachment: asked.attachment.as_ref().map(Into::into),
                asked_at: Some(wire_time(asked.asked_at)),
                accept_by: Some(wire_time(asked.accept_by)),
                wanted_by_day: text(&asked.wanted_by),
            }),
            Up::Withdrawn { request, at } => Wire::Withdrawn(pb::WithdrawnLetter {
                request: request.0,
                at: Some(wire_time(*at)),
            }),
            Up::Rated(rated) => Wire::Rated(pb::RatedLetter {
                request: rated.request.0,
                stars: u32::from(rated.stars),
                comment: text(&rated.comment),
                at: Some(wire_time(rated.at)),
            }),
        };
        pb::UpLetter {
            letter: Some(letter),
        }
    }
}

impl TryFrom<pb::UpLetter> for Up {
    type Error = InvalidMessage;

    fn try_from(wire: pb::UpLetter) -> Read<Up> {
        use up_letter::Letter as Wire;
        let letter = wire.letter.ok_or_else(|| invalid("letter", "want one"))?;
        Ok(match letter {
            Wire::Asked(asked) => Up::Asked(Asked {
                request: RequestKey(asked.request),
                centre: optional("asked.centre", &asked.centre)?,
                text: parsed("asked.text", &asked.text)?,
                attachment: asked.attachment.map(Attachment::try_from).transpose()?,
                asked_at: time("asked.asked_at", asked.asked_at)?,
                accept_by: time("asked.accept_by", asked.accept_by)?,
                wanted_by: optional("asked.wanted_by_day", &asked.wanted_by_day)?,
            }),
            Wire::Withdrawn(withdrawn) => Up::Withdrawn {
                request: RequestKey(withdrawn.request),
                at: time("withdrawn.at", withdrawn.at)?,
            },
            Wire::Rated(rated) => {
                let stars = u8::try_from(rated.stars).ok();
                let stars = stars.filter(|stars| (1..=5).contains(stars));
                Up::Rated(Rated {
                    request: RequestKey(rated.request),
                    stars: stars.ok_or_else(|| invalid("rated.stars", "want 1 to 5"))?,
                    comment: optional("rated.comment", &rated.comment)?,
                    at: time("rated.at", rated.at)?,
                })
            }
        })
    }
}

impl From<&Attachment> for pb::SealedAttachment {
    fn from(attachment: &Attachment) -> pb::SealedAttachment {
        pb::SealedAttachment {
            centre: attachment.centre.to_string(),
            ciphertext: attachment.ciphertext.to_vec().into(),
        }
    }
}

impl TryFrom<pb::SealedAttachment> for Attachment {
    type Error = InvalidMessage;

    fn try_from(wire: pb::SealedAttachment) -> Read<Attachment> {
        if wire.ciphertext.len() > CIPHERTEXT_BYTES {
            return Err(invalid("attachment.ciphertext", "want at most 24 KiB"));
        }
        // What is no age file may be plain.
        if !wire.ciphertext.starts_with(b"age-encryption.org/v1\n") {
            return Err(invalid("attachment.ciphertext", "want an age file"));
        }
        Ok(Attachment {
            centre: parsed("attachment.centre", &wire.centre)?,
            ciphertext: wire.ciphertext.as_ref().into(),
        })
    }
}

impl From<&Letter> for pb::DownLetter {
    fn from(letter: &Letter) -> pb::DownLetter {
        use down_letter::Letter as Wire;
        let wire = match &letter.down {
            Down::Progress(progress) => Wire::Progress(progress.into()),
            Down::Offer(offer) => Wire::Offer(offer.into()),
            Down::Card(card) => Wire::Card(pb::CentreCard {
                centre: card.centre.to_string(),
                recipient: card.recipient.as_str().to_owned(),
            }),
        };
        pb::DownLetter {
            seq: letter.seq,
            letter: Some(wire),
        }
    }
}

impl TryFrom<pb::DownLetter> for Letter {
    type Error = InvalidMessage;

    fn try_from(wire: pb::DownLetter) -> Read<Letter> {
        use down_letter::Letter as Wire;
        let down = match wire.letter.ok_or_else(|| invalid("letter", "want one"))? {
            Wire::Progress(progress) => Down::Progress(progress.try_into()?),
            Wire::Offer(offer) => Down::Offer(offer.try_into()?),
            Wire::Card(card) => Down::Card(Card {
                centre: parsed("card.centre", &card.centre)?,
                recipient: parsed("card.recipient", &card.recipient)?,
            }),
        };
        Ok(Letter {
            seq: wire.seq,
            down,
        })
    }
}

impl From<&Progress> for pb::ProgressLetter {
    fn from(progress: &Progress) -> pb::ProgressLetter {
        pb::ProgressLetter {
            request: progress.request.0,
            centre: progress.centre.to_string(),
            routed_at: progress.routed_at.map(wire_time),
            accepted_at: progress.accepted_at.map(wire_time),
            declined_at: progress.declined_at.map(wire_time),
            begun_at: progress.begun_at.map(wire_time),
            done_at: progress.done_at.map(wire_time),
            deliver_by_day: text(&progress.deliver_by),
            words: text(&progress.words),
        }
    }
}

impl TryFrom<pb::ProgressLetter> for Progress {
    type Error = InvalidMessage;

    fn try_from(wire: pb::ProgressLetter) -> Read<Progress> {
        Ok(Progress {
            request: RequestKey(wire.request),
            centre: parsed("progress.centre", &wire.centre)?,
            routed_at: optional_time("progress.routed_at", wire.routed_at)?,
            accepted_at: optional_time("progress.accepted_at", wire.accepted_at)?,
            declined_at: optional_time("progress.declined_at", wire.declined_at)?,
            begun_at: optional_time("progress.begun_at", wire.begun_at)?,
            done_at: optional_time("progress.done_at", wire.done_at)?,
            deliver_by: optional("progress.deliver_by_day", &wire.deliver_by_day)?,
            words: optional("progress.words", &wire.words)?,
        })
    }
}

impl From<&Offer> for pb::OfferLetter {
    fn from(offer: &Offer) -> pb::OfferLetter {
        pb::OfferLetter {
            offer: offer.key.0,
            centre: offer.centre.to_string(),
            kind: offer.kind.to_string(),
            title: offer.title.to_string(),
            text: offer.text.to_string(),
            published_at: Some(wire_time(offer.published_at)),
            until_day: text(&offer.until),
            places: offer.places,
            form: text(&offer.form),
            fen: offer.fen,
            closed_at: offer.closed_at.map(wire_time),
        }
    }
}

impl TryFrom<pb::OfferLetter> for Offer {
    type Error = InvalidMessage;

    fn try_from(wire: pb::OfferLetter) -> Read<Offer> {
        Ok(Offer {
            key: OfferKey(wire.offer),
            centre: parsed("offer.centre", &wire.centre)?,
            kind: parsed("offer.kind", &wire.kind)?,
            title: parsed("offer.title", &wire.title)?,
            text: parsed::<Text>("offer.text", &wire.text)?,
            published_at: time("offer.published_at", wire.published_at)?,
            until: optional("offer.until_day", &wire.until_day)?,
            places: wire.places,
            form: optional("offer.form", &wire.form)?,
            fen: wire.fen,
            closed_at: optional_time("offer.closed_at", wire.closed_at)?,
        })
    }
}

fn wire_cursor(cursor: Option<Cursor>) -> (Vec<u8>, u64) {
    cursor.map_or((Vec::new(), 0), |cursor| {
        (cursor.log_id.0.to_vec(), cursor.seq)
    })
}

fn cursor(log_id: &[u8], seq: u64) -> Read<Option<Cursor>> {
    if log_id.is_empty() {
        return Ok(None);
    }
    let log_id = LogId::try_from(log_id).map_err(|wrong| invalid("log_id", wrong))?;
    Ok(Some(Cursor { log_id, seq }))
}

/// To the microsecond, as exact as it is kept.
fn wire_time(at: Timestamp) -> prost_types::Timestamp {
    let us = at.as_microsecond();
    prost_types::Timestamp {
        seconds: us.div_euclid(1_000_000),
        nanos: us.rem_euclid(1_000_000) as i32 * 1_000,
    }
}

fn optional_time(
    field: &'static str,
    at: Option<prost_types::Timestamp>,
) -> Read<Option<Timestamp>> {
    at.map(|at| time(field, Some(at))).transpose()
}

fn time(field: &'static str, at: Option<prost_types::Timestamp>) -> Read<Timestamp> {
    let at = at.ok_or_else(|| invalid(field, "want a time"))?;
    let at = Timestamp::new(at.seconds, at.nanos).map_err(|wrong| invalid(field, wrong))?;
    Timestamp::from_microsecond(at.as_microsecond()).map_err(|wrong| invalid(field, wrong))
}

fn parsed<T: std::str::FromStr<Err: ToString>>(field: &'static str, text: &str) -> Read<T> {
    text.parse().map_err(|wrong: T::Err| invalid(field, wrong))
}

/// Empty is nothing.
fn optional<T: std::str::FromStr<Err: ToString>>(
    field: &'static str,
    text: &str,
) -> Read<Option<T>> {
    match text {
        "" => Ok(None),
        text => parsed(field, text).map(Some),
    }
}

fn text(value: &Option<impl ToString>) -> String {
    value.as_ref().map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::support::{Form, LETTER_BYTES, OfferKind};

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
}
