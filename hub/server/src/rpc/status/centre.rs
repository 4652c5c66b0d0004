//! What is said about centres that are none, and to callers beyond their scope.
//! Decides nothing.

use hub_domain::centre::FIXED;
use proto::identity::Label;
use proto_edge::problem::Problem;
use std::time::Duration;
use tonic::Code;

pub fn unknown_centre(code: &Label) -> Problem {
    let codes: Vec<&str> = FIXED.iter().map(|fixed| fixed.code).collect();
    let codes = codes.join(", ");
    Problem::new(
        Code::NotFound,
        "UNKNOWN_CENTRE",
        format!("there is no centre {code}; the nine are {codes}"),
        format!("没有中心 {code}；九个中心为 {codes}"),
    )
    .with("centre", code)
}

/// Ends of feeds: a follower dials again with the cursor that it has.
pub fn feed_superseded() -> Problem {
    Problem::new(
        Code::Aborted,
        "SUPERSEDED",
        "this centre has opened a newer feed",
        "该中心已建立更新的数据流",
    )
}

pub fn feed_scope_changed() -> Problem {
    Problem::new(
        Code::Aborted,
        "SCOPE_CHANGED",
        "what this centre may read has changed: follow again, from the same cursor",
        "该中心的可读范围已变：请用原游标重新连接",
    )
}

pub fn feed_draining() -> Problem {
    Problem::new(
        Code::Unavailable,
        "BUSY",
        "the hub is draining; follow again",
        "枢纽正在停止；请重新连接",
    )
    .retry_after(Duration::from_secs(1))
}
