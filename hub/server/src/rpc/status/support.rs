//! Why a centre's desk does not do what it was asked.

use hub_domain::support::Refusal;
use proto::identity::Subject;
use proto_edge::problem::Problem;
use tonic::Code;

pub fn support_problem(refusal: Refusal) -> Problem {
    let (code, reason, en, zh, field) = match &refusal {
        Refusal::UnknownRequest => return unknown_request(),
        Refusal::UnknownOffer => (
            Code::NotFound,
            "UNKNOWN_OFFER",
            "there is no such offer of this centre".to_owned(),
            "本中心没有这一项".to_owned(),
            None,
        ),
        Refusal::WrongStage(stage) => (
            Code::FailedPrecondition,
            "WRONG_STAGE",
            format!("not while the request is {}", stage.code()),
            format!("请求现在的状态（{}）不能这样做", stage.code()),
            None,
        ),
        Refusal::NotRouted => (
            Code::FailedPrecondition,
            "NOT_ROUTED",
            "only what was asked of nobody by name is routed, by the support centre".to_owned(),
            "只有没有指明中心的请求可以转办，由支持中心转办".to_owned(),
            None,
        ),
        Refusal::UnknownCentre(centre) => (
            Code::InvalidArgument,
            "UNKNOWN_CENTRE",
            format!("{centre}: want another one of the fixed centres"),
            format!("{centre}：应为另一个固定中心"),
            Some("centre"),
        ),
        Refusal::AttachmentFor(centre) => (
            Code::InvalidArgument,
            "ATTACHMENT_FOR",
            format!("the attachment is encrypted for {centre}"),
            format!("附件是给 {centre} 加密的"),
            Some("attachment"),
        ),
        Refusal::DayPassed { field, today } => (
            Code::InvalidArgument,
            "DAY_PASSED",
            format!("this day is past: today is {today}"),
            format!("日期已过：今天是 {today}"),
            Some(*field),
        ),
        Refusal::GrantTerms => (
            Code::InvalidArgument,
            "GRANT_TERMS",
            "a grant has a form and an amount, and nothing else has".to_owned(),
            "资助须有方式和金额，其他项目没有".to_owned(),
            Some("form"),
        ),
        Refusal::NobodyFits => (
            Code::FailedPrecondition,
            "NOBODY_FITS",
            "no community fits this audience: widen it".to_owned(),
            "没有符合条件的社区，请放宽范围".to_owned(),
            None,
        ),
        Refusal::OfferClosed => (
            Code::FailedPrecondition,
            "OFFER_CLOSED",
            "the offer is closed already".to_owned(),
            "这一项已经结束".to_owned(),
            None,
        ),
        Refusal::TooManyOffers => (
            Code::ResourceExhausted,
            "TOO_MANY_OFFERS",
            "this centre has too many open offers: close some".to_owned(),
            "本中心进行中的项目过多，请先结束一些".to_owned(),
            None,
        ),
    };
    let problem = Problem::new(code, reason, en.clone(), zh);
    match field {
        Some(field) => problem.with_field(field, en),
        None => problem,
    }
}

pub fn unknown_request() -> Problem {
    Problem::new(
        Code::NotFound,
        "UNKNOWN_REQUEST",
        "there is no such request at this centre's desk",
        "本中心没有这件请求",
    )
}

/// The `request_id` was used for another kind of call.
pub fn request_reused() -> Problem {
    Problem::new(
        Code::InvalidArgument,
        "REQUEST_ID_REUSED",
        "this request_id was used for something else; choose a new one",
        "这个 request_id 已用于别的请求，请换一个新的",
    )
    .with_field("request_id", "choose a new one")
}

/// A centre chooses by its own numbers.
pub fn not_readable(by: &Subject, indicator: &str) -> Problem {
    Problem::new(
        Code::PermissionDenied,
        "INDICATOR_NOT_READABLE",
        format!("{by} is not among the readers of {indicator}"),
        format!("{by} 不在 {indicator} 的读取方之列"),
    )
    .with("indicator", indicator)
}
