//! Who is told what of a survey: households that are asked, departments that owe a
//! reply. Questions in a draft and answers are told to nobody.

use super::{Happening, Survey};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;
use crate::roll::Roll;

sentences! {
    STARTED: "调查 {} 请您填答", "Survey {} asks for your answers";
    CORRECTED: "您在调查 {} 中的答卷已更正", "Your sheet in survey {} was corrected";
    CLOSED: "调查 {} 结束", "Survey {} is closed";
    SUMMARISED: "调查 {} 的结果已汇总", "The outcome of survey {} is summed up";
    SCHEME_MADE: "调查 {} 有了方案", "A scheme was made of survey {}";
    SENT: "调查 {} 的问题已转给部门", "Issues of survey {} were sent to a department";
    REPLIED: "调查 {} 的问题有了答复", "A department replied to survey {}";
    REPLY_OVERDUE: "调查 {} 的答复逾期", "A reply to survey {} is overdue";
    SETTLED: "调查 {} 的问题已解决", "Issues of survey {} are settled";
    NOT_SETTLED: "调查 {} 的问题尚未解决", "Issues of survey {} are not settled";
    WITHDRAWN: "调查 {} 已撤回", "Survey {} was withdrawn";
}

pub(super) fn notice(survey: &Survey, happened: &Happened<Happening>) -> Option<Notice> {
    let office = [Recipient::Office];
    let households = || Recipient::entries(survey.roll.iter().flat_map(Roll::entries));
    Some(match &happened.what {
        Happening::Started { .. } => Notice::public(&STARTED, households()),
        Happening::Corrected { sheet, .. } => {
            Notice::to(&CORRECTED, [Recipient::Entry(sheet.household)])
        }
        Happening::Closed => Notice::public(&CLOSED, office),
        Happening::Summarised { .. } => Notice::public(&SUMMARISED, households()),
        Happening::SchemeMade { .. } => Notice::public(&SCHEME_MADE, []),
        Happening::Sent { department, .. } => {
            Notice::public(&SENT, Recipient::handler(Some(department)))
        }
        Happening::Replied { .. } => Notice::public(&REPLIED, office),
        Happening::ReplyFellDue { department } => {
            if survey.bundle(department)?.reply.is_some() {
                return None;
            }
            let department = Recipient::handler(Some(department));
            Notice::to(&REPLY_OVERDUE, department.into_iter().chain(office))
        }
        Happening::Tracked {
            department,
            is_settled,
            ..
        } => {
            let says = if *is_settled { &SETTLED } else { &NOT_SETTLED };
            Notice::public(says, Recipient::handler(Some(department)))
        }
        Happening::Withdrawn { .. } => Notice::to(&WITHDRAWN, households()),
        Happening::Opened { .. }
        | Happening::Answered { .. }
        | Happening::Visited { .. }
        | Happening::Compiled { .. } => return None,
    })
}
