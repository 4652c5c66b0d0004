//! What goes up of what happened: each command of the community is one letter.

use proto::support::{Rated, Up};

use super::Happening;
use crate::process::{Event, Happenings};

/// The letter that an event means; `None`: nobody need be told.
pub fn letter(event: &Event) -> Option<Up> {
    let Happenings::Support(happened) = &event.happenings else {
        return None;
    };
    happened.iter().find_map(|one| match &one.what {
        Happening::Asked { asked, .. } => Some(Up::Asked((**asked).clone())),
        Happening::Withdrawn { key } => Some(Up::Withdrawn {
            request: *key,
            at: one.at,
        }),
        Happening::Rated { key, rating } => Some(Up::Rated(Rated {
            request: *key,
            stars: rating.stars,
            comment: rating.comment.clone().filter(|_| rating.is_shared),
            at: one.at,
        })),
        _ => None,
    })
}
