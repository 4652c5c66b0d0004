//! Rules for crates, read from `cargo metadata`: who depends on whom, what is
//! banned, under which licences.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

/// Normal (not build, not dev) dependencies of every package, by name.
fn graph(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            (
                package["id"].as_str().unwrap(),
                package["name"].as_str().unwrap(),
            )
        })
        .collect();
    metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let normal = node["deps"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dependency| {
                    dependency["dep_kinds"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|kind| kind["kind"].is_null())
                });
            let to = normal.map(|dependency| names[dependency["pkg"].as_str().unwrap()].to_owned());
            (names[node["id"].as_str().unwrap()].to_owned(), to.collect())
        })
        .collect()
}

fn reach(graph: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from.to_owned()];
    while let Some(name) = waiting.pop() {
        for next in &graph[&name] {
            if seen.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn dependencies_point_one_way() {
    let graph = graph(&metadata());
    let never: [(&str, &[&str]); 8] = [
        (
            "proto",
            &[
                "tokio",
                "tonic",
                "sled",
                "hyper",
                "journal",
                "node-domain",
                "hub-domain",
            ],
        ),
        (
            "journal",
            &[
                "proto",
                "tonic",
                "sled",
                "hyper",
                "node-domain",
                "hub-domain",
            ],
        ),
        (
            "proto-edge",
            &["sled", "journal", "node-domain", "hub-domain"],
        ),
        (
            "proto-child",
            &[
                "tokio",
                "tonic",
                "sled",
                "hyper",
                "journal",
                "proto-edge",
                "node-domain",
                "hub-domain",
            ],
        ),
        (
            "node-domain",
            &[
                "tokio",
                "tonic",
                "sled",
                "hyper",
                "journal",
                "proto-edge",
                "hub-domain",
            ],
        ),
        (
            "hub-domain",
            &[
                "tokio",
                "tonic",
                "sled",
                "hyper",
                "journal",
                "proto-edge",
                "node-domain",
            ],
        ),
        ("node-server", &["hub-domain", "hub-server"]),
        ("hub-server", &["node-domain", "node-server"]),
    ];
    for (from, forbidden) in never {
        let reached = reach(&graph, from);
        for name in forbidden {
            assert!(!reached.contains(*name), "{from} must not depend on {name}");
        }
    }
}

#[test]
fn banned_crates_stay_out() {
    let banned = [
        "openssl-sys",
        "native-tls",
        "aws-lc-rs",
        "aws-lc-sys",
        "bincode",
        "rustls-pemfile",
        "backoff",
    ];
    let metadata = metadata();
    let names: BTreeSet<&str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    for name in banned {
        assert!(
            !names.contains(name),
            "{name} is banned; deny.toml says why"
        );
    }
}

/// A licence expression passes when one of its alternatives is allowed whole.
fn allowed(expression: &str) -> bool {
    const ALLOWED: [&str; 10] = [
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "MIT",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "Unicode-3.0",
        "CDLA-Permissive-2.0",
        "CC0-1.0",
    ];
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" OR ").any(|choice| {
        choice
            .split(" AND ")
            .all(|part| ALLOWED.contains(&part.trim()))
    }) || plain.split(" AND ").all(|part| {
        part.split(" OR ")
            .any(|choice| ALLOWED.contains(&choice.trim()))
    })
}

#[test]
fn licences_are_ones_we_can_ship() {
    let metadata = metadata();
    let bad: Vec<String> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(allowed))
        .map(|package| {
            format!(
                "{} {}: {}",
                package["name"], package["version"], package["license"]
            )
        })
        .collect();
    assert!(
        bad.is_empty(),
        "licences outside the list of deny.toml:\n  {}",
        bad.join("\n  ")
    );
}

#[test]
fn a_licence_expression_needs_one_whole_choice() {
    assert!(allowed("MIT OR Apache-2.0") && allowed("MIT/Apache-2.0"));
    assert!(allowed("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(!allowed("GPL-3.0") && !allowed("MIT AND GPL-3.0"));
}
