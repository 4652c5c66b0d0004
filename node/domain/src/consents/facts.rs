//! What consents mean for statistics. Consent counts once it can no longer be taken
//! back, in the period in which it was met; a vote in that of its last day. What
//! somebody said is in no fact and no history.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proto::fact::{Fact, FactTypeId, Member, consent as fact_type};

use super::{Consent, Happening, Of, Phase};
use crate::actor::Grid;
use crate::code::Code;
use crate::process::Happened;
use crate::stored::Day;

pub(super) fn facts(before: Option<&Consent>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(consent) = before else {
        return Vec::new();
    };
    let at = happened.at;
    let concluded = |outcome, on: Option<Day>| vec![concluded(consent, outcome, on, at)];
    let ended = |outcome| vec![fact(consent, fact_type::MANDATE_ENDED, at, &[outcome], &[])];
    let covenant_signed = |in_use_at| {
        let signed = fact(consent, fact_type::COVENANT_SIGNED, in_use_at, &[], &[]);
        vec![signed]
    };
    match &happened.what {
        Happening::Lapsed => concluded("lapsed", consent.until),
        Happening::Carried => concluded("carried", consent.until),
        Happening::Rejected => concluded("rejected", consent.until),
        Happening::WorksStarted => concluded("met", consent.met_on),
        Happening::Ended { .. } => match consent.phase {
            phase if (Phase::Met..=Phase::Approved).contains(&phase) => {
                concluded("met", consent.met_on)
            }
            Phase::Granted | Phase::Acting => ended("ended"),
            Phase::Collecting => concluded("abandoned", None),
            _ => Vec::new(),
        },
        Happening::PutInUse => {
            let mut facts = vec![fact(consent, fact_type::PUT_IN_USE, at, &[], &[])];
            if consent.covenant.is_some() {
                facts.extend(covenant_signed(at));
            }
            facts
        }
        Happening::CovenantAttached { .. } => {
            consent.in_use_at.map_or_else(Vec::new, covenant_signed)
        }
        Happening::ActingFinished => ended("done"),
        Happening::Revoked { .. } => ended("revoked"),
        Happening::Expired => ended("expired"),
        _ => Vec::new(),
    }
}

/// `on`: the day that counts; none: when it happened.
fn concluded(consent: &Consent, outcome: &str, on: Option<Day>, at: Timestamp) -> Fact {
    let zone = TimeZone::get(&consent.zone).unwrap_or(TimeZone::UTC);
    let day = on.map_or_else(|| zone.to_datetime(at).date(), |day| day.0);
    let since = |from: Day| {
        from.0
            .until(day)
            .map_or(0, |span| i64::from(span.get_days()))
    };
    let days = consent.frozen_on.map_or(0, since);
    let count = consent.count(Of::Estate);
    let measures = [
        days,
        count.heads as i64,
        count.answered_heads as i64,
        count.yes_heads as i64,
    ];
    let profile = consent.rules.profile.as_ref().map_or("", Code::as_str);
    let members = [profile, outcome];
    let noon = noon(&zone, day);
    fact(consent, fact_type::CONCLUDED, noon, &members, &measures)
}

/// A civil day's own middle: no zone's change of clocks moves it to another day.
fn noon(zone: &TimeZone, day: Date) -> Timestamp {
    let noon = zone.to_timestamp(day.at(12, 0, 0, 0));
    noon.unwrap_or(Timestamp::UNIX_EPOCH)
}

fn fact(
    consent: &Consent,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let grid = consent.grid.map_or_else(|| "".into(), Grid::member);
    let own = members.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: [consent.kind.member(), grid]
            .into_iter()
            .chain(own)
            .collect(),
        measures: measures.into(),
    }
}

pub(super) fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
    let entry = |entry: &u64| ("entry", format!("entries/{entry}"));
    let until = |day: &Day| ("until", day.to_string());
    match what {
        Happening::Opened {
            kind,
            rules,
            title,
            text,
            ..
        } => {
            let mut details = vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("title", title.to_string()),
            ];
            details.extend(
                rules
                    .profile
                    .as_ref()
                    .map(|profile| ("profile", profile.to_string())),
            );
            details.extend(text.map(|text| ("text_sha256", text.to_string())));
            ("OPENED", details)
        }
        Happening::Granted {
            kind,
            mandatary,
            principal,
            document,
            ..
        } => {
            let mut details = vec![
                ("kind", kind.to_string()),
                ("mandatary", mandatary.to_string()),
            ];
            details.extend(principal.as_ref().map(entry));
            details.extend(document.map(|document| ("document_sha256", document.to_string())));
            ("GRANTED", details)
        }
        Happening::RollFrozen {
            roll, until: last, ..
        } => {
            let heads = ("heads", roll.heads().to_string());
            (
                "ROLL_FROZEN",
                vec![("roll_sha256", roll.sha256.to_string()), heads, until(last)],
            )
        }
        Happening::Answered {
            entry: of,
            given,
            document,
            proxy_document,
        } => {
            let mut details = vec![entry(of), ("channel", given.channel.code().to_owned())];
            details.extend(document.map(|hash| ("document_sha256", hash.to_string())));
            details.extend(
                given
                    .proxy
                    .map(|proxy| ("proxy", format!("entries/{proxy}"))),
            );
            details.extend(proxy_document.map(|hash| ("proxy_document_sha256", hash.to_string())));
            ("ANSWERED", details)
        }
        Happening::Withdrawn {
            entry: of,
            channel,
            document,
        } => {
            let mut details = vec![entry(of), ("channel", channel.code().to_owned())];
            details.extend(document.map(|hash| ("document_sha256", hash.to_string())));
            ("WITHDRAWN", details)
        }
        Happening::Met { on } => ("MET", vec![("on", on.to_string())]),
        Happening::Undone { until: last } => ("UNDONE", vec![until(last)]),
        Happening::Lapsed => ("LAPSED", vec![]),
        Happening::Carried => ("CARRIED", vec![]),
        Happening::Rejected => ("REJECTED", vec![]),
        Happening::Publicised { place, until: last } => (
            "PUBLICISED",
            vec![("place", place.to_string()), until(last)],
        ),
        Happening::Approved { by, document } => (
            "APPROVED",
            vec![
                ("by", by.to_string()),
                ("document_sha256", document.to_string()),
            ],
        ),
        Happening::WorksStarted => ("WORKS_STARTED", vec![]),
        Happening::Inspected {
            by,
            document,
            has_passed,
        } => (
            "INSPECTED",
            vec![
                ("by", by.to_string()),
                ("document_sha256", document.to_string()),
                ("has_passed", has_passed.to_string()),
            ],
        ),
        Happening::PutInUse => ("PUT_IN_USE", vec![]),
        Happening::CovenantAttached { document } => (
            "COVENANT_ATTACHED",
            vec![("document", format!("documents/{document}"))],
        ),
        Happening::ActingBegun => ("ACTING_BEGUN", vec![]),
        Happening::ActingFinished => ("ACTING_FINISHED", vec![]),
        Happening::Revoked { document } => {
            let hash = document.map(|hash| ("document_sha256", hash.to_string()));
            ("REVOKED", hash.into_iter().collect())
        }
        Happening::Expired => ("EXPIRED", vec![]),
        Happening::Ended { reason } => ("ENDED", vec![("reason", reason.to_string())]),
    }
}
