//! Why somebody is needed: what is the matter, why, and the command that helps,
//! in Chinese and English. Decides nothing about the node.

use hub_domain::{
    issuance::Member,
    sync::line::{Cause, Line},
};
use jiff::{SignedDuration, Timestamp};
use proto::{
    identity::Subject,
    pb::hub::Alarm,
    place::Place,
    sync::uplink::{ReclaimMode, RejectReason},
};

/// The issuer is renewed from half of its 90 days on.
const ISSUER_LATE: SignedDuration = SignedDuration::from_hours(30 * 24);
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
    /// A leaf is renewed in the first half of its life: one that has less than
    /// this left was not. Two sevenths of a life, four days of fourteen.
    pub renewal_late: SignedDuration,
    pub now: Timestamp,
}

/// Empty when all is well.
pub fn alarms(known: &Known<'_>) -> Vec<Alarm> {
    let member = known.member.filter(|member| member.revoked.is_none());
    let alarms = [
        quarantine(known),
        known.raised.as_deref().map(digest),
        member.and_then(|member| certificate(known, member)),
        rejected(known.line),
        refused(known.refused_items),
        skew(known.line),
    ];
    alarms.into_iter().flatten().collect()
}

/// Of the hub itself: what signs everybody's certificate is not renewed.
pub fn issuer(not_after: Timestamp, now: Timestamp) -> Option<Alarm> {
    (not_after.duration_since(now) <= ISSUER_LATE).then(|| Alarm {
        kind: "issuer".to_owned(),
        what_zh: format!("签发证书 {not_after} 到期"),
        what_en: format!("the issuing certificate ends {not_after}"),
        why_zh: "根密钥 pki/root.key.pem 不在，无法续期：把它放回 pki 目录，一分钟内续期"
            .to_owned(),
        why_en: "the root's key, pki/root.key.pem, is away: put it back into the pki directory \
                 and the hub renews within a minute"
            .to_owned(),
        commands: vec!["cp root.key.pem <hub>/pki/root.key.pem".to_owned()],
    })
}

fn quarantine(known: &Known<'_>) -> Option<Alarm> {
    let (node, line) = (known.node, known.line);
    let quarantine = line.quarantine.as_ref()?;
    if let Some(decided) = line.decided.as_ref().filter(|decided| !decided.is_done)
        && quarantine.cause != Cause::NothingShared
    {
        let (zh, en) = match decided.mode {
            ReclaimMode::Adopt => ("取回", "adopt"),
            ReclaimMode::Restate => ("重录", "restate"),
        };
        return Some(Alarm {
            kind: "returning".to_owned(),
            what_zh: format!("已决定{zh}，等该节点连接"),
            what_en: format!("to {en}; waiting for the node"),
            why_zh: "节点每小时询问一次，重启即刻生效".to_owned(),
            why_en: "it asks hourly, and at once when it is restarted".to_owned(),
            commands: vec!["tongxin node serve --dir <node>".to_owned()],
        });
    }
    let (why_zh, why_en) = match &quarantine.cause {
        Cause::StaleEpoch { .. } | Cause::OtherStore { .. } => (
            "另一份存储使用此身份（恢复或复制而来）：只留一份运行".to_owned(),
            "another store uses this identity, restored or copied: run one only".to_owned(),
        ),
        Cause::Parted { size, known } => (
            format!(
                "节点日志止于 {size} 条，与枢纽所知的 {known} 条不是同一历史（恢复或复制而来）：只留一份运行"
            ),
            format!(
                "the node's journal of {size} records is not the one that the hub knows up to {known}, restored or copied: run one only"
            ),
        ),
        Cause::HeadBehind { head, acked } => (
            format!("节点存储止于 {head}，枢纽已收 {acked}"),
            format!("the node's store ends at {head}, the hub holds {acked}"),
        ),
        Cause::NothingShared => (
            "枢纽不记得此存储的任何一次启动，无法取回".to_owned(),
            "the hub remembers no start of this store and cannot have it adopt".to_owned(),
        ),
    };
    let adopt = format!("tongxin hub adopt --community {node}");
    let restate = format!("tongxin hub restate --community {node}");
    let subject = Subject::reporting(node).unwrap_or(Subject::Community(node));
    let revoke = format!("tongxin hub revoke {subject} --reason lost");
    let (zh, en, commands) = match quarantine.cause {
        Cause::NothingShared => (
            "restate：以节点所存为准，丢失的据纸面重录；revoke：机器失守",
            "restate: what the node holds counts, what it lost is entered again from paper; \
             revoke: the machine is lost",
            vec![restate, revoke],
        ),
        _ => (
            "adopt：枢纽的数取回到节点，再加上其后所记；restate：以节点所存为准，\
             丢失的据纸面重录；revoke：机器失守",
            "adopt: the hub's numbers go back to the node, and what it recorded since is added; \
             restate: what the node holds counts, what it lost is entered again from paper; \
             revoke: the machine is lost",
            vec![adopt, restate, revoke],
        ),
    };
    Some(Alarm {
        kind: "quarantined".to_owned(),
        what_zh: "已隔离，不收其数，须选其一".to_owned(),
        what_en: "quarantined: nothing of it is taken until one way is chosen".to_owned(),
        why_zh: format!("{why_zh}。{zh}"),
        why_en: format!("{why_en}. {en}"),
        commands,
    })
}

/// The store's own word, Chinese and English around a middle dot.
fn digest(raised: &str) -> Alarm {
    let (zh, en) = raised.split_once(" · ").unwrap_or((raised, raised));
    Alarm {
        kind: "digest".to_owned(),
        what_zh: "两端核对不符".to_owned(),
        what_en: "both ends do not hold the same".to_owned(),
        why_zh: zh.to_owned(),
        why_en: en.to_owned(),
        commands: vec!["tongxin node verify --dir <node>".to_owned()],
    }
}

fn certificate(known: &Known<'_>, member: &Member) -> Option<Alarm> {
    let ends = member.certificate.not_after;
    let left = ends.duration_since(known.now);
    if left > known.renewal_late {
        return None;
    }
    let kind = "certificate".to_owned();
    Some(if left.is_positive() {
        Alarm {
            kind,
            what_zh: format!("证书未续期，{ends} 到期"),
            what_en: format!("the certificate was not renewed and ends {ends}"),
            why_zh: "节点停机或连不上枢纽：运行中的节点自行续期".to_owned(),
            why_en: "the node is down or does not reach the hub: a running node renews by itself"
                .to_owned(),
            commands: vec!["tongxin node serve --dir <node>".to_owned()],
        }
    } else {
        let flag = match known.node.is_of_a_hub() {
            true => "child",
            false => "community",
        };
        let join = match known.node.is_of_a_hub() {
            true => "tongxin hub attach --dir <hub> <invite>",
            false => "tongxin node join --dir <node> <invite>",
        };
        Alarm {
            kind,
            what_zh: format!("证书已于 {ends} 过期"),
            what_en: format!("the certificate ended {ends}"),
            why_zh: "到期前没有续上：凭新邀请再入网一次，数据不动".to_owned(),
            why_en: "it was not renewed in time: join again with a new invite; the data stays"
                .to_owned(),
            commands: vec![
                format!("tongxin hub invite --{flag} {}", known.node),
                join.to_owned(),
            ],
        }
    })
}

fn rejected(line: &Line) -> Option<Alarm> {
    let count = line.rejected.len();
    let reason = line.rejected.values().next()?.reason;
    let (zh, en, command) = match reason {
        RejectReason::UnknownIndicator => (
            "目录中没有其指标",
            "their indicator is not in the catalogue",
            "tongxin hub catalogue publish <file>",
        ),
        RejectReason::FuturePeriod => (
            "周期尚未开始：请校准节点时钟",
            "their period has not begun: set the node's clock",
            "timedatectl set-ntp true",
        ),
        RejectReason::MalformedState | RejectReason::Shape => (
            "与定义不符：请升级节点，再核验",
            "they do not fit their definition: update the node, then verify it",
            "tongxin node verify --dir <node>",
        ),
        RejectReason::Conflict | RejectReason::Withheld => (
            "未能送达：请核验节点",
            "they did not get across: verify the node",
            "tongxin node verify --dir <node>",
        ),
    };
    Some(Alarm {
        kind: "rejected".to_owned(),
        what_zh: format!("{count} 个单元格被拒"),
        what_en: format!("{count} cells refused"),
        why_zh: zh.to_owned(),
        why_en: en.to_owned(),
        commands: vec![command.to_owned()],
    })
}

fn refused(items: &[String]) -> Option<Alarm> {
    let (first, count) = (items.first()?, items.len());
    Some(Alarm {
        kind: "refused".to_owned(),
        what_zh: format!("节点拒收 {count} 项定义（{first}）"),
        what_en: format!("the node refused {count} definitions ({first})"),
        why_zh: "原因见节点日志：涉及居民的定义须写明 residents（居住人数），其余请升级".to_owned(),
        why_en: "its log says why: definitions about residents want residents set in its \
                 config.toml, others a newer version"
            .to_owned(),
        commands: vec!["tongxin node serve --dir <node>".to_owned()],
    })
}

fn skew(line: &Line) -> Option<Alarm> {
    let skew = line.told.clock_skew;
    if skew.abs() <= SKEW {
        return None;
    }
    let off_s = skew.as_secs();
    Some(Alarm {
        kind: "clock".to_owned(),
        what_zh: format!("节点时钟差 {off_s} 秒"),
        what_en: format!("the node's clock is {off_s} s off"),
        why_zh: "事项会记到别的日期：请启用网络对时".to_owned(),
        why_en: "what it records may fall into another day: let it keep network time".to_owned(),
        commands: vec!["timedatectl set-ntp true".to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub_domain::{
        issuance::{Certificate, Serial},
        sync::line::{Marker, MarkerRetry, Quarantine},
    };
    use proto::{
        identity::StoreId,
        indicator::cell::{Breakdown, CellKey, IndicatorId, Order, Revision},
    };

    const NODE: &str = "510115001001";

    fn now() -> Timestamp {
        "2026-03-01T04:00:00Z".parse().unwrap()
    }

    fn sick(cause: Cause) -> Line {
        let mut line = Line::default();
        line.told.clock_skew = SignedDuration::from_mins(-6);
        line.quarantine = Some(Quarantine {
            since: now(),
            cause,
            store_id: StoreId([1; 16]),
            epoch: 1,
            lineage: 1,
            head_seq: 9,
        });
        let key = CellKey {
            indicator: IndicatorId(1),
            revision: Revision(1),
            period: "202603".parse().unwrap(),
            breakdown: Breakdown(0),
        };
        let marker = Marker {
            order: Order { lineage: 1, seq: 2 },
            hash: 0,
            reason: RejectReason::FuturePeriod,
            retry: MarkerRetry::OnChange,
        };
        line.rejected.insert(key, marker);
        line
    }

    fn member(left: SignedDuration) -> Member {
        Member {
            enrolled_at: now(),
            certificate: Certificate {
                serial: Serial::from_entropy([1; 16]),
                key_sha256: [0; 32],
                not_after: now() + left,
            },
            issued_at: now(),
            shown: None,
            shown_dates: None,
            revoked: None,
        }
    }

    #[test]
    fn a_healthy_node_has_no_alarm() {
        let (line, member) = (Line::default(), member(SignedDuration::from_hours(200)));
        assert!(
            alarms(&Known {
                node: NODE.parse().unwrap(),
                line: &line,
                member: Some(&member),
                raised: None,
                refused_items: &[],
                renewal_late: SignedDuration::from_hours(96),
                now: now(),
            })
            .is_empty()
        );
    }

    #[test]
    fn every_alarm_says_what_why_and_the_command_in_both_languages() {
        let stale = Cause::StaleEpoch {
            presented: 1,
            current: 2,
        };
        let mut kinds = Vec::new();
        let lasts = [
            SignedDuration::from_hours(5),
            SignedDuration::from_hours(-5),
        ];
        for (cause, left) in [stale, Cause::NothingShared].into_iter().zip(lasts) {
            let (line, member) = (sick(cause), member(left));
            let mut all = alarms(&Known {
                node: NODE.parse().unwrap(),
                line: &line,
                member: Some(&member),
                raised: Some("两个 · two".into()),
                refused_items: &["indicator/X@1".into()],
                renewal_late: SignedDuration::from_hours(96),
                now: now(),
            });
            all.extend(issuer(now() + left, now()));
            for alarm in &all {
                let texts = [&alarm.what_zh, &alarm.what_en, &alarm.why_zh, &alarm.why_en];
                assert!(texts.iter().all(|text| !text.is_empty()), "{alarm:?}");
                let english = [&alarm.what_en, &alarm.why_en];
                assert!(english.iter().all(|text| text.is_ascii()), "{alarm:?}");
                assert!(!alarm.commands.is_empty(), "{alarm:?}");
            }
            kinds = all.iter().map(|alarm| alarm.kind.clone()).collect();
        }
        assert_eq!(
            kinds,
            [
                "quarantined",
                "digest",
                "certificate",
                "rejected",
                "refused",
                "clock",
                "issuer"
            ]
        );
    }

    #[test]
    fn a_quarantined_node_names_its_ways_and_one_that_shares_nothing_cannot_adopt() {
        let ways = |cause| {
            let line = sick(cause);
            let known = Known {
                node: NODE.parse().unwrap(),
                line: &line,
                member: None,
                raised: None,
                refused_items: &[],
                renewal_late: SignedDuration::from_hours(96),
                now: now(),
            };
            alarms(&known).remove(0).commands
        };
        let all = [
            "tongxin hub adopt --community 510115001001",
            "tongxin hub restate --community 510115001001",
            "tongxin hub revoke community/510115001001 --reason lost",
        ];
        assert_eq!(ways(Cause::HeadBehind { head: 1, acked: 2 }), all);
        assert_eq!(ways(Cause::NothingShared), all[1..]);
    }
}
