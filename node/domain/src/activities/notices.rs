//! Who is told what of a programme: who signed up, whoever follows it, and the team
//! that runs it of what it left undone.

use super::{Happening, Programme, Who};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    ANNOUNCED: "活动 {} 有新的场次", "Programme {} has a new session";
    POSTPONED: "活动 {} 有场次改期", "A session of programme {} is postponed";
    CALLED_OFF: "活动 {} 有场次取消", "A session of programme {} is called off";
    SIGNED_UP: "已为您报名活动 {}", "You were signed up for programme {}";
    SIGN_UP_CANCELLED: "您在活动 {} 的报名已取消", "Your sign-up for programme {} was cancelled";
    LAPSED: "活动 {} 有场次没有登记", "Nobody recorded a session of programme {}";
    HOURS_CONFIRMED: "您在活动 {} 的服务时长已确认", "Your hours in programme {} were confirmed";
    HOURS_REFUSED: "您在活动 {} 的服务时长未获确认", "Your hours in programme {} were found wrong";
    ACCOUNTS_PUBLISHED: "活动 {} 的账目已公开", "Accounts of programme {} were published";
    ACCOUNTS_OVERDUE: "活动 {} 的账目逾期未公开", "Accounts of programme {} are overdue";
    CADENCE_BROKEN: "活动 {} 没有按约定的频次举办", "Programme {} has not kept its cadence";
    ENDED: "活动 {} 结束", "Programme {} has ended";
}

pub(super) fn notice(programme: &Programme, happened: &Happened<Happening>) -> Option<Notice> {
    let runners = Recipient::handler(programme.team.as_ref());
    let runners = runners.into_iter().chain([Recipient::Office]);
    let signed_up = |session: u32| {
        let found = programme.session(session).into_iter();
        found.flat_map(|one| one.sign_ups.iter().map(|sign_up| recipient(sign_up.who)))
    };
    Some(match &happened.what {
        Happening::Announced { .. } => Notice::public(&ANNOUNCED, []),
        Happening::Postponed { session, .. } => Notice::public(&POSTPONED, signed_up(*session)),
        Happening::CalledOff { session, .. } => Notice::public(&CALLED_OFF, signed_up(*session)),
        Happening::SignedUp { who, .. } => Notice::to(&SIGNED_UP, [recipient(*who)]),
        Happening::SignUpCancelled { who, .. } => Notice::to(&SIGN_UP_CANCELLED, [recipient(*who)]),
        Happening::Lapsed { .. } => Notice::to(&LAPSED, runners),
        Happening::HoursConfirmed {
            session,
            hours,
            is_right,
            ..
        } => {
            let at = (*hours as usize).checked_sub(1)?;
            let volunteer = programme.session(*session)?.hours.get(at)?.volunteer;
            let says = if *is_right {
                &HOURS_CONFIRMED
            } else {
                &HOURS_REFUSED
            };
            Notice::to(says, [Recipient::Entry(volunteer)])
        }
        Happening::AccountsPublished { session, .. } => {
            Notice::public(&ACCOUNTS_PUBLISHED, signed_up(*session))
        }
        Happening::AccountsFellDue { session } => {
            // None where it is no longer listed: then nothing is known of it.
            if programme.session(*session)?.is_published {
                return None;
            }
            Notice::to(&ACCOUNTS_OVERDUE, runners)
        }
        Happening::DayJudged { is_kept: false, .. }
        | Happening::WeekJudged { is_kept: false, .. } => Notice::to(&CADENCE_BROKEN, runners),
        Happening::Ended { .. } => {
            let all = programme.sessions.iter().flat_map(|one| &one.sign_ups);
            let coming = all
                .filter(|sign_up| !sign_up.came)
                .map(|one| recipient(one.who));
            Notice::public(&ENDED, coming)
        }
        Happening::Opened { .. }
        | Happening::Held { .. }
        | Happening::HoursLogged { .. }
        | Happening::Booked { .. }
        | Happening::Harvested { .. }
        | Happening::DayJudged { .. }
        | Happening::WeekJudged { .. } => return None,
    })
}

fn recipient(who: Who) -> Recipient {
    match who {
        Who::Resident(resident) => Recipient::Resident(resident),
        Who::Entry(entry) => Recipient::Entry(entry),
    }
}
