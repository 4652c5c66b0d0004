//! Whole sessions over loopback with the real store behind them.

mod district;

use proto::{
    digest::bucket_of,
    indicator::catalogue::Catalogue,
    sync::{
        downlink::{Cursor, Issue, Receipt, Taken},
        uplink::{DigestWant, Down, Listing, RejectReason, Sums, Up},
    },
};
use proto_edge::problem::reason_of;

use super::*;
use crate::store::Memory;
use district::*;

#[tokio::test(flavor = "multi_thread")]
async fn cells_are_acknowledged_and_both_ends_agree() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let district = District::open(dir.path()).await;
    let mut node = district.uplink().await;
    let welcome = node.greet(0, 1).await;
    assert_eq!((welcome.epoch, welcome.lineage, welcome.acked), (1, 1, 0));
    assert!(node.credit().await > 0);
    let cells = vec![cell(1, 1, 1), cell(1, 2, 2), cell(900, 3, 3)];
    let mut all = batch(0, cells.clone());
    all.checkpoint = checkpoint(&digest(&cells));
    let ack = node.send(all).await;
    assert_eq!((ack.through, ack.applied, ack.stale), (3, 2, 0));
    let reason = ack.rejected[0].rejection.reason;
    assert_eq!(reason, RejectReason::UnknownIndicator);
    // The refused cell counts on both sides.
    assert_eq!(node.hear().await, Down::Agreed { through: 3 });
    node.say(Up::Bye).await;
    assert_eq!(node.end().await, "OK");
    assert_eq!(district.heard.of(self::node()).head_seq, 10);
    district.close().await;

    let (store, threads) = Store::open(dir.path(), Memory::default()).unwrap();
    let line = store.line(self::node()).unwrap();
    assert_eq!((line.acked, line.rejected.len()), (3, 1));
    assert_eq!(line.agreed.unwrap().through, 3);
    threads.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cut_in_the_middle_goes_on_where_the_hub_is() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let district = District::open(dir.path()).await;
    let mut node = district.uplink().await;
    node.greet(0, 1).await;
    node.credit().await;
    let first = batch(0, vec![cell(1, 1, 1)]);
    node.say(Up::Batch(first.clone())).await;
    node.hear().await;
    drop(node);

    let mut node = district.uplink().await;
    let welcome = node.greet(1, 2).await;
    assert_eq!((welcome.epoch, welcome.acked), (2, 1));
    node.credit().await;
    let ack = node.send(batch(1, vec![cell(1, 2, 2)])).await;
    assert_eq!((ack.through, ack.applied), (2, 1));
    node.say(Up::Batch(first)).await;
    assert_eq!(node.end().await, "CURSOR_GAP");
    district.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_session_wins_and_an_old_store_is_kept_out() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let district = District::open(dir.path()).await;
    let (mut first, mut second) = (district.uplink().await, district.uplink().await);
    first.greet(0, 1).await;
    second.greet(1, 2).await;
    assert_eq!(first.end().await, "SUPERSEDED");
    let mut copy = district.uplink().await;
    copy.say(hello(1, 3)).await;
    assert_eq!(copy.end().await, "EPOCH_STALE");
    district.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_said_ends_the_session_by_name() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let district = District::open(dir.path()).await;
    let mut early = district.uplink().await;
    early.say(Up::Bye).await;
    assert_eq!(early.end().await, "MALFORMED");
    let mut empty = district.uplink().await;
    let nothing = pb::UplinkRequest { message: None };
    empty.say.send(nothing).await.unwrap();
    assert_eq!(empty.end().await, "MALFORMED");
    let mut greedy = district.uplink().await;
    greedy.greet(0, 1).await;
    greedy.say(Up::Batch(batch(0, vec![cell(1, 1, 1)]))).await;
    assert_eq!(greedy.end().await, "MALFORMED");
    district.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_stops_asks_its_nodes_to_come_back() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let district = District::open(dir.path()).await;
    let mut node = district.uplink().await;
    node.greet(0, 1).await;
    district.stop.cancel();
    assert!(matches!(node.hear().await, Down::Drain(_)));
    node.say(Up::Bye).await;
    assert_eq!(node.end().await, "OK");
    district.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_found_and_its_bucket_repaired() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let district = District::open(dir.path()).await;
    let mut node = district.uplink().await;
    node.greet(0, 1).await;
    node.credit().await;
    // The node holds one more than it sends.
    let (sent, missing) = (cell(1, 1, 1), cell(1, 2, 2));
    let held = digest(&[sent.clone(), missing.clone()]);
    let mut short = batch(0, vec![sent.clone()]);
    (short.through, short.checkpoint) = (2, checkpoint(&held));
    assert_eq!(node.send(short).await.applied, 1);
    assert_eq!(node.hear().await, Down::Want(DigestWant::Sums));
    node.say(Up::Sums(Sums {
        through: 2,
        buckets: held.buckets().to_vec(),
    }))
    .await;
    let bucket = bucket_of(&missing.key);
    assert_eq!(
        node.hear().await,
        Down::Want(DigestWant::Buckets(vec![bucket]))
    );
    let mut cells = vec![sent, missing];
    cells.retain(|cell| bucket_of(&cell.key) == bucket);
    node.say(Up::Listing(Listing {
        bucket,
        through: 2,
        cells,
        withheld: Vec::new(),
        last: true,
    }))
    .await;
    let mut again = batch(2, Vec::new());
    again.checkpoint = checkpoint(&held);
    assert_eq!(node.send(again).await.through, 2);
    assert_eq!(node.hear().await, Down::Agreed { through: 2 });
    assert!(
        district
            .store
            .line(self::node())
            .unwrap()
            .repaired_at
            .is_some()
    );
    drop(node);
    district.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_listed_then_followed() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let district = District::open(dir.path()).await;
    let (say, said) = mpsc::channel(8);
    let answer = district.client().downlink(ReceiverStream::new(said)).await;
    let mut heard = answer.unwrap().into_inner();
    let say = async |receipt: Receipt| say.send((&receipt).into()).await.unwrap();
    let mut hear = async || {
        let message = soon(heard.message()).await.unwrap().unwrap();
        Issue::try_from(message).unwrap()
    };
    say(Receipt::Open(None)).await;
    let Issue::Relist(relist) = hear().await else {
        panic!("want a relist");
    };
    assert_eq!(relist.cursor.seq, u64::from(relist.items));
    for _ in 0..relist.items {
        assert!(matches!(hear().await, Issue::Item(item) if item.is_intact()));
    }
    assert_eq!(hear().await, Issue::CaughtUp(relist.cursor));
    let seq = relist.cursor.seq;
    let refused = Vec::new();
    say(Receipt::Ack(Taken {
        seq,
        refused,
        ..Taken::default()
    }))
    .await;

    let heating = "{ id = 12, code = \"heating\", name_zh = \"供暖\", name_en = \"Heating\" },";
    let longer = FIRST.replacen("{ id = 99,", &format!("{heating}\n  {{ id = 99,"), 1);
    let items = Catalogue::from_toml(&longer).unwrap().items().collect();
    let published = district.store.publish(asked("again"), items).await;
    let published = published.unwrap().unwrap();
    assert_eq!((published.catalogue_seq, published.added), (seq + 1, 1));
    let next = Cursor {
        seq: seq + 1,
        ..relist.cursor
    };
    assert!(matches!(hear().await, Issue::Item(item) if item.cursor == next));
    assert_eq!(hear().await, Issue::CaughtUp(next));
    let took = async {
        while district.heard.of(node()).catalogue_seq != seq {
            tokio::task::yield_now().await;
        }
    };
    soon(took).await;
    district.stop.cancel();
    assert_eq!(
        reason_of(&soon(heard.message()).await.unwrap_err()).unwrap(),
        "BUSY"
    );
    district.close().await;
}
