//! Requests as their community reads them.

use node_domain::process::{Engine, State};
use node_domain::support::Request;
use proto::pb::node as pb;

use super::super::fields::wire_time;
use super::super::process::Shown;
use super::ENGINE;

impl Shown for pb::SupportRequest {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::SupportRequest> {
        let held: &Request = state.try_into().ok()?;
        let rating = held.rating.as_ref();
        let is_late = held.reminded_of_answer && held.accepted_at.is_none()
            || held.reminded_of_delivery && held.done_at.is_none();
        Some(pb::SupportRequest {
            name,
            key: held.key.to_string(),
            stage: held.stage().code().to_owned(),
            asked_of: text(&held.asked_of),
            centre: text(&held.centre),
            text: held.text.to_string(),
            attached_for: text(&held.attached_for),
            asked_at: Some(wire_time(held.asked_at)),
            accept_by: Some(wire_time(held.accept_by)),
            wanted_by_day: text(&held.wanted_by),
            routed_at: held.routed_at.map(wire_time),
            accepted_at: held.accepted_at.map(wire_time),
            declined_at: held.declined_at.map(wire_time),
            begun_at: held.begun_at.map(wire_time),
            done_at: held.done_at.map(wire_time),
            withdrawn_at: held.withdrawn_at.map(wire_time),
            deliver_by_day: text(&held.deliver_by),
            words: text(&held.words),
            stars: rating.map_or(0, |rating| u32::from(rating.stars)),
            comment: rating.map_or_else(String::new, |rating| text(&rating.comment)),
            comment_shared: rating.is_some_and(|rating| rating.is_shared),
            late: is_late && state.is_open(),
        })
    }
}

fn text(value: &Option<impl ToString>) -> String {
    value.as_ref().map_or_else(String::new, ToString::to_string)
}
