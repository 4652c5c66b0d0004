//! The table: a row a measurement, in the order measured, with the machine's
//! limit, the peer's figure and the goal beside it. Knows no measurement.

use std::{fmt, time::Duration};

#[derive(Default)]
pub struct Figures(Vec<Row>);

/// Text as it stands in the table; what was not set stays empty.
#[derive(Clone, Default)]
pub struct Row {
    what: String,
    figure: String,
    p50: String,
    p99: String,
    limit: String,
    peer: String,
    goal: String,
    note: String,
}

impl Row {
    pub fn new(what: impl Into<String>) -> Row {
        Row {
            what: what.into(),
            ..Row::default()
        }
    }

    pub fn figure(mut self, figure: impl Into<String>) -> Row {
        self.figure = figure.into();
        self
    }

    /// Rate and latencies.
    pub fn load(mut self, load: &Load) -> Row {
        self.figure = per_second(load.rate());
        self.latencies(load)
    }

    pub fn latencies(mut self, load: &Load) -> Row {
        (self.p50, self.p99) = (ms(load.p50()), ms(load.p99()));
        self
    }

    /// One limit; a row may have several.
    pub fn limit(mut self, limit: impl Into<String>) -> Row {
        if !self.limit.is_empty() {
            self.limit += "; ";
        }
        self.limit += &limit.into();
        self
    }

    /// `None`: no peer was asked for, or it could not be measured.
    pub fn peer(mut self, peer: Option<String>) -> Row {
        self.peer = peer.unwrap_or_default();
        self
    }

    /// One goal; a row may have several.
    pub fn goal(mut self, goal: impl Into<String>, is_met: bool) -> Row {
        let mark = if is_met { '✓' } else { '✗' };
        if !self.goal.is_empty() {
            self.goal += "; ";
        }
        self.goal += &format!("{mark} {}", goal.into());
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Row {
        self.note = note.into();
        self
    }
}

impl Figures {
    pub fn add(&mut self, row: Row) {
        let told = [&row.what, &row.figure, &row.p99, &row.goal];
        let told: Vec<&str> = told.into_iter().map(String::as_str).collect();
        eprintln!("  {}", told.join(" · "));
        self.0.push(row);
    }

    /// A measurement that could not be made.
    pub fn failed(&mut self, what: &str, why: &str) {
        let why = why.replace(['\n', '|'], " ");
        let cut: String = why.chars().take(300).collect();
        self.add(Row::new(what).figure("not measured").note(cut));
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| what | figure | p50 | p99 | limit here | PostgreSQL here | goal | note |\n\
             |---|---:|---:|---:|---|---|---|---|"
        )?;
        for row in &self.0 {
            let cells = [
                &row.what,
                &row.figure,
                &row.p50,
                &row.p99,
                &row.limit,
                &row.peer,
                &row.goal,
                &row.note,
            ];
            writeln!(f, "| {} |", cells.map(String::as_str).join(" | "))?;
        }
        Ok(())
    }
}

/// What a number of clients did: the latency of each call, ascending, and how
/// long all of it took.
#[derive(Clone, Default)]
pub struct Load {
    latencies: Vec<Duration>,
    took: Duration,
}

impl Load {
    pub fn new(mut latencies: Vec<Duration>, took: Duration) -> Load {
        latencies.sort_unstable();
        Load { latencies, took }
    }

    /// Slices of the same load, taken at different times.
    pub fn join(slices: impl IntoIterator<Item = Load>) -> Load {
        let (mut latencies, mut took) = (Vec::new(), Duration::ZERO);
        for slice in slices {
            latencies.extend(slice.latencies);
            took += slice.took;
        }
        Load::new(latencies, took)
    }

    pub fn calls(&self) -> usize {
        self.latencies.len()
    }

    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    pub fn p50(&self) -> Duration {
        self.at(0.5)
    }

    pub fn p99(&self) -> Duration {
        self.at(0.99)
    }

    fn at(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        let at = (self.latencies.len() as f64 * share) as usize;
        self.latencies
            .get(at.min(last))
            .copied()
            .unwrap_or_default()
    }
}

pub fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

pub fn per_second(rate: f64) -> String {
    format!("{}/s", count(rate))
}

/// With commas between thousands; small numbers with their decimals.
pub fn count(number: f64) -> String {
    if number < 10.0 {
        return format!("{number:.2}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Cells or cases in short: 216k, 2.05M.
pub fn size(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => format!("{}k", (number + 500) / 1_000),
        _ => format!("{:.2}M", number as f64 / 1e6),
    }
}

/// "1 client", "16 clients".
pub fn of(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
