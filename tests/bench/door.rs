//! Rows of the crowd at the hub's door. Knows how to print it, not how it is made.

use std::time::Duration;

use crate::{
    Bench,
    crowd::{BACK_WITHIN, Size, measure as crowd},
    figures::{Row, ms},
};

const P99: Duration = Duration::from_millis(500);
const MOST_MIB: f64 = 600.0;
const SETTLED: Duration = Duration::from_secs(180);

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let size = bench.crowd();
    let dir = bench.dir("hubs")?.join("crowd");
    let seen = crowd(&bench.runtime, dir, size)?;
    let Size {
        nodes,
        stalled,
        half_open,
        ..
    } = size;
    let crowded = &seen.crowded;
    bench.figures.add(
        Row::new(format!(
            "crowd: {nodes} nodes, {stalled} stalled, {half_open} half-open"
        ))
        .figure(format!("{:.0} MiB", crowded.most_mib))
        .limit(format!("quiet p99 {}", ms(seen.quiet.call_p99())))
        .goal(
            format!("call p99 {} (≤ 500 ms)", ms(crowded.call_p99())),
            crowded.call_p99() <= P99,
        )
        .goal(
            format!(
                "new connection p99 {} (≤ 500 ms)",
                ms(crowded.arrival_p99())
            ),
            crowded.arrival_p99() <= P99,
        )
        .goal("≤ 600 MiB", crowded.most_mib <= MOST_MIB)
        .goal(
            format!(
                "descriptors back in {:.0} s (≤ 60)",
                seen.back.as_secs_f64()
            ),
            seen.back <= BACK_WITHIN,
        )
        .note(format!(
            "{:.2} ms CPU to connect a node; {:.0} MiB before the crowd",
            seen.connect_ms, seen.nodes_mib
        )),
    );
    let returning = &seen.returning;
    let share = returning.cpu.as_secs_f64() / returning.took.as_secs_f64();
    bench.figures.add(
        Row::new(format!("restart with {nodes} nodes"))
            .figure(format!(
                "{:.0} s until all are back",
                seen.settled.as_secs_f64()
            ))
            .goal("≤ 180 s", seen.settled <= SETTLED)
            .note(format!(
                "within {} s, call p99 meanwhile {}, hub {:.0} % of a core",
                size.window.as_secs(),
                ms(returning.call_p99()),
                share * 100.0
            )),
    );
    Ok(())
}
