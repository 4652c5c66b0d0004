//! What the law gives a person: a copy of everything, a correction, deletion; and a
//! trace of who asked for it.

use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Caller,
    district::RUIQUAN,
    process::{tongxin, tongxin_ok},
};

fn subject(node: &Community, command: &str, more: &[&str]) -> String {
    let dir = node.dir();
    let args = ["node", "subject", command, "--dir", &dir];
    tongxin_ok(&[&args[..], more].concat())
}

fn copy(node: &Community, name: &str) -> Value {
    serde_json::from_str(&subject(node, "export", &[name])).expect("JSON")
}

/// What was asked for, oldest first.
fn traces(node: &Community) -> Vec<String> {
    let printed = subject(node, "accesses", &["--output", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&printed).expect("rows");
    let kind = |row: &Value| row["kind"].as_str().expect("a kind").to_owned();
    assert!(
        rows.iter().all(|row| row["token"] == "tokens/1"),
        "{rows:?}"
    );
    rows.iter().rev().map(kind).collect()
}

#[test]
fn a_person_gets_a_copy_a_correction_and_is_forgotten() {
    let district = District::founded("subject", "127.0.0.1:9");
    let mut ruiquan = district.community(RUIQUAN);
    ruiquan.start();
    let mut resident = Caller::new(&ruiquan, "resident", "wx-wang");
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let case = resident
        .report("street-light", "门口的灯不亮")
        .unwrap()
        .name;
    staff.accept(&case).unwrap();
    staff.complete(&case).unwrap();
    let mut other = Caller::new(&ruiquan, "resident", "wx-li");
    let others = other.report("noise", "太吵").unwrap().name;

    for name in [case.as_str(), "residents/wx-wang"] {
        let copy = copy(&ruiquan, name);
        assert_eq!(copy["resident"], "wx-wang", "{copy}");
        assert_eq!(copy["cases"].as_array().map(Vec::len), Some(1), "{copy}");
        let held = &copy["cases"][0];
        assert_eq!(held["case"]["personal"]["text"], "门口的灯不亮");
        assert_eq!(held["events"][2]["text"], "已处理", "{held}");
        assert!(!copy.to_string().contains("太吵"), "{copy}");
    }
    subject(&ruiquan, "correct", &[&case, "--phone", "13900000000"]);
    let corrected = staff.get(&case).unwrap().personal.expect("personal fields");
    assert_eq!(corrected.phone, "13900000000");
    assert_eq!(
        (corrected.name.as_str(), corrected.text.as_str()),
        ("王秀英", "门口的灯不亮")
    );
    assert_eq!(traces(&ruiquan), ["exported", "exported", "corrected"]);

    subject(&ruiquan, "erase", &["residents/wx-wang"]);
    let after = copy(&ruiquan, &case);
    assert_eq!(after["erased"], true, "{after}");
    assert!(!after.to_string().contains("门口"), "{after}");
    assert_eq!(traces(&ruiquan)[3..], ["erased", "exported"]);
    assert!(staff.get(&others).unwrap().personal.is_some());

    let dir = ruiquan.dir();
    let nobody = [
        "node",
        "subject",
        "export",
        "--dir",
        &dir,
        "residents/wx-zhao",
    ];
    let refused = tongxin(&nobody);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("no personal data is held"),
        "{said}"
    );
    ruiquan.stop();
}
