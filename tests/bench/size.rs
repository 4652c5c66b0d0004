//! The largest community of the article on one node (百步亭): its register, its care
//! pairs and years of their daily greetings. How fast they come in, what they take on
//! disk, how soon the real binary serves them, in how much memory, and how quickly it
//! records the next.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use jiff::{Timestamp, tz::TimeZone};
use prost_types::Timestamp as WireTime;
use proto::pb::node as pb;
use proto_edge::{
    clock::Clock, connector, credential::certificates,
    node::duty_service_client::DutyServiceClient, tls::plain_client,
};
use tokio::task::JoinSet;
use tonic::{Request, Status, metadata::AsciiMetadataValue, transport::Channel};

use crate::{
    Bench,
    baibuting::{Lived, live},
    clients::drive,
    figures::{Load, Row, count, per_second, size},
    harness::{Community, District, district::RUIQUAN, eventually},
    usage,
};

const ZONE: &str = "Asia/Shanghai";
const CLIENTS: usize = 16;
const MEMORY_MIB: f64 = 300.0;
const START: Duration = Duration::from_secs(5);
const P99: Duration = Duration::from_millis(20);
/// What a node may still have to do after its first answer.
const REST: Duration = Duration::from_secs(3);

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let of = bench.largest();
    let district = District::start("bench-size");
    let dir = bench.dir("size")?.join(RUIQUAN);
    let lived = live(&dir, RUIQUAN, of)?;
    let held = format!("{} deliveries", size(of.deliveries()));
    let residents = size(of.residents);
    let each = |count: usize, took: Duration| count as f64 / took.as_secs_f64();
    let rate = per_second(each(of.residents, lived.residents_took));
    bench.figures.add(
        Row::new(format!("residents registered, {residents}"))
            .figure(rate)
            .note("personal fields sealed under a key each; in the bench's process, without RPC"),
    );
    let rate = per_second(each(of.pairs, lived.pairs_took));
    bench.figures.add(
        Row::new(format!("care pairs made beside {residents} residents"))
            .figure(rate)
            .note(format!(
                "{} pairs: registered, agreed to by both",
                count(of.pairs as f64)
            )),
    );
    let rate = per_second(each(of.deliveries(), lived.deliveries_took));
    bench.figures.add(
        Row::new(format!("greetings of {} days, {held}", of.days))
            .figure(rate)
            .note("each decided and journalled at its own time, indicators live; without RPC"),
    );
    bench.figures.add(disk(&lived, of.deliveries()));
    let mut node = Community::existing(dir, RUIQUAN, &lived.address);
    node = district.join(node);
    eventually("the node has cells", || {
        node.status()["head_cell_seq"]
            .as_u64()
            .filter(|seq| *seq > 0)
    });
    district.settled(&node);
    node.stop();
    serve(bench, &mut node, &lived, &held)
}

fn disk(lived: &Lived, deliveries: usize) -> Row {
    let [before, after] = lived.disk;
    let each = |before: u64, after: u64| (after as f64 - before as f64) / deliveries as f64;
    let journal = each(before.journal, after.journal);
    let view = each(before.view, after.view);
    let whole = (after.journal + after.view) as f64 / f64::from(1 << 20);
    Row::new("disk of a delivery")
        .figure(format!("{:.0} B", journal + view))
        .note(format!(
            "journal {journal:.0}, view {view:.0}; {} MiB in all",
            count(whole)
        ))
}

fn serve(bench: &mut Bench, node: &mut Community, lived: &Lived, held: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    node.start();
    let took = began.elapsed();
    bench.figures.add(
        Row::new(format!("start of a node, {held}"))
            .figure(format!("{:.2} s", took.as_secs_f64()))
            .goal("≤ 5 s", took <= START)
            .note("from exec to the first answer"),
    );
    let idle = usage::idle(node.pid(), REST)?;
    bench.figures.add(
        memory(format!("idle node, {held}"), idle.rss_mib)
            .note(format!("CPU {:.1} ms a second", idle.cpu_ms)),
    );
    let desk = Desk::open(node, lived)?;
    let load = bench.runtime.block_on(desk.greet_all())?;
    bench.figures.add(
        commands(
            format!("greetings due, {CLIENTS} clients, {held} held"),
            &load,
        )
        .note(format!(
            "yesterday's and today's of every pair, {} commands",
            count(load.calls() as f64)
        )),
    );
    let load = bench.runtime.block_on(desk.greet_on(bench.span(4)))?;
    let what = format!("further greetings, {CLIENTS} clients, {held} held");
    bench
        .figures
        .add(commands(what, &load).note("beyond those due"));
    let rss = usage::rss_mib(node.pid())?;
    let peak = usage::peak_mib(node.pid())?;
    bench.figures.add(
        memory(format!("node after that load, {held}"), rss).note(format!("{peak:.0} at most")),
    );
    node.stop();
    Ok(())
}

fn memory(what: String, rss: f64) -> Row {
    Row::new(what)
        .figure(format!("{rss:.0} MiB"))
        .goal("≤ 300 MiB", rss <= MEMORY_MIB)
}

fn commands(what: String, load: &Load) -> Row {
    Row::new(what)
        .load(load)
        .goal("p99 ≤ 20 ms", load.p99() <= P99)
}

/// A greeting that was made.
#[derive(Clone)]
struct Greeting {
    duty: String,
    bearer: AsciiMetadataValue,
}

/// The stations at the node's local port.
struct Desk {
    address: connector::Address,
    config: Arc<ArcSwap<rustls::ClientConfig>>,
    greetings: Arc<[Greeting]>,
}

/// A repeated request would be answered from memory.
static SENT: AtomicU64 = AtomicU64::new(0);

impl Desk {
    fn open(node: &Community, lived: &Lived) -> anyhow::Result<Desk> {
        let roots = certificates(&node.local_ca())?;
        let config = plain_client(&roots, &Clock::system(0))?;
        let bearers = lived.stations.iter();
        let bearers = bearers.map(|secret| format!("Bearer {}", secret.reveal()).parse());
        let bearers = bearers.collect::<Result<Vec<AsciiMetadataValue>, _>>()?;
        let greetings = lived.duties.iter().map(|(duty, station)| Greeting {
            duty: format!("duties/{}", duty.0),
            bearer: bearers[*station].clone(),
        });
        Ok(Desk {
            address: node.address.parse()?,
            config: Arc::new(ArcSwap::from_pointee(config)),
            greetings: greetings.collect(),
        })
    }

    /// A connection for each client.
    async fn channels(&self) -> anyhow::Result<Vec<Channel>> {
        let channel = |_| connector::channel(&self.address, self.config.clone());
        Ok((0..CLIENTS).map(channel).collect::<Result<_, _>>()?)
    }

    /// All that are due, once: those of yesterday, then those of today.
    async fn greet_all(&self) -> anyhow::Result<Load> {
        let zone = TimeZone::get(ZONE)?;
        let yesterday = zone.to_datetime(Timestamp::now()).date().yesterday()?;
        let evening = zone.to_timestamp(yesterday.at(18, 0, 0, 0))?;
        let late = (yesterday.to_string(), evening.as_second());
        let mut clients = JoinSet::new();
        let began = Arc::new(tokio::sync::Barrier::new(CLIENTS + 1));
        for (client, channel) in self.channels().await?.into_iter().enumerate() {
            let (greetings, late, began) = (self.greetings.clone(), late.clone(), began.clone());
            clients.spawn(async move {
                // Connected before the clock starts.
                look(channel.clone(), &greetings[client % greetings.len()]).await?;
                began.wait().await;
                let mut latencies = Vec::new();
                for late in [Some(&late), None] {
                    for greeting in greetings.iter().skip(client).step_by(CLIENTS) {
                        let begun = Instant::now();
                        greet(channel.clone(), greeting, late).await?;
                        latencies.push(begun.elapsed());
                    }
                }
                anyhow::Ok(latencies)
            });
        }
        began.wait().await;
        let begun = Instant::now();
        let mut latencies = Vec::new();
        while let Some(client) = clients.join_next().await {
            latencies.extend(client??);
        }
        Ok(Load::new(latencies, begun.elapsed()))
    }

    async fn greet_on(&self, span: Duration) -> anyhow::Result<Load> {
        let (channels, greetings) = (self.channels().await?, self.greetings.clone());
        drive(CLIENTS, span, move |client, n| {
            let channel = channels[client].clone();
            let at = client + n as usize * CLIENTS;
            let greeting = greetings[at % greetings.len()].clone();
            async move { greet(channel, &greeting, None).await }
        })
        .await
    }
}

fn asked<T>(greeting: &Greeting, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = greeting.bearer.clone();
    request.metadata_mut().insert("authorization", bearer);
    request
}

async fn look(channel: Channel, greeting: &Greeting) -> Result<(), Status> {
    let name = greeting.duty.clone();
    let request = asked(greeting, pb::GetDutyRequest { name });
    DutyServiceClient::new(channel).get_duty(request).await?;
    Ok(())
}

/// `late`: the day that it is for, and when it was made.
async fn greet(
    channel: Channel,
    greeting: &Greeting,
    late: Option<&(String, i64)>,
) -> Result<(), Status> {
    let n = SENT.fetch_add(1, Ordering::Relaxed);
    let request = pb::HoldDutyRequest {
        request_id: format!("bench-{n}"),
        name: greeting.duty.clone(),
        on: late.map_or_else(String::new, |(on, _)| on.clone()),
        happened_at: late.map(|(_, seconds)| WireTime {
            seconds: *seconds,
            nanos: 0,
        }),
        ..Default::default()
    };
    let request = asked(greeting, request);
    let answer = DutyServiceClient::new(channel).hold_duty(request).await?;
    match answer.into_inner().duty {
        Some(_) => Ok(()),
        None => Err(Status::internal("no duty in the answer")),
    }
}
