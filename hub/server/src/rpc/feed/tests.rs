//! Nine centres follow one hub while it takes cells in: quick, slow, killed and
//! long away. Each ends with what a recount of the hub's cells says.

mod centre;

use std::{collections::BTreeMap, sync::Arc};

use hub_domain::{
    centre::{FIXED, Scope, Settings},
    event::{Asked, Founded},
    feed::Sight,
};
use jiff::Timestamp;
use proto::{
    identity::{LogId, Nonce, StoreId, Subject},
    indicator::{
        accumulator::Accumulator,
        catalogue::Catalogue,
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    },
    pb::hub as pb,
    place::Place,
    sync::{
        limits,
        uplink::{Batch, Hello},
    },
};
use proto_edge::clock::Clock;
use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Feeds, Followers};
use crate::store::{Memory, Store, Threads, create};
use centre::{Centre, Key, key_of};

const FIRST: &str = include_str!("../../../../../deploy/catalogue/first.toml");

fn now() -> Timestamp {
    "2026-03-01T04:00:00Z".parse().unwrap()
}

fn asked(name: &str) -> Asked {
    Asked {
        by: "operator/li".parse().unwrap(),
        request: name.parse().unwrap(),
    }
}

struct District {
    _dir: TempDir,
    feeds: Arc<Feeds>,
    threads: Threads,
    nodes: Vec<Node>,
}

struct Node {
    place: Place,
    epoch: u64,
    seq: u64,
}

impl District {
    async fn open(most_records: u64) -> District {
        let dir = tempfile::tempdir().unwrap();
        let founded = Founded {
            district: "wenjiang".parse().unwrap(),
            incarnation: 1,
            catalogue_log: LogId([7; 16]),
            zone: "Asia/Shanghai".to_owned(),
            at: now(),
        };
        create(dir.path(), [9; 16], &founded).unwrap();
        let (store, threads) = Store::open(dir.path(), Memory::default()).unwrap();
        let items = Catalogue::from_toml(FIRST).unwrap().items().collect();
        let published = store.publish(asked("publish"), items).await;
        published.unwrap().unwrap();
        let feeds = Arc::new(Feeds {
            store,
            clock: Clock::system(0),
            followers: Arc::new(Followers::default()),
            most_records,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let mut district = District {
            _dir: dir,
            feeds,
            threads,
            nodes: Vec::new(),
        };
        for code in ["510115001001", "510115001002", "510115003064"] {
            district.greet(code.parse().unwrap()).await;
        }
        district
    }

    fn store(&self) -> &Store {
        &self.feeds.store
    }

    async fn greet(&mut self, place: Place) {
        let hello = Hello {
            protocol_min: limits::PROTOCOL_MIN,
            protocol_max: limits::PROTOCOL_MAX,
            store_id: StoreId([1; 16]),
            lineage: 0,
            epoch: 0,
            nonce: Nonce([2; 16]),
            head_seq: 0,
            acked_hint: 0,
            seen_hub_incarnation: 0,
            catalogue_seq: 0,
            node_time: now(),
            software: "test".to_owned(),
            starts: Vec::new(),
            journal_head: None,
            shown: None,
        };
        let greeted = self.store().hello(place, hello, now()).await.unwrap();
        self.nodes.push(Node {
            place,
            epoch: greeted.welcome.unwrap().epoch,
            seq: 0,
        });
    }

    /// What a centre may see: indicators, places.
    async fn scope(&self, code: &str, reads: &[&str], places: &[&str]) {
        let settings = Settings {
            reads: reads.iter().map(|group| group.parse().unwrap()).collect(),
            places: places.iter().map(|place| place.parse().unwrap()).collect(),
            ..Settings::default()
        };
        let request = asked(&format!("{code}-{}-{}", reads.join(""), places.len()));
        let code = code.parse().unwrap();
        let set = self
            .store()
            .set_centre(request, code, settings, now())
            .await;
        set.unwrap().unwrap();
    }

    /// Every node reports some cells anew, and takes some back.
    async fn report(&mut self, round: u64) {
        let store = self.feeds.store.clone();
        for (at, node) in self.nodes.iter_mut().enumerate() {
            let from = node.seq;
            let cells: Vec<Cell> = (0..6u64)
                .map(|number| {
                    node.seq += 1;
                    let pick = (round * 7 + number * 3 + at as u64) % 40;
                    cell(node.seq, pick, (round + number).is_multiple_of(9))
                })
                .collect();
            let batch = Batch {
                from,
                through: node.seq,
                cells,
                withheld: Vec::new(),
                checkpoint: None,
                complete_until: None,
                coverage: None,
                journal_head: None,
            };
            let taken = store.batch(node.place, node.epoch, batch, None, None, now());
            let taken = taken.await.unwrap().unwrap();
            assert!(taken.rejected.is_empty(), "{:?}", taken.rejected);
        }
    }

    fn head(&self) -> u64 {
        *self.store().committed().borrow()
    }

    /// What the hub holds of what a centre sees.
    async fn recount(&self, code: &str) -> BTreeMap<Key, (Order, Vec<u8>)> {
        let log = self.store().catalogue();
        let subject = Subject::Centre(code.parse().unwrap());
        let scope = self.store().centres().scope(&subject);
        let sight = Sight::of(scope.clone(), log.catalogue());
        let mut held = BTreeMap::new();
        for node in &self.nodes {
            for cell in self.store().cells_of(node.place).await.unwrap() {
                if !cell.state.is_removed() && sight.sees(&cell.key) && scope.sees(node.place) {
                    let key = key_of(log.catalogue(), node.place, &cell.key);
                    held.insert(key, (cell.order, cell.state.bytes.to_vec()));
                }
            }
        }
        assert!(!held.is_empty() || scope == Scope::Nothing, "{code}");
        held
    }

    async fn close(self) {
        self.feeds.stop.cancel();
        self.feeds.tasks.close();
        self.feeds.tasks.wait().await;
        drop(self.feeds);
        self.threads.stop().await.unwrap();
    }
}

fn cell(seq: u64, pick: u64, is_removed: bool) -> Cell {
    let (indicator, period) = match pick % 2 {
        0 => (1, format!("202602{:02}", pick % 28 + 1)),
        _ => (2, "202602".to_owned()),
    };
    let held = match indicator {
        1 => Accumulator::Count(seq.into()),
        _ => Accumulator::Ratio {
            numerator: 1,
            denominator: seq.into(),
        },
    };
    let state = match is_removed {
        true => CellState::removed(),
        false => held.encode(),
    };
    Cell {
        key: CellKey {
            indicator: IndicatorId(indicator),
            revision: Revision(1),
            period: period.parse().unwrap(),
            breakdown: Breakdown::new([1 + (pick % 3) as u16, 1, 1 + (pick % 5) as u16]),
        },
        order: Order { lineage: 1, seq },
        state,
    }
}

async fn furnished(most_records: u64) -> District {
    let district = District::open(most_records).await;
    for (at, fixed) in FIXED.iter().enumerate() {
        let reads: &[&str] = if at % 3 == 1 { &["QS.R02"] } else { &["QS"] };
        let places: &[&str] = if at % 4 == 2 { &["510115001"] } else { &[] };
        district.scope(fixed.code, reads, places).await;
    }
    district
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_centres_end_with_a_recount_whatever_cuts_them_off() {
    let mut district = furnished(1_000_000).await;
    let [slow, killed, away] = ["support", "civil-affairs-data", "care"];
    let mut centres: BTreeMap<&str, Centre> = FIXED
        .iter()
        .map(|fixed| (fixed.code, Centre::new(&district.feeds, fixed.code)))
        .collect();
    for round in 0..20 {
        district.report(round).await;
    }
    let head = district.head();
    let away_centre = centres.get_mut(away).unwrap();
    away_centre.follow_until(head, 1_000, 8).await;

    let mut quick: Vec<_> = Vec::new();
    let mut slow_centre = centres.remove(slow).unwrap();
    let mut killed_centre = centres.remove(killed).unwrap();
    let mut away_centre = centres.remove(away).unwrap();
    // A month of work, in which the slow one takes one row for each round.
    let mut line = slow_centre.dial(1, 1).await;
    for round in 20..320 {
        district.report(round).await;
        if let Some(batch) = line.batch().await {
            slow_centre.take(&batch);
            line.ack(&batch).await;
        }
        if round % 6 == 0 {
            killed_centre
                .follow_and_die(10, 2, 1 + round as usize % 3)
                .await;
        }
        if round == 100 {
            quick = centres
                .into_values()
                .map(|mut centre| {
                    let head = district.feeds.store.committed();
                    tokio::spawn(async move {
                        centre.follow_to_target(head, 1_000, 8).await;
                        centre
                    })
                })
                .collect();
            centres = BTreeMap::new();
        }
    }
    assert_eq!(killed_centre.deaths, 50);
    let target = district.head();
    // Others are at the end while the slow one is not.
    for task in quick {
        let mut centre = task.await.unwrap();
        centre.follow_until(target, 1_000, 8).await;
        assert_eq!(centre.rows(), district.recount(&centre.code).await);
    }
    assert!(slow_centre.seq < target);
    drop(line);
    slow_centre.follow_until(target, 1, 1).await;
    killed_centre.follow_until(target, 10, 2).await;
    let before = away_centre.taken;
    away_centre.follow_until(target, 1_000, 8).await;
    // Cells changed many times are told once or a few times.
    let told = away_centre.taken - before;
    let changed = 300 * 3 * 6;
    assert!(told * 2 < changed, "{told} rows for {changed} changes");
    for centre in [slow_centre, killed_centre, away_centre] {
        assert_eq!(
            centre.rows(),
            district.recount(&centre.code).await,
            "{}",
            centre.code
        );
        assert!(centre.never_went_back, "{}", centre.code);
    }
    district.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_too_old_or_of_another_log_is_listed_anew() {
    let mut district = furnished(50).await;
    let mut centre = Centre::new(&district.feeds, "care");
    for round in 0..5 {
        district.report(round).await;
    }
    centre.follow_until(district.head(), 10, 8).await;
    assert_eq!(centre.listings, 1);
    for round in 5..8 {
        district.report(round).await;
    }
    centre.follow_until(district.head(), 10, 8).await;
    assert_eq!(centre.listings, 1);
    for round in 8..40 {
        district.report(round).await;
    }
    centre.follow_until(district.head(), 10, 8).await;
    assert_eq!(centre.listings, 2);
    assert_eq!(centre.rows(), district.recount("care").await);
    // A row that the hub lost with a restore goes with the next listing.
    let cursor = hub_domain::feed::Cursor::from_bytes(&centre.cursor).unwrap();
    let of_another = hub_domain::feed::Cursor {
        log: LogId([0; 16]),
        ..cursor
    };
    centre.cursor = of_another.to_bytes();
    centre.plant("510115001001");
    centre.follow_until(district.head(), 10, 8).await;
    assert_eq!(centre.listings, 3);
    assert_eq!(centre.rows(), district.recount("care").await);
    district.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_scope_ends_the_feed_and_the_next_one_shows_it() {
    let mut district = furnished(1_000_000).await;
    let mut centre = Centre::new(&district.feeds, "care");
    for round in 0..10 {
        district.report(round).await;
    }
    centre.follow_until(district.head(), 100, 8).await;
    let wide = centre.rows().len();
    let mut line = centre.dial(100, 8).await;
    district.scope("care", &["QS.R02"], &["510115003"]).await;
    district.report(10).await;
    assert_eq!(line.end().await, "SCOPE_CHANGED");
    centre.follow_until(district.head(), 100, 8).await;
    assert_eq!(centre.rows(), district.recount("care").await);
    assert!(centre.rows().len() < wide);

    // The newest stream of a centre counts.
    let support = Centre::new(&district.feeds, "support");
    let mut first = support.dial(1, 1).await;
    assert!(first.batch().await.is_some());
    let mut second = support.dial(1, 1).await;
    assert_eq!(first.end().await, "SUPERSEDED");
    assert!(second.batch().await.is_some());
    second.ack(&pb::FeedBatch::default()).await;
    assert_eq!(second.end().await, "INVALID_FIELDS");
    district.close().await;
}
