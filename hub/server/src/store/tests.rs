//! The store over restarts and damage: what was answered stays, whatever became
//! of the view.

use std::{fs, path::Path};

use hub_domain::{
    event::Founded,
    network::Reached,
    query::{Asked as AskedIndicator, Group, Request, World, resolve},
    sync::release::Countersignature,
};
use proto::{
    identity::{LogId, Nonce, RequestId, StoreId, Subject},
    indicator::{
        accumulator::Accumulator,
        catalogue::Catalogue,
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
    },
    period::Period,
    sync::{
        head::{JournalHead, JournalPoint, LastRelease, Release},
        limits,
        uplink::{Checkpoint, Welcome},
    },
};

use super::*;

const FIRST: &str = include_str!("../../../../deploy/catalogue/first.toml");

fn now() -> Timestamp {
    "2026-03-01T04:00:00Z".parse().unwrap()
}

fn founded() -> Founded {
    Founded {
        district: "wenjiang".parse().unwrap(),
        incarnation: 1,
        catalogue_log: LogId([7; 16]),
        zone: "Asia/Shanghai".to_owned(),
        at: now(),
    }
}

fn asked(name: &str) -> Asked {
    let by: Subject = "operator/li".parse().unwrap();
    let request: RequestId = name.parse().unwrap();
    Asked { by, request }
}

fn node(last: u16) -> Place {
    format!("510115001{last:03}").parse().unwrap()
}

fn cell(seq: u64, day: u8, count: u32) -> Cell {
    let mut state = Accumulator::empty(proto::indicator::kind::Kind::Count);
    for _ in 0..count {
        state
            .apply(&proto::indicator::accumulator::Change::Count)
            .unwrap();
    }
    let period: Period = format!("202602{day:02}").parse().unwrap();
    Cell {
        key: CellKey {
            indicator: IndicatorId(1),
            revision: Revision(1),
            period,
            breakdown: Breakdown::new([1, 1, 1]),
        },
        order: Order { lineage: 1, seq },
        state: state.encode(),
    }
}

fn hello() -> Hello {
    Hello {
        protocol_min: limits::PROTOCOL_MIN,
        protocol_max: limits::PROTOCOL_MAX,
        store_id: StoreId([1; 16]),
        lineage: 0,
        epoch: 0,
        nonce: Nonce([2; 16]),
        head_seq: 10,
        acked_hint: 0,
        seen_hub_incarnation: 0,
        catalogue_seq: 0,
        node_time: now(),
        software: "test".to_owned(),
        starts: Vec::new(),
        journal_head: None,
        shown: None,
    }
}

fn batch(from: u64, cells: Vec<Cell>) -> Batch {
    Batch {
        from,
        through: cells
            .iter()
            .map(|cell| cell.order.seq)
            .max()
            .unwrap_or(from),
        cells,
        withheld: Vec::new(),
        checkpoint: None,
        complete_until: Some(now()),
        coverage: None,
        journal_head: None,
    }
}

/// What the first batch brings to an end.
fn reached() -> Reached {
    Reached {
        month: "202602".parse().unwrap(),
        at: now(),
    }
}

/// A store with the first catalogue and one batch of `node(1)`.
async fn filled(dir: &Path) -> (Store, Threads) {
    create(dir, [9; 16], &founded()).unwrap();
    let (store, threads) = Store::open(dir, Memory::default()).unwrap();
    let items = Catalogue::from_toml(FIRST).unwrap().items().collect();
    store
        .publish(asked("publish"), items)
        .await
        .unwrap()
        .unwrap();
    let welcome = store
        .hello(node(1), hello(), now())
        .await
        .unwrap()
        .welcome
        .unwrap();
    let first = batch(0, vec![cell(1, 1, 3), cell(2, 2, 4)]);
    let accepted = store
        .batch(node(1), welcome.epoch, first, None, None, now())
        .await
        .unwrap();
    assert_eq!(accepted.unwrap().applied, 2);
    (store, threads)
}

/// The February total, once the view has caught up.
async fn february(store: &Store) -> i64 {
    let head = store.journal_head().await.unwrap().size;
    store
        .applied()
        .wait_for(|applied| *applied >= head)
        .await
        .unwrap();
    let catalogue = store.catalogue();
    let month: Period = "202602".parse().unwrap();
    let request = Request {
        indicators: vec![AskedIndicator {
            code: "QS.R01".to_owned(),
            revision: None,
        }],
        place: Place::COUNTRY,
        from: month,
        to: month,
        grain: None,
        group: Group::default(),
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: None,
    };
    let measures = resolve(&request, catalogue.catalogue()).unwrap();
    let (register, roster) = (store.register(), store.roster());
    let world = World {
        register: &register,
        roster: &roster,
        now: now(),
        zone: store.zone(),
    };
    let rows = store.answer(&request, &measures, world).unwrap();
    rows.iter().map(|row| row.value.number as i64).sum()
}

#[tokio::test]
async fn what_was_acknowledged_survives_restart_and_loss_of_the_view() {
    let dir = tempfile::tempdir().unwrap();
    let (store, threads) = filled(dir.path()).await;
    assert_eq!(february(&store).await, 7);
    let digest = store.digest(node(1)).await.unwrap();
    drop(store);
    threads.stop().await.unwrap();

    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("nothing", |_| {}),
        ("view deleted", |dir| {
            fs::remove_dir_all(dir.join("view")).unwrap()
        }),
        ("mark deleted", |dir| {
            fs::remove_file(dir.join("view.mark")).unwrap()
        }),
        ("view cut", |dir| {
            let db = fs::File::options()
                .write(true)
                .open(dir.join("view/db"))
                .unwrap();
            db.set_len(db.metadata().unwrap().len() / 2).unwrap();
        }),
    ];
    for (what, damage) in damages {
        damage(dir.path());
        let (store, threads) = Store::open(dir.path(), Memory::default()).unwrap();
        assert_eq!(february(&store).await, 7, "{what}");
        assert_eq!(store.digest(node(1)).await.unwrap(), digest, "{what}");
        let line = store.line(node(1)).unwrap();
        assert_eq!((line.acked, line.reached), (2, vec![reached()]), "{what}");
        assert!(store.catalogue().head() > 0, "{what}");
        drop(store);
        threads.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_batch_sent_again_changes_nothing_and_older_never_wins() {
    let dir = tempfile::tempdir().unwrap();
    let (store, threads) = filled(dir.path()).await;
    let epoch = store.line(node(1)).unwrap().epoch;
    let before = store.digest(node(1)).await.unwrap();

    let again = batch(0, vec![cell(1, 1, 3), cell(2, 2, 4)]);
    let refused = store
        .batch(node(1), epoch, again, None, None, now())
        .await
        .unwrap();
    assert!(matches!(
        refused,
        Err(batch::Refusal::CursorGap { expected: 2, .. })
    ));
    assert_eq!(store.digest(node(1)).await.unwrap(), before);

    let newer = batch(2, vec![cell(3, 1, 9)]);
    store
        .batch(node(1), epoch, newer, None, None, now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(february(&store).await, 13);
    let reached_now = store.line(node(1)).unwrap().reached;
    assert_eq!(reached_now, [reached()], "no month has ended since");
    drop(store);
    threads.stop().await.unwrap();
}

#[tokio::test]
async fn a_request_repeated_after_a_restart_gets_its_first_answer() {
    let dir = tempfile::tempdir().unwrap();
    let (store, threads) = filled(dir.path()).await;
    drop(store);
    threads.stop().await.unwrap();
    let (store, threads) = Store::open(dir.path(), Memory::default()).unwrap();
    let published = store
        .publish(asked("publish"), Vec::new())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((published.added, published.unchanged), (10, 0));
    drop(store);
    threads.stop().await.unwrap();
}

/// A head whose release follows `previous`.
fn released(previous: LastRelease, through: u64, welcome: &Welcome) -> Batch {
    let cells = Checkpoint {
        count: through,
        root: [through as u8; 32],
    };
    let release = Release {
        node: node(1),
        records: through,
        previous: previous.id,
        lineage: welcome.lineage,
        through,
        cells,
        catalogue_seq: 1,
        software: "test".to_owned(),
        signature: [6; 64],
    };
    let head = JournalHead {
        log: StoreId([1; 16]),
        point: JournalPoint {
            size: through,
            root: [through as u8; 32],
        },
        chain: [3; 32],
        time_ms: through,
        public_key: [4; 32],
        signature: [5; 64],
        release: Some(Box::new(release)),
    };
    Batch {
        checkpoint: Some(cells),
        journal_head: Some(Box::new(head)),
        ..batch(previous.through, vec![cell(through, through as u8, 1)])
    }
}

#[tokio::test]
async fn every_release_is_kept_countersigned_and_given_out_by_pages() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path(), [9; 16], &founded()).unwrap();
    let (store, threads) = Store::open(dir.path(), Memory::default()).unwrap();
    let items = Catalogue::from_toml(FIRST).unwrap().items().collect();
    let published = store.publish(asked("publish"), items).await.unwrap();
    assert!(published.is_ok());
    let greeted = store.hello(node(1), hello(), now()).await.unwrap();
    let welcome = greeted.welcome.unwrap();
    assert_eq!(welcome.released, Some(LastRelease::default()));
    let mut last = LastRelease::default();
    let mut ids = Vec::new();
    for through in 1..=5 {
        let batch = released(last, through, &welcome);
        let again = batch.clone();
        let id = batch.journal_head.as_ref().unwrap().release_id().unwrap();
        let taken = store
            .batch(node(1), welcome.epoch, batch, None, None, now())
            .await;
        assert_eq!(taken.unwrap().unwrap().applied, 1);
        // Whoever leaves one out, or says it twice, is refused.
        let forked = Batch {
            from: through,
            ..again
        };
        let refused = store
            .batch(node(1), welcome.epoch, forked, None, None, now())
            .await;
        assert!(matches!(
            refused.unwrap(),
            Err(batch::Refusal::Malformed(_))
        ));
        last = LastRelease { id, through };
        ids.push(id);
    }
    let exported = store.export(node(1)).await.unwrap();
    assert_eq!((exported.acked, exported.released), (5, last));
    assert_eq!(exported.cells.len(), 5);

    let mut kept = store.releases(node(1), 0, 2).unwrap();
    let (after, _) = kept[1];
    kept.extend(store.releases(node(1), after, 10).unwrap());
    let found: Vec<_> = kept.iter().map(|(_, one)| one.head.release_id()).collect();
    assert_eq!(found, ids.iter().copied().map(Some).collect::<Vec<_>>());
    for ((_, one), id) in kept.iter().zip(&ids) {
        let under = &one.countersignature;
        let key =
            ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, under.public_key);
        let signed = Countersignature::signed_bytes(id, under.time_ms, under.incarnation);
        assert!(key.verify(&signed, &under.signature).is_ok());
    }
    assert_eq!(store.releases(node(2), 0, 10).unwrap(), []);
    drop(store);
    threads.stop().await.unwrap();

    // They come back from the journal, with the same countersignatures.
    fs::remove_dir_all(dir.path().join("view")).unwrap();
    let (store, threads) = Store::open(dir.path(), Memory::default()).unwrap();
    assert_eq!(store.releases(node(1), 0, 10).unwrap(), kept);
    assert_eq!(store.line(node(1)).unwrap().released, last);
    drop(store);
    threads.stop().await.unwrap();
}
