//! The district's questions in SQL, over the loaded cells with an index made
//! for them, vacuumed and analysed.

use std::sync::Arc;

use tokio_postgres::types::ToSql;

use crate::{
    Bench,
    cells::{self, INDICATORS, MONTHS},
    clients::drive,
    figures::Load,
    national,
    queries::{CLIENTS, QUESTIONS},
};

use super::cluster::Cluster;

const INDEX: &str =
    "CREATE INDEX ON cell (indicator, month) INCLUDE (community, numerator, denominator);
    VACUUM (ANALYZE) cell";
const SQL: [&str; 4] = [
    "SELECT month, sum(numerator)::bigint, sum(denominator)::bigint
        FROM cell WHERE indicator = $1 AND month BETWEEN 0 AND $2 GROUP BY month ORDER BY month",
    "SELECT community, sum(numerator)::bigint AS n, sum(denominator)::bigint AS d
        FROM cell WHERE indicator = $1 AND month = $2 GROUP BY community
        ORDER BY CASE WHEN sum(denominator) > 0 THEN sum(numerator) / sum(denominator) ELSE sum(numerator) END DESC
        LIMIT 10",
    "SELECT indicator, sum(numerator)::bigint, sum(denominator)::bigint
        FROM cell WHERE community = $1 AND month = $2 GROUP BY indicator ORDER BY indicator",
    "SELECT community / 1000, month, sum(numerator)::bigint, sum(denominator)::bigint
        FROM cell WHERE indicator = $1 AND month BETWEEN 0 AND $2
        GROUP BY 1, 2 ORDER BY 1, 2",
];

/// By question, then by number of clients.
pub fn measure(bench: &Bench, cluster: &Cluster) -> anyhow::Result<Vec<[Load; 2]>> {
    bench.runtime.block_on(async {
        let client = cluster.connect().await?;
        // VACUUM wants to stand alone.
        for statement in INDEX.split(';') {
            client.batch_execute(statement).await?;
        }
        anyhow::Ok(())
    })?;
    let sizes = bench.communities();
    let communities = sizes[sizes.len() - 1];
    let mut asked = Vec::new();
    for (question, name) in QUESTIONS.into_iter().enumerate() {
        let mut loads = Vec::new();
        for clients in CLIENTS {
            let load = ask(bench, cluster, question, clients, communities);
            loads.push(bench.runtime.block_on(load)?);
        }
        eprintln!("  {name}: p50 {:?}", loads[0].p50());
        let loads = loads.try_into().map_err(|_| anyhow::anyhow!("two loads"))?;
        asked.push(loads);
    }
    Ok(asked)
}

async fn ask(
    bench: &Bench,
    cluster: &Cluster,
    question: usize,
    clients: usize,
    communities: usize,
) -> anyhow::Result<Load> {
    let mut sessions = Vec::new();
    for _ in 0..clients {
        let client = cluster.connect().await?;
        let statement = client.prepare(SQL[question]).await?;
        sessions.push(Arc::new((client, statement)));
    }
    let expected = crate::queries::rows(question, communities);
    drive(clients, bench.span(1), move |client, n| {
        let session = sessions[client].clone();
        let n = (client as u64 * 1_000 + n) as u32;
        let indicator = (n * 7 % INDICATORS + 1) as i32;
        let month = (n * 5 % MONTHS) as i32;
        let community = cells::community(n as usize % communities);
        async move {
            let community: i64 = community.to_string().parse()?;
            let last = MONTHS as i32 - 1;
            let arguments: [&(dyn ToSql + Sync); 2] = match question {
                1 => [&indicator, &month],
                2 => [&community, &month],
                _ => [&indicator, &last],
            };
            let (client, statement) = &*session;
            let found = client.query(statement, &arguments).await?.len();
            anyhow::ensure!(found == expected, "{found} rows, want {expected}");
            Ok(())
        }
    })
    .await
}

const NATION: &str =
    "CREATE TABLE nation (indicator int, month int, community bigint, value bigint NOT NULL,
    PRIMARY KEY (indicator, month, community) INCLUDE (value))";
const BY_PROVINCE: &str = "SELECT community / 10000000000, sum(value)::bigint
    FROM nation WHERE indicator = $1 AND month = $2 GROUP BY 1 ORDER BY 1";

/// The country's question, by number of clients.
pub fn nation(bench: &Bench, cluster: &Cluster) -> anyhow::Result<Option<[Load; 2]>> {
    if !bench.nation().contains(&national::COMMUNITIES) {
        return Ok(None);
    }
    bench.runtime.block_on(fill(cluster))?;
    let mut loads = Vec::new();
    for clients in CLIENTS {
        let load = bench
            .runtime
            .block_on(by_province(bench, cluster, clients))?;
        eprintln!("  by province, {clients} clients: p50 {:?}", load.p50());
        loads.push(load);
    }
    Ok(loads.try_into().ok())
}

async fn fill(cluster: &Cluster) -> anyhow::Result<()> {
    let client = cluster.connect().await?;
    client.batch_execute(NATION).await?;
    let all: Vec<usize> = (0..national::COMMUNITIES).collect();
    for some in all.chunks(10_000) {
        let code = |at: &usize| national::code(*at, national::COMMUNITIES) as i64;
        let codes: Vec<i64> = some.iter().map(code).collect();
        let values: Vec<i64> = some.iter().map(|at| national::value(*at) as i64).collect();
        let insert = "INSERT INTO nation SELECT 2, 0, * FROM unnest($1::bigint[], $2::bigint[])";
        client.execute(insert, &[&codes, &values]).await?;
    }
    Ok(client.batch_execute("VACUUM (ANALYZE) nation").await?)
}

async fn by_province(bench: &Bench, cluster: &Cluster, clients: usize) -> anyhow::Result<Load> {
    let mut sessions = Vec::new();
    for _ in 0..clients {
        let client = cluster.connect().await?;
        let statement = client.prepare(BY_PROVINCE).await?;
        sessions.push(Arc::new((client, statement)));
    }
    drive(clients, bench.span(2), move |client, _| {
        let session = sessions[client].clone();
        async move {
            let (client, statement) = &*session;
            let found = client.query(statement, &[&2i32, &0i32]).await?.len();
            anyhow::ensure!(found == national::PROVINCES, "{found} provinces");
            Ok(())
        }
    })
    .await
}
