//! Residents' words stay: what residents of a community write turns up in no file
//! and no log outside it, whatever the processes say at their most talkative; and
//! numbers about them arrive rounded.
//!
//! `TONGXIN_CANARIES=10000` records that many.

use std::{fs, path::Path};

use proto::pb::node as pb;

use crate::harness::{
    District, calls::Caller, district::RUIQUAN, process::tongxin_ok, random, this_year,
};

/// In every name, address and text; in every phone number; in the pseudonym.
const CANARIES: [&str; 3] = ["金丝雀", "1395550", "wx-canary"];

/// Files below `dir` that hold a canary.
fn holding(dir: &Path, found: &mut Vec<String>, bytes: &mut u64) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            holding(&path, found, bytes);
            continue;
        }
        // A lock or a new file may be gone again.
        let Ok(content) = fs::read(&path) else {
            continue;
        };
        *bytes += content.len() as u64;
        for canary in CANARIES {
            let canary = canary.as_bytes();
            if content.windows(canary.len()).any(|window| window == canary) {
                found.push(path.display().to_string());
            }
        }
    }
}

fn protected_catalogue() -> String {
    let definition = |id: u32, class: &str, grain: &str| {
        format!(
            "[[indicator]]\nid = {id}\ncode = \"T.{class}1\"\nrevision = 1\n\
             name_zh = \"求助居民\"\nname_en = \"Residents helped\"\nunit = \"件\"\n\
             accumulator = {{ kind = \"count\", of = {{ fact_type = \"case.accepted\" }} }}\n\
             base_grain = \"{grain}\"\ncoarser_grains = [\"year\"]\nbreakdowns = []\n\
             protection = \"{class}\"\ndirection = \"context\"\nowner = \"区\"\nreason = \"试\"\n"
        )
    };
    definition(901, "B", "month") + &definition(902, "C", "quarter")
}

#[test]
fn what_residents_write_stays_in_their_community() {
    let count = random::count("TONGXIN_CANARIES", 200);
    let mut district = District::start("canaries");
    let mut ruiquan = district.community_with(RUIQUAN, &["--residents", "3200"]);
    let invite = district.invite(RUIQUAN);
    tongxin_ok(&["node", "join", "--dir", &ruiquan.dir(), &invite]);
    district.stop_hub();
    district.start_hub_behind(&["env", "RUST_LOG=trace"]);
    let file = district.path().join("protected.toml");
    fs::write(&file, protected_catalogue()).expect("a catalogue");
    let hub = district.hub_dir();
    let file = file.to_string_lossy().into_owned();
    tongxin_ok(&["hub", "catalogue", "publish", "--dir", &hub, &file]);
    ruiquan.spawn(&[("RUST_LOG", "trace")]);
    ruiquan.answers();

    let mut resident = Caller::new(&ruiquan, "resident", "wx-canary-7");
    let mut staff = Caller::new(&ruiquan, "staff", "");
    for n in 0..count {
        let personal = pb::Personal {
            name: format!("金丝雀{n}"),
            phone: format!("1395550{n:04}"),
            address: format!("金丝雀巷{n}号"),
            text: format!("金丝雀{n}不叫了"),
        };
        let case = resident.report_as("street-light", personal).unwrap().name;
        staff.accept(&case).unwrap();
    }
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), count as f64);
    let rows = district.query(&["T.B1", "T.C1", "--from", &this_year()]);
    for (row, base) in rows.iter().zip([5.0, 10.0]) {
        let value = row["value"].as_f64().expect("a number");
        assert_eq!(value % base, 0.0, "{row}");
        // Two cells at most, when the year's month or quarter turns meanwhile.
        assert!((value - count as f64).abs() < 2.0 * base, "{row}");
        assert!(
            row["standard_error"].as_f64().expect("an error") > 2.0,
            "{row}"
        );
    }
    assert_eq!(rows.len(), 2);
    ruiquan.stop();
    district.stop_hub();

    let (mut found, mut bytes) = (Vec::new(), 0);
    holding(district.path(), &mut found, &mut bytes);
    assert!(bytes > 100_000, "{bytes} bytes searched");
    // Neither in the hub's files nor in the community's own, where they are
    // sealed, nor in any log.
    assert_eq!(found, Vec::<String>::new());
    // The search finds what is there.
    fs::write(district.path().join("planted"), "门口 1395550001 等").expect("a file");
    holding(district.path(), &mut found, &mut bytes);
    assert_eq!(found.len(), 1, "{found:?}");
}
