//! Who is told what of an assessment: assessors of their appointment, whoever is
//! assessed of what was found, followers of what is published. Points in a draft are
//! told to nobody.

use super::{Assessment, Happening};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    APPOINTED: "您被指定为考评 {} 的考评人", "You are an assessor of assessment {}";
    NOTICED: "考评 {} 的结果可以申辩", "You may reply to the outcome of assessment {}";
    REPLIED: "考评 {} 有申辩", "There is a reply to assessment {}";
    FINALISED: "考评 {} 的结果已确定", "The outcome of assessment {} is final";
    PUBLISHED: "考评 {} 的结果已公布", "The outcome of assessment {} is published";
    CORRECTED: "考评 {} 将更正", "Assessment {} will be corrected";
}

pub(super) fn notice(assessment: &Assessment, happened: &Happened<Happening>) -> Option<Notice> {
    let subject = [Recipient::Entry(assessment.subject)];
    Some(match &happened.what {
        Happening::Appointed { by, .. } => Notice::to(&APPOINTED, [Recipient::Entry(*by)]),
        Happening::Noticed { .. } => Notice::to(&NOTICED, subject),
        Happening::Replied { .. } => Notice::to(&REPLIED, [Recipient::Office]),
        Happening::Finalised { .. } => Notice::to(&FINALISED, subject),
        Happening::Published { .. } => Notice::public(&PUBLISHED, subject),
        Happening::Corrected { .. } => Notice::public(&CORRECTED, subject),
        Happening::Opened { .. }
        | Happening::Scored { .. }
        | Happening::Counted { .. }
        | Happening::Judged { .. } => return None,
    })
}
