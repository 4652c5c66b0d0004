//! What one end says, the other hears; what nobody may say is refused by field.

use std::time::Duration;

use jiff::Timestamp;
use prost::Message as _;

use crate::{
    digest::{BUCKETS, Bucket},
    identity::{LogId, Nonce, StoreId},
    indicator::cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    pb::sync as pb,
    place::Place,
    sync::{
        assignment::{Assignment, Claim, ClaimState},
        coverage::Coverage,
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

fn community(code: &str) -> Place {
    code.parse().unwrap()
}

fn assignment(number: u32, is_yours: bool) -> Assignment {
    Assignment {
        community: community("510115003064"),
        number,
        is_yours,
        asked_at: is_yours.then(|| "2026-09-03T00:00:00Z".parse().unwrap()),
    }
}

fn coverage() -> Coverage {
    let at: Timestamp = "2026-09-03T00:00:00Z".parse().unwrap();
    let claim = |code, number, state| Claim {
        community: community(code),
        number,
        state,
    };
    let wanted = ClaimState::Wanted { asked_at: at };
    Coverage::new([(Some(at), 3), (None, 2)]).with_claims(vec![
        claim("110101001001", 3, ClaimState::Counted),
        claim("510115003064", 0, wanted),
        claim("659010001001", u32::MAX, ClaimState::Absent),
    ])
}

#[test]
fn claims_and_assignments_that_cannot_be_are_named() {
    type Spoil = fn(&mut pb::Coverage);
    let wrong: [(&str, Spoil); 5] = [
        ("coverage.claims", |said| said.claims.swap(0, 1)),
        ("coverage.claims", |said| {
            said.claims = vec![said.claims[0]; 4097];
        }),
        ("coverage.claims.community", |said| {
            said.claims[0].community = 1_000_000_000_000;
        }),
        ("coverage.claims.community", |said| {
            said.claims[0].community = u64::MAX;
        }),
        ("coverage.claims.asked_at", |said| {
            said.claims[1].asked_at = None;
        }),
    ];
    for (field, spoil) in wrong {
        let mut said = pb::Coverage::from(&coverage());
        spoil(&mut said);
        assert_eq!(Coverage::try_from(said).unwrap_err().field, field);
    }
    // A state of a newer build says nothing to this one.
    let mut said = pb::Coverage::from(&coverage());
    said.claims[0].state = 99;
    assert_eq!(Coverage::try_from(said).unwrap().claims.len(), 2);
}

/// One of each kind at least.
pub(super) fn ups() -> Vec<Up> {
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
        coverage: Some(coverage()),
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
    vec![
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
    ]
}

#[test]
fn whatever_a_node_says_arrives() {
    for up in ups() {
        let sent = pb::UplinkRequest::try_from(&up).unwrap().encode_to_vec();
        let heard = pb::UplinkRequest::decode(sent.as_slice()).unwrap();
        assert_eq!(Up::try_from(heard), Ok(up));
    }
}

pub(super) fn downs() -> Vec<Down> {
    let refused = RejectReason::ALL.map(|reason| rejected(reason, Retry::OnChange));
    vec![
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
            assignments: vec![assignment(1, true), assignment(u32::MAX, false)],
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
    ]
}

#[test]
fn whatever_a_hub_answers_arrives() {
    for down in downs() {
        let sent = pb::UplinkResponse::try_from(&down).unwrap().encode_to_vec();
        let heard = pb::UplinkResponse::decode(sent.as_slice()).unwrap();
        assert_eq!(Down::try_from(heard), Ok(down));
    }
}

fn cursor() -> Cursor {
    Cursor {
        log_id: LogId([1; 16]),
        seq: 2,
    }
}

pub(super) fn issues() -> Vec<Issue> {
    let cursor = cursor();
    let item = |kind| Item::new(cursor, "indicator/X@1".into(), kind, Box::new([1, 2]));
    vec![
        Issue::Item(item(ItemKind::Indicator)),
        Issue::Item(item(ItemKind::Dimension)),
        Issue::Item(item(ItemKind::Derived)),
        Issue::Item(item(ItemKind::DryRun)),
        Issue::Item(item(ItemKind::Retired)),
        Issue::Item(item(ItemKind::Unknown(77))),
        Issue::Relist(Relist { cursor, items: 3 }),
        Issue::CaughtUp(cursor),
    ]
}

pub(super) fn receipts() -> Vec<Receipt> {
    let refused = Refused {
        seq: 2,
        item_id: "indicator/X@1".into(),
        reason: "KIND_UNSUPPORTED".into(),
        detail: "item kind 77".into(),
    };
    vec![
        Receipt::Open(None),
        Receipt::Open(Some(cursor())),
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
    ]
}

#[test]
fn the_catalogue_arrives_and_is_receipted() {
    for issue in issues() {
        let sent = pb::DownlinkResponse::from(&issue).encode_to_vec();
        let heard = pb::DownlinkResponse::decode(sent.as_slice()).unwrap();
        assert_eq!(Issue::try_from(heard), Ok(issue));
    }
    for receipt in receipts() {
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
