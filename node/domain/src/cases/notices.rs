//! Who is told what of a case. What was said stays under its subject's key: a
//! notice only says that something was.

use super::{Case, Event, Happening, Level};
use crate::actor::Actor;
use crate::notices::{Notice, Raised, Recipient, sentences};

sentences! {
    REPORTED: "新的报事 {}", "A new case, {}";
    ACCEPTED: "报事 {} 已受理", "Case {} was accepted";
    DISPATCHED: "报事 {} 已派单", "Case {} was dispatched";
    BOUNCED: "报事 {} 被退单", "Case {} was bounced";
    PAUSED: "报事 {} 暂停办理", "Work on case {} is paused";
    RESUMED: "报事 {} 恢复办理", "Work on case {} goes on";
    REPLIED: "报事 {} 有了答复", "Case {} was replied to";
    NOTED: "报事 {} 有新的留言", "Somebody added a note to case {}";
    COMPLETED: "报事 {} 已办结", "Case {} is completed";
    REFUSED: "报事 {} 不予受理，答复中说明了去向", "Case {} was refused; the reply says where to go";
    MARKED_DUPLICATE: "报事 {} 与另一件相同，已合并", "Case {} is the same as another and was closed";
    RATED: "报事 {} 已评价", "Case {} was rated";
    BAD_REVIEW: "报事 {} 收到差评", "Case {} got a bad review";
    REOPENED: "报事 {} 因差评重办", "Case {} is reopened after a bad review";
    ESCALATED: "报事 {} 升级办理", "Case {} is escalated";
    APPEALED: "报事 {} 的差评有申诉", "A bad review of case {} is appealed";
    APPEAL_UPHELD: "报事 {} 的申诉成立，差评撤销", "The appeal in case {} is upheld: the bad review is void";
    APPEAL_DISMISSED: "报事 {} 的申诉不成立", "The appeal in case {} is dismissed";
    WITHDRAWN: "报事 {} 已撤回", "Case {} was withdrawn";
    OVERDUE: "报事 {} 超过时限", "Case {} is overdue";
    CLOSED: "报事 {} 已关闭", "Case {} is closed";
}

/// `case`: as the events left it. What was entered from another system is told to
/// nobody.
pub fn notices(case: &Case, events: &[Event]) -> Vec<Raised> {
    if events.iter().any(|event| event.by == Actor::Import) {
        return Vec::new();
    }
    let raised = (0..).zip(events).filter_map(|(index, event)| {
        Some(Raised {
            index,
            at: event.happened_at,
            by: event.by.clone(),
            notice: notice(case, event)?,
        })
    });
    raised.collect()
}

fn notice(case: &Case, event: &Event) -> Option<Notice> {
    let requester = || Recipient::resident(case.requester);
    let (office, grid) = (Recipient::Office, Recipient::grid(case.grid));
    // The office does itself what it gave to nobody.
    let worker = || Recipient::handler(case.handler.as_ref()).unwrap_or(Recipient::Office);
    let both = || requester().into_iter().chain([worker()]);
    Some(match &event.happening {
        // Whoever it was reported for hears of it as well.
        Happening::Reported(_) => Notice::to(
            &REPORTED,
            grid.into_iter().chain(requester()).chain([office]),
        ),
        Happening::Accepted => Notice::public(&ACCEPTED, requester()),
        Happening::Dispatched { .. } => Notice::public(&DISPATCHED, both()),
        Happening::Bounced { .. } => Notice::to(&BOUNCED, grid.into_iter().chain([office])),
        Happening::Started | Happening::Settled { .. } => return None,
        Happening::Paused { .. } => Notice::public(&PAUSED, requester()),
        Happening::Resumed => Notice::public(&RESUMED, requester()),
        Happening::Replied(_) => Notice::public(&REPLIED, requester()),
        Happening::Noted(_) => Notice::to(&NOTED, both()),
        Happening::Completed { .. } => {
            Notice::public(&COMPLETED, requester().into_iter().chain([office]))
        }
        Happening::Refused { .. } => Notice::public(&REFUSED, requester()),
        Happening::MarkedDuplicate { .. } => Notice::public(&MARKED_DUPLICATE, requester()),
        Happening::Rated { level, .. } => rated(case, *level),
        Happening::Reopened { handler, .. } => Notice::public(
            &REOPENED,
            requester().into_iter().chain([
                Recipient::handler(handler.as_ref()).unwrap_or(Recipient::Office),
                office,
            ]),
        ),
        Happening::Escalated { to, handler } => {
            let workers = [Some(to), handler.as_ref()];
            let workers = workers.into_iter().filter_map(Recipient::handler);
            Notice::public(&ESCALATED, workers.chain(requester()).chain([office]))
        }
        Happening::Appealed { .. } => {
            Notice::to(&APPEALED, requester().into_iter().chain([office]))
        }
        Happening::AppealRuled { review, upheld, .. } => {
            let says = if *upheld {
                &APPEAL_UPHELD
            } else {
                &APPEAL_DISMISSED
            };
            let of = case.reviews.get(*review as usize);
            let reviewed = Recipient::handler(of.and_then(|review| review.handler.as_ref()));
            let told = reviewed.unwrap_or(Recipient::Office);
            Notice::to(says, requester().into_iter().chain([told]))
        }
        Happening::Withdrawn { .. } => {
            Notice::public(&WITHDRAWN, requester().into_iter().chain([worker()]))
        }
        Happening::FellDue { on_time: true, .. } => return None,
        Happening::FellDue { .. } => {
            Notice::to(&OVERDUE, grid.into_iter().chain([worker(), office]))
        }
        Happening::Closed => Notice::public(&CLOSED, both()),
    })
}

/// Of a bad one its last handler hears, and the office.
fn rated(case: &Case, level: Level) -> Notice {
    if !level.is_bad() {
        let worker = Recipient::handler(case.handler.as_ref());
        return Notice::to(&RATED, [worker.unwrap_or(Recipient::Office)]);
    }
    let review = case.reviews.last();
    let worker = Recipient::handler(review.and_then(|review| review.handler.as_ref()));
    Notice::to(&BAD_REVIEW, worker.into_iter().chain([Recipient::Office]))
}
