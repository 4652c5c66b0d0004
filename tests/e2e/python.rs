//! A stock client in another language: Python's grpcio with nothing of ours but
//! the address and the credentials.

use std::{env, path::Path, process::Command};

use serde_json::Value;

use crate::harness::{District, calls::Caller, district::RUIQUAN, this_year};

#[test]
fn a_stock_python_client_reads_an_indicator() {
    let Ok(python) = env::var("TONGXIN_PYTHON") else {
        panic!("TONGXIN_PYTHON is not set: run ./tests/run, which makes a Python with grpcio");
    };
    let district = District::start("python");
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let case = staff.report("street-light", "路灯").unwrap().name;
    staff.accept(&case).unwrap();
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 1.0);

    let operator = Path::new(&district.hub_dir()).join("operator");
    let file = |name: &str| operator.join(name).to_string_lossy().into_owned();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/read_indicator.py");
    let output = Command::new(python)
        .arg(script)
        .args([
            &district.address,
            "127.0.0.1",
            &file("roots.pem"),
            &file("member.pem"),
            &file("member.pem"),
        ])
        .args(["QS.R01", &this_year()])
        .output()
        .expect("python runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["rows"][0]["value"]["numerator"], "1", "{answer}");
}
