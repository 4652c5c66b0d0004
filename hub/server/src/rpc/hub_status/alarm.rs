//! Why a node needs somebody, and the command that helps: Chinese, then
//! English. Decides nothing about the node.

use hub_domain::{
    issuance::Member,
    sync::line::{Cause, Line},
};
use jiff::{SignedDuration, Timestamp};
use proto::{
    place::Place,
    sync::uplink::{ReclaimMode, RejectReason},
};

/// A leaf is renewed from half life on, seven days before its end: one that
/// has less than this left was not.
const RENEWAL_LATE: SignedDuration = SignedDuration::from_hours(4 * 24);
/// Facts dated by a clock so far off may fall into another day.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What is known of a node that may need somebody.
pub struct Known<'a> {
    pub node: Place,
    pub line: &'a Line,
    pub member: Option<&'a Member>,
    /// Raised by the store.
    pub raised: Option<String>,
    pub refused_items: &'a [String],
    pub now: Timestamp,
}

/// Empty when all is well.
pub fn alarm(known: &Known<'_>) -> String {
    let member = known.member.filter(|member| member.revoked.is_none());
    let alarms = [
        quarantine(known),
        known.raised.as_ref().map(|raised| raised_text(raised)),
        member.and_then(|member| certificate(known, member)),
        rejected(known.line),
        refused(known.refused_items),
        skew(known.line),
    ];
    let alarms: Vec<String> = alarms.into_iter().flatten().collect();
    alarms.join("; ")
}

fn quarantine(known: &Known<'_>) -> Option<String> {
    let (node, line) = (known.node, known.line);
    let quarantine = line.quarantine.as_ref()?;
    if let Some(decided) = line.decided.as_ref().filter(|decided| !decided.is_done)
        && quarantine.cause != Cause::NothingShared
    {
        let (zh, en) = match decided.mode {
            ReclaimMode::Adopt => ("取回", "adopt"),
            ReclaimMode::Restate => ("重录", "restate"),
        };
        return Some(format!(
            "已决定{zh}：等该节点连接；重启它即刻生效 · \
             to {en}: waiting for the node; restart it to begin at once"
        ));
    }
    let ways = format!(
        "选一：tongxin hub adopt --community {node}（枢纽的数取回到节点，再加上其后所记）\
         或 tongxin hub restate --community {node}（以节点所存为准，丢失的据纸面重录）；\
         若机器失守，tongxin hub revoke community/{node}"
    );
    let ways_en = format!(
        "choose one: tongxin hub adopt --community {node} (the hub's numbers go back to the \
         node, and what it recorded since is added) or tongxin hub restate --community {node} \
         (what the node holds counts, and what it lost is entered again from paper); \
         if the machine is lost, tongxin hub revoke community/{node}"
    );
    Some(match &quarantine.cause {
        Cause::StaleEpoch { .. } | Cause::OtherStore { .. } => format!(
            "另一份存储使用此身份（恢复或复制而来），已隔离：只留一份运行，再{ways} · \
             another store uses this identity (restored or copied) and is quarantined: \
             run one only, then {ways_en}"
        ),
        Cause::HeadBehind { head, acked } => format!(
            "节点存储止于 {head}，枢纽已收 {acked}，已隔离：{ways} · \
             the node's store ends at {head}, the hub holds {acked}; it is quarantined: {ways_en}"
        ),
        Cause::NothingShared => format!(
            "枢纽不记得此存储的任何一次启动，无法取回：只能 tongxin hub restate --community {node} · \
             the hub remembers no start of this store and cannot have it adopt: \
             tongxin hub restate --community {node}"
        ),
    })
}

fn raised_text(raised: &str) -> String {
    format!("{raised}：在节点上运行 tongxin node verify · run tongxin node verify on the node")
}

fn certificate(known: &Known<'_>, member: &Member) -> Option<String> {
    let (node, ends) = (known.node, member.certificate.not_after);
    let left = ends.duration_since(known.now);
    if left > RENEWAL_LATE {
        return None;
    }
    Some(if left.is_positive() {
        format!(
            "证书未续期，{ends} 到期：请启动节点 tongxin node serve · \
             the certificate was not renewed and ends {ends}: start tongxin node serve"
        )
    } else {
        format!(
            "证书已过期：运行 tongxin hub invite --community {node}，再在节点上运行 tongxin node join · \
             the certificate has ended: tongxin hub invite --community {node}, then tongxin node join"
        )
    })
}

fn rejected(line: &Line) -> Option<String> {
    let count = line.rejected.len();
    let reason = line.rejected.values().next()?.reason;
    let (zh, en) = match reason {
        RejectReason::UnknownIndicator => (
            "目录中没有其指标：运行 tongxin hub catalogue publish",
            "their indicator is not in the catalogue: tongxin hub catalogue publish",
        ),
        RejectReason::FuturePeriod => (
            "周期尚未开始：请校准节点时钟",
            "their period has not begun: set the node's clock",
        ),
        RejectReason::MalformedState | RejectReason::Shape => (
            "与定义不符：请升级节点，再运行 tongxin node verify",
            "they do not fit their definition: update the node, then tongxin node verify",
        ),
        RejectReason::Conflict | RejectReason::Withheld => (
            "未能送达：在节点上运行 tongxin node verify",
            "they did not get across: run tongxin node verify on the node",
        ),
    };
    Some(format!(
        "{count} 个单元格被拒，{zh} · {count} cells refused, {en}"
    ))
}

fn refused(items: &[String]) -> Option<String> {
    let (first, count) = (items.first()?, items.len());
    Some(format!(
        "节点拒收 {count} 项定义（{first}）：请升级节点 · \
         the node refused {count} definitions ({first}): update the node"
    ))
}

fn skew(line: &Line) -> Option<String> {
    let skew = line.told.clock_skew;
    if skew.abs() <= SKEW {
        return None;
    }
    let off_s = skew.as_secs();
    Some(format!(
        "节点时钟差 {off_s} 秒：运行 timedatectl set-ntp true · \
         the node's clock is {off_s} s off: timedatectl set-ntp true"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub_domain::sync::line::Quarantine;
    use proto::identity::StoreId;

    #[test]
    fn a_healthy_node_has_no_alarm_and_a_sick_one_names_the_command() {
        let node = "510115001001".parse().unwrap();
        let now = "2026-03-01T04:00:00Z".parse().unwrap();
        let mut line = Line::default();
        let said = |line: &Line, refused: &[String]| {
            alarm(&Known {
                node,
                line,
                member: None,
                raised: None,
                refused_items: refused,
                now,
            })
        };
        assert_eq!(said(&line, &[]), "");
        assert!(said(&line, &["indicator/X@1".into()]).contains("indicator/X@1"));
        line.told.clock_skew = SignedDuration::from_mins(-6);
        assert!(said(&line, &[]).contains("-360 s off: timedatectl"));
        line.quarantine = Some(Quarantine {
            since: now,
            cause: Cause::StaleEpoch {
                presented: 1,
                current: 2,
            },
            store_id: StoreId([1; 16]),
            epoch: 1,
            lineage: 1,
            head_seq: 9,
        });
        for way in [
            "hub adopt --community",
            "hub restate --community",
            "hub revoke community/",
        ] {
            let command = format!("tongxin {way}");
            assert!(said(&line, &[]).contains(&command), "{way}");
        }
    }
}
