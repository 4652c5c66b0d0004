//! A number that crosses its bound warns the centre responsible, once.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::harness::{
    District,
    calls::Caller,
    catalogue_of_one,
    district::{RUIQUAN, rows},
    eventually,
    process::tongxin_ok,
};

#[test]
fn a_bad_day_warns_once_and_is_taken_up() {
    let mut district = District::start("watch");
    let hub = district.hub_dir();
    // What was reported, by the day on which it came in.
    let reports = catalogue_of_one(9_300).replace("case.accepted", "case.reported");
    let catalogue = district.path().join("reports.toml");
    fs::write(&catalogue, reports).unwrap();
    tongxin_ok(&[
        "hub",
        "catalogue",
        "publish",
        "--dir",
        &hub,
        &catalogue.to_string_lossy(),
    ]);
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let yesterday = Timestamp::now() - SignedDuration::from_hours(24);
    for _ in 0..3 {
        staff.report_of("street-light", yesterday).unwrap();
    }

    let watch = |args: &[&str]| {
        let args: Vec<&str> = [&["hub", "watch"], args, &["--dir", &hub]].concat();
        tongxin_ok(&args)
    };
    watch(&[
        "set",
        "many-reports",
        "--indicator",
        "QS.X9300",
        "--above",
        "3",
        "--clear",
        "2",
        "--grain",
        "day",
        "--centre",
        "care",
        "--note",
        "看看出了什么事",
    ]);
    let warnings = || rows(&watch(&["warnings", "--open", "--output", "json"]));
    let warning: Value = eventually("a warning", || warnings().into_iter().next());
    assert_eq!(warning["place"], RUIQUAN);
    assert_eq!(warning["value"], 3.0);
    assert_eq!(warning["centre"], "care");

    let number = warning["number"].as_str().unwrap().to_owned();
    watch(&["acknowledge", &number, "--note", "派人去看"]);
    let by = warnings()[0]["acknowledged_by"].clone();
    assert!(by.as_str().unwrap().starts_with("operator/"), "{by}");
    // One more does not warn again, and nothing is forgotten over a restart.
    staff.report_of("street-light", yesterday).unwrap();
    district.settled(&ruiquan);
    district.kill_hub();
    district.start_hub();
    assert_eq!(warnings().len(), 1, "kept, and still one");
    watch(&["retire", "many-reports"]);
    assert_eq!(warnings().len(), 0, "cleared with its rule");
}
