//! Requests and offers as their centres read them.

use hub_domain::support::{Published, Request};
use jiff::{Timestamp, tz::TimeZone};
use proto::{pb::hub as pb, place::Place};

use super::parse::{COMMUNITIES, OFFERS};
use crate::rpc::field::wire_time;

/// Without its attachment.
pub fn request(
    community: Place,
    held: &Request,
    now: Timestamp,
    zone: &TimeZone,
) -> pb::DeskRequest {
    let rated = held.rated.as_ref();
    pb::DeskRequest {
        name: format!("{COMMUNITIES}{community}/requests/{}", held.asked.request),
        stage: held.stage().code().to_owned(),
        centre: held.centre.to_string(),
        text: held.asked.text.to_string(),
        has_attachment: held.attachment.is_some(),
        attachment: Default::default(),
        asked_at: Some(wire_time(held.asked.asked_at)),
        accept_by: Some(wire_time(held.asked.accept_by)),
        wanted_by_day: text(&held.asked.wanted_by),
        routed_at: held.routed_at.map(wire_time),
        accepted_at: held.accepted_at.map(wire_time),
        declined_at: held.declined_at.map(wire_time),
        begun_at: held.begun_at.map(wire_time),
        done_at: held.done_at.map(wire_time),
        withdrawn_at: held.withdrawn_at.map(wire_time),
        deliver_by_day: text(&held.deliver_by),
        words: text(&held.words),
        stars: rated.map_or(0, |rated| u32::from(rated.stars)),
        comment: rated.map_or_else(String::new, |rated| text(&rated.comment)),
        late: held.is_late(now, zone),
    }
}

pub fn offer(held: &Published) -> pb::DeskOffer {
    let offer = &held.offer;
    pb::DeskOffer {
        name: format!("{OFFERS}{}", offer.key),
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
        communities: held.communities.iter().map(ToString::to_string).collect(),
    }
}

fn text(value: &Option<impl ToString>) -> String {
    value.as_ref().map_or_else(String::new, ToString::to_string)
}
