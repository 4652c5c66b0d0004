//! From a command about a document to what happens, or a refusal.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{Action, Adoption, Document, Grounds, Happening, Open, Rules, Stage, Text, Version};
use crate::code::Code;
use crate::process::{Context, Refusal};
use crate::sha256::Sha256;
use crate::stored::Day;

type Happens = Result<Vec<Happening>, Refusal>;

const MOST_VERSIONS: usize = 50;
const OFFICE: (&str, &str) = ("社区工作人员", "the office");

pub(super) fn decide(before: Option<&Document>, action: &Action, context: &Context<'_>) -> Happens {
    if !context.by.is_office() {
        return Err(Refusal::not_yours(OFFICE));
    }
    let document = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(document), _) => document,
    };
    let happens = match action {
        Action::Open(_) => return Err(Refusal::already_open()),
        Action::Draft { text, reason } => {
            has_clauses(&document.rules, text)?;
            Happening::Drafted {
                number: next_number(document)?,
                text: text.clone(),
                reason: reason.clone(),
            }
        }
        Action::Post { place } => {
            pending(document, &[Stage::Draft])?;
            let days = i64::from(document.rules.consult_days);
            let until = context.day().checked_add(days.days());
            Happening::Posted {
                place: place.clone(),
                until: Day(until.unwrap_or(Date::MAX)),
            }
        }
        Action::Consult { comments } => {
            let version = pending(document, &[Stage::Posted])?;
            consulting_is_over(document, version, context.at)?;
            Happening::Consulted {
                comments: *comments,
            }
        }
        Action::Adopt { grounds, voted } => {
            let version = pending(document, &[Stage::Draft, Stage::Consulted])?;
            if document.rules.consult_days > 0 && version.stage == Stage::Draft {
                let (zh, en) = ("请先公开征求意见", "it is posted for comments first");
                return Err(Refusal::state("NOT_CONSULTED", zh, en));
            }
            suffices(document, grounds, *voted, version)?;
            Happening::Adopted {
                grounds: grounds.clone(),
            }
        }
        Action::PutInForce { from } => {
            pending(document, &[Stage::Adopted])?;
            let day = context.day();
            let from = from.unwrap_or(day);
            // What is in force is what can be read as in force: no day to come.
            if from != day {
                let zh = format!("生效日应为今天（{day}）：到日再登记");
                let en = format!("want today, {day}: enter it on its day");
                return Err(Refusal::input("from_day", "NOT_TODAY", zh, en));
            }
            Happening::PutInForce { from: Day(from) }
        }
        Action::Drop { reason } => {
            pending(
                document,
                &[
                    Stage::Draft,
                    Stage::Posted,
                    Stage::Consulted,
                    Stage::Adopted,
                ],
            )?;
            Happening::Dropped {
                reason: reason.clone(),
            }
        }
        Action::Repeal {
            grounds,
            voted,
            reason,
        } => {
            let Some(version) = document.in_force() else {
                let (zh, en) = ("没有生效的版本", "no version is in force");
                return Err(Refusal::state("NOT_IN_FORCE", zh, en));
            };
            suffices(document, grounds, *voted, version)?;
            if matches!(grounds, Grounds::Consent(_)) && version.grounds.as_ref() == Some(grounds) {
                let (zh, en) = (
                    "通过时的表决不能用来废止",
                    "the vote that adopted it does not repeal it",
                );
                return Err(Refusal::input("consent", "SAME_VOTE", zh, en));
            }
            Happening::Repealed {
                on: Day(context.day()),
                grounds: grounds.clone(),
                reason: reason.clone(),
            }
        }
    };
    Ok(vec![happens])
}

fn open(open: &Open, context: &Context<'_>) -> Happens {
    let kind = context.playbooks.document(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    has_clauses(&kind.rules, &open.text)?;
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules: kind.rules.clone(),
        title: open.title.clone(),
        grid: open.grid,
        text: open.text.clone(),
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

fn has_clauses(rules: &Rules, text: &Text) -> Result<(), Refusal> {
    text.about()?;
    let has = |code: &Code| text.clauses().iter().any(|clause| clause.code == *code);
    let Some(missing) = rules.clauses.iter().find(|code| !has(code)) else {
        return Ok(());
    };
    let zh = format!("缺少必备条款“{missing}”");
    let en = format!("the clause {missing} is missing");
    Err(Refusal::input("clauses", "CLAUSE_MISSING", zh, en).with("clause", missing))
}

/// A draft is written again; what somebody has seen is followed by another version,
/// once it is given up or in force.
fn next_number(document: &Document) -> Result<u32, Refusal> {
    let last = document.versions.last().map_or(0, |version| version.number);
    match document.pending() {
        Some(version) if version.stage == Stage::Draft => Ok(version.number),
        Some(version) => {
            let (zh, en) = (
                "已公开的版本不能改写：请先放弃这一版或使其生效",
                "what was posted is not written again: drop this version, or put it in force",
            );
            Err(Refusal::state("VERSION_IS_FIXED", zh, en).with("version", version.number))
        }
        None if document.versions.len() >= MOST_VERSIONS => {
            let (zh, en) = (
                "版本过多，请另立新文件",
                "there are too many versions: open another",
            );
            Err(Refusal::exhausted("TOO_MANY_VERSIONS", zh, en))
        }
        None => Ok(last + 1),
    }
}

fn pending<'a>(document: &'a Document, want: &[Stage]) -> Result<&'a Version, Refusal> {
    let Some(version) = document.pending() else {
        let (zh, en) = (
            "没有待办理的版本，请先起草",
            "no version is pending: draft one",
        );
        return Err(Refusal::state("NOTHING_PENDING", zh, en));
    };
    if want.contains(&version.stage) {
        return Ok(version);
    }
    let stage = version.stage.code();
    let zh = format!("这一版现在的状态（{}）不能这样做", version.stage.zh());
    let en = format!("not while the version is {stage}");
    Err(Refusal::state("WRONG_STAGE", zh, en).with("stage", stage))
}

fn consulting_is_over(
    document: &Document,
    version: &Version,
    at: Timestamp,
) -> Result<(), Refusal> {
    let Some(until) = version.consult_until else {
        return Ok(());
    };
    let zone = TimeZone::get(&document.zone).unwrap_or(TimeZone::UTC);
    let end = until.0.checked_add(1.day());
    let end = end.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)));
    let runs = document.rules.consult_days > 0 && end.is_ok_and(|end| at < end);
    match runs {
        false => Ok(()),
        true => {
            let zh = format!("征求意见到 {until} 为止");
            let en = format!("comments are taken until {until}");
            Err(Refusal::state("CONSULTATION_RUNS", zh, en).with("until", until))
        }
    }
}

/// Whether the grounds are those that the kind wants, for this very text.
fn suffices(
    document: &Document,
    grounds: &Grounds,
    voted: Option<Sha256>,
    version: &Version,
) -> Result<(), Refusal> {
    let adoption = document.rules.adoption;
    match (adoption, grounds) {
        (_, Grounds::Consent(_)) if voted.is_none() => {
            let (zh, en) = (
                "表决没有通过，或没有针对固定文本",
                "the vote is not carried, or was not about a fixed text",
            );
            Err(Refusal::state("NOT_CARRIED", zh, en))
        }
        (_, Grounds::Consent(_)) if voted != Some(version.text.sha256) => {
            let (zh, en) = (
                "表决的文本与这一版不一致",
                "the text that was voted on is not this version's",
            );
            Err(Refusal::state("TEXT_DIFFERS", zh, en))
        }
        (Adoption::Vote, Grounds::Consent(_))
        | (Adoption::Decision, Grounds::Consent(_) | Grounds::Decision { .. })
        | (Adoption::Publication, _) => Ok(()),
        (Adoption::Vote, _) => {
            let (zh, en) = ("这类文件须经表决通过", "this kind is adopted by a vote");
            Err(Refusal::input("consent", "VOTE_NEEDED", zh, en))
        }
        (Adoption::Decision, Grounds::Publication) => {
            let (zh, en) = (
                "请填写决定的机构和文件",
                "want the body that decided, and its paper",
            );
            Err(Refusal::input("by", "DECISION_NEEDED", zh, en))
        }
    }
}
