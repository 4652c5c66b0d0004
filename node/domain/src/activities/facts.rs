//! What a programme means for statistics, and what its history says.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, activity as fact_type};

use super::{Happening, Programme, Session, Who};
use crate::actor::Grid;
use crate::code::Code;
use crate::process::Happened;

pub(super) fn facts(before: Option<&Programme>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(programme) = before else {
        return Vec::new();
    };
    let at = happened.at;
    let fact = |fact_type, at, members: &[&str], measures: &[i64]| {
        vec![fact(programme, fact_type, at, members, measures)]
    };
    let session = |number: u32| programme.session(number);
    let noon = |number| session(number).map_or(at, |one| programme.noon(one.on.0));
    match &happened.what {
        Happening::Held {
            session: number,
            attended,
            ..
        } => match session(*number) {
            Some(session) => vec![held(programme, session, *attended, at)],
            None => Vec::new(),
        },
        Happening::CalledOff {
            session: number, ..
        } => match session(*number) {
            Some(one) => {
                let members = [one.size.code(), "called-off"];
                fact(fact_type::FELL_THROUGH, noon(*number), &members, &[])
            }
            None => Vec::new(),
        },
        Happening::Lapsed { session: number } => match session(*number) {
            Some(one) => {
                let members = [one.size.code(), "lapsed"];
                fact(fact_type::FELL_THROUGH, noon(*number), &members, &[])
            }
            None => Vec::new(),
        },
        Happening::HoursConfirmed {
            session: number,
            hours,
            is_right: true,
            ..
        } => {
            let at = usize::try_from(*hours)
                .ok()
                .and_then(|at| at.checked_sub(1));
            let one = at
                .zip(session(*number))
                .and_then(|(at, one)| one.hours.get(at));
            let minutes = one.map_or(0, |one| i64::from(one.minutes));
            fact(fact_type::HOURS_CONFIRMED, noon(*number), &[], &[minutes])
        }
        Happening::Booked { money, .. } => match money.income {
            Some(income) => fact(fact_type::INCOME, at, &[income.code()], &[money.fen]),
            None => fact(fact_type::COST, at, &[], &[money.fen]),
        },
        Happening::AccountsPublished {
            session: number, ..
        }
        | Happening::AccountsFellDue { session: number } => {
            let is_running = session(*number).is_some_and(|one| !one.clock_read);
            let is_on_time = matches!(happened.what, Happening::AccountsPublished { .. });
            match is_running {
                true => fact(
                    fact_type::ACCOUNTS_PUBLISHED,
                    noon(*number),
                    &[yes_no(is_on_time)],
                    &[],
                ),
                false => Vec::new(),
            }
        }
        Happening::Harvested { harvest, .. } => {
            let grams = [i64::from(harvest.grams)];
            let mut facts = fact(fact_type::HARVESTED, at, &[harvest.crop.as_str()], &grams);
            let one = self::fact(programme, fact_type::DELIVERED, at, &[], &[]);
            facts.extend(std::iter::repeat_n(one, harvest.homes.into()));
            facts
        }
        Happening::DayJudged { day, is_kept } => fact(
            fact_type::DAY_JUDGED,
            programme.noon(day.0),
            &[yes_no(*is_kept)],
            &[],
        ),
        Happening::WeekJudged { sunday, is_kept } => fact(
            fact_type::WEEK_JUDGED,
            programme.noon(sunday.0),
            &[yes_no(*is_kept)],
            &[],
        ),
        _ => Vec::new(),
    }
}

fn held(programme: &Programme, session: &Session, attended: u32, at: Timestamp) -> Fact {
    let theme = session.theme.as_ref().map_or("", Code::as_str);
    let grid = programme
        .grid
        .map_or_else(|| Member::from(""), Grid::member);
    let measures = [i64::from(attended), session.sign_ups.len() as i64];
    let members = [session.size.code(), theme, &*grid];
    fact(programme, fact_type::HELD, at, &members, &measures)
}

fn fact(
    programme: &Programme,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let own = members.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: [programme.kind.member()].into_iter().chain(own).collect(),
        measures: measures.into(),
    }
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Who signed up is told to nobody.
pub(super) fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
    let session = |number: &u32| ("session", number.to_string());
    let by = |who: &Who| {
        let by = match who {
            Who::Resident(_) => "resident",
            Who::Entry(_) => "office",
        };
        ("by", by.to_owned())
    };
    match what {
        Happening::Opened {
            kind,
            rules,
            title,
            from,
            ..
        } => (
            "OPENED",
            vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("title", title.to_string()),
                ("from", from.to_string()),
            ],
        ),
        Happening::Announced {
            title, size, on, ..
        } => (
            "ANNOUNCED",
            vec![
                ("title", title.to_string()),
                ("size", size.code().to_owned()),
                ("on", on.to_string()),
            ],
        ),
        Happening::Postponed {
            session: number,
            to,
            reason,
        } => (
            "POSTPONED",
            vec![
                session(number),
                ("to", to.to_string()),
                ("reason", reason.to_string()),
            ],
        ),
        Happening::CalledOff {
            session: number,
            reason,
        } => (
            "CALLED_OFF",
            vec![session(number), ("reason", reason.to_string())],
        ),
        Happening::SignedUp {
            session: number,
            who,
        } => ("SIGNED_UP", vec![session(number), by(who)]),
        Happening::SignUpCancelled {
            session: number,
            who,
        } => ("SIGN_UP_CANCELLED", vec![session(number), by(who)]),
        Happening::Held {
            session: number,
            attended,
            came,
        } => (
            "HELD",
            vec![
                session(number),
                ("attended", attended.to_string()),
                ("of_sign_ups", came.len().to_string()),
            ],
        ),
        Happening::Lapsed { session: number } => ("LAPSED", vec![session(number)]),
        Happening::HoursLogged {
            session: number,
            minutes,
            ..
        } => (
            "HOURS_LOGGED",
            vec![session(number), ("minutes", minutes.to_string())],
        ),
        Happening::HoursConfirmed {
            session: number,
            hours,
            is_right,
            ..
        } => (
            "HOURS_CONFIRMED",
            vec![
                session(number),
                ("hours", hours.to_string()),
                ("right", is_right.to_string()),
            ],
        ),
        Happening::Booked {
            session: number,
            money,
        } => {
            let kind = money.income.map_or("cost", super::Income::code);
            (
                "BOOKED",
                vec![
                    session(number),
                    ("kind", kind.to_owned()),
                    ("fen", money.fen.to_string()),
                    ("what", money.what.to_string()),
                ],
            )
        }
        Happening::AccountsPublished {
            session: number,
            channel,
        } => (
            "ACCOUNTS_PUBLISHED",
            vec![session(number), ("channel", channel.to_string())],
        ),
        Happening::AccountsFellDue { session: number } => {
            ("ACCOUNTS_FELL_DUE", vec![session(number)])
        }
        Happening::Harvested {
            session: number,
            harvest,
        } => (
            "HARVESTED",
            vec![
                session(number),
                ("crop", harvest.crop.to_string()),
                ("grams", harvest.grams.to_string()),
                ("homes", harvest.homes.to_string()),
            ],
        ),
        Happening::DayJudged { day, is_kept } => (
            "DAY_JUDGED",
            vec![("day", day.to_string()), ("kept", is_kept.to_string())],
        ),
        Happening::WeekJudged { sunday, is_kept } => (
            "WEEK_JUDGED",
            vec![
                ("sunday", sunday.to_string()),
                ("kept", is_kept.to_string()),
            ],
        ),
        Happening::Ended { reason } => ("ENDED", vec![("reason", reason.to_string())]),
    }
}
