//! Numbers whose last day is near. Decides nothing.

use hub_domain::asks::{Ask, Standing};
use proto::pb::hub::Alarm;

pub fn ending(asks: &[Ask]) -> Vec<Alarm> {
    asks.iter().filter_map(alarm).collect()
}

fn alarm(ask: &Ask) -> Option<Alarm> {
    let Standing::Ending(days) = ask.standing else {
        return None;
    };
    let (code, owner) = (&ask.code, &ask.owner);
    Some(Alarm {
        kind: "sunset".to_owned(),
        what_zh: format!("{code} 还收 {days} 天"),
        what_en: format!("{code} is collected for {days} more days"),
        why_zh: format!("{owner}要求时定下的截止日将到；之后发生的不再计入"),
        why_en: format!(
            "the last day that {owner} asked for is near; what happens later is not counted"
        ),
        commands: vec![
            "tongxin hub asks".to_owned(),
            format!("tongxin hub indicator status {code}"),
        ],
    })
}
