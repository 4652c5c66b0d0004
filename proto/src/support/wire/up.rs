//! Letters that go up, both ways.

use super::{Read, optional, parsed, text, time, wire_time};
use crate::{
    pb::sync::{self as pb, up_letter},
    support::{Asked, Attachment, CIPHERTEXT_BYTES, Rated, RequestKey, Up},
    sync::wire::{InvalidMessage, invalid},
};

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
