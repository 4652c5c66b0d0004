//! After a decision: who does what by when, who checks it, the announcement, the
//! end.

use super::super::{Action, FollowUp, Happening, Stage, Topic};
use super::{full, not_at, nth};
use crate::code::Name;
use crate::process::{Context, Refusal};
use crate::stored::Day;

const MOST_FOLLOW_UPS: usize = 100;

pub(super) fn decide(
    topic: &Topic,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    match action {
        Action::FollowUp { owner, what, due } => {
            let decision = topic.decision.as_ref();
            if topic.stage != Stage::Decided || decision.is_none_or(|one| !one.passed) {
                return Err(not_at(
                    topic,
                    "议决通过之后",
                    "after it was decided and passed",
                ));
            }
            if topic.follow_ups.len() >= MOST_FOLLOW_UPS {
                return Err(full(("落实事项", "follow-ups"), MOST_FOLLOW_UPS));
            }
            if *due < context.day() {
                let (zh, en) = ("应不早于今天", "want no day before today");
                return Err(Refusal::input("due", "DUE_IN_THE_PAST", zh, en));
            }
            Ok(vec![Happening::FollowUpSet {
                owner: owner.clone(),
                what: what.clone(),
                due: Day(*due),
            }])
        }
        Action::ReportDone { follow_up } => {
            let one = nth(&topic.follow_ups, *follow_up, "follow_up")?;
            if one.done_at.is_some() {
                let (zh, en) = ("已经报告完成", "it was reported done already");
                return Err(Refusal::exists("ALREADY_DONE", zh, en));
            }
            let follow_up = *follow_up;
            Ok(vec![Happening::FollowUpDone { follow_up }])
        }
        Action::Check {
            follow_up,
            by,
            passed,
            note,
        } => {
            let one = nth(&topic.follow_ups, *follow_up, "follow_up")?;
            let is_last = check(topic, one, by.as_ref())?;
            let is_verified = *passed && is_last;
            let mut happenings = vec![Happening::FollowUpChecked {
                follow_up: *follow_up,
                by: by.clone(),
                passed: *passed,
                note: note.clone(),
                is_verified,
            }];
            let others = (1..)
                .zip(&topic.follow_ups)
                .filter(|(at, _)| at != follow_up);
            if is_verified
                && topic.stage == Stage::Decided
                && others.into_iter().all(|(_, one)| one.is_verified)
            {
                happenings.push(Happening::Verified);
            }
            Ok(happenings)
        }
        Action::Announce { channel } => {
            if topic.decision.is_none() {
                return Err(not_at(topic, "作出决定之后", "after it is decided"));
            }
            let channel = channel.clone();
            Ok(vec![Happening::Announced { channel }])
        }
        Action::Close => close(topic),
        _ => Err(Refusal::unknown()),
    }
}

/// Whether it is verified once `by` has found it done.
fn check(topic: &Topic, one: &FollowUp, by: Option<&Name>) -> Result<bool, Refusal> {
    if one.done_at.is_none() {
        let (zh, en) = ("尚未报告完成", "it was not reported done");
        return Err(Refusal::state("NOT_DONE", zh, en));
    }
    if one.is_verified || by.is_some_and(|by| one.passed_by.contains(by)) {
        let (zh, en) = ("已经核查", "it was checked already");
        return Err(Refusal::exists("ALREADY_CHECKED", zh, en));
    }
    let supervisors = &topic.rules.supervisors;
    if by == Some(&one.owner) {
        let (zh, en) = ("不能核查自己承办的事项", "nobody checks its own work");
        return Err(Refusal::denied("OWN_WORK", zh, en));
    }
    if supervisors.is_empty() {
        return Ok(true);
    }
    match by.filter(|by| supervisors.contains(by)) {
        None => {
            let names: Vec<&str> = supervisors.iter().map(Name::as_str).collect();
            let zh = format!("由{}核查", names.join("、"));
            let en = format!("checked by {}", names.join(", "));
            Err(Refusal::input("by", "NOT_A_SUPERVISOR", zh, en))
        }
        // A supervisor that owns it is no judge of it.
        Some(by) => Ok(supervisors
            .iter()
            .all(|name| name == by || *name == one.owner || one.passed_by.contains(name))),
    }
}

fn close(topic: &Topic) -> Result<Vec<Happening>, Refusal> {
    if topic.rules.is_yearly {
        return Err(super::mandatory());
    }
    let decision = topic.decision.as_ref();
    let Some(decision) = decision else {
        return Err(not_at(topic, "作出决定之后", "after it is decided"));
    };
    if decision.passed && topic.stage != Stage::Verified {
        let zh = "落实事项尚未全部核查";
        let en = "what follows from it is not verified";
        return Err(Refusal::state("NOT_VERIFIED", zh, en));
    }
    if topic.rules.announce_days > 0 && decision.announced_at.is_none() {
        let (zh, en) = ("决定尚未通报", "the decision was not announced");
        return Err(Refusal::state("NOT_ANNOUNCED", zh, en));
    }
    Ok(vec![Happening::Closed])
}
