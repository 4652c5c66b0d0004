//! How consumers of notices are, for whoever looks after the node: what waits for
//! each, and what somebody should look at.

use proto::pb::node as pb;

use super::super::fields::wire_time;
use crate::store::MOST_NOTICES;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::consumer::Consumers;
use crate::store::keyspace::notice::Notices;

/// Reads every notice that is kept, once.
pub fn consumers(store: &Store) -> Result<Vec<pb::NoticeConsumer>, StoreFault> {
    let mut all = Vec::new();
    for found in store.view().all::<Consumers>() {
        let (name, consumer) = found?;
        let shown = pb::NoticeConsumer {
            name: name.to_string(),
            owner: consumer.owner.to_string(),
            lost: consumer.lost,
            ..pb::NoticeConsumer::default()
        };
        all.push((consumer, shown));
    }
    if all.is_empty() {
        return Ok(Vec::new());
    }
    for found in store.view().all::<Notices>() {
        let (mark, row) = found?;
        for (consumer, shown) in &mut all {
            if consumer.waits_for(mark, &row.recipients) {
                shown.waiting += 1;
                shown.oldest_at.get_or_insert(wire_time(row.happened_at));
            }
        }
    }
    Ok(all.into_iter().map(|(_, shown)| shown).collect())
}

pub fn alarms(consumers: &[pb::NoticeConsumer]) -> Vec<pb::NodeAlarm> {
    consumers.iter().filter_map(alarm).collect()
}

fn alarm(consumer: &pb::NoticeConsumer) -> Option<pb::NodeAlarm> {
    let pb::NoticeConsumer {
        name,
        waiting,
        lost,
        ..
    } = consumer;
    let (kind, zh, en) = if *lost > 0 {
        (
            "notices-lost",
            format!(
                "消费方 {name} 长期没有确认，{lost} 条通知已放弃；请恢复它，或用 CloseNotices 关闭"
            ),
            format!(
                "consumer {name} has not acknowledged for long: {lost} notices were given up; \
                 mend it, or close it with CloseNotices"
            ),
        )
    } else if *waiting > MOST_NOTICES / 2 {
        (
            "notices-waiting",
            format!(
                "消费方 {name} 有 {waiting} 条通知未确认，超过 {MOST_NOTICES} 条后最早的将被放弃"
            ),
            format!(
                "{waiting} notices wait for consumer {name}; above {MOST_NOTICES} the oldest are \
                 given up"
            ),
        )
    } else {
        return None;
    };
    let kind = kind.to_owned();
    Some(pb::NodeAlarm { kind, zh, en })
}
