//! What the office is told of its requests to the district's centres.

use super::Happening;
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    ROUTED: "支持请求 {} 已转给承接的中心", "Request {} was passed on to the centre that takes it";
    ACCEPTED: "支持请求 {} 已被受理", "Request {} was accepted";
    DECLINED: "支持请求 {} 未被受理", "Request {} was declined";
    BEGUN: "支持请求 {} 开始办理", "Work on request {} has begun";
    DONE: "支持请求 {} 已完成，请评价", "Request {} is done; please rate it";
    ANSWER_LATE: "支持请求 {} 到期未获答复", "Request {} has had no answer in time";
    DELIVERY_LATE: "支持请求 {} 到约定日期未完成", "Request {} is not done by the day agreed";
}

pub(super) fn notice(happened: &Happened<Happening>) -> Option<Notice> {
    let says = match &happened.what {
        // What the office does itself it knows.
        Happening::Asked { .. } | Happening::Withdrawn { .. } | Happening::Rated { .. } => {
            return None;
        }
        Happening::Routed { .. } => &ROUTED,
        Happening::Accepted { .. } => &ACCEPTED,
        Happening::Declined { .. } => &DECLINED,
        Happening::Begun { .. } => &BEGUN,
        Happening::Done { .. } => &DONE,
        Happening::AnswerLate => &ANSWER_LATE,
        Happening::DeliveryLate => &DELIVERY_LATE,
    };
    Some(Notice::to(says, [Recipient::Office]))
}
