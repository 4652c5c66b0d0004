//! The office burned down: a node, or the hub, comes back from an encrypted
//! backup; what is lost is named record by record, and the numbers are right.
//! `TONGXIN_DRILLS` says how often.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Caller,
    district::{HEPING, RUIQUAN},
    eventually,
    process::{tongxin, tongxin_ok},
    random::{self, Random},
    this_year,
};

/// What is promised from the loss to numbers that are right again.
const PROMISED: Duration = Duration::from_secs(15 * 60);

fn drills(drill: impl Fn(u64) -> Duration) {
    let count = random::count("TONGXIN_DRILLS", 1);
    let slowest = (0..count as u64).map(drill).max().unwrap_or_default();
    assert!(slowest < PROMISED, "{slowest:?}");
    eprintln!("{count} drills: slowest {:.1} s", slowest.as_secs_f64());
}

#[test]
fn a_burned_office_comes_back_and_its_missing_records_are_named() {
    drills(node_drill);
}

#[test]
fn a_burned_hub_comes_back_and_its_nodes_bring_what_it_lost() {
    drills(hub_drill);
}

fn node_drill(round: u64) -> Duration {
    let mut random = Random(round);
    let mut draw = |most: usize| 1 + random.below(most);
    let district = District::start(&format!("drill-node-{round}"));
    let mut ruiquan = district.joined(RUIQUAN);
    let secret = recovery_key(&district, ruiquan.path());
    let (before, during, after, since) = (draw(6), draw(6), draw(6), draw(3));
    report(&ruiquan, before);
    // While people work.
    let file = district.path().join("node.backup");
    thread::scope(|scope| {
        let working = scope.spawn(|| report(&ruiquan, during));
        run("node", "backup", &[&ruiquan.dir()], &file, &[]);
        working.join().expect("reported");
    });
    let held = verified("node", &file, &secret);
    report(&ruiquan, after);
    district.settled(&ruiquan);
    let known = head(&district).expect("a head came with the batches");
    let size = |row: &Value, name: &str| row[name].as_u64().expect("a size");
    // A report and an acceptance each, before whatever the line itself records.
    let least = size(&held, "records") + 2 * after as u64;
    let most = size(&ruiquan.status(), "journal_seq");
    assert!((least..=most).contains(&size(&known, "records")), "{known}");

    let lost_at = Instant::now();
    ruiquan.kill();
    fs::remove_dir_all(ruiquan.path()).expect("the node's directory");
    let signed = known["head"].as_str().expect("a head");
    let more = ["--expect-head", signed];
    let restored = restore("node", &ruiquan.dir(), &file, &secret, &more);
    assert_eq!(restored["records"], held["records"]);
    assert_eq!(restored["missing_from"], size(&held, "records") + 1);
    assert_eq!(restored["missing_through"], known["records"]);

    ruiquan.start();
    report(&ruiquan, since);
    eventually("both ends turn it away", || {
        let alarm = district.node_status(RUIQUAN)["alarm"].as_str()?.to_owned();
        let is_away = ruiquan.status()["link_state"] == "QUARANTINED";
        (is_away && alarm.contains("adopt")).then_some(())
    });
    let hub = district.hub_dir();
    tongxin_ok(&["hub", "adopt", "--dir", &hub, "--community", RUIQUAN]);
    ruiquan.stop();
    ruiquan.start();
    district.settled(&ruiquan);
    let all = before + during + after + since;
    district.counted("QS.R01", &this_year(), all as f64);
    let took = lost_at.elapsed();

    // The journal that was given up is no longer held against it.
    ruiquan.stop();
    tongxin_ok(&["node", "verify", "--dir", &ruiquan.dir()]);
    ruiquan.start();
    report(&ruiquan, 1);
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), (all + 1) as f64);
    assert!(district.node_status(RUIQUAN)["alarm"].is_null());
    took
}

fn hub_drill(round: u64) -> Duration {
    let mut random = Random(round);
    let mut draw = |most: usize| 1 + random.below(most);
    let mut district = District::start(&format!("drill-hub-{round}"));
    let (ruiquan, heping) = (district.joined(RUIQUAN), district.joined(HEPING));
    let secret = recovery_key(&district, Path::new(&district.hub_dir()));
    let (before, after, since) = (draw(6), draw(6), draw(3));
    report(&ruiquan, before);
    report(&heping, before);
    district.settled(&ruiquan);
    let file = district.path().join("hub.backup");
    run("hub", "backup", &[&district.hub_dir()], &file, &[]);
    let held = verified("hub", &file, &secret);
    assert_eq!(held["owner"], "wenjiang");
    report(&ruiquan, after);
    district.settled(&ruiquan);
    district.settled(&heping);

    let lost_at = Instant::now();
    district.kill_hub();
    fs::remove_dir_all(district.hub_dir()).expect("the hub's directory");
    report(&heping, since);
    restore("hub", &district.hub_dir(), &file, &secret, &[]);
    district.start_hub();
    district.settled(&ruiquan);
    district.settled(&heping);
    district.counted("QS.R01", &this_year(), (2 * before + after + since) as f64);
    lost_at.elapsed()
}

/// Makes a pair; the public half lies in `dir`.
fn recovery_key(district: &District, dir: &Path) -> PathBuf {
    let secret = district.path().join("recovery.secret");
    let public = tongxin_ok(&["recovery-key", &secret.to_string_lossy()]);
    assert!(public.starts_with("age1"), "{public}");
    fs::write(dir.join("recovery.pub"), public).expect("recovery.pub");
    secret
}

fn report(community: &Community, cases: usize) {
    let mut staff = Caller::new(community, "staff", "");
    for _ in 0..cases {
        staff.report_surely("street-light");
    }
}

/// One row.
fn run(whose: &str, command: &str, dir: &[&str], file: &Path, more: &[&str]) -> Value {
    let file = file.to_string_lossy();
    let mut all = vec![whose, command, &file, "--output", "json"];
    for dir in dir {
        all.extend(["--dir", dir]);
    }
    all.extend(more);
    let rows: Value = serde_json::from_str(&tongxin_ok(&all)).expect("JSON");
    rows[0].clone()
}

fn verified(whose: &str, file: &Path, secret: &Path) -> Value {
    let secret = secret.to_string_lossy();
    let more = ["--recovery-key", &secret];
    run(whose, "verify-backup", &[], file, &more)
}

fn restore(whose: &str, dir: &str, file: &Path, secret: &Path, more: &[&str]) -> Value {
    let secret = secret.to_string_lossy();
    let more = [&["--recovery-key", &*secret], more].concat();
    run(whose, "restore", &[dir], file, &more)
}

/// `None`: the hub knows none yet.
fn head(district: &District) -> Option<Value> {
    let dir = district.hub_dir();
    let output = tongxin(&[
        "hub",
        "head",
        "--dir",
        &dir,
        "--community",
        RUIQUAN,
        "--output",
        "json",
    ]);
    let rows: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(rows[0].clone())
}
