//! What those who look after a district see: its status, and the same numbers
//! for their monitoring.

use std::{fs, path::Path};

use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Caller,
    district::{HEPING, RUIQUAN, free_port},
    monitoring::{get, parse, scrape},
    process::{tongxin, tongxin_ok},
};

/// Two communities, one of which has never joined; both servers with metrics.
fn watched(test: &str) -> (District, Community, [String; 2]) {
    let addresses = [free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
    let address = format!("127.0.0.1:{}", free_port());
    let mut district = District::founded(test, &address);
    with_metrics(
        &Path::new(&district.hub_dir()).join("hub.toml"),
        &addresses[0],
    );
    district.start_hub();
    let community = district.community(RUIQUAN);
    with_metrics(&community.path().join("config.toml"), &addresses[1]);
    let community = district.join(community);
    (district, community, addresses)
}

fn with_metrics(config: &Path, address: &str) {
    let text = fs::read_to_string(config).expect("a configuration");
    fs::write(config, format!("metrics = \"{address}\"\n{text}")).expect("a configuration");
}

#[test]
fn the_metrics_are_those_of_the_status() {
    let (district, ruiquan, [hub_at, node_at]) = watched("metrics");
    let mut staff = Caller::new(&ruiquan, "staff", "");
    (0..3).for_each(|_| drop(staff.report_surely("street-light")));
    district.settled(&ruiquan);

    let row = district.node_status(RUIQUAN);
    let hub = scrape(&hub_at);
    let of = |name: &str| hub[&format!("tongxin_hub_node_{name}{{community=\"{RUIQUAN}\"}}")];
    let said = |key: &str| {
        row[key]
            .as_f64()
            .unwrap_or_else(|| panic!("{key} in {row}"))
    };
    assert_eq!(of("acked_seq"), said("acked_seq"));
    assert_eq!(of("lag_cells"), said("lag_seq"));
    assert_eq!(of("rejected_cells"), said("rejected_cells"));
    assert_eq!((of("quarantined"), of("alarms")), (0.0, 0.0));
    let close = |a: f64, b: f64| (a - b).abs() <= 5.0;
    assert!(close(
        of("certificate_expiry_seconds"),
        said("certificate_left_s")
    ));
    assert!(close(of("lag_seconds"), said("lag_s")));
    assert_eq!(hub["tongxin_hub_connected_nodes"], 1.0);
    assert_eq!(
        hub["tongxin_hub_communities"],
        district.status().len() as f64
    );
    let applied = hub["tongxin_hub_applied_cells_total"];
    assert!(
        applied > 0.0 && applied >= hub["tongxin_hub_cells"],
        "{applied}"
    );
    assert!(hub["tongxin_hub_commit_seconds_count"] > 0.0);
    // Bounded by the register: one series a community, also of those never seen.
    let series = hub
        .keys()
        .filter(|key| key.starts_with("tongxin_hub_node_acked_seq{"));
    assert_eq!(series.count(), district.status().len());

    let status = ruiquan.status();
    let node = scrape(&node_at);
    for (name, key) in [
        ("journal_seq", "journal_seq"),
        ("open_cases", "open_cases"),
        ("cell_seq", "head_cell_seq"),
        ("rejected_cells", "rejected_cells"),
    ] {
        let value = node[&format!("tongxin_node_{name}")];
        assert_eq!(Some(value), status[key].as_f64(), "{name}");
    }
    assert_eq!(
        (node["tongxin_node_lag_cells"], node["tongxin_node_epoch"]),
        (0.0, 1.0)
    );
    assert!(
        node.keys()
            .any(|key| key.starts_with("tongxin_node_link{state="))
    );
    assert!(node["tongxin_node_certificate_expiry_seconds"] > 13.0 * 86_400.0);
    assert!(node["tongxin_node_disk_free_bytes"] > 0.0);

    // A stranger at the hub's door is counted.
    let (before, _) = (
        hub["tongxin_hub_handshakes_refused_total"],
        get(&hub_at, "/metrics"),
    );
    let mut stranger = std::net::TcpStream::connect(&district.address).unwrap();
    std::io::Write::write_all(&mut stranger, b"GET / HTTP/1.1\r\n\r\n").unwrap();
    crate::harness::eventually("it is turned away", || {
        let now = scrape(&hub_at)["tongxin_hub_handshakes_refused_total"];
        (now > before).then_some(())
    });
    assert!(get(&hub_at, "/").0.starts_with("HTTP/1.1 404"));
}

#[test]
fn one_node_is_shown_in_full() {
    let (district, ruiquan, _) = watched("status");
    district.settled(&ruiquan);
    let dir = district.hub_dir();
    let status = ["hub", "status", "--dir", &dir, "--community"];
    let shown = |code: &str, more: &[&str]| {
        let args: Vec<&str> = status.iter().chain([&code]).chain(more).copied().collect();
        tongxin_ok(&args)
    };
    let row: Value = serde_json::from_str(&shown(RUIQUAN, &["--output", "json"])).unwrap();
    assert_eq!(row[0]["community"], RUIQUAN);
    assert_eq!(row[0]["state"], "connected");
    assert_eq!(
        (&row[0]["protocol"], &row[0]["lag_seq"]),
        (&1.into(), &0.into())
    );
    assert_eq!(row[0]["alarms"], Value::Array(Vec::new()));
    assert!(row[0]["software"].as_str().unwrap().starts_with("tongxin/"));
    for (locale, heading) in [("zh", "水位"), ("en", "complete until")] {
        let table = shown(RUIQUAN, &["--locale", locale]);
        assert!(
            table.contains(heading) && table.contains(RUIQUAN),
            "{table}"
        );
    }
    assert!(shown(HEPING, &[]).contains("never-seen"));
    let unknown = tongxin(&[
        "hub",
        "status",
        "--dir",
        &dir,
        "--community",
        "999999999999",
    ]);
    assert_ne!(unknown.status.code(), Some(0));
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(
        said.contains("999999999999") && said.contains("register list"),
        "{said}"
    );
}

#[test]
fn the_reader_of_metrics_is_strict() {
    let good = "# HELP a A.\n# TYPE a gauge\na 1.0\n# HELP h H.\n# TYPE h histogram\n\
                h_sum 1.0\nh_count 2\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\n# EOF\n";
    assert_eq!(parse(good).unwrap()["a"], 1.0);
    for (from, to) in [
        ("# EOF\n", ""),
        ("a 1.0", "b 1.0"),
        ("a 1.0", "a one"),
        ("a 1.0\n", "a 1.0\na 1.0\n"),
        ("a 1.0\n", ""),
        ("a 1.0", "a{x=\"\\t\"} 1.0"),
        ("a 1.0", "a{x=\"1\" 1.0"),
        ("gauge", "counter"),
        ("gauge", "thing"),
        ("# HELP h H.", "# HELP a H."),
        ("h_count 2", "h_count 3"),
        ("h_bucket{le=\"+Inf\"} 2\n", ""),
        ("h_bucket{le=\"1.0\"} 1", "h_bucket{le=\"1.0\"} 3"),
    ] {
        assert!(good.contains(from), "{from}");
        parse(&good.replacen(from, to, 1)).expect_err(to);
    }
}
