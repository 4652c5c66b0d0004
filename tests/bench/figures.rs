//! The table: a row a measurement, in the order measured, with latencies where
//! single operations were timed. Knows no measurement.

use std::{fmt, time::Duration};

#[derive(Default)]
pub struct Figures(Vec<Row>);

struct Row {
    what: String,
    figure: String,
    p50: Option<Duration>,
    p99: Option<Duration>,
    note: String,
}

impl Figures {
    /// Operations a second over all workers, from each one's latencies.
    pub fn rate(
        &mut self,
        what: impl Into<String>,
        mut latencies: Vec<Duration>,
        took: Duration,
        note: impl Into<String>,
    ) -> f64 {
        latencies.sort_unstable();
        let at = |share: f64| {
            latencies
                .get(
                    ((latencies.len() as f64 * share) as usize)
                        .min(latencies.len().saturating_sub(1)),
                )
                .copied()
        };
        let rate = latencies.len() as f64 / took.as_secs_f64();
        let row = Row {
            what: what.into(),
            figure: format!("{rate:.0}/s"),
            p50: at(0.5),
            p99: at(0.99),
            note: note.into(),
        };
        eprintln!("  {}: {} {}", row.what, row.figure, row.note);
        self.0.push(row);
        rate
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| what | figure | p50 | p99 | note |\n|---|---:|---:|---:|---|"
        )?;
        let ms = |time: &Option<Duration>| {
            time.map_or(String::new(), |time| {
                format!("{:.2} ms", time.as_secs_f64() * 1e3)
            })
        };
        for row in &self.0 {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} |",
                row.what,
                row.figure,
                ms(&row.p50),
                ms(&row.p99),
                row.note
            )?;
        }
        Ok(())
    }
}
