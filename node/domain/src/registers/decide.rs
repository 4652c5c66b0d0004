//! From what is asked of an entry to what happens, or a refusal.

use jiff::civil::Date;

use super::entry::TERM_OVER;
use super::{Action, Amend, Entry, Form, Happening, Rules, Term, garden};
use crate::actor::Actor;
use crate::code::Code;
use crate::process::{Context, Refusal};
use crate::stored::Day;

mod open;
mod role;
mod stage;

const MOST_TERMS: usize = 40;
const DESK: (&str, &str) = (
    "社区工作人员或本网格的网格员",
    "the office, or the grid's worker",
);

pub(super) fn decide(
    before: Option<&Entry>,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let entry = match (before, action) {
        (None, Action::Register(open)) => return open::open(open, context),
        (Some(_), Action::Register(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(entry), _) => entry,
    };
    let own_grid = matches!(context.by, Actor::GridWorker(grid) if entry.grid == Some(*grid));
    if !context.by.is_office() && !own_grid {
        return Err(Refusal::not_yours(DESK));
    }
    if entry.ended {
        return Err(Refusal::over());
    }
    let today = Day(context.day());
    match action {
        Action::Register(_) => Err(Refusal::already_open()),
        Action::Amend(amend) => self::amend(entry, amend, context.by),
        Action::Renew { from, until } => renew(entry, *from, *until, today),
        Action::Leave { on, reason } => leave(entry, on.map_or(today, Day), reason, today),
        Action::Move { to, reason, seen } => {
            stage::move_on(entry, to, reason.clone(), *seen, today)
        }
        Action::Accept { party } => accept(entry, *party),
        Action::Grant {
            role,
            holder,
            from,
            until,
        } => {
            let term = term(&entry.rules, from.map_or(today, Day), *until)?;
            role::grant(entry, role, *holder, term, today)
        }
        Action::EndRole {
            role,
            holder,
            on,
            reason,
        } => role::end(entry, role, *holder, on.map_or(today, Day), reason, today),
        _ => garden::decide(entry, action, context),
    }
}

/// A term as the register allows it.
fn term(rules: &Rules, from: Day, until: Option<Date>) -> Result<Term, Refusal> {
    let until = until.map(Day);
    if until.is_some_and(|until| until < from) {
        let (zh, en) = ("应不早于开始日期", "want no day before the first");
        return Err(Refusal::input("until_day", "ENDS_BEFORE_IT_BEGINS", zh, en));
    }
    let longest = i64::from(rules.longest_term_days);
    let days = until.map(|until| until.days_since(from) + 1);
    if longest > 0 && days.is_none_or(|days| days > longest) {
        let zh = format!("任期最长 {longest} 天，须写明结束日期");
        let en = format!("a term has an end, at most {longest} days after it begins");
        let refusal = Refusal::input("until_day", "TERM_TOO_LONG", zh, en);
        return Err(refusal.with("days", longest));
    }
    Ok(Term { from, until })
}

fn group(rules: &Rules, group: Option<&Code>) -> Result<(), Refusal> {
    let Some(group) = group else {
        return Ok(());
    };
    if rules.groups.contains(group) {
        return Ok(());
    }
    let listed = rules.groups.iter().map(Code::as_str).collect::<Vec<_>>();
    let listed = listed.join(", ");
    let zh = format!("名册的类别有：{listed}");
    let en = format!("the register has these groups: {listed}");
    Err(Refusal::input("group", "UNKNOWN_GROUP", zh, en))
}

fn amend(entry: &Entry, amend: &Amend, by: &Actor) -> Result<Vec<Happening>, Refusal> {
    group(&entry.rules, amend.group.as_ref())?;
    if amend.title.is_some() && entry.rules.form.is_private() {
        return Err(no_title());
    }
    // Else one could give an entry away and not get it back.
    if amend.grid.is_some() && !by.is_office() {
        return Err(Refusal::not_yours(("社区工作人员", "the office")));
    }
    if *amend == Amend::default() {
        let (zh, en) = ("没有要修改的内容", "nothing is to be changed");
        return Err(Refusal::input("name", "NOTHING_TO_AMEND", zh, en));
    }
    let amend = amend.clone();
    Ok(vec![Happening::Amended {
        title: amend.title,
        group: amend.group,
        grid: amend.grid,
        area: amend.area,
        unit: amend.unit,
        personal: amend.personal,
        resident: amend.resident,
    }])
}

fn no_title() -> Refusal {
    let (zh, en) = (
        "个人和住户没有公开的名称：姓名写在个人信息里",
        "a person or household has no public title: a name is personal",
    );
    Refusal::input("title", "TITLE_OF_A_PERSON", zh, en)
}

fn renew(
    entry: &Entry,
    from: Date,
    until: Option<Date>,
    today: Day,
) -> Result<Vec<Happening>, Refusal> {
    let term = term(&entry.rules, Day(from), until)?;
    if entry
        .terms
        .iter()
        .any(|known| known.meets(&term) || known.from > term.from)
    {
        let (zh, en) = (
            "与已有的任期重叠，或早于已有的任期",
            "it overlaps a term that is there, or lies before one",
        );
        return Err(Refusal::input("from_day", "TERMS_OVERLAP", zh, en));
    }
    if entry.terms.len() >= MOST_TERMS {
        let (zh, en) = ("任期过多", "there are too many terms");
        return Err(Refusal::exhausted("TOO_MANY_TERMS", zh, en));
    }
    let mut happenings = vec![Happening::Renewed { term }];
    let is_next = usize::from(entry.begun) == entry.terms.len();
    if term.from <= today && !entry.is_member && is_next {
        happenings.push(Happening::Joined { on: term.from });
    }
    Ok(happenings)
}

fn leave(entry: &Entry, on: Day, reason: &Code, today: Day) -> Result<Vec<Happening>, Refusal> {
    own_reason(reason)?;
    let term = usize::from(entry.begun).checked_sub(1);
    let term = term.and_then(|at| entry.terms.get(at));
    let Some(term) = term.filter(|_| entry.is_member) else {
        let (zh, en) = ("现在不在册", "it is no member now");
        return Err(Refusal::state("NO_MEMBER", zh, en));
    };
    if on > today || on < term.from {
        let (zh, en) = (
            "应在任期开始之后，不晚于今天",
            "want a day of the term, not after today",
        );
        return Err(Refusal::input("on_day", "DAY_OUT_OF_TERM", zh, en));
    }
    let reason = reason.clone();
    Ok(vec![Happening::Left { on, reason }])
}

/// What time alone does has a reason of its own.
fn own_reason(reason: &Code) -> Result<(), Refusal> {
    if reason.as_str() != TERM_OVER {
        return Ok(());
    }
    let (zh, en) = ("这个原因由系统登记", "only time itself gives this reason");
    Err(Refusal::input("reason", "REASON_OF_TIME", zh, en))
}

/// The last to agree starts it.
fn accept(entry: &Entry, party: u64) -> Result<Vec<Happening>, Refusal> {
    let pair = entry
        .pair
        .as_ref()
        .filter(|_| entry.rules.form == Form::Pair);
    let is_party = pair.is_some_and(|pair| pair.person == party || pair.helpers.contains(&party));
    let Some(pair) = pair.filter(|_| is_party) else {
        let (zh, en) = ("不是这一对的成员", "it is no part of this pair");
        return Err(Refusal::input("party", "NO_PARTY", zh, en));
    };
    if pair.accepted.contains(&party) {
        let (zh, en) = ("已经同意", "it has agreed already");
        return Err(Refusal::exists("ALREADY_ACCEPTED", zh, en));
    }
    let mut happenings = vec![Happening::Accepted { party }];
    let all = pair.accepted.len() == pair.helpers.len();
    let first = entry.rules.stages.iter().find(|stage| stage.counts);
    if let Some(stage) = first.filter(|stage| all && stage.code != entry.stage) {
        happenings.push(Happening::Moved {
            to: stage.code.clone(),
            reason: None,
        });
    }
    Ok(happenings)
}
