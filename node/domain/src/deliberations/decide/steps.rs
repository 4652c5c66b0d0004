//! The steps before a decision: talks, drafts, posting, review, survey. An act of
//! the next step ends the present one; no act reaches further.

use jiff::ToSpan as _;

use super::super::{Action, Happening, Stage, Step, Topic};
use super::{full, not_at, nth};
use crate::process::{Context, Refusal};
use crate::sha256::Sha256;
use crate::stored::Day;
use crate::words::Words;

const MOST_ADVICE: usize = 50;
const MOST_PARTIES: usize = 50;

pub(super) fn decide(
    topic: &Topic,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let (mut happenings, what) = match action {
        Action::Talk { parties, ideas } => {
            let entered = enter(topic, Step::Talk, context)?;
            if parties.is_empty() || topic.talk_parties.len() + parties.len() > MOST_PARTIES {
                let (zh, en) = ("应为 1 至 50 方", "want 1 to 50 parties over all talks");
                return Err(Refusal::input("parties", "PARTIES", zh, en));
            }
            let (parties, ideas) = (parties.clone(), *ideas);
            (entered, Happening::Talked { parties, ideas })
        }
        Action::Draft { by, text, hash } => {
            let entered = enter(topic, Step::Draft, context)?;
            if let Some(drafter) = &topic.rules.drafter
                && drafter != by
            {
                let zh = format!("方案只能由{drafter}拟定");
                let en = format!("only {drafter} drafts");
                return Err(Refusal::denied("NOT_THE_DRAFTER", zh, en).with("drafter", drafter));
            }
            let (by, text, hash) = (by.clone(), text.clone(), *hash);
            (entered, Happening::Drafted { by, text, hash })
        }
        Action::Post => {
            let entered = enter(topic, Step::Post, context)?;
            if topic.posting.is_some() {
                let (zh, en) = ("已经张榜公示", "it is posted already");
                return Err(Refusal::exists("ALREADY_POSTED", zh, en));
            }
            let from = Day(context.day());
            (entered, Happening::Posted { from })
        }
        Action::Comment { origin, case } => {
            if topic.step() != Some(Step::Post) || topic.posting.is_none() {
                return Err(not_at(topic, "张榜公示期间", "while a draft is posted"));
            }
            let (origin, case) = (*origin, *case);
            (Vec::new(), Happening::Commented { origin, case })
        }
        Action::Advise {
            expert,
            discipline,
            has_interest,
            text,
        } => {
            let entered = enter(topic, Step::Review, context)?;
            still_open(topic)?;
            if topic.advice.len() >= MOST_ADVICE {
                return Err(full(("专家意见", "pieces of advice"), MOST_ADVICE));
            }
            let what = Happening::Advised {
                expert: *expert,
                discipline: discipline.clone(),
                has_interest: *has_interest,
                text: text.clone(),
            };
            (entered, what)
        }
        Action::AnswerAdvice {
            advice,
            adopted,
            reason,
        } => {
            at_step(topic, Step::Review)?;
            still_open(topic)?;
            if nth(&topic.advice, *advice, "advice")?.answer.is_some() {
                let (zh, en) = ("已经答复", "it is answered already");
                return Err(Refusal::exists("ALREADY_ANSWERED", zh, en));
            }
            let what = Happening::AdviceAnswered {
                advice: *advice,
                adopted: *adopted,
                reason: reason.clone(),
            };
            (Vec::new(), what)
        }
        Action::Fix { text, hash } => (Vec::new(), fix(topic, text, *hash)?),
        Action::SendBack { reason } => {
            if !matches!(topic.step(), Some(Step::Post | Step::Review)) {
                return Err(not_at(
                    topic,
                    "公示或专家审查期间",
                    "while it is posted or reviewed",
                ));
            }
            let reason = reason.clone();
            (Vec::new(), Happening::SentBack { reason })
        }
        Action::Survey { survey } => {
            let entered = enter(topic, Step::Survey, context)?;
            let survey = *survey;
            (entered, Happening::Surveyed { survey })
        }
        _ => return Err(Refusal::unknown()),
    };
    happenings.push(what);
    Ok(happenings)
}

/// What must happen so that `step` is the present one: nothing, or the end of the
/// one before it.
pub(super) fn enter(
    topic: &Topic,
    step: Step,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let Some(present) = topic.step() else {
        return Err(match topic.stage {
            Stage::Collected | Stage::Deferred => not_on_agenda(),
            _ => not_at(topic, "作出决定之前", "before it is decided"),
        });
    };
    if present == step {
        return Ok(Vec::new());
    }
    let after = topic.rules.steps.get(topic.steps_done.len() + 1);
    if after != Some(&step) {
        let zh = format!("现在是“{}”，步骤不能跳过", present.zh());
        let en = format!("the present step is {}; no step is skipped", present.code());
        let refusal = Refusal::state("STEP_OUT_OF_ORDER", zh, en);
        return Err(refusal.with("step", present.code()));
    }
    match missing(topic, present, context) {
        None => Ok(vec![Happening::StepEnded { step: present }]),
        Some((zh, en)) => {
            let zh = format!("“{}”尚未完成：{zh}", present.zh());
            let en = format!("{} is not complete: {en}", present.code());
            let refusal = Refusal::state("STEP_NOT_COMPLETE", zh, en);
            Err(refusal.with("step", present.code()))
        }
    }
}

/// What a step still asks for.
fn missing(topic: &Topic, step: Step, context: &Context<'_>) -> Option<(String, String)> {
    match step {
        Step::Talk => {
            let (had, wanted) = (
                topic.talk_parties.len(),
                usize::from(topic.rules.talk_parties),
            );
            (had < wanted).then(|| {
                let zh = format!("参加恳谈的有 {had} 方，应有 {wanted} 方");
                (zh, format!("{had} of {wanted} parties talked"))
            })
        }
        Step::Draft => topic
            .draft
            .is_none()
            .then(|| ("没有方案".to_owned(), "there is no draft".to_owned())),
        Step::Post => {
            let days = topic.rules.notice_days;
            let over = topic.posting.and_then(|posting| {
                // Its own day is not a full one.
                posting
                    .from
                    .0
                    .checked_add((i64::from(days) + 1).days())
                    .ok()
            });
            let is_over = over.is_some_and(|over| context.day() >= over);
            (!is_over).then(|| match over {
                Some(over) => (
                    format!("公示须满 {days} 天，至 {over}"),
                    format!("it is posted for {days} full days, until {over}"),
                ),
                None => ("没有公示".to_owned(), "it was not posted".to_owned()),
            })
        }
        Step::Review => topic.fixed.is_none().then(|| {
            let zh = "专家审查后的文本没有确定".to_owned();
            (zh, "no text was fixed after the review".to_owned())
        }),
        Step::Survey => topic
            .survey
            .is_none()
            .then(|| ("没有调研".to_owned(), "there is no survey".to_owned())),
        // The last one ends with its decision.
        Step::Session | Step::Vote => {
            Some(("没有决定".to_owned(), "nothing is decided".to_owned()))
        }
    }
}

/// The reviewed text. It is the posted draft, unless advice to change it was
/// adopted.
fn fix(topic: &Topic, text: &Words, hash: Sha256) -> Result<Happening, Refusal> {
    at_step(topic, Step::Review)?;
    still_open(topic)?;
    if topic.advice.is_empty() {
        let (zh, en) = ("没有专家意见", "no expert has given advice");
        return Err(Refusal::state("NO_ADVICE", zh, en));
    }
    let open = topic.advice.iter().filter(|one| one.answer.is_none());
    let open = open.count();
    if open > 0 {
        let zh = format!("有 {open} 条专家意见没有答复采纳与否");
        let en = format!("{open} pieces of advice are neither adopted nor declined");
        return Err(Refusal::state("ADVICE_OPEN", zh, en).with("open", open));
    }
    let mut answers = topic.advice.iter().filter_map(|one| one.answer.as_ref());
    let is_adopted = answers.any(|(adopted, _)| *adopted);
    let posted = topic.draft.as_ref().map(|draft| draft.hash);
    if posted != Some(hash) && !is_adopted {
        let zh = "没有采纳任何意见，文本应与公示的方案逐字相同；要改请退回重拟";
        let en = "no advice was adopted, so the text is the posted draft byte for byte; to change it, send it back";
        return Err(Refusal::input("text", "TEXT_CHANGED", zh, en));
    }
    let text = text.clone();
    Ok(Happening::Fixed { text, hash })
}

fn at_step(topic: &Topic, step: Step) -> Result<(), Refusal> {
    match topic.step() == Some(step) {
        true => Ok(()),
        false => Err(not_at(topic, step.zh(), step.code())),
    }
}

fn still_open(topic: &Topic) -> Result<(), Refusal> {
    match topic.fixed {
        None => Ok(()),
        Some(_) => {
            let zh = "文本已经确定；要改请退回重拟";
            let en = "the text is fixed; to change it, send it back";
            Err(Refusal::state("TEXT_FIXED", zh, en))
        }
    }
}

fn not_on_agenda() -> Refusal {
    let zh = "议题尚未由社区两委研判列入议程";
    let en = "the office has not put it on the agenda";
    Refusal::state("NOT_ON_AGENDA", zh, en)
}
