//! What a refusal says to people, Chinese and English, with the way out where
//! there is one. Decides nothing.

use super::Refusal;

impl Refusal {
    pub fn zh(&self) -> String {
        match self {
            Refusal::UnknownCase => "没有这件事项".into(),
            Refusal::AlreadyReported => "这个编号的事项已经登记".into(),
            Refusal::UnknownKind { kind } => {
                format!("没有“{kind}”这一类事项,请从预案所列的类别中选择")
            }
            Refusal::Future { now } => format!("发生时间在将来,现在是 {now}"),
            Refusal::TooOld => "发生时间早于 1970 年,请检查日期".into(),
            Refusal::BeforeLastAct { acted_at } => {
                format!("发生时间早于该事项的上一次办理({acted_at}),请填写此后的时间")
            }
            Refusal::InvalidDue => "约定的时间必须在报事之后、一年之内(导入的历史为一百年)".into(),
            Refusal::PromiseNotAllowed => {
                "这类事项的时限由预案计算;只有预约类事项和导入历史可以给出".into()
            }
            Refusal::UnknownArea { area } => {
                format!("五级责任区里没有条目 entries/{area},或已经注销,请先登记")
            }
            Refusal::NoLevels { kind } => {
                format!("“{kind}”类事项不逐级上报,请不要填写 area")
            }
            Refusal::NotYours { needs } => format!("只有{}可以这样做", needs.words().0),
            Refusal::MayNotReport { role, kind } => {
                format!("{}不能登记“{kind}”类事项", role.zh())
            }
            Refusal::OnBehalfByResident => "居民只能报自己的事;代他人报事请联系社区工作人员".into(),
            Refusal::NotAccepted => "该事项尚未受理,请先受理".into(),
            Refusal::AlreadyAccepted => "该事项已经受理".into(),
            Refusal::NotDispatched => "该事项尚未派单".into(),
            Refusal::AlreadyDispatched { handler } => format!("该事项已经派给 {handler}"),
            Refusal::AlreadyStarted => "经办人已经开始办理".into(),
            Refusal::NoMoreBounces => "退单次数已经用完,本次派单为最终裁定,请办理".into(),
            Refusal::AlreadyPaused { cause } => format!("该事项已经暂停,原因:{cause}"),
            Refusal::NotPaused => "该事项没有暂停".into(),
            Refusal::UnknownCause { cause, allowed } => {
                format!("“{cause}”不是允许的暂停原因,可选:{}", listed(allowed, "、"))
            }
            Refusal::AlreadyCompleted => "该事项已经办结过,不能再改作其他结果;请重新办结".into(),
            Refusal::NotCompleted => "该事项尚未办结".into(),
            Refusal::AlreadyClosed => "该事项已经关闭".into(),
            Refusal::RepeatedNote => "同样的内容刚才已经记录,没有重复登记".into(),
            Refusal::HistoryFull => "该事项的记录已满,只能再办结或关闭".into(),
            Refusal::NotRatable => "代报或没有实名报事人的事项不评价".into(),
            Refusal::AlreadyRated => "这次办结已经评价过".into(),
            Refusal::RatingOver => "评价期已过".into(),
            Refusal::NoBadReview => "没有可以申诉的差评".into(),
            Refusal::AppealOver { until: Some(until) } => format!("申诉期已于 {until} 结束"),
            Refusal::AppealOver { until: None } => "这类事项的差评不能申诉".into(),
            Refusal::AlreadyAppealed => "这条差评已经申诉过".into(),
            Refusal::NoAppeal => "没有待裁定的申诉".into(),
            Refusal::DuplicateOfItself => "事项不能与自己重复".into(),
            Refusal::UnknownTarget { of } => format!("没有编号为 {} 的事项", of.0),
            Refusal::DuplicateCycle { of } => {
                format!("事项 {} 已经并入本事项,不能互相并入", of.0)
            }
            Refusal::DuplicateTooDeep { of } => {
                format!("事项 {} 的并入层次过多,请直接并入最初的事项", of.0)
            }
        }
    }

    pub fn en(&self) -> String {
        match self {
            Refusal::UnknownCase => "there is no such case".into(),
            Refusal::AlreadyReported => "a case with this number has been reported".into(),
            Refusal::UnknownKind { kind } => {
                format!("there is no kind {kind:?}; choose one that a playbook lists")
            }
            Refusal::Future { now } => format!("it happened in the future; now is {now}"),
            Refusal::TooOld => "it happened before 1970; check the date".into(),
            Refusal::BeforeLastAct { acted_at } => {
                format!("somebody acted on the case later, at {acted_at}; give a time after that")
            }
            Refusal::InvalidDue => {
                "the time lies after the report, within a year (a century for an import)".into()
            }
            Refusal::PromiseNotAllowed => {
                "the playbook sets this time; only appointments and imports may give one".into()
            }
            Refusal::UnknownArea { area } => {
                format!("entries/{area} is no area of a tree, or has ended; register it first")
            }
            Refusal::NoLevels { kind } => {
                format!("cases of kind {kind:?} have no levels: leave area out")
            }
            Refusal::NotYours { needs } => format!("only {} may do this", needs.words().1),
            Refusal::MayNotReport { role, kind } => {
                format!("{} may not report a case of kind {kind:?}", role.code())
            }
            Refusal::OnBehalfByResident => {
                "a resident reports for itself; the office reports for others".into()
            }
            Refusal::NotAccepted => "the case has not been accepted; accept it first".into(),
            Refusal::AlreadyAccepted => "the case has been accepted".into(),
            Refusal::NotDispatched => "the case has not been dispatched".into(),
            Refusal::AlreadyDispatched { handler } => {
                format!("the case is already dispatched to {handler}")
            }
            Refusal::AlreadyStarted => "its handler has started on it".into(),
            Refusal::NoMoreBounces => {
                "no bounce is left: this dispatch is a ruling, please work on it".into()
            }
            Refusal::AlreadyPaused { cause } => format!("the case is paused already: {cause}"),
            Refusal::NotPaused => "the case is not paused".into(),
            Refusal::UnknownCause { cause, allowed } => {
                format!(
                    "{cause:?} is no cause for a pause; choose from {}",
                    listed(allowed, ", ")
                )
            }
            Refusal::AlreadyCompleted => {
                "the case was completed once and cannot end otherwise; complete it again".into()
            }
            Refusal::NotCompleted => "the case is not completed".into(),
            Refusal::AlreadyClosed => "the case is closed".into(),
            Refusal::RepeatedNote => "the same was noted just before; it is kept once".into(),
            Refusal::HistoryFull => "the case's history is full; it can only be ended".into(),
            Refusal::NotRatable => {
                "nobody rates a case that was reported for somebody else or by no known resident"
                    .into()
            }
            Refusal::AlreadyRated => "this completion has been rated".into(),
            Refusal::RatingOver => "the time for rating is over".into(),
            Refusal::NoBadReview => "there is no bad review to appeal".into(),
            Refusal::AppealOver { until: Some(until) } => {
                format!("the time for an appeal ended at {until}")
            }
            Refusal::AppealOver { until: None } => {
                "bad reviews of this kind of case cannot be appealed".into()
            }
            Refusal::AlreadyAppealed => "this review has been appealed before".into(),
            Refusal::NoAppeal => "no appeal is waiting for a ruling".into(),
            Refusal::DuplicateOfItself => "a case is no duplicate of itself".into(),
            Refusal::UnknownTarget { of } => format!("there is no case {}", of.0),
            Refusal::DuplicateCycle { of } => {
                format!("case {} is a duplicate of this one already", of.0)
            }
            Refusal::DuplicateTooDeep { of } => {
                format!(
                    "case {} is too many duplicates away; name the original",
                    of.0
                )
            }
        }
    }
}

fn listed(codes: &[crate::code::Code], between: &str) -> String {
    let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    codes.join(between)
}
