//! Numbers and extensions whose last day is near. Decides nothing.

use hub_domain::{
    asks::{Ask, Standing},
    extension::State,
};
use jiff::civil::Date;
use proto::pb::hub::Alarm;

pub fn ending(asks: &[Ask]) -> Vec<Alarm> {
    asks.iter().filter_map(alarm).collect()
}

pub fn extensions(extensions: &State, today: Date) -> Vec<Alarm> {
    let near = extensions
        .extensions()
        .filter_map(|(code, held)| Some((code, &held.registration, held.days_left(today)?)));
    let alarms = near.map(|(code, of, days)| Alarm {
        kind: "extension".to_owned(),
        what_zh: format!("扩展 {code} 还有 {days} 天"),
        what_en: format!("extension {code} has {days} more days"),
        why_zh: format!(
            "{}登记的截止日将到：其后自动停用，指标停收，身份吊销",
            of.owner
        ),
        why_en: format!(
            "the last day that {} registered is near: then it is retired, its definitions and its identity with it",
            of.owner
        ),
        commands: vec![format!("tongxin hub extension show {code}")],
    });
    alarms.collect()
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
