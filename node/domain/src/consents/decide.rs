//! From a command about a consent to what happens, or a refusal: opening, the
//! roll, answers. What comes after is in `drive`.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Action, Answer, Consent, Course, Given, Happening, Of, Open, Phase, Says, drive};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::roll::{Channel, Roll};
use crate::sha256::Sha256;
use crate::stored::Day;

pub(super) type Happens = Result<Vec<Happening>, Refusal>;

const OFFICE: (&str, &str) = ("社区工作人员", "the office");
const DESK: (&str, &str) = (
    "社区工作人员或本网格的网格员",
    "the office, or the grid's worker",
);
const OWN: (&str, &str) = (
    "名册中的本人、社区工作人员或本网格的网格员",
    "who is on the roll, the office, or the grid's worker",
);

pub(super) fn decide(before: Option<&Consent>, action: &Action, context: &Context<'_>) -> Happens {
    let consent = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(consent), _) => consent,
    };
    match action {
        Action::Open(_) => Err(Refusal::already_open()),
        Action::Freeze { roll, until } => freeze(consent, roll, *until, context),
        Action::Answer(answer) => self::answer(consent, answer, context),
        Action::Withdraw { document, .. } if consent.rules.course == Course::Mandate => {
            drive::revoke(consent, *document, context)
        }
        Action::Withdraw {
            entry,
            channel,
            document,
        } => withdraw(consent, *entry, *channel, *document, context),
        _ => drive::decide(consent, action, context),
    }
}

pub(super) fn only_office(by: &Actor) -> Result<(), Refusal> {
    match by.is_office() {
        true => Ok(()),
        false => Err(Refusal::not_yours(OFFICE)),
    }
}

pub(super) fn wrong_phase(consent: &Consent) -> Refusal {
    let phase = consent.phase.code();
    let zh = format!("现在的阶段（{}）不能这样做", consent.phase.zh());
    let en = format!("not in its present phase, {phase}");
    Refusal::state("WRONG_PHASE", zh, en).with("phase", phase)
}

fn open(open: &Open, context: &Context<'_>) -> Happens {
    let kind = context.playbooks.consent(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    let own_grid = matches!(context.by, Actor::GridWorker(grid) if open.grid == Some(*grid));
    if kind.rules.course == Course::Mandate {
        return drive::grant(open, kind, own_grid, context);
    }
    if !context.by.is_office() && !own_grid {
        return Err(Refusal::not_yours(DESK));
    }
    let stray = [
        ("mandatary", open.mandatary.is_some()),
        ("principal", open.principal.is_some()),
        ("document_sha256", open.document.is_some()),
        ("until_day", open.until.is_some()),
    ];
    if let Some((field, _)) = stray.into_iter().find(|(_, given)| *given) {
        let (zh, en) = ("只有委托才填写这一项", "only a mandate has this");
        return Err(Refusal::input(field, "ONLY_OF_A_MANDATE", zh, en));
    }
    let by_unit = kind.rules.thresholds.iter().any(|one| one.of == Of::Unit);
    if by_unit && open.unit.is_none() {
        let (zh, en) = ("请填写所服务的单元", "want the unit that is served");
        return Err(Refusal::input("unit", "UNIT_MISSING", zh, en));
    }
    if kind.rules.needs_text && open.text.is_none() {
        let (zh, en) = (
            "请填写审定文本的 SHA-256",
            "want the SHA-256 of the text as it was reviewed",
        );
        return Err(Refusal::input("text_sha256", "TEXT_MISSING", zh, en));
    }
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules: kind.rules.clone(),
        title: open.title.clone(),
        grid: open.grid,
        unit: open.unit.clone(),
        takes_common_area: open.takes_common_area,
        is_special: open.is_special,
        text: open.text,
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

fn freeze(consent: &Consent, roll: &Roll, until: Option<Date>, context: &Context<'_>) -> Happens {
    only_office(context.by)?;
    if consent.roll.is_some() {
        let (zh, en) = (
            "名册已经冻结，不再改变",
            "the roll is frozen and does not change",
        );
        return Err(Refusal::exists("ROLL_FROZEN", zh, en));
    }
    if consent.phase != Phase::Proposed {
        return Err(wrong_phase(consent));
    }
    let in_unit = |of: Of| {
        let mut lines = roll.lines().iter();
        of == Of::Estate || lines.any(|line| line.unit == consent.unit)
    };
    if !consent.thresholds().all(|one| in_unit(one.of)) {
        let (zh, en) = (
            "名册中没有这个单元的业主",
            "nobody on the roll belongs to the unit",
        );
        return Err(Refusal::input("roll", "NOBODY_IN_UNIT", zh, en));
    }
    let without_area = roll.lines().iter().find(|line| line.area_cm2 == 0);
    if let (true, Some(line)) = (
        consent.thresholds().any(|one| one.wants_area()),
        without_area,
    ) {
        let (zh, en) = (
            "这一规则还按面积计算，名册每行都要有面积",
            "this profile counts floor area, too: want it in every line",
        );
        let entry = format!("entries/{}", line.entry);
        return Err(Refusal::input("roll", "AREA_MISSING", zh, en).with("entry", entry));
    }
    let on = context.day();
    let last = on.checked_add(i64::from(consent.rules.collect_days).days());
    let last = last.unwrap_or(Date::MAX);
    let until = until.unwrap_or(last);
    if !(on..=last).contains(&until) {
        let (zh, en) = (
            format!("应在 {on} 至 {last} 之间"),
            format!("want a day from {on} to {last}"),
        );
        return Err(Refusal::input("until_day", "DEADLINE_OUT_OF_RANGE", zh, en));
    }
    Ok(vec![Happening::RollFrozen {
        roll: roll.clone(),
        on: Day(on),
        until: Day(until),
    }])
}

fn takes_answers(consent: &Consent) -> Result<&Roll, Refusal> {
    match &consent.roll {
        Some(roll) if consent.takes_answers() => Ok(roll),
        _ => Err(wrong_phase(consent)),
    }
}

/// Whose answer it is: the token's own, or who is named by the desk.
fn whose(consent: &Consent, roll: &Roll, entry: Option<u64>, by: &Actor) -> Result<u64, Refusal> {
    let not_on_roll = |entry: Option<u64>| {
        let (zh, en) = ("不在冻结的名册上", "not on the frozen roll");
        let refusal = Refusal::input("entry", "NOT_ON_ROLL", zh, en);
        match entry {
            Some(entry) => refusal.with("entry", format!("entries/{entry}")),
            None => refusal,
        }
    };
    if let Actor::Resident(resident) = by {
        let own = roll.entry_of(*resident).ok_or_else(|| not_on_roll(None))?;
        return match entry {
            Some(named) if named != own => Err(Refusal::not_yours(OWN)),
            _ => Ok(own),
        };
    }
    let own_grid = matches!(by, Actor::GridWorker(grid) if consent.grid == Some(*grid));
    if !by.is_office() && !own_grid {
        return Err(Refusal::not_yours(OWN));
    }
    match entry {
        Some(entry) if roll.holds(entry) => Ok(entry),
        entry => Err(not_on_roll(entry)),
    }
}

fn on_paper(
    consent: &Consent,
    channel: Channel,
    has_document: bool,
    by: &Actor,
) -> Result<(), Refusal> {
    let is_own = matches!(by, Actor::Resident(_));
    if is_own != (channel == Channel::Online) {
        let (zh, en) = (
            "本人用自己的账号才是线上；代录的请写明实际渠道",
            "online is a resident's own token, and nothing else is",
        );
        return Err(Refusal::input("channel", "WRONG_CHANNEL", zh, en));
    }
    if consent.rules.is_written && channel == Channel::Phone {
        let (zh, en) = (
            "需要书面同意，电话不算",
            "want it in writing; a call is not",
        );
        return Err(Refusal::input("channel", "NOT_WRITTEN", zh, en));
    }
    if consent.rules.is_written && !has_document {
        let (zh, en) = (
            "请填写签字文件的 SHA-256",
            "want the SHA-256 of the signed paper",
        );
        return Err(Refusal::input(
            "document_sha256",
            "DOCUMENT_MISSING",
            zh,
            en,
        ));
    }
    Ok(())
}

fn answer(consent: &Consent, answer: &Answer, context: &Context<'_>) -> Happens {
    let roll = takes_answers(consent)?;
    let entry = whose(consent, roll, answer.entry, context.by)?;
    on_paper(
        consent,
        answer.channel,
        answer.document.is_some(),
        context.by,
    )?;
    if consent.text.is_some() && answer.text != consent.text {
        let (zh, en) = (
            "表决的文本与审定的文本不一致",
            "the text that was answered is not the text that was reviewed",
        );
        return Err(Refusal::input("text_sha256", "TEXT_DIFFERS", zh, en));
    }
    if let Some(proxy) = &answer.proxy {
        may_stand_for(consent, proxy.entry, entry, context.by)?;
    }
    let day = Day(context.day());
    let signed_on = answer.signed_on.map_or(day, Day);
    if signed_on > day || consent.frozen_on.is_some_and(|on| signed_on < on) {
        let (zh, en) = (
            "签字日期应在名册冻结之后、今天之前",
            "want a day from the roll's freezing to today",
        );
        return Err(Refusal::input("signed_day", "SIGNED_OUT_OF_TIME", zh, en));
    }
    let given = Given {
        says: answer.says,
        channel: answer.channel,
        proxy: answer.proxy.map(|proxy| proxy.entry),
        signed_on,
    };
    may_replace(consent.given.get(&entry), &given)?;
    let mut after = consent.clone();
    after.given.insert(entry, given);
    let answered = Happening::Answered {
        entry,
        given,
        document: answer.document,
        proxy_document: answer.proxy.map(|proxy| proxy.document),
    };
    Ok(vec![answered]
        .into_iter()
        .chain(turn(consent, &after, context))
        .collect())
}

/// Nobody is its own proxy, and nobody speaks for more than the rules allow.
fn may_stand_for(consent: &Consent, proxy: u64, entry: u64, by: &Actor) -> Result<(), Refusal> {
    if matches!(by, Actor::Resident(_)) {
        let (zh, en) = (
            "委托书须由社区核对，请到社区登记",
            "a proxy's paper is checked by the office: let it be entered there",
        );
        return Err(Refusal::input("proxy", "PROXY_UNCHECKED", zh, en));
    }
    if proxy == entry {
        let (zh, en) = ("受托人不能是业主本人", "nobody is a proxy for itself");
        return Err(Refusal::input("proxy", "OWN_PROXY", zh, en));
    }
    let given = consent.given.iter();
    let others = given.filter(|(of, given)| **of != entry && given.proxy == Some(proxy));
    if others.count() >= usize::from(consent.rules.proxy_principals) {
        let most = consent.rules.proxy_principals;
        let zh = format!("一名受托人最多代表 {most} 名业主");
        let en = format!("one proxy answers for at most {most}");
        return Err(Refusal::state("PROXY_OF_TOO_MANY", zh, en).with("most", most));
    }
    Ok(())
}

/// One person, one answer over all channels: what was given online can be changed
/// there, an owner overrides its proxy, and a paper stands until it is withdrawn.
fn may_replace(earlier: Option<&Given>, given: &Given) -> Result<(), Refusal> {
    let Some(earlier) = earlier else {
        return Ok(());
    };
    if given.proxy.is_some() && earlier.proxy.is_none() {
        let (zh, en) = ("业主本人已经表态", "the owner has answered in person");
        return Err(Refusal::exists("ANSWERED_IN_PERSON", zh, en));
    }
    let overrides = earlier.proxy.is_some() && given.proxy.is_none();
    if earlier.channel == Channel::Online || overrides {
        return match earlier.says == given.says && !overrides {
            true => Err(already_answered()),
            false => Ok(()),
        };
    }
    Err(already_answered())
}

fn already_answered() -> Refusal {
    let (zh, en) = (
        "已经表态；书面的须先撤回",
        "there is an answer already; one on paper is withdrawn first",
    );
    Refusal::exists("ALREADY_ANSWERED", zh, en)
}

fn withdraw(
    consent: &Consent,
    entry: Option<u64>,
    channel: Channel,
    document: Option<Sha256>,
    context: &Context<'_>,
) -> Happens {
    let roll = takes_answers(consent)?;
    let entry = whose(consent, roll, entry, context.by)?;
    // Whoever takes back its own answer with its own token needs no paper.
    let has_document = document.is_some() || channel == Channel::Online;
    on_paper(consent, channel, has_document, context.by)?;
    let mut after = consent.clone();
    if after.given.remove(&entry).is_none() {
        let (zh, en) = ("还没有表态", "there is no answer to take back");
        return Err(Refusal::state("NOT_ANSWERED", zh, en));
    }
    let withdrawn = Happening::Withdrawn {
        entry,
        channel,
        document,
    };
    Ok(vec![withdrawn]
        .into_iter()
        .chain(turn(consent, &after, context))
        .collect())
}

/// What an answer brings with it: consent is met, or no longer.
fn turn(before: &Consent, after: &Consent, context: &Context<'_>) -> Option<Happening> {
    let on = context.day();
    if before.rules.course != Course::Works {
        return None;
    }
    if before.phase == Phase::Collecting {
        return after
            .is_met_early()
            .then_some(Happening::Met { on: Day(on) });
    }
    if after.is_met() {
        return None;
    }
    let again = on.checked_add(i64::from(before.rules.recollect_days).days());
    let again = Day(again.unwrap_or(Date::MAX));
    let until = before.until.map_or(again, |until| until.max(again));
    Some(Happening::Undone { until })
}

impl Says {
    pub const fn code(self) -> &'static str {
        match self {
            Says::Yes => "yes",
            Says::No => "no",
            Says::Abstains => "abstains",
        }
    }
}
