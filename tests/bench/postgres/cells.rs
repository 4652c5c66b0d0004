//! The hub's ingest as one does it in PostgreSQL: a row a cell, batches of 500
//! by UNNEST, the newer order wins. Each batch is a transaction of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use tokio::task::JoinSet;
use tokio_postgres::Client;

use crate::{
    Bench, Peer,
    cells::{self, Number, PER_NODE},
    ingest, usage,
};

use super::cluster::Cluster;

const BATCH: u64 = 500;
const TABLE: &str = "DROP TABLE IF EXISTS cell;
    CREATE TABLE cell (community bigint, month int, indicator int, member smallint,
        seq bigint NOT NULL, numerator bigint NOT NULL, denominator bigint NOT NULL,
        PRIMARY KEY (community, month, indicator, member))";
const UPSERT: &str = "INSERT INTO cell
    SELECT $1::bigint, * FROM unnest($2::int[], $3::int[], $4::smallint[], $5::bigint[], $6::bigint[], $7::bigint[])
    ON CONFLICT (community, month, indicator, member) DO UPDATE
    SET seq = excluded.seq, numerator = excluded.numerator, denominator = excluded.denominator
    WHERE cell.seq < excluded.seq";

/// First load and update, by one, two and four connections. The load by two,
/// of the largest size, stays for the questions.
pub fn measure(bench: &Bench, cluster: &Cluster) -> anyhow::Result<[Vec<Peer>; 2]> {
    let sizes = bench.communities();
    let (small, all) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
    let mut peers = [Vec::new(), Vec::new()];
    for (connections, communities) in [(1, small), (4, small), (2, all)] {
        bench
            .runtime
            .block_on(async { anyhow::Ok(cluster.connect().await?.batch_execute(TABLE).await?) })?;
        for (pass, peers) in peers.iter_mut().enumerate() {
            let load = load(cluster, connections, communities, pass as u64);
            let peer = bench.runtime.block_on(load)?;
            eprintln!("  upsert, pass {}: {}", pass + 1, ingest::describe(&peer));
            peers.push(peer);
        }
    }
    Ok(peers)
}

async fn load(
    cluster: &Cluster,
    connections: usize,
    communities: usize,
    pass: u64,
) -> anyhow::Result<Peer> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(cluster.connect().await?);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let cpu = usage::cpu_of_family(cluster.pid())?;
    let began = Instant::now();
    let mut loading = JoinSet::new();
    for client in clients {
        let next = next.clone();
        loading.spawn(async move {
            let upsert = client.prepare(UPSERT).await?;
            loop {
                let node = next.fetch_add(1, Ordering::Relaxed);
                if node >= communities {
                    return anyhow::Ok(client);
                }
                send(&client, &upsert, node, pass).await?;
            }
        });
    }
    let mut clients = Vec::new();
    while let Some(client) = loading.join_next().await {
        clients.push(client??);
    }
    let took = began.elapsed();
    let total = communities as f64 * PER_NODE as f64;
    let cpu = usage::cpu_of_family(cluster.pid())? - cpu;
    let asked = "SELECT pg_total_relation_size('cell')";
    let disk: i64 = clients[0].query_one(asked, &[]).await?.get(0);
    Ok(Peer {
        connections,
        rate: total / took.as_secs_f64(),
        cpu_us: cpu.as_secs_f64() * 1e6 / total,
        disk: disk as f64 / total,
    })
}

async fn send(
    client: &Client,
    upsert: &tokio_postgres::Statement,
    node: usize,
    pass: u64,
) -> anyhow::Result<()> {
    let community: i64 = cells::community(node).to_string().parse()?;
    let (first, last) = (pass * PER_NODE + 1, (pass + 1) * PER_NODE);
    for from in (first..=last).step_by(BATCH as usize) {
        let through = last.min(from + BATCH - 1);
        let numbers: Vec<Number> = (from..=through)
            .map(|seq| cells::number(node, seq))
            .collect();
        let column = |of: fn(&Number) -> u64| -> Vec<i64> {
            numbers.iter().map(|number| of(number) as i64).collect()
        };
        let months: Vec<i32> = numbers.iter().map(|number| number.month as i32).collect();
        let indicators: Vec<i32> = numbers.iter().map(|n| n.indicator as i32).collect();
        let members: Vec<i16> = numbers.iter().map(|number| number.member as i16).collect();
        let seqs = column(|number| number.seq);
        let numerators = column(|number| number.numerator);
        let denominators = column(|number| number.denominator);
        let written = client
            .execute(
                upsert,
                &[
                    &community,
                    &months,
                    &indicators,
                    &members,
                    &seqs,
                    &numerators,
                    &denominators,
                ],
            )
            .await?;
        anyhow::ensure!(written == numbers.len() as u64, "{written} rows written");
    }
    Ok(())
}
