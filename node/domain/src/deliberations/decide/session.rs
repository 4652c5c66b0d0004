//! Sessions in rounds: the list, who was there, what was found, tasks between two
//! sessions, the motion.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::{Action, Happening, Held, Participant, Round, Seat, Step, Topic};
use super::{full, not_at, nth, steps};
use crate::process::{Context, Refusal};
use crate::share::Share;
use crate::stored::Day;
use crate::words::Words;

const MOST_ROUNDS: usize = 50;
const MOST_PARTICIPANTS: usize = 300;
const MOST_TASKS: usize = 100;

pub(super) fn decide(
    topic: &Topic,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    match action {
        Action::Convene { on, participants } => convene(topic, *on, participants, context),
        Action::Hold { present, chair } => {
            let held = hold(topic, present, *chair, context)?;
            Ok(vec![Happening::Held(held)])
        }
        Action::Find { text } => {
            quorate(topic)?;
            let text = text.clone();
            Ok(vec![Happening::Found { text }])
        }
        Action::SetTask { to, what } => {
            quorate(topic)?;
            if topic.tasks.len() >= MOST_TASKS {
                return Err(full(("任务", "tasks"), MOST_TASKS));
            }
            let (to, what) = (to.clone(), what.clone());
            Ok(vec![Happening::TaskSet { to, what }])
        }
        Action::ReportTask {
            task,
            result,
            survey,
        } => {
            if nth(&topic.tasks, *task, "task")?.result.is_some() {
                let (zh, en) = ("任务已经回报", "this task was reported already");
                return Err(Refusal::exists("ALREADY_REPORTED", zh, en));
            }
            Ok(vec![Happening::TaskReported {
                task: *task,
                result: result.clone(),
                survey: *survey,
            }])
        }
        Action::NoteBreach { rule } => {
            held(topic)?;
            if !topic.order_rules().contains(rule) {
                let codes: Vec<&str> = topic.order_rules().iter().map(|r| r.as_str()).collect();
                let codes = codes.join(", ");
                let zh = format!("议事规则有：{codes}");
                let en = format!("the rules of order are: {codes}");
                return Err(Refusal::input("rule", "UNKNOWN_RULE", zh, en));
            }
            let rule = rule.clone();
            Ok(vec![Happening::BreachNoted { rule }])
        }
        Action::Decide {
            text,
            yes,
            no,
            abstained,
        } => motion(topic, text, (*yes, *no, *abstained)),
        _ => Err(Refusal::unknown()),
    }
}

fn convene(
    topic: &Topic,
    on: Date,
    participants: &[Participant],
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let mut happenings = steps::enter(topic, Step::Session, context)?;
    if topic.rounds.len() >= MOST_ROUNDS {
        return Err(full(("会议", "sessions"), MOST_ROUNDS));
    }
    if on < context.day() {
        let zh = "名单应在会前确定";
        let en = "the list is fixed before the session";
        return Err(Refusal::input("on", "LIST_TOO_LATE", zh, en));
    }
    if !(1..=MOST_PARTICIPANTS).contains(&participants.len()) {
        let (zh, en) = ("应为 1 至 300 人", "want 1 to 300 participants");
        return Err(Refusal::input("participants", "PARTICIPANTS", zh, en));
    }
    let mut entries = BTreeSet::new();
    for participant in participants {
        if !entries.insert(participant.entry) {
            let (zh, en) = ("名单上有重复", "somebody is on the list twice");
            let refusal = Refusal::input("participants", "TWICE_ON_LIST", zh, en);
            return Err(refusal.with("entry", participant.entry));
        }
        if let Seat::Party(code) = &participant.seat
            && !topic.rules.parties.contains(code)
        {
            let zh = format!("“{code}”不是议事的一方");
            let en = format!("{code} is no party of this platform");
            return Err(Refusal::input("participants", "UNKNOWN_PARTY", zh, en));
        }
        // Experts advise: whoever gave advice has no vote on it.
        let advised = topic
            .advice
            .iter()
            .any(|one| one.expert == participant.entry);
        if advised && participant.seat.votes() {
            let zh = "提出过意见的专家列席，不参加表决";
            let en = "an expert who gave advice sits without a vote";
            let refusal = Refusal::input("participants", "EXPERT_VOTES", zh, en);
            return Err(refusal.with("entry", participant.entry));
        }
    }
    happenings.push(Happening::Convened {
        on: Day(on),
        participants: participants.to_vec(),
    });
    Ok(happenings)
}

fn hold(
    topic: &Topic,
    present: &[u64],
    chair: u64,
    context: &Context<'_>,
) -> Result<Held, Refusal> {
    let Some(round) = topic.rounds.last().filter(|round| round.held.is_none()) else {
        let (zh, en) = ("没有召集中的会议", "no session is convened");
        return Err(Refusal::state("NOT_CONVENED", zh, en));
    };
    if topic.step() != Some(Step::Session) {
        return Err(not_at(topic, "会议议事阶段", "while sessions are held"));
    }
    if context.day() != round.on.0 {
        let zh = format!("会议定于 {}；改期请重新召集", round.on);
        let en = format!(
            "it is convened for {}; to move it, convene it again",
            round.on
        );
        return Err(Refusal::state("NOT_THE_DAY", zh, en).with("on", round.on));
    }
    let mut here: Vec<u64> = present.to_vec();
    here.sort_unstable();
    here.dedup();
    let listed = |entry: u64| round.participants.iter().find(|one| one.entry == entry);
    if let Some(stranger) = here.iter().find(|entry| listed(**entry).is_none()) {
        let (zh, en) = ("不在会前确定的名单上", "not on the list that was fixed");
        return Err(Refusal::input("present", "NOT_ON_LIST", zh, en).with("entry", stranger));
    }
    if !here.contains(&chair) {
        let (zh, en) = (
            "主持人不在到会者之中",
            "the chair is not among those present",
        );
        return Err(Refusal::input("chair", "CHAIR_ABSENT", zh, en));
    }
    let seats = || here.iter().filter_map(|entry| listed(*entry));
    let votes = seats().filter(|one| one.entry != chair && one.seat.votes());
    let votes = votes.count() as u16;
    let parties_present = parties(seats()).len() as u8;
    let whole = round.participants.len() as u64;
    let is_present = |share: Share| share.is_met(here.len() as u64, whole);
    let is_quorate =
        parties_present >= topic.rules.quorum && topic.rules.presence.is_none_or(is_present);
    Ok(Held {
        present: here,
        chair,
        parties_present,
        is_quorate,
        votes,
    })
}

/// The parties that somebody sits for.
pub fn parties<'a>(
    seats: impl Iterator<Item = &'a Participant>,
) -> BTreeSet<&'a crate::code::Code> {
    let party = |one: &'a Participant| match &one.seat {
        Seat::Party(code) => Some(code),
        _ => None,
    };
    seats.filter_map(party).collect()
}

fn held(topic: &Topic) -> Result<(&Round, &Held), Refusal> {
    let round = topic.rounds.last();
    let held = round.and_then(|round| Some((round, round.held.as_ref()?)));
    match held {
        Some(held) if topic.step() == Some(Step::Session) => Ok(held),
        _ => {
            let (zh, en) = ("会议尚未举行", "no session was held");
            Err(Refusal::state("NOT_HELD", zh, en))
        }
    }
}

fn quorate(topic: &Topic) -> Result<&Held, Refusal> {
    let (_, held) = held(topic)?;
    if !held.is_quorate {
        let zh = format!(
            "会议未达法定人数（到会 {} 方，应有 {} 方），不能议决",
            held.parties_present, topic.rules.quorum
        );
        let en = format!(
            "the session had no quorum ({} of {} parties): nothing can be settled in it",
            held.parties_present, topic.rules.quorum
        );
        let refusal = Refusal::state("NO_QUORUM", zh, en);
        return Err(refusal.with("parties_present", held.parties_present));
    }
    Ok(held)
}

/// 少数服从多数: more than half of those who deliberate.
fn motion(
    topic: &Topic,
    text: &Words,
    (yes, no, abstained): (u32, u32, u32),
) -> Result<Vec<Happening>, Refusal> {
    let votes = u64::from(quorate(topic)?.votes);
    let open = topic.tasks.iter().filter(|task| task.result.is_none());
    let open = open.count();
    if open > 0 {
        let zh = format!("有 {open} 项任务没有回报");
        let en = format!("{open} tasks are not reported");
        return Err(Refusal::state("TASKS_OPEN", zh, en).with("open", open));
    }
    let sum = u64::from(yes) + u64::from(no) + u64::from(abstained);
    if sum > votes {
        let zh = format!("到会有表决权的是 {votes} 人，主持人与专家不表决");
        let en = format!("{votes} may vote; the chair and experts do not");
        return Err(Refusal::input("yes", "MORE_VOTES_THAN_VOTERS", zh, en).with("votes", votes));
    }
    let text = text.clone();
    if u64::from(yes) * 2 <= votes {
        return Ok(vec![Happening::MotionLost {
            text,
            yes,
            no,
            abstained,
        }]);
    }
    Ok(vec![
        Happening::StepEnded {
            step: Step::Session,
        },
        Happening::Decided {
            passed: true,
            text: Some(text),
            yes,
            no,
            abstained,
        },
    ])
}
