//! An answer saved as files, opened by readers that are not ours.

use std::env;
use std::path::Path;
use std::process::Command;

use proto::pb::node::RatingLevel;
use serde_json::{Value, json};

use crate::harness::process::{tongxin, tongxin_ok};
use crate::harness::{District, calls::Caller, district::RUIQUAN, this_year};

#[test]
fn four_formats_hold_the_same_numbers_and_say_how_they_came_about() {
    let Ok(python) = env::var("TONGXIN_PYTHON") else {
        panic!("TONGXIN_PYTHON is not set: run ./tests/run, which makes a Python with readers");
    };
    let district = District::start("exchange");
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    for level in [RatingLevel::Bad, RatingLevel::Good, RatingLevel::Good] {
        let mut resident = Caller::new(&ruiquan, "resident", "wang");
        let case = resident.report("street-light", "路灯").unwrap().name;
        staff.accept(&case).unwrap();
        staff.complete(&case).unwrap();
        resident.rate(&case, level).unwrap();
    }
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 3.0);

    let folder = district.path().join("files");
    std::fs::create_dir(&folder).unwrap();
    let (hub, year) = (district.hub_dir(), this_year());
    let ask = ["hub", "query", "QS.R04", "--dir", &hub, "--from", &year];
    for ending in ["xlsx", "parquet", "adx.xml", "dhis2.json", "csv"] {
        let file = folder.join(format!("answer.{ending}"));
        let file = file.to_string_lossy().into_owned();
        let save = ["--by", "community", "--grain", "year", "--save", &file];
        tongxin_ok(&[&ask[..], &save].concat());
        let method = std::fs::read_to_string(format!("{file}.method.txt")).unwrap();
        for said in [
            "QS.R04@1",
            "覆盖 coverage",
            "case.rated where",
            "保护 protection: A",
        ] {
            assert!(method.contains(said), "{said} not in:\n{method}");
        }
    }
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/adx.xsd");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/read_files.py");
    let output = Command::new(python)
        .arg(script)
        .arg(&folder)
        .arg(schema)
        .output();
    let output = output.expect("python runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for format in ["xlsx", "parquet", "adx", "dhis2"] {
        assert_eq!(read[format][RUIQUAN], json!([1, 3]), "{format}: {read}");
    }

    let odd = tongxin(&[&ask[..], &["--save", "answer.pdf"]].concat());
    assert_eq!(odd.status.code(), Some(2));
    let unplaced = folder
        .join("unplaced.adx.xml")
        .to_string_lossy()
        .into_owned();
    let unplaced = tongxin(&[&ask[..], &["--save", &unplaced]].concat());
    assert_eq!(unplaced.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unplaced.stderr).contains("--place"));
}
