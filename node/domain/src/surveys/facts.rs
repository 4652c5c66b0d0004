//! What a survey means for statistics, and what its history says. Answers count in
//! the period in which their survey began, so that they are never more than the
//! households that were asked.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, survey as fact_type};

use super::{Happening, Survey};
use crate::process::Happened;

pub(super) fn facts(before: Option<&Survey>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(survey) = before else {
        return Vec::new();
    };
    let at = happened.at;
    let began_at = survey.started_at.unwrap_or(at);
    let fact = |fact_type, at, members: &[&str]| fact(survey, fact_type, at, members, &[]);
    match &happened.what {
        Happening::Started { roll, .. } => {
            let one = fact(fact_type::HOUSEHOLD_ASKED, at, &[]);
            vec![one; roll.heads() as usize]
        }
        Happening::Answered { origin, sheets } => {
            let one = fact(fact_type::HOUSEHOLD_ANSWERED, began_at, &[origin.code()]);
            vec![one; sheets.len()]
        }
        Happening::Visited { visit, .. } => vec![fact(fact_type::VISITED, at, &[visit.code()])],
        Happening::Closed => {
            let measures = [survey.answered() as i64, survey.households.len() as i64];
            vec![self::fact(survey, fact_type::CLOSED, at, &[], &measures)]
        }
        Happening::Sent { .. } => vec![fact(fact_type::BUNDLE_SENT, at, &[])],
        Happening::Replied { department, .. } | Happening::ReplyFellDue { department } => {
            let bundle = survey.bundle(department).filter(|one| !one.clock_read);
            let is_on_time = matches!(happened.what, Happening::Replied { .. });
            let answered = bundle.and_then(|bundle| {
                let on_time = if is_on_time { "yes" } else { "no" };
                Some(fact(
                    fact_type::BUNDLE_ANSWERED,
                    bundle.sent_at?,
                    &[on_time],
                ))
            });
            answered.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn fact(
    survey: &Survey,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let own = members.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: [survey.kind.member()].into_iter().chain(own).collect(),
        measures: measures.into(),
    }
}

/// Who answered and when; what was answered is told to nobody.
pub(super) fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
    let department = |name: &crate::code::Name| ("department", name.to_string());
    match what {
        Happening::Opened {
            kind,
            rules,
            questions,
            ..
        } => (
            "OPENED",
            vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("questions", questions.len().to_string()),
            ],
        ),
        Happening::Started { roll, until } => (
            "STARTED",
            vec![
                ("households", roll.heads().to_string()),
                ("roll_sha256", roll.sha256.to_string()),
                ("until", until.to_string()),
            ],
        ),
        Happening::Answered { origin, sheets } => (
            "ANSWERED",
            vec![
                ("origin", origin.code().to_owned()),
                ("sheets", sheets.len().to_string()),
            ],
        ),
        Happening::Corrected { reason, .. } => ("CORRECTED", vec![("reason", reason.to_string())]),
        Happening::Visited { visit, .. } => ("VISITED", vec![("visit", visit.code().to_owned())]),
        Happening::Closed => ("CLOSED", Vec::new()),
        Happening::Summarised { text } => ("SUMMARISED", vec![("text", text.to_string())]),
        Happening::SchemeMade { text } => ("SCHEME_MADE", vec![("text", text.to_string())]),
        Happening::Compiled { issues } => ("COMPILED", vec![("bundles", issues.len().to_string())]),
        Happening::Sent {
            department: to,
            due,
        } => ("SENT", vec![department(to), ("due", due.to_string())]),
        Happening::Replied {
            department: from,
            text,
        } => (
            "REPLIED",
            vec![department(from), ("text", text.to_string())],
        ),
        Happening::ReplyFellDue { department: of } => ("REPLY_FELL_DUE", vec![department(of)]),
        Happening::Tracked {
            department: of,
            is_settled,
            note,
        } => (
            "TRACKED",
            vec![
                department(of),
                ("settled", is_settled.to_string()),
                ("note", note.to_string()),
            ],
        ),
        Happening::Withdrawn { reason } => ("WITHDRAWN", vec![("reason", reason.to_string())]),
    }
}
