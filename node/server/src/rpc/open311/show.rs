//! A case as a GeoReport request. Of the requester nothing is shown but, to who
//! may read it, what was said of the matter.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use node_domain::playbook::Playbooks;
use proto::pb::node as pb;

use super::value::Value;

pub fn request(case: &pb::Case, playbooks: &Playbooks, zone: &TimeZone) -> Value {
    let code = case.kind.parse().ok();
    let kind = code.and_then(|code| playbooks.kind(&code));
    let service = kind.map_or(Value::Null, |kind| Value::text(&*kind.title.zh));
    let time = |at: Option<prost_types::Timestamp>| at.map_or(Value::Null, |at| time(at, zone));
    let clocks = case.clocks.iter();
    let mut due = clocks.filter(|clock| clock.kind() == pb::ClockKind::Complete);
    let said = case.personal.as_ref().map(|personal| &personal.text);
    let said = said.filter(|said| !said.is_empty());
    let text = |text: &str| match text {
        "" => Value::Null,
        text => Value::text(text),
    };
    let number = case.name.rsplit('/').next().unwrap_or_default();
    let status = if is_open(case) { "open" } else { "closed" };
    Value::Fields(vec![
        ("service_request_id", Value::text(number)),
        ("status", Value::text(status)),
        ("status_notes", Value::text(notes(case))),
        ("service_name", service),
        ("service_code", Value::text(case.kind.as_str())),
        ("description", said.map_or(Value::Null, Value::text)),
        ("agency_responsible", text(&case.handler)),
        ("service_notice", Value::Null),
        ("requested_datetime", time(case.reported_at)),
        ("updated_datetime", time(case.updated_at)),
        (
            "expected_datetime",
            due.next().map_or(Value::Null, |clock| time(clock.due_at)),
        ),
        // Where somebody lives is not given back, and the node knows no positions.
        ("address", Value::Null),
        ("address_id", Value::Null),
        ("zipcode", Value::Null),
        ("lat", Value::Null),
        ("long", Value::Null),
        ("media_url", Value::Null),
    ])
}

fn is_open(case: &pb::Case) -> bool {
    !matches!(
        case.lifecycle(),
        pb::Lifecycle::Completed | pb::Lifecycle::Closed
    )
}

/// How it stands, in words.
fn notes(case: &pb::Case) -> String {
    let stage = match case.lifecycle() {
        pb::Lifecycle::Unspecified => "",
        pb::Lifecycle::Reported => "已登记 · reported",
        pb::Lifecycle::Accepted => "已受理 · accepted",
        pb::Lifecycle::Dispatched => "已派单 · dispatched",
        pb::Lifecycle::InProgress => "办理中 · in progress",
        pb::Lifecycle::Completed => "已办结 · completed",
        pb::Lifecycle::Closed => "已了结 · closed",
    };
    let outcome = match case.outcome() {
        pb::Outcome::Unspecified => String::new(),
        pb::Outcome::Resolved => "，已解决 · resolved".to_owned(),
        pb::Outcome::Partly => "，部分解决 · partly resolved".to_owned(),
        pb::Outcome::Explained => "，已解释 · explained".to_owned(),
        pb::Outcome::Referred => format!("，已转办 · referred to {}", case.referred_to),
        pb::Outcome::Duplicate => format!("，重复 · duplicate of {}", case.duplicate_of),
        pb::Outcome::Withdrawn => "，已撤回 · withdrawn".to_owned(),
        pb::Outcome::Refused => {
            let refusal = case.refusal.clone().unwrap_or_default();
            let (by, to) = (&refusal.by, &refusal.refer_to);
            format!("，{by} 不予受理，请找 {to} · refused by {by}, turn to {to}")
        }
    };
    format!("{stage}{outcome}")
}

/// With the offset of the community's civil time.
fn time(at: prost_types::Timestamp, zone: &TimeZone) -> Value {
    let at = Timestamp::new(at.seconds, at.nanos);
    at.map_or(Value::Null, |at| {
        let civil = at.to_zoned_datetime(zone.clone());
        Value::Text(civil.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    })
}
