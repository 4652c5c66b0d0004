//! An audit on site: the numbers that the hub holds follow from the node's journal, as
//! our program and another one, in another language, work out; and whoever changes one
//! of them is found out.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use proto::pb::node::RatingLevel;
use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Caller,
    district::RUIQUAN,
    process::{eventually, tongxin, tongxin_ok},
    this_year,
};

/// A count, a sum, a ratio, a histogram, a quantile, a level and a distinct count are
/// in the shipped catalogue or here; of classes B and C are these.
const PROTECTED: &str = r#"
[[indicator]]
id = 901
code = "T.B1"
revision = 1
name_zh = "求助居民"
name_en = "Residents helped"
unit = "件"
accumulator = { kind = "count", of = { fact_type = "case.accepted" } }
base_grain = "month"
coarser_grains = ["year"]
breakdowns = []
protection = "B"
direction = "context"
owner = "区"
reason = "试"

[[indicator]]
id = 902
code = "T.C1"
revision = 1
name_zh = "好评率"
name_en = "Share of good ratings"
unit = "%"
accumulator = { kind = "ratio", of = { fact_type = "case.rated", filter = "bad == \"no\"" }, denominator = { fact_type = "case.rated" } }
base_grain = "quarter"
coarser_grains = ["year"]
breakdowns = []
protection = "C"
direction = "higher"
owner = "区"
reason = "试"
"#;

/// A district in which a resident was helped in several ways.
fn scene(test: &str) -> (District, Community) {
    let district = District::start(test);
    let ruiquan = district.joined(RUIQUAN);
    let file = district.path().join("protected.toml");
    fs::write(&file, PROTECTED).expect("a catalogue");
    let (hub, file) = (district.hub_dir(), file.to_string_lossy().into_owned());
    tongxin_ok(&["hub", "catalogue", "publish", "--dir", &hub, &file]);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    for (n, level) in [RatingLevel::Bad, RatingLevel::Good]
        .iter()
        .cycle()
        .take(7)
        .enumerate()
    {
        let mut resident = Caller::new(&ruiquan, "resident", &format!("wang-{n}"));
        let category = ["street-light", "noise"][n % 2];
        let case = resident.report(category, "路灯").unwrap().name;
        staff.accept(&case).unwrap();
        staff.complete(&case).unwrap();
        resident.rate(&case, *level).unwrap();
    }
    district.counted("QS.R01", &this_year(), 7.0);
    district.settled(&ruiquan);
    (district, ruiquan)
}

/// The audit's one row, and its exit code.
fn audited(node: &Community, more: &[&str]) -> (Value, Option<i32>) {
    let dir = node.dir();
    let args = ["node", "audit", "--dir", &dir, "--output", "json"];
    let output = tongxin(&[&args[..], more].concat());
    let row = serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default();
    (row[0].clone(), output.status.code())
}

/// Once the release of what was recorded last is here.
fn agreed(node: &Community, more: &[&str]) -> Value {
    eventually("the audit agrees", || {
        let (row, code) = audited(node, more);
        (code == Some(0)).then_some(row)
    })
}

fn exported(district: &District, to: &str, more: &[&str]) -> PathBuf {
    let bundle = district.path().join(to);
    let (hub, path) = (district.hub_dir(), bundle.to_string_lossy().into_owned());
    let args = [
        "hub",
        "audit-export",
        "--dir",
        &hub,
        "--community",
        RUIQUAN,
        &path,
    ];
    tongxin_ok(&[&args[..], more].concat());
    bundle
}

/// The other implementation's report, and its exit code.
fn second(bundle: &Path, node: &Community, key: bool) -> (Value, Option<i32>) {
    let python = env::var("TONGXIN_PYTHON").expect("TONGXIN_PYTHON: run ./tests/run");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/audit.py");
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(script).arg(bundle).arg(node.path());
    if key {
        command.arg("--key").arg(node.path().join("keys/index"));
    }
    let output = command.output().expect("python runs");
    let report = serde_json::from_slice(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    (
        report.unwrap_or_else(|_| panic!("{stderr}")),
        output.status.code(),
    )
}

#[test]
fn two_programs_work_the_same_numbers_out_of_the_journal() {
    let (district, mut ruiquan) = scene("audit");
    let all = agreed(&ruiquan, &[]);
    assert!(all["releases"].as_u64() >= Some(1), "{all}");
    assert!(all["compared_cells"].as_u64() > Some(9), "{all}");
    let one = agreed(&ruiquan, &["--indicator", "T.B1"]);
    assert_eq!(one["compared_cells"], 1, "{one}");

    // Somebody is forgotten; the numbers stand, and still follow.
    let dir = ruiquan.dir();
    tongxin_ok(&["node", "erase", "--dir", &dir, "cases/1"]);
    assert_eq!(
        agreed(&ruiquan, &[])["compared_cells"],
        all["compared_cells"]
    );
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let case = staff.report("noise", "太吵").unwrap().name;
    staff.accept(&case).unwrap();
    district.settled(&ruiquan);
    assert!(agreed(&ruiquan, &[])["releases"].as_u64() > all["releases"].as_u64());

    let bundle = exported(&district, "bundle", &[]);
    let path = bundle.to_string_lossy().into_owned();
    ruiquan.stop();
    let (row, code) = audited(&ruiquan, &["--bundle", &path]);
    assert_eq!(
        (&row["agrees"], code),
        (&Value::from("yes"), Some(0)),
        "{row}"
    );
    let (report, code) = second(&bundle, &ruiquan, true);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["compared_cells"], row["compared_cells"], "{report}");
    let (report, code) = second(&bundle, &ruiquan, false);
    assert_eq!(code, Some(0), "{report}");
    // Of T.C1, seven may come to nothing.
    assert!(report["skipped_cells"].as_u64() >= Some(1), "{report}");

    // A number that somebody put right by hand.
    let cells = bundle.join("cells.jsonl");
    let text = fs::read_to_string(&cells).expect("cells");
    let cell = text
        .lines()
        .find(|line| line.contains("\"kind\":10,"))
        .expect("one of T.B1");
    let (start, _) = cell.rsplit_once(":\"").expect("a state");
    let changed = text.replace(cell, &format!("{start}:\"0a14\"}}"));
    assert_ne!(text, changed);
    fs::write(&cells, changed).expect("cells");
    let (row, code) = audited(&ruiquan, &["--bundle", &path]);
    assert_eq!(
        (&row["differing_cells"], code),
        (&Value::from(1), Some(65)),
        "{row}"
    );
    assert_eq!(row["findings"][0]["indicator"], 901, "{row}");
    let (report, code) = second(&bundle, &ruiquan, true);
    assert_eq!(code, Some(65), "{report}");
    assert_eq!(report["differing"][0][0], 901, "{report}");
    fs::write(&cells, text).expect("cells");

    // A release that somebody left out.
    let releases = bundle.join("releases.jsonl");
    let text = fs::read_to_string(&releases).expect("releases");
    let (_, without_first) = text.split_once('\n').expect("a line");
    assert!(!without_first.is_empty(), "one release only");
    fs::write(&releases, without_first).expect("releases");
    let (row, code) = audited(&ruiquan, &["--bundle", &path]);
    assert_eq!(code, Some(65), "{row}");
    assert_eq!(second(&bundle, &ruiquan, true).1, Some(65));
}
