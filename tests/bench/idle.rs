//! Nodes that are connected and have nothing to say: what each costs the hub,
//! to greet and to hold.

use std::time::Duration;

use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    Bench, cells,
    echo::Echo,
    figures::Row,
    hub::Hub,
    line::{Line, Open},
    usage,
};

/// Dialled at once.
const AT_ONCE: usize = 32;
const REST: Duration = Duration::from_secs(2);

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let sizes = bench.connections();
    let most = sizes[sizes.len() - 1];
    let dir = bench.dir("hubs")?.join("idle");
    let mut hub = Hub::found(&bench.runtime, dir, most)?;
    hub.start(&bench.runtime)?;
    let pid = hub.pid()?;
    let empty = usage::idle(pid, REST)?.rss_mib;
    let echo = Echo::start(&bench.dir("echo")?)?;
    let echo_empty = usage::rss_mib(echo.pid())?;
    let mut bare = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for connections in sizes {
        let before = usage::cpu(pid)?;
        let more = connections - open.len();
        let opened = open_lines(&hub, open.len()..connections);
        open.extend(bench.runtime.block_on(opened)?);
        let greeting = (usage::cpu(pid)? - before).as_secs_f64() * 1e3 / more as f64;
        bare.extend(bench.runtime.block_on(echo.hold(more))?);
        let idle = usage::idle(pid, bench.span(10))?;
        let of_bare = usage::rss_mib(echo.pid())? - echo_empty;
        let held = (idle.rss_mib - empty) * 1024.0 / connections as f64;
        bench.figures.add(
            Row::new(format!("idle lines, {connections}"))
                .figure(format!("{held:.0} KiB each"))
                .limit(format!(
                    "connection of the echo without a stream: {:.0} KiB",
                    of_bare * 1024.0 / connections as f64
                ))
                .goal("≤ 40 KiB: 10,000 within 400 MiB", held <= 40.0)
                .goal(
                    format!("{greeting:.2} ms CPU to connect (≤ 1.2: 10,000 in 120 s at a tenth of a core)"),
                    greeting <= 1.2,
                )
                .note(format!(
                    "mutual TLS, greeted uplink; hub empty {empty:.0} MiB; idle CPU {:.1} ms a second for all",
                    idle.cpu_ms
                )),
        );
    }
    drop((open, bare));
    hub.stop()
}

async fn open_lines(hub: &Hub, nodes: std::ops::Range<usize>) -> anyhow::Result<Vec<Open>> {
    let months = cells::months();
    let turns = std::sync::Arc::new(Semaphore::new(AT_ONCE));
    let mut opening = JoinSet::new();
    for node in nodes {
        let turn = turns.clone().acquire_owned().await?;
        let (channel, checkpoint) = (hub.node(node)?, cells::checkpoint(&months, node, 0));
        opening.spawn(async move {
            let sent = Line::new(node).send(channel, 0, checkpoint).await?;
            drop(turn);
            anyhow::Ok(sent.open)
        });
    }
    let mut open = Vec::new();
    while let Some(line) = opening.join_next().await {
        open.push(line??);
    }
    Ok(open)
}
