//! Why an operator's question or decision about a node is not taken.

use hub_domain::sync::reclaim::Refusal;
use proto::{place::Place, sync::uplink::ReclaimMode};
use proto_edge::problem::Problem;
use tonic::Code;

pub fn reclaim_problem(node: Place, refusal: Refusal) -> Problem {
    let (reason, en, zh) = match refusal {
        Refusal::NotQuarantined => (
            "NOT_QUARANTINED",
            format!("no store of {node} was turned away: there is nothing to decide"),
            format!("{node} 没有被隔离的存储，无需决定"),
        ),
        Refusal::DecidedOtherwise(mode) => {
            let (en, zh) = match mode {
                ReclaimMode::Adopt => ("adopt", "取回"),
                ReclaimMode::Restate => ("restate", "重录"),
            };
            (
                "DECIDED_OTHERWISE",
                format!("{node} is to {en} already; both together would count twice"),
                format!("{node} 已决定{zh}；两者并用会重复计数"),
            )
        }
        Refusal::Exhausted => (
            "LINEAGE_EXHAUSTED",
            format!("{node} has no lineage left: revoke it and enrol it anew"),
            format!("{node} 的世系已用尽：请吊销后重新入网"),
        ),
    };
    Problem::new(Code::FailedPrecondition, reason, en, zh).with("community", node)
}

pub fn unknown_node(code: Place) -> Problem {
    Problem::new(
        Code::NotFound,
        "UNKNOWN_NODE",
        format!("{code} is neither in the register nor a member: see tongxin hub register list"),
        format!("{code} 不在名册，也未入网：见 tongxin hub register list"),
    )
    .with("community", code)
}
