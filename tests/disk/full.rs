//! A full disk: reading, erasing, revoking and asking go on, whatever else would
//! write is refused by name, and once there is room it works again without a
//! restart.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

use proto_edge::problem::reason_of;
use tonic::Code;

use super::{
    held::{Answered, assert_node_holds, assert_node_verifies},
    image::{Image, may_mount},
};
use crate::harness::{
    Community, District,
    calls::Caller,
    catalogue_of_one,
    district::RUIQUAN,
    eventually,
    process::{Scratch, tongxin, tongxin_ok},
    random::count,
    this_year,
};

/// Somebody else's file that takes all the room there is.
struct Filler(PathBuf);

impl Filler {
    fn in_dir(dir: &Path) -> Filler {
        let filler = Filler(dir.join("filler"));
        filler.take_all();
        filler
    }

    fn take_all(&self) {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(&self.0)
            .expect("a file");
        for block in [1 << 20, 4096, 1] {
            let bytes = vec![7; block];
            while file.write_all(&bytes).is_ok() {}
        }
    }

    fn go(self) {
        fs::remove_file(self.0).expect("a file");
    }
}

fn refused_full<T: std::fmt::Debug>(answer: Result<T, tonic::Status>) {
    let status = answer.expect_err("a refusal");
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert_eq!(reason_of(&status).as_deref(), Some("DISK_FULL"), "{status}");
}

#[test]
fn a_node_on_a_full_disk_reads_erases_and_goes_on_when_there_is_room() {
    let scratch = Scratch::new("full-node");
    if !may_mount(scratch.path(), "a node on a full disk") {
        return;
    }
    let at = scratch.path().join("disk");
    let _disk = Image::new(&scratch.path().join("disk.ext4"), &at, 64);
    let mut node = Community::in_dir(at.join("node"), RUIQUAN, &[]);
    node.start();
    let mut caller = Caller::new(&node, "staff", "");
    let mut office = Caller::new(&node, "admin", "");
    let mut answered = Answered::default();
    let rounds = count("TONGXIN_FULL_DISKS", 3);
    for round in 0..rounds {
        for _ in 0..5 {
            let case = caller.report("street-light", "楼下路灯不亮").unwrap();
            answered.cases.push(case.name);
        }
        let token = token_name(&node);
        let filler = Filler::in_dir(&at);
        refused_full(caller.report("street-light", "还有一盏"));
        refused_full(caller.accept(&answered.cases[round]));
        assert!(
            caller.get(&answered.cases[round]).is_ok(),
            "reading goes on"
        );
        assert_eq!(caller.all().len(), answered.cases.len());
        assert_eq!(node.status()["cases"], answered.cases.len());
        let gone = answered.cases[round * 5].clone();
        office.erase(&gone).expect("erasing goes on");
        answered.erased.push(gone);
        revoke(&node, &token);
        // Whatever was given up for that is taken as well.
        filler.take_all();
        assert!(caller.get(&answered.cases[round]).is_ok());
        refused_full(caller.report("street-light", "还有一盏"));
        filler.go();
        let case = caller
            .report("street-light", "有地方了")
            .expect("room again");
        answered.cases.push(case.name);
        assert!(at.join("node/journal/ballast").exists(), "held again");
    }
    node.stop();
    assert_node_holds(&at.join("node"), &answered, "after full disks");
    assert_node_verifies(&at.join("node"), "after full disks");
    eprintln!(
        "full disk of a node: {rounds} times, {} answers, 0 lost",
        answered.cases.len()
    );
}

/// A token that may be revoked.
fn token_name(node: &Community) -> String {
    let dir = node.dir();
    node.token("staff", "");
    let listed = tongxin_ok(&["node", "token", "list", "--dir", &dir, "--output", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed).expect("rows");
    let last = rows.last().expect("a token");
    last["name"].as_str().expect("a name").to_owned()
}

fn revoke(node: &Community, token: &str) {
    tongxin_ok(&["node", "token", "revoke", "--dir", &node.dir(), token]);
}

#[test]
fn a_disk_that_fills_up_under_load_loses_nothing() {
    let scratch = Scratch::new("filling-node");
    if !may_mount(scratch.path(), "a disk that fills up under load") {
        return;
    }
    let at = scratch.path().join("disk");
    let _disk = Image::new(&scratch.path().join("disk.ext4"), &at, 64);
    let mut node = Community::in_dir(at.join("node"), RUIQUAN, &[]);
    node.start();
    let mut caller = Caller::new(&node, "staff", "");
    let mut answered = Answered::default();
    let filler = Filler(at.join("filler"));
    let mut file = File::create(&filler.0).expect("a file");
    let bytes = vec![7; 256 << 10];
    let refusal = loop {
        // A log, say, that grows beside the node.
        file.write_all(&bytes)
            .expect("the node stops before all room is gone");
        match caller.report("street-light", "楼下路灯不亮") {
            Ok(case) => answered.cases.push(case.name),
            Err(status) => break status,
        }
    };
    refused_full::<()>(Err(refusal));
    assert!(answered.cases.len() > 20, "{}", answered.cases.len());
    filler.go();
    drop(file);
    eventually("there is room", || {
        caller.report("street-light", "有了").ok()
    });
    node.stop();
    assert_node_holds(&at.join("node"), &answered, "after filling up");
}

#[test]
fn a_hub_on_a_full_disk_answers_questions_and_goes_on_when_there_is_room() {
    let scratch = Scratch::new("full-hub-probe");
    if !may_mount(scratch.path(), "a hub on a full disk") {
        return;
    }
    let at = scratch.path().join("disk");
    let _disk = Image::new(&scratch.path().join("disk.ext4"), &at, 96);
    let mut district = District::made_in(Scratch::new("full-hub"), at.join("hub"));
    district.start_hub();
    let node = district.joined(RUIQUAN);
    let mut caller = Caller::new(&node, "staff", "");
    caller.report_surely("street-light");
    district.settled(&node);
    district.counted("QS.R01", &this_year(), 1.0);
    let filler = Filler::in_dir(&at);

    let file = district.path().join("more.toml");
    fs::write(&file, catalogue_of_one(901)).expect("a catalogue");
    let (dir, file) = (district.hub_dir(), file.to_string_lossy().into_owned());
    let publish = ["hub", "catalogue", "publish", "--dir", &dir, &file];
    let refused = tongxin(&publish);
    let words = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(75), "{words}");
    assert!(words.contains("disk is full"), "{words}");
    for _ in 0..5 {
        caller.report_surely("street-light");
    }
    district.counted("QS.R01", &this_year(), 1.0);

    filler.go();
    tongxin_ok(&publish);
    district.settled(&node);
    district.counted("QS.R01", &this_year(), 6.0);
    assert_eq!(district.stop_hub(), Some(0));
}
