//! The district's root is replaced with real processes: the nodes stay in line,
//! the old root does not go before its time, and who was away for all of it is
//! back by one approval.

use std::{fs, path::Path};

use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Caller,
    district::{HEPING, RUIQUAN, free_port},
    eventually,
    process::{tongxin, tongxin_ok},
    this_year,
};

const LEAF_LIFE_S: u64 = 12;

#[test]
fn a_new_root_takes_over_and_who_was_away_comes_back() {
    let mut district = District::founded("authority", &format!("127.0.0.1:{}", free_port()));
    let config = Path::new(&district.hub_dir()).join("hub.toml");
    let text = fs::read_to_string(&config).expect("hub.toml");
    let short = text.replace("= 1209600", &format!("= {LEAF_LIFE_S}"));
    assert_ne!(text, short, "{text}");
    fs::write(config, short).expect("hub.toml");
    district.start_hub();
    let node = district.joined(RUIQUAN);
    let mut away = district.joined(HEPING);
    report(&node);
    report(&away);
    district.counted("QS.R01", &this_year(), 2.0);
    let old = status(&district)[0]["root_sha256"].clone();
    away.stop();

    let dir = district.hub_dir();
    tongxin_ok(&["hub", "authority", "roll", "--dir", &dir]);
    let rolled = status(&district);
    assert_eq!(rolled[0]["old_root_sha256"], old);
    assert_ne!(rolled[0]["root_sha256"], old);
    let refused = tongxin(&["hub", "authority", "retire", "--dir", &dir]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{said}");
    assert!(said.contains("community/"), "it names who: {said}");
    report(&node);
    district.counted("QS.R01", &this_year(), 3.0);

    // Every leaf of the old root is over before long.
    eventually("nobody hangs on the old root", || {
        (status(&district)[0]["held_by_total"] == 0).then_some(())
    });
    tongxin_ok(&["hub", "authority", "retire", "--dir", &dir]);
    assert!(status(&district)[0]["old_root_sha256"].is_null());
    report(&node);
    district.counted("QS.R01", &this_year(), 4.0);
    // A hub that starts anew has the one root, and its key.
    district.kill_hub();
    district.start_hub();
    assert_eq!(status(&district)[0]["root_key"], "present");

    let invite = district.invite(HEPING);
    tongxin_ok(&["node", "join", "--dir", &away.dir(), &invite]);
    away.start();
    report(&away);
    district.counted("QS.R01", &this_year(), 5.0);
    for community in [&node, &away] {
        district.settled(community);
    }
}

fn report(community: &Community) {
    Caller::new(community, "staff", "").report_surely("street-light");
}

fn status(district: &District) -> Vec<Value> {
    let dir = district.hub_dir();
    let args = [
        "hub",
        "authority",
        "status",
        "--dir",
        &dir,
        "--output",
        "json",
    ];
    serde_json::from_str(&tongxin_ok(&args)).expect("a JSON array")
}
