//! What is said about centres that are none, and to callers beyond their scope.
//! Decides nothing.

use hub_domain::centre::FIXED;
use proto::identity::Label;
use proto_edge::problem::Problem;
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
