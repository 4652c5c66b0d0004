//! Durable inserts of one event of 300 bytes, each its own transaction.

use std::sync::Arc;

use crate::{Bench, clients::drive, commands::CLIENTS, figures::Load};

use super::cluster::Cluster;

pub fn measure(bench: &Bench, cluster: &Cluster) -> anyhow::Result<Vec<Load>> {
    let made = "CREATE TABLE event (id bigserial PRIMARY KEY, \
                at timestamptz NOT NULL DEFAULT now(), body bytea NOT NULL)";
    bench
        .runtime
        .block_on(async { anyhow::Ok(cluster.connect().await?.batch_execute(made).await?) })?;
    let loads = CLIENTS.into_iter().map(|clients| {
        let load = bench.runtime.block_on(insert(bench, cluster, clients))?;
        eprintln!("  inserts, {clients} clients: {:.0}/s", load.rate());
        Ok(load)
    });
    loads.collect()
}

async fn insert(bench: &Bench, cluster: &Cluster, clients: usize) -> anyhow::Result<Load> {
    let mut sessions = Vec::new();
    for _ in 0..clients {
        let client = cluster.connect().await?;
        let insert = client
            .prepare("INSERT INTO event (body) VALUES ($1)")
            .await?;
        sessions.push(Arc::new((client, insert)));
    }
    drive(clients, bench.span(4), move |client, n| {
        let session = sessions[client].clone();
        let mut body = vec![7u8; 300];
        body[..8].copy_from_slice(&n.to_be_bytes());
        async move {
            let (client, insert) = &*session;
            client.execute(insert, &[&body]).await.map(|_| ())
        }
    })
    .await
}
