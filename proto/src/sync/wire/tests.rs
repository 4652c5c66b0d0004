//! What one end says, the other hears; what nobody may say is refused by field.

use std::time::Duration;

use prost::Message as _;

use crate::{
    digest::{BUCKETS, Bucket},
    identity::{LogId, Nonce, StoreId},
    indicator::cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    pb::sync as pb,
    sync::{
        downlink::*,
        head::{JournalHead, JournalPoint, LastRelease, Release},
        trial::Trial,
        uplink::*,
    },
};

fn key() -> CellKey {
    CellKey {
        indicator: IndicatorId(2),
        revision: Revision(1),
        period: "202609".parse().unwrap(),
        breakdown: Breakdown::new([3, 4]),
    }
}

fn cell(seq: u64) -> Cell {
    Cell {
        key: key(),
        order: Order { lineage: 1, seq },
        state: CellState {
            kind: 1,
            bytes: Box::new([7]),
        },
    }
}

fn rejected(reason: RejectReason, retry: Retry) -> Rejected {
    Rejected {
        key: key(),
        seq: 9,
        rejection: Rejection { reason, retry },
    }
}

fn hello() -> Hello {
    Hello {
        protocol_min: 1,
        protocol_max: 2,
        store_id: StoreId([3; 16]),
        lineage: 4,
        epoch: 5,
        nonce: Nonce([6; 16]),
        head_seq: 7,
        acked_hint: 8,
        seen_hub_incarnation: 9,
        catalogue_seq: 10,
        node_time: "1969-12-31T23:59:59.5Z".parse().unwrap(),
        software: "test".into(),
        starts: vec![StartId(1), StartId(u64::MAX)],
        journal_head: Some(Box::new(head())),
        shown: Some(head().point),
    }
}

fn head() -> JournalHead {
    JournalHead {
        log: StoreId([3; 16]),
        point: JournalPoint {
            size: 12,
            root: [4; 32],
        },
        chain: [5; 32],
        time_ms: 6,
        public_key: [7; 32],
        signature: [8; 64],
        release: Some(Box::new(Release {
            node: "510115003064".parse().unwrap(),
            records: 11,
            previous: [9; 32],
            lineage: 4,
            through: 9,
            cells: Checkpoint {
                count: 3,
                root: [10; 32],
            },
            catalogue_seq: 12,
            software: "test".into(),
            signature: [11; 64],
        })),
    }
}

fn reclaim(mode: ReclaimMode, since: Since) -> Down {
    Down::Reclaim(Reclaim {
        mode,
        epoch: 5,
        lineage: 4,
        acked: 9,
        hub_incarnation: 2,
        since,
    })
}

#[test]
fn whatever_a_node_says_arrives() {
    let batch = Batch {
        from: 4,
        through: 9,
        cells: vec![cell(5), cell(8)],
        withheld: vec![Withheld::from(&cell(6))],
        checkpoint: Some(Checkpoint {
            count: 3,
            root: [9; 32],
        }),
        complete_until: Some("2026-09-03T00:00:00.25Z".parse().unwrap()),
        coverage: None,
        journal_head: Some(Box::new(head())),
    };
    let bucket = Bucket {
        count: 3,
        sum: u128::MAX - 5,
    };
    let listing = Listing {
        bucket: 255,
        through: 9,
        cells: vec![cell(5)],
        withheld: batch.withheld.clone(),
        last: true,
    };
    let all = [
        Up::Hello(hello()),
        Up::Batch(batch),
        Up::Batch(Batch::default()),
        Up::Demand(Demand {
            waiting: true,
            returned_bytes: 77,
        }),
        Up::Sums(Sums {
            through: 9,
            buckets: vec![bucket; BUCKETS],
        }),
        Up::Listing(listing),
        Up::More,
        Up::Bye,
    ];
    for up in all {
        let sent = pb::UplinkRequest::try_from(&up).unwrap().encode_to_vec();
        let heard = pb::UplinkRequest::decode(sent.as_slice()).unwrap();
        assert_eq!(Up::try_from(heard), Ok(up));
    }
}

#[test]
fn whatever_a_hub_answers_arrives() {
    let refused = RejectReason::ALL.map(|reason| rejected(reason, Retry::OnChange));
    let all = [
        Down::Welcome(Welcome {
            protocol: 1,
            hub_incarnation: 2,
            epoch: 3,
            lineage: 4,
            acked: 5,
            hub_time: "2026-09-03T00:00:00Z".parse().unwrap(),
            rejected: vec![rejected(RejectReason::Shape, Retry::PastCatalogue(0))],
            released: Some(LastRelease {
                id: [6; 32],
                through: 7,
            }),
        }),
        Down::Ack(Ack {
            through: 9,
            applied: 1,
            stale: 2,
            rejected: refused.to_vec(),
        }),
        Down::Ack(Ack {
            rejected: vec![rejected(
                RejectReason::FuturePeriod,
                Retry::After(Duration::from_millis(1500)),
            )],
            ..Ack::default()
        }),
        Down::Credit { bytes: 0 },
        Down::Show { size: u64::MAX },
        Down::Want(DigestWant::Sums),
        Down::Want(DigestWant::Buckets(vec![0, 255])),
        Down::Agreed { through: 9 },
        Down::Drain(Drain {
            reconnect_window: Duration::from_secs(120),
        }),
        reclaim(ReclaimMode::Adopt, Since::Start(StartId(7))),
        reclaim(ReclaimMode::Restate, Since::Beginning),
        reclaim(ReclaimMode::Restate, Since::Now),
        Down::Returned(Returned {
            cells: vec![cell(5)],
            last: true,
        }),
        Down::Returned(Returned::default()),
    ];
    for down in all {
        let sent = pb::UplinkResponse::try_from(&down).unwrap().encode_to_vec();
        let heard = pb::UplinkResponse::decode(sent.as_slice()).unwrap();
        assert_eq!(Down::try_from(heard), Ok(down));
    }
}

#[test]
fn the_catalogue_arrives_and_is_receipted() {
    let cursor = Cursor {
        log_id: LogId([1; 16]),
        seq: 2,
    };
    let item = |kind| Item::new(cursor, "indicator/X@1".into(), kind, Box::new([1, 2]));
    let issues = [
        Issue::Item(item(ItemKind::Indicator)),
        Issue::Item(item(ItemKind::Dimension)),
        Issue::Item(item(ItemKind::Derived)),
        Issue::Item(item(ItemKind::DryRun)),
        Issue::Item(item(ItemKind::Retired)),
        Issue::Item(item(ItemKind::Unknown(77))),
        Issue::Relist(Relist { cursor, items: 3 }),
        Issue::CaughtUp(cursor),
    ];
    for issue in issues {
        let sent = pb::DownlinkResponse::from(&issue).encode_to_vec();
        let heard = pb::DownlinkResponse::decode(sent.as_slice()).unwrap();
        assert_eq!(Issue::try_from(heard), Ok(issue));
    }
    let refused = Refused {
        seq: 2,
        item_id: "indicator/X@1".into(),
        reason: "KIND_UNSUPPORTED".into(),
        detail: "item kind 77".into(),
    };
    let receipts = [
        Receipt::Open(None),
        Receipt::Open(Some(cursor)),
        Receipt::Ack(Taken {
            seq: 2,
            refused: vec![refused],
            trials: vec![Trial {
                rollout: 4,
                facts: 3,
                took_ms: 2,
                counts: Vec::new(),
                unrecorded: vec!["case.rated".into()],
            }],
        }),
    ];
    for receipt in receipts {
        let sent = pb::DownlinkRequest::from(&receipt).encode_to_vec();
        let heard = pb::DownlinkRequest::decode(sent.as_slice()).unwrap();
        assert_eq!(Receipt::try_from(heard), Ok(receipt));
    }
}

#[test]
fn what_cannot_be_is_refused_by_field() {
    type Spoil = fn(&mut pb::Hello);
    let spoilt: [(&str, Spoil); 5] = [
        ("journal_head.chain", |hello| {
            let head = hello.journal_head.as_mut().expect("a head");
            head.chain = vec![1; 31].into()
        }),
        ("hello.store_id", |hello| {
            hello.store_id = vec![1; 15].into()
        }),
        ("hello.nonce", |hello| hello.nonce = Vec::new().into()),
        ("hello.node_time", |hello| hello.node_time = None),
        ("hello.node_time", |hello| {
            let nanos = -1;
            hello.node_time = Some(prost_types::Timestamp { seconds: 0, nanos });
        }),
    ];
    for (field, spoil) in spoilt {
        let mut wire = pb::Hello::from(&hello());
        spoil(&mut wire);
        assert_eq!(Hello::try_from(wire).unwrap_err().field, field);
    }
    let detail = |detail| {
        let message = Some(pb::uplink_request::Message::DigestDetail(detail));
        Up::try_from(pb::UplinkRequest { message })
    };
    let none = pb::DigestDetail::default();
    assert_eq!(
        detail(none.clone()).unwrap_err().field,
        "digest_detail.sums"
    );
    let far = pb::DigestDetail {
        bucket: Some(256),
        ..none
    };
    assert_eq!(detail(far).unwrap_err().field, "digest_detail.bucket");
    let empty = pb::UplinkRequest { message: None };
    assert_eq!(Up::try_from(empty).unwrap_err().field, "message");
}
