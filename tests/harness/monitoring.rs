//! Reads a server's page of numbers as strictly as OpenMetrics 1.0 is written:
//! what a lenient reader would pass over is an error here.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// Samples by name and labels, as they stand: `name{label="value"}`.
pub type Samples = BTreeMap<String, f64>;

/// The page at `address`, well formed.
pub fn scrape(address: &str) -> Samples {
    let (head, body) = get(address, "/metrics");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let format = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(head.contains(format), "{head}");
    parse(&body).unwrap_or_else(|wrong| panic!("{wrong}\n{body}"))
}

pub fn get(address: &str, path: &str) -> (String, String) {
    let mut socket = TcpStream::connect(address).expect("the metrics' port");
    let patience = Some(Duration::from_secs(10));
    socket.set_read_timeout(patience).expect("a timeout");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned() + "\r\n", body.to_owned())
}

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    samples: usize,
    /// Of a histogram: all it counted, its last bucket, and whether that was the end.
    count: Option<f64>,
    bucket: f64,
    closed: bool,
}

pub fn parse(text: &str) -> Result<Samples, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("no # EOF at the end")?;
    let mut samples = Samples::new();
    let mut seen = BTreeSet::new();
    let mut family = Family::default();
    for line in body.lines() {
        let wrong = |why: &str| Err(format!("{why}: {line:?}"));
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').ok_or(format!("no text: {line:?}"))?;
            if !is_name(name) || help.is_empty() || !seen.insert(name.to_owned()) {
                return wrong("a family's name, once, and its help");
            }
            end(&family)?;
            family = Family {
                name: name.to_owned(),
                ..Family::default()
            };
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let kinds = ["gauge", "counter", "info", "histogram"];
            let is_next = rest.split_once(' ').is_some_and(|(name, kind)| {
                name == family.name && kinds.contains(&kind) && family.kind.is_empty()
            });
            if !is_next {
                return wrong("a type after its help, once");
            }
            family.kind = rest[family.name.len() + 1..].to_owned();
        } else {
            let (key, value) = line.rsplit_once(' ').ok_or(format!("no value: {line:?}"))?;
            let value: f64 = value.parse().map_err(|_| format!("no number: {line:?}"))?;
            take(&mut family, key, value).map_err(|why| format!("{why}: {line:?}"))?;
            if samples.insert(key.to_owned(), value).is_some() {
                return wrong("the same sample twice");
            }
        }
    }
    end(&family)?;
    Ok(samples)
}

fn take(family: &mut Family, key: &str, value: f64) -> Result<(), String> {
    let (name, labels) = match key.split_once('{') {
        None => (key, Vec::new()),
        Some((name, rest)) => (name, labels(rest)?),
    };
    let suffix = name.strip_prefix(family.name.as_str());
    let suffix = suffix.ok_or("a sample of another family")?;
    family.samples += 1;
    let le = labels.iter().find(|(label, _)| label == "le");
    match (family.kind.as_str(), suffix) {
        ("gauge", "") => Ok(()),
        ("counter", "_total") if value >= 0.0 => Ok(()),
        ("info", "_info") if value == 1.0 && !labels.is_empty() => Ok(()),
        ("histogram", "_sum") if value >= 0.0 => Ok(()),
        ("histogram", "_count") if value >= 0.0 => {
            family.count = Some(value);
            Ok(())
        }
        ("histogram", "_bucket") if !family.closed => {
            let (_, bound) = le.ok_or("a bucket without a bound")?;
            if value < family.bucket {
                return Err("buckets that shrink".to_owned());
            }
            family.bucket = value;
            family.closed = bound == "+Inf";
            match family.count {
                Some(count) if family.closed && count != value => {
                    Err("a last bucket that is not the count".to_owned())
                }
                Some(_) => Ok(()),
                None => Err("buckets before their count".to_owned()),
            }
        }
        _ => Err(format!("no sample of a {}", family.kind)),
    }
}

/// A family has samples, and a histogram its last bucket.
fn end(family: &Family) -> Result<(), String> {
    let is_whole = family.name.is_empty()
        || (family.samples > 0 && (family.kind != "histogram" || family.closed));
    is_whole
        .then_some(())
        .ok_or(format!("{} is not whole", family.name))
}

/// `label="value",…}`, with `\\`, `\"` and `\n` escaped and nothing else.
fn labels(text: &str) -> Result<Vec<(String, String)>, String> {
    let text = text.strip_suffix('}').ok_or("labels without an end")?;
    let mut labels: Vec<(String, String)> = Vec::new();
    let mut rest = text;
    loop {
        let (label, value) = rest.split_once("=\"").ok_or("a label without a value")?;
        let mut said = String::new();
        let mut chars = value.char_indices();
        let end = loop {
            match chars.next().ok_or("a value without an end")? {
                (at, '"') => break at,
                (_, '\\') => match chars.next() {
                    Some((_, c @ ('\\' | '"'))) => said.push(c),
                    Some((_, 'n')) => said.push('\n'),
                    _ => return Err("an unknown escape".to_owned()),
                },
                (_, c) => said.push(c),
            }
        };
        if !is_name(label) || labels.iter().any(|(other, _)| other == label) {
            return Err(format!("label {label:?}"));
        }
        labels.push((label.to_owned(), said));
        rest = match &value[end + 1..] {
            "" => return Ok(labels),
            more => more.strip_prefix(',').ok_or("no comma between labels")?,
        };
    }
}

fn is_name(text: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_first) && text.chars().all(|c| is_first(c) || c.is_ascii_digit())
}
