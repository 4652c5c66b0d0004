//! A roll out of a register, with the hash that freezes it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use node_domain::registers::{Entry, Roll, Selection};
use node_domain::stored::Day;
use proto::pb::node as pb;
use proto_edge::problem::Problem;
use ring::digest::{SHA256, digest};

use super::super::fields::Fields;
use super::super::process::Desk;
use super::super::status;
use super::show::named;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::head::Heads;
use crate::store::view::Direction;

pub async fn roll(desk: &Desk, asked: pb::GetRollRequest) -> Result<pb::GetRollResponse, Problem> {
    let mut fields = Fields::default();
    let register = fields.code("register", &asked.register);
    let area = fields.optional_code("area", &asked.area);
    let on = fields.optional_day("on_day", &asked.on_day);
    let read = register.zip(area).zip(on);
    let ((register, area), on) = fields.done(read)?;
    let now = desk.now();
    let taken = desk.read(move |store| {
        let on = match on {
            Some(on) => Day(on),
            None => Day(civil(store, now)?),
        };
        let of = Selection { register, area, on };
        let mut roll = Roll::default();
        for row in store.entries_in(&of.register, u64::MAX, Direction::Ascending) {
            let (id, state) = row?;
            let Ok(entry) = <&Entry>::try_from(&state) else {
                continue;
            };
            if !roll.take(id.0, entry, &of) {
                return Ok(None);
            }
        }
        Ok(Some((roll, on.to_string())))
    });
    let (roll, on_day) = taken.await?.ok_or_else(status::roll_too_long)?;
    let lines = roll.lines().map(|line| pb::RegisterLine {
        entry: named(line.entry),
        area: line
            .area
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        unit: line.unit,
    });
    Ok(pb::GetRollResponse {
        lines: lines.collect(),
        sha256: digest(&SHA256, &roll.bytes()).as_ref().to_vec().into(),
        on_day,
    })
}

/// The day, in the zone that the community counts by.
fn civil(store: &Store, now: Timestamp) -> Result<Date, StoreFault> {
    let head = store.view().load::<Heads>(&())?.unwrap_or_default();
    let zone = TimeZone::get(&head.zone).unwrap_or(TimeZone::UTC);
    Ok(zone.to_datetime(now).date())
}
