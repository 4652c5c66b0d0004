//! Communities ask and centres answer, over a line that is down half the time; what
//! is attached is read by one centre alone; an offer reaches whom it was meant for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proto::pb::node as pb;
use proto_edge::node::{
    offer_service_client::OfferServiceClient, register_service_client::RegisterServiceClient,
};
use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Door,
    district::{HEPING, RUIQUAN},
    eventually,
    process::{tongxin, tongxin_ok},
    this_year,
};

const CANARY: &str = "金丝雀王秀英";

/// A centre that has joined, with the key to what is attached for it.
struct Centre {
    dir: PathBuf,
}

impl Centre {
    fn joined(district: &District, code: &str) -> Centre {
        let dir = district.path().join(code);
        let invite = district.invited(&["--centre", code]);
        let token = invite["token"].as_str().expect("a token");
        let centre = Centre { dir };
        tongxin_ok(&["centre", "join", "--dir", &centre.dir(), token]);
        centre.run(&["key", "--secret", &centre.file("secret.txt")]);
        centre
    }

    fn dir(&self) -> String {
        self.dir.to_string_lossy().into_owned()
    }

    fn file(&self, name: &str) -> String {
        self.dir.join(name).to_string_lossy().into_owned()
    }

    fn run(&self, args: &[&str]) -> String {
        let dir = self.dir();
        let mut all = vec!["centre", args[0], "--dir", &dir];
        all.extend(&args[1..]);
        tongxin_ok(&all)
    }

    fn rows(&self, args: &[&str]) -> Vec<Value> {
        let mut all = args.to_vec();
        all.extend(["--output", "json"]);
        serde_json::from_str(&self.run(&all)).expect("a JSON array")
    }

    /// The one request at this desk, once there is one in this stage.
    fn request(&self, stage: &str) -> Value {
        eventually(&format!("a request is {stage}"), || {
            let rows = self.rows(&["requests"]);
            assert!(rows.len() <= 1, "{rows:?}");
            rows.into_iter().find(|row| row["stage"] == stage)
        })
    }
}

fn support(community: &Community, args: &[&str]) -> Vec<Value> {
    let dir = community.dir();
    let mut all = vec!["node", "support", args[0], "--dir", &dir];
    all.extend(&args[1..]);
    all.extend(["--output", "json"]);
    serde_json::from_str(&tongxin_ok(&all)).expect("a JSON array")
}

fn becomes(community: &Community, stage: &str) -> Value {
    eventually(&format!("the node's request is {stage}"), || {
        let rows = support(community, &["list"]);
        rows.into_iter().find(|row| row["stage"] == stage)
    })
}

/// Files below `dir` that hold the canary, and how many bytes were searched.
fn holding(dir: &Path, found: &mut Vec<String>) -> usize {
    let mut bytes = 0;
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            bytes += holding(&path, found);
            continue;
        }
        // A lock or a new file may be gone again.
        let content = fs::read(&path).unwrap_or_default();
        bytes += content.len();
        let canary = CANARY.as_bytes();
        if content.windows(canary.len()).any(|window| window == canary) {
            found.push(path.display().to_string());
        }
    }
    bytes
}

fn tomorrow() -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a bundled zone");
    let today = zone.to_datetime(jiff::Timestamp::now()).date();
    today.tomorrow().expect("a day").to_string()
}

#[test]
fn a_request_finds_its_centre_while_hub_and_node_take_turns_in_being_down() {
    let mut district = District::start("support");
    let mut ruiquan = district.joined(RUIQUAN);
    let care = Centre::joined(&district, "care");
    let other = Centre::joined(&district, "social-work");
    eventually("the centre's key has come down", || {
        let centres = support(&ruiquan, &["centres"]);
        let care = centres.iter().find(|centre| centre["centre"] == "care")?;
        care["recipient"]
            .as_str()
            .filter(|key| !key.is_empty())
            .map(drop)
    });
    district.settled(&ruiquan);

    district.kill_hub();
    let letter = district.path().join("letter.txt");
    fs::write(&letter, format!("{CANARY}，三栋二单元，独居")).expect("a file");
    let letter = letter.to_string_lossy().into_owned();
    let text = "请上门评估一位独居老人";
    let ask = [
        "ask", "--centre", "care", "--text", text, "--attach", &letter,
    ];
    let asked = support(&ruiquan, &ask).remove(0);
    assert_eq!(asked["stage"], "asked");

    district.start_hub();
    let row = care.request("asked");
    assert_eq!(
        (&row["text"], &row["attachment"]),
        (&text.into(), &"yes".into())
    );
    let name = row["name"].as_str().expect("a name").to_owned();
    assert!(
        name.ends_with(asked["key"].as_str().expect("a key")),
        "{name}"
    );
    assert_eq!(other.rows(&["requests"]), Vec::<Value>::new());
    let refused = tongxin(&[
        "centre",
        "accept",
        "--dir",
        &other.dir(),
        &name,
        "--deliver-by",
        "2099-01-01",
    ]);
    assert!(!refused.status.success(), "another centre's request");

    ruiquan.kill();
    care.run(&["accept", &name, "--deliver-by", &tomorrow()]);
    care.run(&["start", &name]);
    let saved = care.file("letter.txt");
    let secret = care.file("secret.txt");
    care.run(&["attachment", &name, "--secret", &secret, "--save", &saved]);
    assert_eq!(fs::read(&saved).unwrap(), fs::read(&letter).unwrap());
    ruiquan.start();
    let delivering = becomes(&ruiquan, "delivering");
    assert_eq!(delivering["deliver_by"], tomorrow());
    care.run(&["complete", &name, "--result", "已上门，每周探访"]);
    let done = becomes(&ruiquan, "done");
    assert_eq!(done["words"], "已上门，每周探访");

    district.kill_hub();
    let own = done["name"].as_str().expect("a name");
    let rate = [
        "node",
        "support",
        "rate",
        "--dir",
        &ruiquan.dir(),
        own,
        "--stars",
        "5",
    ];
    tongxin_ok(&[&rate[..], &["--comment", "很及时", "--share"]].concat());
    district.start_hub();
    let rated = care.request("rated");
    assert_eq!(
        (&rated["stars"], &rated["comment"]),
        (&5.into(), &"很及时".into())
    );

    district.settled(&ruiquan);
    district.counted("WJ.S01", &this_year(), 1.0);
    district.counted("WJ.S02", &this_year(), 1.0);
    let by_centre = [
        "WJ.S01",
        "--from",
        &this_year(),
        "--by",
        "breakdown",
        "--breakdown",
        "centre",
    ];
    let rows = district.query(&by_centre);
    let accepted: Vec<&Value> = rows.iter().filter(|row| row["denominator"] == 1).collect();
    assert_eq!(accepted.len(), 1, "{rows:?}");
    assert!(accepted[0].to_string().contains("care"), "{rows:?}");

    // A new process of either end goes on from its journal.
    ruiquan.stop();
    assert_eq!(district.stop_hub(), Some(0));
    let mut found = Vec::new();
    let bytes = holding(Path::new(&district.hub_dir()), &mut found);
    assert!(bytes > 100_000, "{bytes} bytes searched");
    holding(ruiquan.path(), &mut found);
    for log in ["hub.log", "510115003064.log"] {
        let text = fs::read_to_string(district.path().join(log)).expect("a log");
        assert!(!text.contains(CANARY), "{log}");
    }
    assert_eq!(found, Vec::<String>::new());
    // The search finds what is there.
    holding(&care.dir, &mut found);
    assert_eq!(found.len(), 1, "{found:?}");
    tongxin_ok(&["node", "verify", "--dir", &ruiquan.dir()]);
    tongxin_ok(&["hub", "verify", "--dir", &district.hub_dir()]);
}

#[test]
fn whoever_can_is_asked_and_the_support_centre_routes() {
    let district = District::start("support-route");
    let ruiquan = district.joined(RUIQUAN);
    let one = Centre::joined(&district, "support");
    let social_work = Centre::joined(&district, "social-work");
    support(&ruiquan, &["ask", "--text", "谁能教议事规则"]);
    let row = one.request("asked");
    let name = row["name"].as_str().expect("a name");
    one.run(&["route", name, "--to", "social-work"]);
    assert_eq!(
        one.rows(&["requests"]),
        Vec::<Value>::new(),
        "it has left the desk"
    );
    let routed = becomes(&ruiquan, "routed");
    assert_eq!(routed["centre"], "social-work");
    let row = social_work.request("routed");
    let name = row["name"].as_str().expect("a name");
    social_work.run(&["decline", name, "--reason", "本季名额已满"]);
    assert_eq!(becomes(&ruiquan, "declined")["words"], "本季名额已满");
}

#[test]
fn an_offer_reaches_the_communities_that_were_chosen_and_no_others() {
    let district = District::start("support-offers");
    let ruiquan = district.join(district.community_with(RUIQUAN, &["--playbook", "ruiquan"]));
    let mut heping = district.joined(HEPING);
    heping.stop();
    let training = Centre::joined(&district, "governance-training");
    let course = [
        "offer",
        "--kind",
        "course",
        "--title",
        "议事规则",
        "--text",
        "两课",
    ];
    let street = &RUIQUAN[..9];
    let offered = training
        .rows(&[&course[..], &["--place", street]].concat())
        .remove(0);
    let communities = offered["communities"].as_array().expect("a list");
    assert!(communities.contains(&RUIQUAN.into()), "{offered}");
    assert!(
        communities
            .iter()
            .all(|code| code.as_str().unwrap().starts_with(street))
    );
    let offer = eventually("the offer has come down", || {
        support(&ruiquan, &["offers"]).into_iter().next()
    });
    assert_eq!(
        (&offer["title"], &offer["centre"]),
        (&"议事规则".into(), &"governance-training".into())
    );

    // A council member completes it; only the number goes up.
    let door = Door::new(&ruiquan, "staff", "");
    let mut registers = RegisterServiceClient::new(door.channel());
    let enter = |register: &str, title: &str| pb::RegisterEntryRequest {
        register: register.to_owned(),
        title: title.to_owned(),
        personal: title.is_empty().then(|| pb::Personal {
            name: CANARY.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut entered = |request| {
        let answer = door.call(registers.register_entry(door.request(request)));
        answer
            .expect("an entry")
            .into_inner()
            .entry
            .expect("an entry")
            .name
    };
    let council = entered(enter("councils", "安和苑议事会"));
    let member = entered(enter("households", ""));
    let grant = pb::GrantRoleRequest {
        name: council,
        role: "council-member".into(),
        holder: member.clone(),
        ..Default::default()
    };
    door.call(registers.grant_role(door.request(grant)))
        .expect("a member");
    let mut offers = OfferServiceClient::new(door.channel());
    let name = offer["name"].as_str().expect("a name").to_owned();
    let enrol = pb::EnrolRequest {
        name: name.clone(),
        entry: member.clone(),
        ..Default::default()
    };
    door.call(offers.enrol(door.request(enrol)))
        .expect("an enrolment");
    let attend = pb::AttendOfferRequest {
        name: name.clone(),
        entry: member.clone(),
        ..Default::default()
    };
    door.call(offers.attend_offer(door.request(attend)))
        .expect("an attendance");
    let complete = pb::CompleteOfferRequest {
        name,
        entry: member,
        ..Default::default()
    };
    let passed = door.call(offers.complete_offer(door.request(complete)));
    let passed = passed.expect("a completion").into_inner().offer.unwrap();
    let enrolment = passed.enrolments.first().expect("an enrolment");
    assert!(enrolment.certificate.is_some(), "{enrolment:?}");
    district.settled(&ruiquan);
    for indicator in ["WJ.T01.N", "WJ.T01.D", "WJ.T02.C"] {
        district.counted(indicator, &this_year(), 1.0);
    }

    // The next one goes to those who have trained somebody already.
    let number = format!("WJ.T02.C:{}:1", this_year());
    let next = [
        "offer", "--kind", "course", "--title", "进阶", "--text", "一课",
    ];
    let offered = training
        .rows(&[&next[..], &["--at-least", &number]].concat())
        .remove(0);
    assert_eq!(offered["communities"], serde_json::json!([RUIQUAN]));
    let dir = training.dir();
    let unread = ["centre", "offer", "--dir", &dir];
    let unread = [&unread[..], &next[1..], &["--at-least", "QS.R01:2026:1"]].concat();
    assert_eq!(
        tongxin(&unread).status.code(),
        Some(77),
        "numbers of others are not read"
    );

    // What is for everybody is there when a community comes back.
    let notice = [
        "offer", "--kind", "notice", "--title", "通知", "--text", "放假",
    ];
    let notice = training.rows(&notice).remove(0);
    heping.start();
    eventually("the notice has come down", || {
        let offers = support(&heping, &["offers"]);
        assert!(offers.len() <= 1, "{offers:?}");
        offers.into_iter().find(|offer| offer["title"] == "通知")
    });
    training.run(&["close", notice["name"].as_str().expect("a name")]);
    eventually("the notice is closed", || {
        let offers = support(&heping, &["offers"]);
        offers[0]["closed_at"]
            .as_str()
            .filter(|at| !at.is_empty())
            .map(drop)
    });
}
