//! From a command about a duty to what happens, or a refusal.

use jiff::civil::Date;

use super::{Action, Duty, Happening, Occurrence, Open, Outcome, Rule};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::stored::Day;

/// Due at once, at most; an event every day for a year is none too many.
const MOST_DUE: usize = 400;
const NOT_DUE: &str = "NOT_DUE";
const OFFICE: (&str, &str) = (
    "社区工作人员或本网格的网格员",
    "the office, or the grid's worker",
);
const BEARER: (&str, &str) = (
    "社区工作人员、本网格的网格员或责任人",
    "the office, the grid's worker, or who owes it",
);

pub(super) fn decide(
    before: Option<&Duty>,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let duty = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(duty), _) => duty,
    };
    may(duty, action, context.by)?;
    if duty.ended {
        return Err(Refusal::over());
    }
    match action {
        Action::Open(_) => Err(Refusal::already_open()),
        Action::Hold { on, present, seats } => hold(duty, *on, *present, *seats, context),
        Action::Decline { on } => {
            let on = due(duty, *on, context)?.window.on;
            Ok(vec![Happening::Concluded {
                on,
                outcome: Outcome::Declined,
            }])
        }
        Action::NoAnswer { on } => no_answer(duty, *on, context),
        Action::Postpone { on, to, reason } => {
            let on = postponed(duty, *on, *to)?;
            Ok(vec![Happening::Postponed {
                on,
                to: Day(*to),
                reason: reason.clone(),
            }])
        }
        Action::Trigger { cause } => {
            let day = context.day();
            let window = duty.rules.rule.after_event(day).ok_or_else(|| {
                let zh = "这项职责按日程履行，不由事件触发";
                Refusal::state(
                    "ON_A_CALENDAR",
                    zh,
                    "this duty follows a calendar, no events",
                )
            })?;
            has_room(duty)?;
            if duty.position(window.on).is_some() {
                let zh = "当天已经触发过";
                return Err(Refusal::exists(
                    "ALREADY_TRIGGERED",
                    zh,
                    "that day's is due already",
                ));
            }
            Ok(vec![Happening::Triggered {
                window,
                cause: cause.clone(),
            }])
        }
        Action::End { .. } if duty.rules.is_mandatory && !duty.occurrences.is_empty() => {
            let zh = "必须履行的职责，到期未履行之前不能撤销";
            let en = "a mandatory duty cannot end while it is due";
            Err(Refusal::state("MANDATORY", zh, en))
        }
        Action::End { reason } => Ok(vec![Happening::Ended {
            reason: reason.clone(),
        }]),
    }
}

fn may(duty: &Duty, action: &Action, by: &Actor) -> Result<(), Refusal> {
    let own_grid = matches!(by, Actor::GridWorker(grid) if duty.grid == Some(*grid));
    let runs = by.is_office() || own_grid;
    match action {
        Action::Open(_) | Action::Postpone { .. } | Action::End { .. } if !runs => {
            Err(Refusal::not_yours(OFFICE))
        }
        _ if !runs && !duty.is_owed_by(by) => Err(Refusal::not_yours(BEARER)),
        _ => Ok(()),
    }
}

fn open(open: &Open, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let own_grid = matches!(context.by, Actor::GridWorker(grid) if open.grid == Some(*grid));
    if !context.by.is_office() && !own_grid {
        return Err(Refusal::not_yours(OFFICE));
    }
    let kind = context.playbooks.duty(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    let mut rules = kind.rules.clone();
    match (kind.is_day_given, open.year_day) {
        (true, Some((month, day))) => {
            rules.rule = Rule::OnYearDay { month, day };
        }
        (true, None) => {
            let (zh, en) = ("请给出每年的月和日", "want the month and day of each year");
            return Err(Refusal::input("year_day", "DAY_MISSING", zh, en));
        }
        (false, Some(_)) => {
            let (zh, en) = (
                "这类职责的日期由预案规定",
                "the playbook says when this kind is due",
            );
            return Err(Refusal::input("year_day", "DAY_NOT_WANTED", zh, en));
        }
        (false, None) => {}
    }
    let from = open.from.unwrap_or(context.day());
    if open.until.is_some_and(|until| until < from) {
        let (zh, en) = ("应不早于开始日期", "want no day before the first");
        return Err(Refusal::input("until", "ENDS_BEFORE_IT_BEGINS", zh, en));
    }
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules,
        grid: open.grid,
        owed_by: open.owed_by.clone(),
        owed_to: open.owed_to,
        from: Day(from),
        until: open.until.map(Day),
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

fn hold(
    duty: &Duty,
    on: Option<Date>,
    present: u32,
    seats: u32,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    if present > seats {
        let (zh, en) = (
            "到场人数多于应到人数",
            "more were present than should have been",
        );
        return Err(Refusal::input("present", "MORE_PRESENT_THAN_SEATS", zh, en));
    }
    let outcome = Outcome::Held { present, seats };
    match due(duty, on, context) {
        Ok(due) => Ok(vec![Happening::Concluded {
            on: due.window.on,
            outcome,
        }]),
        // An extra meeting or visit is welcome where no rule date is meant.
        Err(refusal) if on.is_none() && refusal.reason == NOT_DUE => {
            Ok(vec![Happening::HeldExtra { present, seats }])
        }
        Err(refusal) => Err(refusal),
    }
}

fn no_answer(
    duty: &Duty,
    on: Option<Date>,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let on = due(duty, on, context)?.window.on;
    let mut happenings = vec![Happening::Attempted { on }];
    let in_a_row = duty.no_answers.saturating_add(1);
    if duty.rules.alert_after > 0 && in_a_row >= duty.rules.alert_after {
        happenings.push(Happening::Alerted {
            no_answers: in_a_row,
        });
    }
    Ok(happenings)
}

/// The occurrence that an entry is for, as it would be with every window opened.
fn due(duty: &Duty, on: Option<Date>, context: &Context<'_>) -> Result<Occurrence, Refusal> {
    let day = context.day();
    let mut ahead = duty.clone();
    ahead.open_through(on.unwrap_or(day));
    has_room(&ahead)?;
    let mut meant = ahead.occurrences.iter();
    let found = match on {
        Some(on) => meant.find(|one| one.window.on.0 == on),
        None => meant.find(|one| one.can_be_held_on(day)),
    };
    match found {
        Some(one) if duty.rules.is_mandatory || one.can_be_held_on(day) => Ok(*one),
        Some(one) => Err(not_due(day)
            .with("from", one.moved_to.unwrap_or(one.window.on))
            .with("until", one.last_day())),
        None => Err(match ahead.next {
            Some(next) => not_due(day).with("next", next.on),
            None => not_due(day),
        }),
    }
}

fn not_due(day: Date) -> Refusal {
    let zh = format!("{day} 没有到期的应履职责；改期请先登记原因");
    let en =
        format!("nothing is due on {day}; where the date moved, postpone it with a reason first");
    Refusal::state(NOT_DUE, zh, en).with("day", day)
}

fn postponed(duty: &Duty, on: Date, to: Date) -> Result<Day, Refusal> {
    let mut ahead = duty.clone();
    ahead.open_through(on);
    has_room(&ahead)?;
    let at = ahead.position(Day(on)).ok_or_else(|| not_due(on))?;
    if to <= ahead.occurrences[at].last_day() {
        let (zh, en) = ("应晚于原定日期", "want a day after the present one");
        return Err(Refusal::input("to", "NOT_LATER", zh, en));
    }
    Ok(Day(on))
}

fn has_room(duty: &Duty) -> Result<(), Refusal> {
    if duty.occurrences.len() > MOST_DUE {
        let (zh, en) = (
            "到期未履行的次数过多，请先逐一登记",
            "too many are due; enter those first",
        );
        return Err(Refusal::exhausted("TOO_MANY_DUE", zh, en));
    }
    Ok(())
}
