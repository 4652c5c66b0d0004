//! What a refused list of communities says. Decides nothing.

use hub_domain::register::{InvalidEntry, NAME_LIMIT, Refusal, SUCCESSOR_LIMIT};
use proto_edge::problem::Problem;

use super::{Mistake, Mistakes};

pub fn register_problem(refusal: &Refusal) -> Problem {
    let rows = refusal.problems.iter();
    let mistakes = rows.map(|wrong| {
        let field = wire_field(wrong.problem.field);
        Mistake::new(
            format!("communities[{}].{field}", wrong.row - 1),
            wrong.problem.problem.clone(),
            chinese(&wrong.problem),
        )
    });
    Mistakes(mistakes.collect()).problem("REGISTER_INVALID", refusal.total)
}

/// The message's name for a row's field.
fn wire_field(field: &str) -> &str {
    match field {
        "code" => "name",
        "name" => "display_name",
        "street" => "street_name",
        other => other,
    }
}

fn chinese(invalid: &InvalidEntry) -> String {
    match invalid.field {
        "code" => "应为 communities/ 加 12 位社区代码，每个只列一次".to_owned(),
        "name" | "street" => format!("应为 1 至 {NAME_LIMIT} 个字，不含控制字符"),
        "type" => {
            "应为 resettlement、old-estate、commercial、village-conversion、upscale 或 expert"
                .into()
        }
        "opened" => "应为日期，如 2024-01-31".to_owned(),
        "closed" => "应为设立之后的日期，如 2024-01-31；有后继社区时必填".to_owned(),
        "successors" => {
            format!("应为名册中至多 {SUCCESSOR_LIMIT} 个其他社区的 12 位代码，不得循环")
        }
        _ => invalid.problem.clone(),
    }
}
