//! Letters that come down, both ways.

use super::{Read, optional, optional_time, parsed, text, time, wire_time};
use crate::{
    pb::sync::{self as pb, down_letter},
    support::{Card, Down, Letter, Offer, OfferKey, Progress, RequestKey, Text},
    sync::wire::{InvalidMessage, invalid},
};

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
