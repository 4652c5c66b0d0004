//! A community whose machine was put back from an old copy, or copied: noticed,
//! turned away, and let in again as an operator says.

use std::{fs, path::Path};

use crate::harness::{
    Community, District,
    calls::Caller,
    district::RUIQUAN,
    eventually,
    process::{tongxin, tongxin_ok},
    this_year,
};

#[test]
fn a_restored_node_adopts_what_it_lost_and_adds_what_it_recorded_since() {
    let district = District::start("restore-adopt");
    let mut ruiquan = district.joined(RUIQUAN);
    report(&ruiquan, 3);
    district.settled(&ruiquan);
    let copy = copied(&mut ruiquan);
    ruiquan.start();
    report(&ruiquan, 4);
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 7.0);

    put_back(&mut ruiquan, &copy);
    report(&ruiquan, 2);
    turned_away(&district, &ruiquan);
    district.counted("QS.R01", &this_year(), 7.0);

    decide(&district, "adopt");
    refused(&district, "restate");
    ruiquan.stop();
    ruiquan.start();
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 9.0);
    assert!(district.node_status(RUIQUAN)["alarm"].is_null());

    // What it took back it keeps, also when its view is made anew.
    ruiquan.stop();
    fs::remove_dir_all(ruiquan.path().join("view")).expect("a view");
    ruiquan.start();
    report(&ruiquan, 1);
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 10.0);
    ruiquan.stop();
    tongxin_ok(&["node", "verify", "--dir", &ruiquan.dir()]);
}

#[test]
fn a_restored_node_that_restates_counts_what_it_holds() {
    let district = District::start("restore-restate");
    let mut ruiquan = district.joined(RUIQUAN);
    report(&ruiquan, 3);
    district.settled(&ruiquan);
    let copy = copied(&mut ruiquan);
    ruiquan.start();
    report(&ruiquan, 4);
    district.settled(&ruiquan);

    put_back(&mut ruiquan, &copy);
    report(&ruiquan, 2);
    turned_away(&district, &ruiquan);
    decide(&district, "restate");
    ruiquan.stop();
    ruiquan.start();
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 5.0);
}

fn report(community: &Community, cases: usize) {
    let mut staff = Caller::new(community, "staff", "");
    for _ in 0..cases {
        staff.report_surely("street-light");
    }
}

/// A cold copy of the node's directory.
fn copied(community: &mut Community) -> std::path::PathBuf {
    community.stop();
    let copy = community.path().with_extension("copy");
    copy_dir(community.path(), &copy);
    copy
}

fn put_back(community: &mut Community, copy: &Path) {
    community.kill();
    fs::remove_dir_all(community.path()).expect("the node's directory");
    copy_dir(copy, community.path());
    community.start();
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy_dir(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a copy")),
        }
    }
}

/// Waits until both ends say so, and the hub names the ways out.
fn turned_away(district: &District, community: &Community) {
    eventually("the node is quarantined", || {
        let status = district.node_status(RUIQUAN);
        let alarm = status["alarm"].as_str()?;
        let named = ["adopt", "restate"].iter().all(|way| alarm.contains(way));
        (named && community.status()["link_state"] == "QUARANTINED").then_some(())
    });
    let status = district.node_status(RUIQUAN);
    assert!(status["quarantined_at"].is_string(), "{status}");
    let alarm = &status["alarms"][0];
    assert_eq!(alarm["kind"], "quarantined");
    let commands = alarm["commands"].as_array().expect("commands");
    let ways: Vec<String> = ["adopt", "restate"]
        .map(|way| format!("tongxin hub {way} --community {RUIQUAN}"))
        .into();
    assert!(
        ways.iter()
            .all(|way| commands.contains(&way.as_str().into())),
        "{alarm}"
    );
}

fn decide(district: &District, way: &str) {
    tongxin_ok(&[
        "hub",
        way,
        "--dir",
        &district.hub_dir(),
        "--community",
        RUIQUAN,
    ]);
}

fn refused(district: &District, way: &str) {
    let output = tongxin(&[
        "hub",
        way,
        "--dir",
        &district.hub_dir(),
        "--community",
        RUIQUAN,
    ]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && stderr.contains("twice"),
        "{stderr}"
    );
}
