//! From a command about a survey to what happens, or a refusal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::questions::MOST_QUESTIONS;
use super::{Action, Bundle, Happening, Issue, Open, Sheet, Stage, Survey, Visit};
use crate::actor::Actor;
use crate::cases::Origin;
use crate::code::Name;
use crate::process::{Context, Refusal};
use crate::stored::Day;

/// Entered with one command.
const MOST_SHEETS: usize = 500;
const RUNNER: (&str, &str) = ("社区工作人员或承办组织", "the office or who runs it");
const OFFICE: (&str, &str) = ("社区工作人员", "the office");

pub(super) fn decide(
    before: Option<&Survey>,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let survey = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(survey), _) => survey,
    };
    may(survey, action, context.by)?;
    if survey.stage == Stage::Withdrawn {
        return Err(Refusal::over());
    }
    let happening = match action {
        Action::Open(_) => return Err(Refusal::already_open()),
        Action::Start { roll, until } => {
            at(survey, &[Stage::Draft])?;
            if *until < context.day() {
                let (zh, en) = ("应不早于今天", "want no day before today");
                return Err(Refusal::input("until", "ENDS_BEFORE_IT_BEGINS", zh, en));
            }
            Happening::Started {
                roll: roll.clone(),
                until: Day(*until),
            }
        }
        Action::Answer { origin, sheets } => answer(survey, *origin, sheets, context)?,
        Action::Correct { sheet, reason } => {
            at(survey, &[Stage::Open])?;
            let place = place(survey, sheet.household)?;
            if survey.households[place].answered.is_none() {
                let (zh, en) = ("这一户还没有答卷", "this household has not answered");
                return Err(Refusal::state("NOT_ANSWERED", zh, en));
            }
            fits(survey, sheet)?;
            Happening::Corrected {
                sheet: sheet.clone(),
                reason: reason.clone(),
            }
        }
        Action::Visit { household, visit } => self::visit(survey, *household, *visit, context)?,
        Action::Close => close(survey, context)?,
        Action::Summarise { text } => {
            at(survey, &[Stage::Closed])?;
            let text = text.clone();
            Happening::Summarised { text }
        }
        Action::Scheme { text } => {
            at(survey, &[Stage::Summarised])?;
            if !survey.rules.has_scheme || survey.scheme.is_some() {
                let (zh, en) = (
                    "这类调查没有方案，或已有方案",
                    "it has a scheme, or needs none",
                );
                return Err(Refusal::state("NO_SCHEME", zh, en));
            }
            let text = text.clone();
            Happening::SchemeMade { text }
        }
        Action::Compile => compile(survey)?,
        Action::Send { department } => {
            let bundle = bundle(survey, department)?;
            if bundle.sent_at.is_some() {
                let (zh, en) = ("已经转交", "it was sent already");
                return Err(Refusal::exists("ALREADY_SENT", zh, en));
            }
            Happening::Sent {
                department: department.clone(),
                due: Day(due(context.day(), survey.rules.reply_days)),
            }
        }
        Action::Reply { department, text } => {
            let bundle = bundle(survey, department)?;
            sent(bundle)?;
            if bundle.reply.is_some() {
                let (zh, en) = ("已经答复", "it was replied to already");
                return Err(Refusal::exists("ALREADY_REPLIED", zh, en));
            }
            Happening::Replied {
                department: department.clone(),
                text: text.clone(),
            }
        }
        Action::Track {
            department,
            is_settled,
            note,
        } => {
            if bundle(survey, department)?.reply.is_none() {
                let (zh, en) = ("部门尚未答复", "the department has not replied");
                return Err(Refusal::state("NOT_REPLIED", zh, en));
            }
            Happening::Tracked {
                department: department.clone(),
                is_settled: *is_settled,
                note: note.clone(),
            }
        }
        Action::Withdraw { reason } => {
            at(survey, &[Stage::Draft, Stage::Open])?;
            let reason = reason.clone();
            Happening::Withdrawn { reason }
        }
    };
    Ok(vec![happening])
}

fn may(survey: &Survey, action: &Action, by: &Actor) -> Result<(), Refusal> {
    match action {
        Action::Answer { .. } => match by {
            Actor::Resident(_) | Actor::GridWorker(_) => Ok(()),
            by if survey.is_run_by(by) => Ok(()),
            _ => Err(Refusal::not_yours(RUNNER)),
        },
        Action::Visit { .. } if matches!(by, Actor::GridWorker(_)) => Ok(()),
        Action::Reply { department, .. } if by.handles_as(department) => Ok(()),
        Action::Start { .. }
        | Action::Visit { .. }
        | Action::Correct { .. }
        | Action::Close
        | Action::Summarise { .. } => match survey.is_run_by(by) {
            true => Ok(()),
            false => Err(Refusal::not_yours(RUNNER)),
        },
        _ if by.is_office() => Ok(()),
        _ => Err(Refusal::not_yours(OFFICE)),
    }
}

fn open(open: &Open, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let kind = context.playbooks.survey(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    let runner = kind.rules.runner.as_ref();
    if !context.by.is_office() && !runner.is_some_and(|runner| context.by.handles_as(runner)) {
        return Err(Refusal::not_yours(RUNNER));
    }
    let sound = open
        .questions
        .iter()
        .all(|question| question.form.is_sound());
    if !sound || !(1..=MOST_QUESTIONS).contains(&open.questions.len()) {
        let zh =
            "应为 1 至 60 题；选择题 2 至 30 个选项，多选题可选数不超过选项数，数字题上限大于 0";
        let en = "want 1 to 60 questions; 2 to 30 choices, at most as many of them as there are, a greatest number above 0";
        return Err(Refusal::input("questions", "ODD_QUESTIONS", zh, en));
    }
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules: kind.rules.clone(),
        title: open.title.clone(),
        questions: open.questions.clone(),
        topic: open.topic,
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

fn answer(
    survey: &Survey,
    origin: Origin,
    sheets: &[Sheet],
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    in_time(survey, context)?;
    if !(1..=MOST_SHEETS).contains(&sheets.len()) {
        let (zh, en) = ("一次 1 至 500 份答卷", "want 1 to 500 sheets at a time");
        return Err(Refusal::input("sheets", "SHEETS", zh, en));
    }
    if let Actor::Resident(who) = context.by {
        let own = survey.roll.as_ref().and_then(|roll| roll.entry_of(*who));
        if sheets.len() > 1 || own != Some(sheets[0].household) || origin != Origin::Online {
            let zh = "居民只能在线上代表自己的住户作答";
            let en = "a resident answers online, for its own household";
            return Err(Refusal::denied("NOT_YOUR_HOUSEHOLD", zh, en));
        }
    }
    let heads = survey.heads();
    let mut seen = BTreeSet::new();
    for sheet in sheets {
        let place = place_among(&heads, sheet.household)?;
        let earlier = survey.households[place].answered;
        if earlier.is_some() || !seen.insert(sheet.household) {
            let zh = "这一户已有答卷；一户一份，不分渠道";
            let en = "this household has answered; one answer each over all channels";
            let refusal = Refusal::exists("ALREADY_ANSWERED", zh, en);
            let refusal = refusal.with("household", format!("entries/{}", sheet.household));
            return Err(match earlier {
                Some(earlier) => refusal.with("origin", earlier.code()),
                None => refusal,
            });
        }
        fits(survey, sheet)?;
    }
    Ok(Happening::Answered {
        origin,
        sheets: sheets.to_vec(),
    })
}

fn visit(
    survey: &Survey,
    household: u64,
    visit: Visit,
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    in_time(survey, context)?;
    if survey.rules.visits == 0 {
        let (zh, en) = ("这类调查不入户", "nobody is called on for this kind");
        return Err(Refusal::state("NO_VISITS", zh, en));
    }
    let place = place(survey, household)?;
    if survey.households[place].answered.is_some() {
        let (zh, en) = ("这一户已有答卷", "this household has answered");
        return Err(Refusal::exists("ALREADY_ANSWERED", zh, en));
    }
    Ok(Happening::Visited { household, visit })
}

fn close(survey: &Survey, context: &Context<'_>) -> Result<Happening, Refusal> {
    at(survey, &[Stage::Open])?;
    let is_over = survey.until.is_some_and(|until| context.day() > until.0);
    let visits = survey.rules.visits;
    let is_settled = |one: &super::state::Household| {
        one.answered.is_some() || one.has_declined || visits > 0 && one.no_answers >= visits
    };
    if !is_over && !survey.households.iter().all(is_settled) {
        let zh = "截止日之前，还有住户没有作答";
        let en = "before its last day, while households have not answered";
        let refusal = Refusal::state("STILL_ANSWERING", zh, en);
        return Err(match survey.until {
            Some(until) => refusal.with("until", until),
            None => refusal,
        });
    }
    Ok(Happening::Closed)
}

fn compile(survey: &Survey) -> Result<Happening, Refusal> {
    at(survey, &[Stage::Closed, Stage::Summarised])?;
    if survey.rules.reply_days == 0 {
        let (zh, en) = ("这类调查不转部门", "this kind hands nothing over");
        return Err(Refusal::state("NO_HAND_OVER", zh, en));
    }
    if !survey.bundles.is_empty() {
        let (zh, en) = ("已经汇总", "it was compiled already");
        return Err(Refusal::exists("ALREADY_COMPILED", zh, en));
    }
    let mut issues: BTreeMap<&Name, Vec<Issue>> = BTreeMap::new();
    for ((number, question), total) in (1..).zip(&survey.questions).zip(&survey.totals) {
        let choices = (1..).zip(question.form.choices()).zip(&total.chosen);
        for ((choice, of), households) in choices.filter(|(_, households)| **households > 0) {
            if let Some(department) = &of.department {
                issues.entry(department).or_default().push(Issue {
                    question: number,
                    choice,
                    households: *households,
                });
            }
        }
    }
    if issues.is_empty() {
        let (zh, en) = (
            "没有需要转部门的问题",
            "nothing in it is a department's business",
        );
        return Err(Refusal::state("NO_ISSUES", zh, en));
    }
    let issues = issues.into_iter();
    Ok(Happening::Compiled {
        issues: issues
            .map(|(name, issues)| (name.clone(), issues))
            .collect(),
    })
}

fn at(survey: &Survey, stages: &[Stage]) -> Result<(), Refusal> {
    if stages.contains(&survey.stage) {
        return Ok(());
    }
    let wanted: Vec<&str> = stages.iter().map(|stage| stage.code()).collect();
    let (wanted, stage) = (wanted.join(", "), survey.stage.code());
    let zh = format!("只能在 {wanted} 阶段进行；目前为 {stage}");
    let en = format!("only while it is {wanted}; it is {stage} now");
    Err(Refusal::state("NOT_NOW", zh, en).with("stage", stage))
}

/// A sheet that was filled in by the last day can be entered a little later.
fn in_time(survey: &Survey, context: &Context<'_>) -> Result<(), Refusal> {
    at(survey, &[Stage::Open])?;
    let until = survey.until.filter(|until| context.day() > until.0);
    match until {
        None => Ok(()),
        Some(until) => {
            let zh = format!("已于 {until} 截止；之前填好的纸质答卷请写明填写时间");
            let en = format!("it ended on {until}; for a sheet filled in before, say when");
            Err(Refusal::state("SURVEY_OVER", zh, en).with("until", until))
        }
    }
}

fn place(survey: &Survey, household: u64) -> Result<usize, Refusal> {
    place_among(&survey.heads(), household)
}

fn place_among(heads: &[u64], household: u64) -> Result<usize, Refusal> {
    heads.binary_search(&household).map_err(|_| {
        let zh = "不在冻结的住户名册上";
        let en = "not on the frozen roll of households";
        let refusal = Refusal::input("household", "NOT_ON_ROLL", zh, en);
        refusal.with("household", format!("entries/{household}"))
    })
}

fn fits(survey: &Survey, sheet: &Sheet) -> Result<(), Refusal> {
    let odd = |number: usize, zh: String, en: String| {
        let refusal = Refusal::input("marks", "MARK_DOES_NOT_FIT", zh, en);
        refusal.with("question", number)
    };
    if sheet.marks.len() != survey.questions.len() {
        let (found, wanted) = (sheet.marks.len(), survey.questions.len());
        let zh = format!("答卷有 {found} 题，问卷有 {wanted} 题");
        let en = format!("{found} answers to {wanted} questions");
        return Err(odd(found, zh, en));
    }
    let pairs = (1..).zip(survey.questions.iter().zip(&sheet.marks));
    for (number, (question, mark)) in pairs {
        if !question.form.takes(*mark) {
            let zh = format!("第 {number} 题的答案不合题型");
            let en = format!("question {number} cannot be answered so");
            return Err(odd(number, zh, en));
        }
    }
    Ok(())
}

fn bundle<'a>(survey: &'a Survey, department: &Name) -> Result<&'a Bundle, Refusal> {
    survey.bundle(department).ok_or_else(|| {
        let zh = format!("没有汇总给“{department}”的问题");
        let en = format!("nothing was compiled for {department}");
        Refusal::input("department", "NO_BUNDLE", zh, en)
    })
}

fn sent(bundle: &Bundle) -> Result<(), Refusal> {
    match bundle.sent_at {
        Some(_) => Ok(()),
        None => {
            let (zh, en) = ("尚未转交", "it was not sent");
            Err(Refusal::state("NOT_SENT", zh, en))
        }
    }
}

fn due(day: Date, days: u16) -> Date {
    day.checked_add(i64::from(days).days()).unwrap_or(Date::MAX)
}
