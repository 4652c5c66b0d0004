//! The next state of a programme, from what happened. `None`: that cannot follow.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use super::{Happening, Hours, Programme, Session, SignUp, Size, Status};
use crate::actor::Actor;
use crate::process::Happened;
use crate::stored::Day;

/// Kept with a programme; those before are in its history.
pub(super) const MOST_SESSIONS: usize = 60;

pub(super) fn apply(
    before: Option<Programme>,
    happened: &Happened<Happening>,
) -> Option<Programme> {
    let mut programme = match (before, &happened.what) {
        (None, Happening::Opened { .. }) => return opened(happened),
        (Some(_), Happening::Opened { .. }) | (None, _) => return None,
        (Some(programme), _) => programme,
    };
    if happened.by != Actor::System {
        programme.acted_at = programme.acted_at.max(happened.at);
    }
    match &happened.what {
        Happening::Opened { .. } => return None,
        Happening::Announced {
            title,
            size,
            theme,
            on,
            capacity,
        } => {
            make_room(&mut programme);
            programme.announced += 1;
            programme.sessions.push(Session {
                number: programme.announced,
                title: title.clone(),
                size: *size,
                theme: theme.clone(),
                on: *on,
                capacity: *capacity,
                status: Status::Announced,
                sign_ups: Vec::new(),
                attended: 0,
                hours: Vec::new(),
                money: Vec::new(),
                harvests: Vec::new(),
                is_published: false,
                clock_read: false,
            });
        }
        Happening::Postponed { session, to, .. } => programme.session_mut(*session)?.on = *to,
        Happening::CalledOff { session, .. } => {
            programme.session_mut(*session)?.status = Status::CalledOff;
        }
        Happening::SignedUp { session, who } => {
            let sign_up = SignUp {
                who: *who,
                came: false,
            };
            programme.session_mut(*session)?.sign_ups.push(sign_up);
        }
        Happening::SignUpCancelled { session, who } => {
            let sign_ups = &mut programme.session_mut(*session)?.sign_ups;
            sign_ups.retain(|one| one.who != *who);
        }
        Happening::Held {
            session,
            attended,
            came,
        } => held(&mut programme, *session, *attended, came)?,
        Happening::Lapsed { session } => {
            programme.session_mut(*session)?.status = Status::Lapsed;
        }
        Happening::HoursLogged {
            session,
            volunteer,
            minutes,
            logged_by,
        } => programme.session_mut(*session)?.hours.push(Hours {
            volunteer: *volunteer,
            minutes: *minutes,
            logged_by: *logged_by,
            confirmed: None,
        }),
        Happening::HoursConfirmed {
            session,
            hours,
            confirmed_by,
            is_right,
        } => {
            let at = usize::try_from(*hours).ok()?.checked_sub(1)?;
            let hours = programme.session_mut(*session)?.hours.get_mut(at)?;
            hours.confirmed = Some((*is_right, *confirmed_by));
        }
        Happening::Booked { session, money } => {
            programme.session_mut(*session)?.money.push(money.clone());
        }
        Happening::AccountsPublished { session, .. } => {
            let session = programme.session_mut(*session)?;
            (session.is_published, session.clock_read) = (true, true);
        }
        Happening::AccountsFellDue { session } => {
            programme.session_mut(*session)?.clock_read = true;
        }
        Happening::Harvested { session, harvest } => {
            let session = programme.session_mut(*session)?;
            session.harvests.push(harvest.clone());
        }
        Happening::DayJudged { day, .. } => {
            let first = days_before(day.0, programme.rules.small_every_days);
            programme.small_days.retain(|held| held.0 > first);
            programme.next_day = day.0.tomorrow().ok().map(Day);
        }
        Happening::WeekJudged { sunday, .. } => {
            programme.large_days.retain(|held| held.0 > sunday.0);
            programme.next_sunday = sunday.0.checked_add(7.days()).ok().map(Day);
        }
        Happening::Ended { .. } => {
            programme.is_ended = true;
            (programme.next_day, programme.next_sunday) = (None, None);
        }
    }
    Some(programme)
}

fn days_before(day: Date, days: u8) -> Date {
    let before = day.checked_sub(i64::from(days.saturating_sub(1)).days());
    before.unwrap_or(Date::MIN)
}

/// The oldest that is over gives way.
fn make_room(programme: &mut Programme) {
    let has_accounts = programme.rules.publish_days > 0;
    let over = programme.sessions.iter();
    let over = over.clone().position(|one| one.is_over(has_accounts));
    if programme.sessions.len() >= MOST_SESSIONS
        && let Some(at) = over
    {
        programme.sessions.remove(at);
    }
}

fn held(programme: &mut Programme, number: u32, attended: u32, came: &[u32]) -> Option<()> {
    let session = programme.session_mut(number)?;
    session.status = Status::Held;
    session.attended = attended;
    for number in came {
        let at = usize::try_from(*number).ok()?.checked_sub(1)?;
        session.sign_ups.get_mut(at)?.came = true;
    }
    let (size, on) = (session.size, session.on);
    programme.held += 1;
    match size {
        Size::Small if programme.next_day.is_some() => programme.small_days.push(on),
        Size::Large if programme.next_sunday.is_some() => programme.large_days.push(on),
        _ => {}
    }
    Some(())
}

fn opened(happened: &Happened<Happening>) -> Option<Programme> {
    let Happening::Opened {
        kind,
        rules,
        title,
        team,
        grid,
        from,
        zone,
    } = &happened.what
    else {
        return None;
    };
    // The first window and the first week lie wholly after the beginning.
    let window = i64::from(rules.small_every_days.max(1)) - 1;
    let first = from.0.checked_add(window.days()).ok();
    let monday = match from.0.weekday() {
        Weekday::Monday => from.0,
        _ => from.0.nth_weekday(1, Weekday::Monday).ok()?,
    };
    let sunday = monday.checked_add(6.days()).ok();
    Some(Programme {
        kind: kind.clone(),
        rules: rules.clone(),
        title: title.clone(),
        team: team.clone(),
        grid: *grid,
        sessions: Vec::new(),
        announced: 0,
        held: 0,
        small_days: Vec::new(),
        large_days: Vec::new(),
        next_day: first.filter(|_| rules.small_every_days > 0).map(Day),
        next_sunday: sunday.filter(|_| rules.is_large_weekly).map(Day),
        is_ended: false,
        acted_at: happened.at,
        zone: zone.clone(),
    })
}
