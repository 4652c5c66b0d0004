//! Cells into the hub: every community's node sends its year over mutual TLS,
//! all of them at once, then all again with other numbers. Acknowledged is
//! journalled and synced; agreed is a digest taken from the hub's view.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::{
    Bench, Peer,
    cells::{self, PER_NODE},
    figures::{Row, count, per_second, size},
    hub::Hub,
    line::Line,
    log, queries, usage,
};

const PASSES: [&str; 2] = ["first load", "update"];

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    for communities in bench.communities() {
        let dir = bench.dir("hubs")?.join(format!("of-{communities}"));
        let mut hub = Hub::found(&bench.runtime, dir.clone(), communities)?;
        hub.start(&bench.runtime)?;
        let limits = log::rates(&bench.dir("log")?, communities)?;
        let mut lines: Vec<Line> = (0..communities).map(Line::new).collect();
        for pass in 1..=2 {
            lines = one_pass(bench, &hub, lines, pass, &limits)?;
        }
        queries::ask(bench, &hub, communities)?;
        memory(bench, &mut hub, communities)?;
        hub.stop()?;
        std::fs::remove_dir_all(dir)?;
    }
    Ok(())
}

fn one_pass(
    bench: &mut Bench,
    hub: &Hub,
    lines: Vec<Line>,
    pass: u64,
    limits: &[f64; 2],
) -> anyhow::Result<Vec<Line>> {
    let months = cells::months();
    let expected: Vec<_> = (0..lines.len())
        .map(|node| cells::checkpoint(&months, node, pass))
        .collect();
    let total = lines.len() as f64 * PER_NODE as f64;
    let (pid, own) = (hub.pid()?, std::process::id());
    let disk = |part: &str| usage::disk_bytes(&hub.dir.join(part));
    let journal = disk("journal")?;
    let cpu = [usage::cpu(pid)?, usage::cpu(own)?];
    let began = Instant::now();
    let mut sending = JoinSet::new();
    for (node, mut line) in lines.into_iter().enumerate() {
        let (channel, checkpoint) = {
            let _entered = bench.runtime.enter();
            (hub.node(node)?, expected[node])
        };
        let task = async move {
            let sent = line.send(channel, pass, checkpoint).await?;
            anyhow::Ok((node, line, sent.acked, sent.agreed))
        };
        sending.spawn_on(task, bench.runtime.handle());
    }
    let (mut lines, mut acked, mut agreed) = (Vec::new(), began, began);
    while let Some(sent) = bench.runtime.block_on(sending.join_next()) {
        let (node, line, acked_at, agreed_at) = sent??;
        (acked, agreed) = (acked.max(acked_at), agreed.max(agreed_at));
        lines.push((node, line));
    }
    let cpu = [usage::cpu(pid)? - cpu[0], usage::cpu(own)? - cpu[1]];
    bench.runtime.block_on(hub.view_follows())?;
    let [server, client] = cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / total);
    // The view compacts while it is written; what counts is what is there.
    let (view, journal) = (disk("view")?, disk("journal")? - journal);
    let stored = (view + journal) as f64 / total;
    let (rate, lag) = (total / (acked - began).as_secs_f64(), agreed - acked);
    let limit = limits[pass as usize - 1];
    let of_limit = rate / limit;
    let name = PASSES[pass as usize - 1];
    let what = format!("hub ingest, {name}, {} cells", size(total as usize));
    let peer = bench.peers.best_ingest(pass as usize - 1);
    let mut row = Row::new(what)
        .figure(format!("{} cells", per_second(rate)))
        .limit(format!(
            "log + hash table {}",
            per_second(limits[pass as usize - 1])
        ))
        .peer(peer.map(describe))
        .goal("≥ 400,000/s", rate >= 400_000.0)
        .goal(
            format!("{of_limit:.2} of the limit (≥ 0.55)"),
            of_limit >= 0.55,
        )
        .goal(format!("CPU {server:.2} µs/cell (≤ 2.5)"), server <= 2.5)
        .goal(format!("disk {stored:.0} B/cell (≤ 30)"), stored <= 30.0)
        .goal(
            format!("view {:.1} s behind (≤ 2)", lag.as_secs_f64()),
            lag <= Duration::from_secs(2),
        );
    if let Some(peer) = peer {
        let ratio = rate / peer.rate;
        row = row.goal(format!("{ratio:.1}× PostgreSQL (≥ 2)"), ratio >= 2.0);
    }
    bench.figures.add(row.note(format!(
        "{} nodes; clients' CPU {client:.2} µs/cell; journal {:.0} B/cell of this pass, view {:.0}",
        lines.len(),
        journal as f64 / total,
        view as f64 / total,
    )));
    lines.sort_by_key(|(node, _)| *node);
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

pub fn describe(peer: &Peer) -> String {
    format!(
        "{}, {} connections, CPU {:.1} µs/cell, disk {} B/cell",
        per_second(peer.rate),
        peer.connections,
        peer.cpu_us,
        count(peer.disk),
    )
}

/// Resident memory after all that, and of the same hub started anew.
fn memory(bench: &mut Bench, hub: &mut Hub, communities: usize) -> anyhow::Result<()> {
    let cells = size(communities * PER_NODE as usize);
    let row = |when: &str, mib: f64| {
        Row::new(format!(
            "idle hub, {communities} communities, {cells} cells, {when}"
        ))
        .figure(format!("{mib:.0} MiB"))
        .goal("≤ 80 MiB", mib <= 80.0)
    };
    let after = row("after load and questions", usage::rss_mib(hub.pid()?)?);
    hub.stop()?;
    let took = hub.start(&bench.runtime)?;
    let anew = row("started anew", usage::rss_mib(hub.pid()?)?);
    bench.figures.add(after);
    let took = format!("first answer {:.2} s after start", took.as_secs_f64());
    bench.figures.add(anew.note(took));
    Ok(())
}
