//! Rollouts that wait for somebody because nodes refuse. Decides nothing.

use hub_domain::rollout::{Cause, Rollout, Rollouts};
use proto::{indicator::catalogue::ItemId, pb::hub::Alarm};

/// One for each halted rollout, the newest first.
pub fn halted(rollouts: &Rollouts) -> Vec<Alarm> {
    let all = rollouts.all().rev();
    all.filter_map(alarm).collect()
}

fn alarm(rollout: &Rollout) -> Option<Alarm> {
    let halt = rollout.halted.as_ref()?;
    let code = rollout.indicators().find_map(|item| match item {
        ItemId::Indicator(code, _) => Some(code.to_string()),
        ItemId::Dimension(_) => None,
    });
    let code = code.unwrap_or_default();
    let (why_zh, why_en) = match halt.cause {
        Cause::Refusals { refused, of } => (
            format!("{of} 个节点中 {refused} 个不接受"),
            format!("{refused} of {of} nodes refuse"),
        ),
        Cause::Contradicts => (
            "与其后发布的相矛盾".to_owned(),
            "what was published since contradicts it".to_owned(),
        ),
    };
    let details = halt.details.join("; ");
    Some(Alarm {
        kind: "rollout".to_owned(),
        what_zh: format!("{code} 的推行已停"),
        what_en: format!("the rollout of {code} has halted"),
        why_zh: format!("{why_zh}：{details}"),
        why_en: format!("{why_en}: {details}"),
        commands: vec![
            format!("tongxin hub indicator status {code}"),
            format!("tongxin hub indicator approve {code}"),
            format!("tongxin hub indicator retire {code}"),
        ],
    })
}
