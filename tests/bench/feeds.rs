//! Nine centres follow the hub while a district's cells arrive: what they are
//! sent a second, what that takes from the nodes, and how soon a centre has a
//! case that a node has acknowledged.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use hub_domain::centre::FIXED;
use proto::pb::hub as pb;
use proto_edge::hub::{
    centre_service_client::CentreServiceClient, feed_service_client::FeedServiceClient,
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Streaming, transport::Channel};

use crate::{
    Bench,
    cells::{self, PER_NODE},
    figures::{Load, Row, per_second, size},
    harness::{District, calls::Caller, district::RUIQUAN, process::tongxin_ok},
    hub::Hub,
    line::Line,
    usage,
};

const REPORTS: usize = 30;
/// The interval of the harness's nodes.
const QUIET: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(300);

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let communities = bench.followed();
    let total = communities as f64 * PER_NODE as f64;
    let alone = ingest(bench, "alone", communities, false)?;
    let followed = ingest(bench, "followed", communities, true)?;
    let ratio = followed.rate / alone.rate;
    let sent = followed.rows as f64 / followed.took.as_secs_f64();
    let what = format!("feeds, 9 centres, {} cell changes", size(total as usize));
    bench.figures.add(
        Row::new(what)
            .figure(format!("{} changes", per_second(sent)))
            .goal(format!("ingest {ratio:.2} of that without (≥ 0.8)"), ratio >= 0.8)
            .note(format!(
                "rows {}, all at the end after {:.1} s; ingest {} alone, {} followed; hub at most {:.0} MiB, {:.0} alone",
                size(followed.rows),
                followed.took.as_secs_f64(),
                per_second(alone.rate),
                per_second(followed.rate),
                followed.peak_mib,
                alone.peak_mib,
            )),
    );
    end_to_end(bench)
}

struct Ingest {
    /// Acknowledged cells a second.
    rate: f64,
    /// Rows that all centres were sent, and how long until the last had its last.
    rows: usize,
    took: Duration,
    peak_mib: f64,
}

fn ingest(
    bench: &mut Bench,
    name: &str,
    communities: usize,
    is_followed: bool,
) -> anyhow::Result<Ingest> {
    let dir = bench.dir("hubs")?.join(format!("feeds-{name}"));
    let mut hub = Hub::found(&bench.runtime, dir.clone(), communities)?;
    hub.start(&bench.runtime)?;
    let mut followers = JoinSet::new();
    let total = communities * PER_NODE as usize;
    if is_followed {
        bench.runtime.block_on(open_all(&hub))?;
        for at in 0..FIXED.len() {
            let _entered = bench.runtime.enter();
            let channel = hub.centre(at)?;
            let follows = async move {
                let mut follower = Follower::begin(channel).await?;
                follower.until(total).await?;
                anyhow::Ok(follower.rows)
            };
            followers.spawn_on(follows, bench.runtime.handle());
        }
    }
    let months = cells::months();
    let began = Instant::now();
    let mut sending = JoinSet::new();
    for node in 0..communities {
        let channel = {
            let _entered = bench.runtime.enter();
            hub.node(node)?
        };
        let checkpoint = cells::checkpoint(&months, node, 1);
        let sends = async move { Line::new(node).send(channel, 1, checkpoint).await };
        sending.spawn_on(sends, bench.runtime.handle());
    }
    let mut acked = began;
    while let Some(sent) = bench.runtime.block_on(sending.join_next()) {
        acked = acked.max(sent??.acked);
    }
    let mut rows = 0;
    while let Some(followed) = bench.runtime.block_on(followers.join_next()) {
        rows += followed??;
    }
    let took = began.elapsed();
    let peak_mib = usage::peak_mib(hub.pid()?)?;
    hub.stop()?;
    std::fs::remove_dir_all(dir)?;
    Ok(Ingest {
        rate: total as f64 / (acked - began).as_secs_f64(),
        rows,
        took,
        peak_mib,
    })
}

/// Every centre sees everything.
async fn open_all(hub: &Hub) -> anyhow::Result<()> {
    let mut centres = CentreServiceClient::new(hub.operator()?);
    for fixed in &FIXED {
        let request = pb::SetCentreRequest {
            request_id: format!("open-{}", fixed.code),
            name: format!("centres/{}", fixed.code),
            contact: String::new(),
            scope: Some(pb::CentreScope {
                reads: vec!["*".to_owned()],
                ..pb::CentreScope::default()
            }),
        };
        centres.set_centre(request).await?;
    }
    Ok(())
}

struct Follower {
    acks: mpsc::Sender<pb::FollowRequest>,
    batches: Streaming<pb::FollowResponse>,
    rows: usize,
}

impl Follower {
    async fn begin(channel: Channel) -> anyhow::Result<Follower> {
        let (acks, said) = mpsc::channel(64);
        let start = pb::follow_request::Kind::Start(pb::FeedStart {
            rows: 2_500,
            window: 16,
            ..pb::FeedStart::default()
        });
        acks.send(pb::FollowRequest { kind: Some(start) }).await?;
        let mut feed = FeedServiceClient::new(channel).max_decoding_message_size(64 << 20);
        let batches = feed.follow(ReceiverStream::new(said)).await?.into_inner();
        Ok(Follower {
            acks,
            batches,
            rows: 0,
        })
    }

    async fn batch(&mut self) -> anyhow::Result<pb::FeedBatch> {
        let came = self.batches.message().await?;
        let batch = came.and_then(|came| came.batch);
        let batch = batch.context("the hub closed the feed")?;
        self.rows += batch.rows.len();
        let ack = pb::follow_request::Kind::Ack(pb::FeedAck {
            cursor: batch.cursor.clone(),
        });
        self.acks
            .send(pb::FollowRequest { kind: Some(ack) })
            .await?;
        Ok(batch)
    }

    /// Until so many rows are here.
    async fn until(&mut self, rows: usize) -> anyhow::Result<()> {
        let came = async {
            while self.rows < rows {
                self.batch().await?;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, came).await?
    }
}

/// From a node's answer to a centre's row, the node connected.
fn end_to_end(bench: &mut Bench) -> anyhow::Result<()> {
    let district = District::start("bench-feeds");
    let ruiquan = district.joined(RUIQUAN);
    let invite = district.invited(&["--centre", "support"]);
    let token = invite["token"].as_str().context("a token")?;
    let dir = district.path().join("support");
    tongxin_ok(&["centre", "join", "--dir", &dir.to_string_lossy(), token]);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let mut follower = bench.runtime.block_on(async {
        let membership = proto_edge::membership::Membership::load(&dir)?;
        Follower::begin(crate::hub::channel(&membership)?).await
    })?;
    // The node is in line once its first case is here.
    let mut times = Vec::new();
    for round in 0..=REPORTS {
        // What comes after quiet goes up at once; a node that is busy keeps to
        // its slots.
        std::thread::sleep(QUIET);
        staff.report_surely("street-light");
        let answered = Instant::now();
        bench.runtime.block_on(async {
            let came = async {
                while !follower
                    .batch()
                    .await?
                    .rows
                    .iter()
                    .any(|row| row.indicator == "QS.R01")
                {}
                anyhow::Ok(())
            };
            tokio::time::timeout(PATIENCE, came).await?
        })?;
        if round > 0 {
            times.push(answered.elapsed());
        }
    }
    ensure!(times.len() == REPORTS, "{} reports", times.len());
    let took: Duration = times.iter().sum();
    let load = Load::new(times, took);
    let p50 = load.p50();
    bench.figures.add(
        Row::new("feeds, from a node's answer to a centre's row")
            .latencies(&load)
            .note(format!("{REPORTS} cases, each after {QUIET:?} of quiet"))
            .goal("p50 ≤ 1 s", p50 <= Duration::from_secs(1)),
    );
    Ok(())
}
