//! A country's question: every community × one indicator × one month, by
//! province, asked of a hub process over gRPC. Its store is filled by hand
//! before it serves: that many machines cannot be played here. Codes are made
//! up, evenly over 31 provinces; the largest count is the real one of 2023.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, ensure};
use hub_server::store::{Memory, Store};
use jiff::Timestamp;
use proto::{
    identity::{Nonce, StoreId},
    indicator::{
        accumulator::Accumulator,
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
        columns,
    },
    pb::hub::{GroupBy, QueryIndicatorsRequest},
    period::Period,
    place::{Level, Place},
    sync::uplink::{Batch, Hello},
};
use proto_edge::hub::indicator_service_client::IndicatorServiceClient;
use tokio::task::JoinSet;
use tonic::Status;

use crate::{
    Bench, cells,
    clients::drive,
    figures::{Row, count, ms, of, size},
    hub::Hub,
    queries::CLIENTS,
    usage,
};

pub const COMMUNITIES: usize = 620_573;
pub const PROVINCES: usize = 31;
const INDICATOR: u32 = 2;
const AT_ONCE: usize = 1024;

/// The `at`th community's code, without the grid's three digits.
pub fn code(at: usize, of: usize) -> u64 {
    let each = of / PROVINCES + 1;
    (at / each + 11) as u64 * 10_000_000_000 + (at % each + 1) as u64
}

pub fn value(at: usize) -> u64 {
    at as u64 % 50 + 1
}

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    for communities in bench.nation() {
        let dir = bench.dir("hubs")?.join(format!("nation-{communities}"));
        let mut hub = Hub::found(&bench.runtime, dir.clone(), 0)?;
        bench.runtime.block_on(fill(&dir, communities))?;
        let started = hub.start(&bench.runtime)?;
        ask(bench, &hub, communities, started)?;
        hub.stop()?;
        std::fs::remove_dir_all(dir)?;
    }
    Ok(())
}

fn ask(bench: &mut Bench, hub: &Hub, communities: usize, started: Duration) -> anyhow::Result<()> {
    let month = cells::months()[0].to_string();
    let expected: u64 = (0..communities).map(value).sum();
    for (of_clients, clients) in CLIENTS.into_iter().enumerate() {
        let channels = {
            let _entered = bench.runtime.enter();
            let channels = (0..clients).map(|_| hub.operator());
            channels.collect::<anyhow::Result<Vec<_>>>()?
        };
        let month = month.clone();
        let call = move |client: usize, _| {
            let mut service = IndicatorServiceClient::new(channels[client].clone());
            let request = QueryIndicatorsRequest {
                indicators: vec![cells::code(INDICATOR)],
                from: month.clone(),
                group_by: vec![GroupBy::Province.into()],
                ..Default::default()
            };
            async move {
                let rows = service.query_indicators(request).await?.into_inner().rows;
                let values = rows.iter().filter_map(|row| row.value.as_ref());
                let sum: f64 = values.map(|value| value.number).sum();
                match (rows.len(), sum as u64) {
                    (PROVINCES, sum) if sum == expected => Ok(()),
                    (rows, sum) => Err(Status::internal(format!("{rows} rows, sum {sum}"))),
                }
            }
        };
        let load = bench
            .runtime
            .block_on(drive(clients, bench.span(2), call))?;
        let echo = bench.echo(clients)?;
        let peer = bench.peers.nation.as_ref();
        let peer = peer
            .filter(|_| communities == COMMUNITIES)
            .map(|by| &by[of_clients]);
        let mut row = Row::new(format!(
            "query 5 one indicator, one month, by province, {} communities, {}",
            size(communities),
            of(clients, "client")
        ))
        .load(&load)
        .limit(format!("echo p50 {}", ms(echo.p50())))
        .peer(peer.map(|peer| format!("p50 {}, p99 {}", ms(peer.p50()), ms(peer.p99()))));
        if let Some(peer) = peer {
            let ratio = peer.p50().as_secs_f64() / load.p50().as_secs_f64();
            row = row.goal(
                format!("p50 {ratio:.1}× below PostgreSQL (≥ 5)"),
                ratio >= 5.0,
            );
        }
        if clients == 1 {
            let is_met = load.p99() <= Duration::from_millis(50);
            row = row.goal("p99 ≤ 50 ms", is_met).note(format!(
                "hub {} MiB; first answer {:.1} s after start",
                count(usage::rss_mib(hub.pid()?)?),
                started.as_secs_f64()
            ));
        }
        bench.figures.add(row);
    }
    Ok(())
}

/// One cell of every community, each over a line of its own.
async fn fill(dir: &Path, communities: usize) -> anyhow::Result<()> {
    let (store, threads) = Store::open(dir, Memory::default())?;
    let month = cells::months()[0];
    let mut writing = JoinSet::new();
    for at in 0..communities {
        if writing.len() == AT_ONCE {
            writing.join_next().await.context("a writer")???;
        }
        let place = Place::from_aligned(code(at, communities) * 1_000, Level::Community);
        let place = place.context("a community's code")?;
        writing.spawn(write(store.clone(), place, month, value(at)));
    }
    while let Some(written) = writing.join_next().await {
        written??;
    }
    drop(store);
    Ok(threads.stop().await?)
}

async fn write(store: Store, node: Place, month: Period, value: u64) -> anyhow::Result<()> {
    let now = Timestamp::now();
    let hello = Hello {
        protocol_min: 1,
        protocol_max: 1,
        store_id: StoreId([1; 16]),
        lineage: 0,
        epoch: 0,
        nonce: Nonce([2; 16]),
        head_seq: 1,
        acked_hint: 0,
        seen_hub_incarnation: 0,
        catalogue_seq: 0,
        node_time: now,
        software: "bench".to_owned(),
        starts: Vec::new(),
        journal_head: None,
        shown: None,
    };
    let greeted = store.hello(node, hello, now).await?;
    let epoch = greeted.welcome.context("a welcome")?.epoch;
    let cell = Cell {
        key: CellKey {
            indicator: IndicatorId(INDICATOR),
            revision: Revision(1),
            period: month,
            breakdown: Breakdown::new([1]),
        },
        order: Order { lineage: 1, seq: 1 },
        state: Accumulator::Count(value.into()).encode(),
    };
    let packed = columns::encode([&cell]).context("one message")?;
    let batch = Batch {
        from: 0,
        through: 1,
        cells: vec![cell],
        complete_until: Some(now),
        ..Batch::default()
    };
    let ack = store
        .batch(node, epoch, batch, Some(packed), None, now)
        .await?;
    let ack = ack.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    ensure!(ack.applied == 1, "{ack:?}");
    Ok(())
}
