//! From what is asked of an assessment to what happens, or a refusal.

use super::{
    Action, Assessment, Average, Form, Happening, Listing, Open, Outcome, Stage, weighted,
};
use crate::code::Code;
use crate::process::{Context, Refusal};
use crate::stored::Day;

const OFFICE: (&str, &str) = ("社区工作人员", "the office");
const MOST_SCORES: usize = 1_000;

pub(super) fn decide(
    before: Option<&Assessment>,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    if !context.by.is_office() {
        return Err(Refusal::not_yours(OFFICE));
    }
    let one = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(one), _) => one,
    };
    let today = Day(context.day());
    match action {
        Action::Open(_) => Err(Refusal::already_open()),
        Action::Appoint { part, by, has_ties } => appoint(one, part, *by, *has_ties),
        Action::Score { by, points } => score(one, *by, *points),
        Action::Count { satisfied, valid } => count(one, *satisfied, *valid),
        Action::Judge {
            by,
            unsuitable,
            has_ties,
        } => {
            of_form(one, Form::Check)?;
            in_stage(one, &[Stage::Draft])?;
            free_of_ties(one, *by, *has_ties)?;
            Ok(vec![Happening::Judged {
                by: *by,
                unsuitable: unsuitable.clone(),
            }])
        }
        Action::Notify => {
            in_stage(one, &[Stage::Draft])?;
            outcome(one)?;
            Ok(vec![Happening::Noticed { on: today }])
        }
        Action::Reply { text } => {
            in_stage(one, &[Stage::Noticed])?;
            let text = text.clone();
            Ok(vec![Happening::Replied { text }])
        }
        Action::Finalise => finalise(one, today),
        Action::Publish => {
            in_stage(one, &[Stage::Final])?;
            Ok(vec![Happening::Published { on: today }])
        }
        Action::Correct { reason } => {
            in_stage(one, &[Stage::Published])?;
            let reason = reason.clone();
            Ok(vec![Happening::Corrected { reason }])
        }
    }
}

fn open(open: &Open, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let kind = context.playbooks.assessment(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    let most = kind.rules.span.in_a_year();
    if !(1..=most).contains(&open.number) {
        let zh = format!("一年中的序号应为 1 到 {most}");
        let en = format!("want a number from 1 to {most} within the year");
        return Err(Refusal::input("number", "NO_SUCH_PERIOD", zh, en));
    }
    // One year ahead is a plan; more is a slip of the pen.
    if !(1970..=context.day().year() + 1).contains(&open.year) {
        let (zh, en) = ("年份不对", "want a year that has begun, or the next");
        return Err(Refusal::input("year", "NO_SUCH_YEAR", zh, en));
    }
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules: kind.rules.clone(),
        subject: open.subject,
        grid: open.grid,
        year: open.year,
        number: open.number,
    }])
}

fn of_form(one: &Assessment, form: Form) -> Result<(), Refusal> {
    if one.rules.form == form {
        return Ok(());
    }
    let (zh, en) = (
        "这类考评没有这一步",
        "this kind of assessment has no such step",
    );
    Err(Refusal::state("OTHER_FORM", zh, en).with("form", one.rules.form.code()))
}

fn in_stage(one: &Assessment, stages: &[Stage]) -> Result<(), Refusal> {
    if stages.contains(&one.stage) {
        return Ok(());
    }
    let (zh, en) = match one.stage {
        Stage::Published => (
            "已经公布，不能修改；如有错误，请另出更正版本",
            "it is published and stays: correct it by another version",
        ),
        _ => (
            "考评现在的阶段不允许",
            "the assessment is not in a stage for it",
        ),
    };
    Err(Refusal::state("ASSESSMENT_STAGE", zh, en).with("stage", one.stage.code()))
}

/// 交叉任职者、被考评者不打分.
fn free_of_ties(one: &Assessment, by: u64, has_ties: bool) -> Result<(), Refusal> {
    if by != one.subject && !has_ties {
        return Ok(());
    }
    let (zh, en) = (
        "被考评者，以及在其中任职的人，不能考评",
        "who is assessed, or holds a role there, does not assess",
    );
    Err(Refusal::denied("SCORER_IS_SCORED", zh, en))
}

fn appoint(
    one: &Assessment,
    part: &Code,
    by: u64,
    has_ties: bool,
) -> Result<Vec<Happening>, Refusal> {
    of_form(one, Form::Score)?;
    in_stage(one, &[Stage::Draft])?;
    free_of_ties(one, by, has_ties)?;
    if !one.rules.parts.iter().any(|known| known.code == *part) {
        let listed = one.rules.parts.iter().map(|part| part.code.as_str());
        let listed = listed.collect::<Vec<_>>().join(", ");
        let zh = format!("考评的部分有：{listed}");
        let en = format!("there are these parts: {listed}");
        return Err(Refusal::input("part", "UNKNOWN_PART", zh, en));
    }
    if one.scores.iter().any(|score| score.by == by) {
        let (zh, en) = (
            "已经是一个部分的考评人，各评各的",
            "this one assesses a part already, and no other",
        );
        return Err(Refusal::exists("ALREADY_APPOINTED", zh, en));
    }
    if one.scores.len() >= MOST_SCORES {
        let (zh, en) = ("考评人过多", "there are too many assessors");
        return Err(Refusal::exhausted("TOO_MANY_ASSESSORS", zh, en));
    }
    let part = part.clone();
    Ok(vec![Happening::Appointed { part, by }])
}

fn score(one: &Assessment, by: u64, points: u16) -> Result<Vec<Happening>, Refusal> {
    of_form(one, Form::Score)?;
    in_stage(one, &[Stage::Draft])?;
    if !one.scores.iter().any(|score| score.by == by) {
        let (zh, en) = (
            "不是这次考评的考评人",
            "this one was not appointed to assess",
        );
        return Err(Refusal::denied("NOT_APPOINTED", zh, en));
    }
    let most = one.rules.most_points;
    if points > most {
        let zh = format!("分数应为 0 到 {most}");
        let en = format!("want points from 0 to {most}");
        return Err(Refusal::input("points", "POINTS_OUT_OF_RANGE", zh, en));
    }
    Ok(vec![Happening::Scored { by, points }])
}

fn count(one: &Assessment, satisfied: u32, valid: u32) -> Result<Vec<Happening>, Refusal> {
    of_form(one, Form::Survey)?;
    in_stage(one, &[Stage::Draft])?;
    if valid == 0 || satisfied > valid {
        let (zh, en) = (
            "满意答卷不多于有效答卷，有效答卷至少一份",
            "want at least one valid answer, and no more satisfied than valid",
        );
        return Err(Refusal::input("satisfied", "MORE_THAN_VALID", zh, en));
    }
    Ok(vec![Happening::Counted { satisfied, valid }])
}

/// What it comes to as things stand.
fn outcome(one: &Assessment) -> Result<Outcome, Refusal> {
    if one.rules.form != Form::Score {
        return one.found.clone().ok_or_else(|| {
            let (zh, en) = ("还没有结果", "nothing was found yet");
            Refusal::state("NOT_ASSESSED", zh, en)
        });
    }
    let average: Average = weighted(&one.rules, &one.scores).map_err(|part| {
        let zh = format!("“{part}”还没有打分");
        let en = format!("{part} has given no points yet");
        Refusal::state("PART_MISSING", zh, en).with("part", part)
    })?;
    let listing = Listing::of(average, &one.rules);
    Ok(Outcome::Scored { average, listing })
}

/// After a reply, or when there was time for one.
fn finalise(one: &Assessment, today: Day) -> Result<Vec<Happening>, Refusal> {
    let waits = one.rules.notice_days > 0;
    let from = if waits { Stage::Noticed } else { Stage::Draft };
    in_stage(one, &[from, Stage::Noticed])?;
    let outcome = outcome(one)?;
    if waits && one.reply.is_none() {
        let noticed = one.noticed_on.map_or(0, |on| today.days_since(on));
        let left = i64::from(one.rules.notice_days) - noticed;
        if left > 0 {
            let zh = format!("被考评方还有 {left} 天可以答复");
            let en = format!("the subject has {left} more days for a reply");
            return Err(Refusal::state("REPLY_AWAITED", zh, en).with("days", left));
        }
    }
    Ok(vec![Happening::Finalised { outcome }])
}
