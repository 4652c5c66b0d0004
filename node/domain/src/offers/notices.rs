//! What is told of a centre's offer: everybody hears of it; who enrolled is told
//! that it has changed, and who passed that they hold a certificate.

use super::{Happening, Offer};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    PUBLISHED: "支持中心发布项目 {}", "A centre offers {}";
    CHANGED: "支持项目 {} 有变化", "Offer {} has changed";
    CERTIFIED: "您在 {} 的培训合格，证书在本届任期内有效", "You have passed {}; the certificate holds for your term";
}

pub(super) fn notice(offer: &Offer, happened: &Happened<Happening>) -> Option<Notice> {
    match &happened.what {
        Happening::Published { .. } => Some(Notice::public(&PUBLISHED, [Recipient::Office])),
        Happening::Changed { .. } => {
            let enrolled = offer.enrolments.keys().copied().map(Recipient::Entry);
            Some(Notice::public(&CHANGED, enrolled))
        }
        Happening::Certified { entry, .. } => {
            Some(Notice::public(&CERTIFIED, [Recipient::Entry(*entry)]))
        }
        Happening::Enrolled { .. }
        | Happening::Left { .. }
        | Happening::Attended { .. }
        | Happening::Completed { .. }
        | Happening::Applied { .. } => None,
    }
}
