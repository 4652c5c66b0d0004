//! Why a rollout is not begun, approved or ended. Decides nothing.

use hub_domain::rollout::{Refusal, TRIAL_NODES};
use proto_edge::problem::Problem;
use tonic::Code;

use super::catalogue_problem;

pub fn rollout_problem(refusal: &Refusal) -> Problem {
    if let Refusal::Invalid(items) = refusal {
        return catalogue_problem(items);
    }
    let code = match refusal.field() {
        Some("indicator") => Code::NotFound,
        Some(_) => Code::InvalidArgument,
        None => Code::FailedPrecondition,
    };
    let problem = Problem::new(
        code,
        refusal.reason(),
        refusal.to_string(),
        chinese(refusal),
    );
    match refusal.field() {
        Some(field) => problem.with_field(field, refusal.to_string()),
        None => problem,
    }
}

fn chinese(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(_) => "目录有误".to_owned(),
        Refusal::ItemCount(count) => format!("{count} 项：应为 1 至 500 项"),
        Refusal::NothingNew => "目录中已全有；改口径请提高版次".to_owned(),
        Refusal::Underway { code, number } => {
            format!("{code} 已在推行（第 {number} 号）：请先停用它")
        }
        Refusal::AlreadyAsked { code, by, owner } => {
            format!("{code} 要的数 {by} 已在收（{owner}）：请用它，不必再要")
        }
        Refusal::Hold(hold) => format!("每批观察期应为 1 秒至 90 天，不能是 {hold}"),
        Refusal::TrialNodes(count) => format!("试算 {count} 个节点：至多 {TRIAL_NODES} 个"),
        Refusal::UnknownNode(node) => format!("{node} 的节点从未来过：请选来过的"),
        Refusal::UnknownIndicator(code) => format!("没有指标 {code}"),
        Refusal::NothingToApprove(code) => format!("{code} 没有待批准的推行"),
        Refusal::AlreadyRetired(code) => format!("{code} 已停用"),
        Refusal::Derived { code, by } => format!("{by} 由 {code} 算得：请先停用 {by}"),
    }
}
