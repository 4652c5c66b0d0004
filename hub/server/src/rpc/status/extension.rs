//! What is said about extensions that are not registered, approved or retired as
//! asked, and to extensions. Decides nothing.

use hub_domain::extension::{EXTENSIONS, LONGEST_DAYS, Refusal};
use proto::identity::Label;
use proto_edge::problem::Problem;
use tonic::Code;

use super::rollout_problem;

pub fn extension_problem(refusal: &Refusal) -> Problem {
    let chinese = match refusal {
        Refusal::Definitions(refusal) => return rollout_problem(refusal),
        Refusal::CentreCode(code) => format!("{code} 是九个中心之一的代码：请另选"),
        Refusal::AlreadyRegistered(code) => {
            format!("扩展 {code} 已登记：请先停用它，或另选代码")
        }
        Refusal::EndDate { until, today } => {
            format!("最后一天 {until} 应在今天（{today}）至其后 {LONGEST_DAYS} 天之间")
        }
        Refusal::NothingWanted => "既没有新指标，也没有要读的现有指标".to_owned(),
        Refusal::ReadsNothing(group) => {
            format!("没有以 {group} 开头的指标：见 tongxin hub catalogue list")
        }
        Refusal::TooMany => format!("已登记 {EXTENSIONS} 个扩展，没有余位"),
        Refusal::Unknown(code) => format!("没有扩展 {code}：见 tongxin hub extension list"),
        Refusal::NotWaiting(code) => format!("扩展 {code} 不在等待批准"),
        Refusal::AlreadyRetired(code) => format!("扩展 {code} 已停用"),
    };
    let code = match refusal {
        Refusal::Unknown(_) => Code::NotFound,
        Refusal::AlreadyRegistered(_) => Code::AlreadyExists,
        Refusal::TooMany => Code::ResourceExhausted,
        Refusal::NotWaiting(_) | Refusal::AlreadyRetired(_) => Code::FailedPrecondition,
        _ => Code::InvalidArgument,
    };
    let problem = Problem::new(code, refusal.reason(), refusal.to_string(), chinese);
    match refusal.field() {
        Some(field) => problem.with_field(field, refusal.to_string()),
        None => problem,
    }
}

/// To one that follows.
pub fn extension_not_live(code: &Label) -> Problem {
    Problem::new(
        Code::PermissionDenied,
        "EXTENSION_NOT_LIVE",
        format!("extension {code} is not approved, or is retired: ask the district"),
        format!("扩展 {code} 未获批准或已停用：请询问区里"),
    )
    .with("extension", code)
}

/// To one that offers something else.
pub fn notices_only() -> Problem {
    Problem::field(
        "NOTICES_ONLY",
        "kind",
        "an extension sends notices; courses, grants and experts are the centres'",
        "扩展只能发通知；课程、资助和专家由中心提供",
    )
}
