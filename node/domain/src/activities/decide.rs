//! From a command about a programme to what happens, or a refusal.

use jiff::civil::Date;

use super::apply::MOST_SESSIONS;
use super::{Action, Announce, Happening, Money, Open, Programme, Session, Status, Who};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::stored::Day;

const MOST_SIGN_UPS: usize = 1_000;
const MOST_LINES: usize = 500;
/// A day and a night.
const MOST_MINUTES: u16 = 24 * 60;
/// A hundred million yuan: more is a slip of the pen.
const MOST_FEN: i64 = 10_000_000_000;
const TEAM: (&str, &str) = (
    "社区工作人员、本网格的网格员或承办团队",
    "the office, the grid's worker, or the team that runs it",
);

pub(super) fn decide(
    before: Option<&Programme>,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let programme = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(programme), _) => programme,
    };
    let is_own_sign_up = matches!(
        action,
        Action::SignUp { entry: None, .. } | Action::CancelSignUp { entry: None, .. }
    ) && matches!(context.by, Actor::Resident(_));
    if !is_own_sign_up && !programme.is_run_by(context.by) {
        return Err(Refusal::not_yours(TEAM));
    }
    let is_new = matches!(action, Action::Announce(_) | Action::End { .. });
    if programme.is_ended && is_new {
        return Err(Refusal::over());
    }
    let happening = match action {
        Action::Open(_) => return Err(Refusal::already_open()),
        Action::Announce(announce) => self::announce(programme, announce, context)?,
        Action::Postpone {
            session,
            to,
            reason,
        } => {
            let one = announced(programme, *session)?;
            if *to == one.on.0 || *to < context.day() {
                let (zh, en) = ("应为今天起的另一天", "want another day, from today on");
                return Err(Refusal::input("to", "NOT_ANOTHER_DAY", zh, en));
            }
            Happening::Postponed {
                session: *session,
                to: Day(*to),
                reason: reason.clone(),
            }
        }
        Action::CallOff { session, reason } => {
            announced(programme, *session)?;
            Happening::CalledOff {
                session: *session,
                reason: reason.clone(),
            }
        }
        Action::SignUp { session, entry } => {
            let one = announced(programme, *session)?;
            let who = who(*entry, context.by)?;
            if one.sign_ups.iter().any(|sign_up| sign_up.who == who) {
                let (zh, en) = ("已经报名", "has signed up already");
                return Err(Refusal::exists("ALREADY_SIGNED_UP", zh, en));
            }
            room(one.sign_ups.len(), MOST_SIGN_UPS)?;
            let session = *session;
            Happening::SignedUp { session, who }
        }
        Action::CancelSignUp { session, entry } => {
            let one = announced(programme, *session)?;
            let who = who(*entry, context.by)?;
            if !one.sign_ups.iter().any(|sign_up| sign_up.who == who) {
                let (zh, en) = ("没有报名", "has not signed up");
                return Err(Refusal::state("NOT_SIGNED_UP", zh, en));
            }
            let session = *session;
            Happening::SignUpCancelled { session, who }
        }
        Action::Hold {
            session,
            attended,
            came,
        } => hold(programme, *session, *attended, came, context)?,
        Action::LogHours {
            session,
            volunteer,
            minutes,
            logged_by,
        } => {
            let one = held(programme, *session)?;
            room(one.hours.len(), MOST_LINES)?;
            if !(1..=MOST_MINUTES).contains(minutes) {
                let (zh, en) = ("应为 1 至 1440 分钟", "want 1 to 1440 minutes");
                return Err(Refusal::input("minutes", "MINUTES", zh, en));
            }
            let mut of_volunteer = one.hours.iter().filter(|one| one.volunteer == *volunteer);
            if of_volunteer.any(|one| one.confirmed.is_none_or(|(is_right, _)| is_right)) {
                let zh = "这名志愿者本场时长已经登记";
                let en = "this volunteer's hours of the session are logged";
                return Err(Refusal::exists("ALREADY_LOGGED", zh, en));
            }
            Happening::HoursLogged {
                session: *session,
                volunteer: *volunteer,
                minutes: *minutes,
                logged_by: *logged_by,
            }
        }
        Action::ConfirmHours {
            session,
            hours,
            confirmed_by,
            is_right,
        } => confirm(programme, *session, *hours, *confirmed_by, *is_right)?,
        Action::Book { session, money } => book(programme, *session, money)?,
        Action::PublishAccounts { session, channel } => {
            let one = held(programme, *session)?;
            with_accounts(programme)?;
            unpublished(one)?;
            Happening::AccountsPublished {
                session: *session,
                channel: channel.clone(),
            }
        }
        Action::Harvest { session, harvest } => {
            let one = held(programme, *session)?;
            room(one.harvests.len(), MOST_LINES)?;
            if !programme.rules.crops.contains(&harvest.crop) {
                let crops = programme.rules.crops.iter().map(|crop| crop.as_str());
                let crops: Vec<&str> = crops.collect();
                let zh = format!("作物有：{}", crops.join("、"));
                let en = format!("crops are: {}", crops.join(", "));
                return Err(Refusal::input("crop", "UNKNOWN_CROP", zh, en));
            }
            Happening::Harvested {
                session: *session,
                harvest: harvest.clone(),
            }
        }
        Action::End { reason } => {
            let mut sessions = programme.sessions.iter();
            if sessions.any(|one| one.status == Status::Announced) {
                let zh = "还有预告的场次，请先取消";
                let en = "sessions are announced; call them off first";
                return Err(Refusal::state("SESSIONS_ANNOUNCED", zh, en));
            }
            let reason = reason.clone();
            Happening::Ended { reason }
        }
    };
    Ok(vec![happening])
}

fn open(open: &Open, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let own_grid = matches!(context.by, Actor::GridWorker(grid) if open.grid == Some(*grid));
    if !context.by.is_office() && !own_grid {
        return Err(Refusal::not_yours(TEAM));
    }
    let kind = context.playbooks.activity(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules: kind.rules.clone(),
        title: open.title.clone(),
        team: open.team.clone(),
        grid: open.grid,
        from: Day(open.from.unwrap_or(context.day())),
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

fn announce(
    programme: &Programme,
    announce: &Announce,
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    let has_accounts = programme.rules.publish_days > 0;
    let over = programme.sessions.iter();
    let is_full = programme.sessions.len() >= MOST_SESSIONS;
    if is_full && !over.clone().any(|one| one.is_over(has_accounts)) {
        let zh = "未了结的场次过多，请先登记结果、确认时长、公布收支";
        let en = "too many sessions are open: enter what happened, confirm hours, publish accounts";
        return Err(Refusal::exhausted("TOO_MANY_SESSIONS", zh, en));
    }
    if announce.on < context.day() {
        let zh = "应不早于今天；补录请写明发生的时间";
        let en = "want no day before today; to enter a past one, say when it happened";
        return Err(Refusal::input("on", "IN_THE_PAST", zh, en));
    }
    let themes = &programme.rules.themes;
    let is_known = match &announce.theme {
        Some(theme) => themes.contains(theme),
        None => themes.is_empty(),
    };
    if !is_known {
        let themes: Vec<&str> = themes.iter().map(|theme| theme.as_str()).collect();
        let themes = themes.join(", ");
        let zh = format!("活动类别为：{themes}");
        let en = format!("themes are: {themes}");
        return Err(Refusal::input("theme", "UNKNOWN_THEME", zh, en));
    }
    Ok(Happening::Announced {
        title: announce.title.clone(),
        size: announce.size,
        theme: announce.theme.clone(),
        on: Day(announce.on),
        capacity: announce.capacity,
    })
}

fn hold(
    programme: &Programme,
    number: u32,
    attended: u32,
    came: &[u32],
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    let session = announced(programme, number)?;
    if context.day() != session.on.0 {
        return Err(not_the_day(session.on.0));
    }
    let mut numbers = came.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let known = 1..=session.sign_ups.len() as u32;
    if numbers.len() != came.len() || !numbers.iter().all(|number| known.contains(number)) {
        let zh = format!("应为报名序号 1 至 {}，各一次", session.sign_ups.len());
        let en = format!("want sign-ups 1 to {}, each once", session.sign_ups.len());
        return Err(Refusal::input("came", "NO_SUCH_SIGN_UP", zh, en));
    }
    if (attended as usize) < numbers.len() {
        let (zh, en) = (
            "到场人数少于到场的报名者",
            "fewer attended than came of those who signed up",
        );
        return Err(Refusal::input("attended", "FEWER_THAN_CAME", zh, en));
    }
    Ok(Happening::Held {
        session: number,
        attended,
        came: numbers,
    })
}

fn not_the_day(on: Date) -> Refusal {
    let zh = format!("这一场定于 {on}；改期请先登记原因，补录请写明发生的时间");
    let en = format!(
        "it is on {on}; where the day moved, postpone it first; to enter it later, say when it happened"
    );
    Refusal::state("NOT_THE_DAY", zh, en).with("on", on)
}

fn confirm(
    programme: &Programme,
    number: u32,
    hours: u32,
    confirmed_by: u64,
    is_right: bool,
) -> Result<Happening, Refusal> {
    let session = held(programme, number)?;
    let at = usize::try_from(hours).ok().and_then(|at| at.checked_sub(1));
    let Some(one) = at.and_then(|at| session.hours.get(at)) else {
        let zh = format!("应为 1 至 {}", session.hours.len());
        let en = format!("want 1 to {}", session.hours.len());
        return Err(Refusal::input("hours", "NO_SUCH_NUMBER", zh, en));
    };
    if one.confirmed.is_some() {
        let (zh, en) = ("已经确认", "they are confirmed already");
        return Err(Refusal::exists("ALREADY_CONFIRMED", zh, en));
    }
    if confirmed_by == one.logged_by || confirmed_by == one.volunteer {
        let zh = "登记人和志愿者本人不能确认";
        let en = "neither who logged them nor the volunteer confirms";
        return Err(Refusal::denied("CONFIRMS_OWN", zh, en));
    }
    Ok(Happening::HoursConfirmed {
        session: number,
        hours,
        confirmed_by,
        is_right,
    })
}

/// Money comes in before and after; what is published does not change.
fn book(programme: &Programme, number: u32, money: &Money) -> Result<Happening, Refusal> {
    let session = session(programme, number)?;
    with_accounts(programme)?;
    unpublished(session)?;
    room(session.money.len(), MOST_LINES)?;
    if !(1..=MOST_FEN).contains(&money.fen) {
        let (zh, en) = ("应为大于 0 的整数分", "want whole fen, more than 0");
        return Err(Refusal::input("fen", "AMOUNT", zh, en));
    }
    Ok(Happening::Booked {
        session: number,
        money: money.clone(),
    })
}

fn with_accounts(programme: &Programme) -> Result<(), Refusal> {
    if programme.rules.publish_days > 0 {
        return Ok(());
    }
    let (zh, en) = ("这类活动没有收支账", "this kind keeps no accounts");
    Err(Refusal::state("NO_ACCOUNTS", zh, en))
}

fn unpublished(session: &Session) -> Result<(), Refusal> {
    if !session.is_published {
        return Ok(());
    }
    let (zh, en) = (
        "收支已经公布，不能再改",
        "the accounts are published and stay as they are",
    );
    Err(Refusal::state("ACCOUNTS_PUBLISHED", zh, en))
}

fn who(entry: Option<u64>, by: &Actor) -> Result<Who, Refusal> {
    match (entry, by) {
        (None, Actor::Resident(own)) => Ok(Who::Resident(*own)),
        (Some(entry), _) => Ok(Who::Entry(entry)),
        (None, _) => {
            let (zh, en) = ("请写明为谁报名", "want whom it is for");
            Err(Refusal::input("entry", "ENTRY_MISSING", zh, en))
        }
    }
}

fn session(programme: &Programme, number: u32) -> Result<&Session, Refusal> {
    programme.session(number).ok_or_else(|| {
        let zh = format!("没有第 {number} 场，或已归入历史");
        let en = format!("there is no session {number}, or it is history");
        Refusal::input("session", "NO_SUCH_SESSION", zh, en)
    })
}

fn announced(programme: &Programme, number: u32) -> Result<&Session, Refusal> {
    let session = session(programme, number)?;
    with_status(session, Status::Announced)
}

fn held(programme: &Programme, number: u32) -> Result<&Session, Refusal> {
    let session = session(programme, number)?;
    with_status(session, Status::Held)
}

fn with_status(session: &Session, wanted: Status) -> Result<&Session, Refusal> {
    if session.status == wanted {
        return Ok(session);
    }
    let (wanted, status) = (wanted.code(), session.status.code());
    let zh = format!("这一场应为 {wanted}，现为 {status}");
    let en = format!("only while the session is {wanted}; it is {status}");
    Err(Refusal::state("NOT_NOW", zh, en).with("status", status))
}

fn room(present: usize, most: usize) -> Result<(), Refusal> {
    if present < most {
        return Ok(());
    }
    let zh = format!("最多 {most} 项");
    let en = format!("at most {most} of them");
    Err(Refusal::exhausted("TOO_MANY", zh, en).with("most", most))
}
