//! Stores that an earlier build wrote, opened by this one; stores of a newer
//! build, refused with words. `tests/data/stores/make` writes the fixture.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use proto::pb::node::Lifecycle;
use serde_json::{Value, json};

use crate::harness::{
    Community, District,
    calls::Caller,
    district::{RUIQUAN, free_port},
    process::Scratch,
    this_year,
};

const TEXT: &str = "三栋楼下路灯不亮";
/// Digits of the formats that there were.
const FORMATS: [&str; 1] = ["1"];
fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stores")
}

fn tar(args: &[&str]) {
    let status = Command::new("tar").args(args).status().expect("tar");
    assert!(status.success(), "tar {args:?}");
}

/// The fixture in a directory of the test's, and what it holds.
fn unpacked(test: &str, format: &str) -> (Scratch, Value) {
    let scratch = Scratch::new(test);
    let archive = data().join(format!("format-{format}.tar.gz"));
    let into = scratch.path().to_string_lossy().into_owned();
    tar(&["xzf", &archive.to_string_lossy(), "-C", &into]);
    let known = fs::read_to_string(data().join(format!("format-{format}.json")));
    let known = serde_json::from_str(&known.expect("what it holds")).expect("JSON");
    (scratch, known)
}

#[test]
fn a_node_of_every_earlier_format_is_read() {
    for format in FORMATS {
        let (scratch, known) = unpacked(&format!("upgrade-node-{format}"), format);
        let address = format!("127.0.0.1:{}", free_port());
        let mut node = Community::existing(scratch.path().join(RUIQUAN), RUIQUAN, &address);
        let dir = node.dir();
        let verified = crate::harness::process::tongxin_ok(&["node", "verify", "--dir", &dir]);
        let root = known["journal_root"].as_str().expect("a root");
        assert!(verified.contains(root), "{verified}");
        node.start();
        let status = node.status();
        for key in [
            "cases",
            "open_cases",
            "cells",
            "head_cell_seq",
            "catalogue_seq",
        ] {
            assert_eq!(status[key], known[key], "{key}");
        }
        let token = fs::read_to_string(node.path().join("admin.token")).expect("a token");
        let mut admin = Caller::with_token(&node, token.trim().to_owned());
        let name = known["case"].as_str().expect("a case");
        let case = admin.get(name).expect("the case");
        assert_eq!(case.lifecycle(), Lifecycle::Completed);
        assert_eq!(case.personal.expect("its personal fields").text, TEXT);
        assert_eq!(json!(admin.events(name)), known["events"]);
        // It is written to as before.
        let case = admin.report("street-light", "新的").expect("a report");
        assert!(admin.all().contains(&case.name));
        node.stop();
    }
}

#[test]
fn a_hub_of_every_earlier_format_is_read() {
    for format in FORMATS {
        let (scratch, known) = unpacked(&format!("upgrade-hub-{format}"), format);
        let dir = scratch.path().join("hub");
        let address = format!("127.0.0.1:{}", free_port());
        let mut district = District::existing(scratch, dir, &address);
        district.start_hub();
        let year = known["year"].as_str().expect("a year");
        district.counted("QS.R01", year, known["reported"].as_f64().expect("a count"));
        let row = district.node_status(RUIQUAN);
        assert_eq!(row["acked_seq"], known["head_cell_seq"]);
        assert_eq!(row["state"], "away");
        assert_eq!(district.status().len() as u64, known["communities"]);
        assert_eq!(district.stop_hub(), Some(0));
    }
}

/// One file of a newer build, and what the refusal names.
struct Newer {
    path: &'static str,
    make: fn(&Path),
    says: &'static [&'static str],
}

#[test]
fn what_a_newer_build_wrote_is_refused_with_words() {
    let stamp = |path: &Path| {
        let text = fs::read_to_string(path).expect("a stamp");
        let newer = text.replace("format 1", "format 2");
        assert_ne!(text, newer);
        fs::write(path, newer).expect("a stamp");
    };
    let key = |path: &Path| {
        let mut bytes = fs::read(path).expect("a key file");
        bytes[7] += 1;
        fs::write(path, bytes).expect("a key file");
    };
    let config = |path: &Path| {
        let text = fs::read_to_string(path).expect("a configuration");
        fs::write(path, format!("future = 1\n{text}")).expect("a configuration");
    };
    let format: &[&str] = &["has format 2", "use a newer program"];
    let node = [
        Newer {
            path: "journal/format",
            make: stamp,
            says: format,
        },
        Newer {
            path: "keys/epoch",
            make: key,
            says: format,
        },
        Newer {
            path: "keys/index",
            make: key,
            says: format,
        },
        Newer {
            path: "config.toml",
            make: config,
            says: &["future", "config.toml"],
        },
    ];
    let hub = [
        Newer {
            path: "journal/format",
            make: stamp,
            says: format,
        },
        Newer {
            path: "hub.toml",
            make: config,
            says: &["future", "hub.toml"],
        },
    ];
    for (kind, folder, newer) in [("node", RUIQUAN, &node[..]), ("hub", "hub", &hub[..])] {
        for newer in newer {
            let (scratch, _) = unpacked("upgrade-newer", FORMATS[FORMATS.len() - 1]);
            let dir = scratch.path().join(folder);
            (newer.make)(&dir.join(newer.path));
            let said = refused(&[kind, "serve", "--dir", &dir.to_string_lossy()]);
            for want in newer.says {
                assert!(said.contains(want), "{}: {want:?} in {said}", newer.path);
            }
        }
    }
}

/// What a server says that does not come up.
fn refused(args: &[&str]) -> String {
    let output = Command::new("timeout")
        .arg("60")
        .arg(env!("CARGO_BIN_EXE_tongxin"))
        .args(args)
        .env("TONGXIN_LOCALE", "en")
        .output()
        .expect("timeout");
    let code = output.status.code();
    assert!(
        !matches!(code, Some(0 | 124) | None),
        "{args:?} serves: {code:?}"
    );
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Writes the fixture of this build's format; see `tests/data/stores/make`.
#[test]
#[ignore = "writes files of the repository"]
fn make() {
    let into = PathBuf::from(env::var_os("TONGXIN_FIXTURE").expect("TONGXIN_FIXTURE"));
    let into = Path::new(env!("CARGO_MANIFEST_DIR")).join(into);
    let format = FORMATS[FORMATS.len() - 1];
    let mut district = District::start("fixture");
    let mut node = district.joined(RUIQUAN);
    let mut resident = Caller::new(&node, "resident", "wang");
    let mut staff = Caller::new(&node, "staff", "");
    let case = resident
        .report("street-light", TEXT)
        .expect("a report")
        .name;
    staff.accept(&case).expect("an acceptance");
    staff.dispatch(&case, "property").expect("a dispatch");
    staff.complete(&case).expect("a completion");
    (0..2).for_each(|_| drop(staff.report_surely("street-light")));
    district.settled(&node);
    district.counted("QS.R01", &this_year(), 3.0);
    let status = node.status();
    let mut known = json!({
        "case": case,
        "events": staff.events(&case),
        "year": this_year(),
        "reported": 3,
        "communities": district.status().len(),
    });
    for key in [
        "journal_root",
        "cases",
        "open_cases",
        "cells",
        "head_cell_seq",
        "catalogue_seq",
    ] {
        known[key] = status[key].clone();
    }
    node.stop();
    assert_eq!(district.stop_hub(), Some(0));
    let scratch = district.path().to_string_lossy().into_owned();
    // What stands for free room is made anew at a start.
    for server in [RUIQUAN, "hub"] {
        fs::remove_file(district.path().join(server).join("journal/ballast")).expect("ballast");
    }
    let archive = into.join(format!("format-{format}.tar.gz"));
    tar(&[
        "czf",
        &archive.to_string_lossy(),
        "-C",
        &scratch,
        RUIQUAN,
        "hub",
    ]);
    let text = format!("{known:#}\n");
    fs::write(into.join(format!("format-{format}.json")), text).expect("what it holds");
}
