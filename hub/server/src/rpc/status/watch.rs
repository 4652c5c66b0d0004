//! Why a watch rule or a warning is not dealt with as asked.

use hub_domain::watch::{RULES, Refusal};
use proto_edge::problem::Problem;
use tonic::Code;

pub fn watch_problem(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::UnknownRule => Problem::new(
            Code::NotFound,
            "UNKNOWN_RULE",
            "there is no such watch rule; see tongxin hub watch rules",
            "没有这条预警规则；见 tongxin hub watch rules",
        ),
        Refusal::UnknownWarning => Problem::new(
            Code::NotFound,
            "UNKNOWN_WARNING",
            "there is no such warning; see tongxin hub watch warnings",
            "没有这条预警；见 tongxin hub watch warnings",
        ),
        Refusal::TooManyRules => Problem::new(
            Code::ResourceExhausted,
            "TOO_MANY_RULES",
            format!("there are {RULES} watch rules; retire one first"),
            format!("已有 {RULES} 条预警规则；请先停用一条"),
        ),
        Refusal::NotYours => Problem::new(
            Code::PermissionDenied,
            "NOT_YOURS",
            "this warning is another centre's",
            "这条预警由另一中心负责",
        ),
        Refusal::NoteTooLong => Problem::field(
            "NOTE_TOO_LONG",
            "note",
            "want at most 500 characters",
            "最多 500 字",
        ),
    }
}
