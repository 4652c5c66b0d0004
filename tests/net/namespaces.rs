//! Hub and node in network namespaces of their own, with a real link between
//! them that goes down, comes back, and changes its address. Needs root and
//! util-linux; elsewhere it is skipped, loudly.

use std::{
    env, fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::harness::{
    Community, District, calls::Caller, district::RUIQUAN, eventually, this_year,
};

/// Tells this binary that it runs in a namespace which is its own.
const INSIDE: &str = "TONGXIN_NET_INSIDE";
const STORY: &str =
    "namespaces::a_link_that_goes_and_comes_back_with_another_address_loses_nothing";
const HUB: &str = "10.213.7.1";
const DOWN: Duration = Duration::from_secs(5);
/// The wait for credit (30 s), back-off (2 s), and a slow machine.
const NOTICED: Duration = Duration::from_secs(45);
const CASES: u32 = 20;

#[test]
fn a_link_that_goes_and_comes_back_with_another_address_loses_nothing() {
    if env::var_os(INSIDE).is_some() {
        return story();
    }
    let may = Command::new("unshare")
        .args(["-n", "ip", "link", "set", "lo", "up"])
        .stderr(Stdio::null())
        .status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: network namespaces need root, unshare and ip: {STORY}");
        return;
    }
    let told = Command::new("unshare")
        .arg("-n")
        .arg(env::current_exe().expect("this binary"))
        .args([STORY, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .status();
    assert!(told.expect("unshare").success(), "see above");
}

fn story() {
    run("ip", &["link", "set", "lo", "up"]);
    let link = Link::new();
    let mut district = District::founded("net-namespaces", &format!("{HUB}:7443"));
    let hub_side = link.hub_side();
    let hub_side: Vec<&str> = hub_side.iter().map(String::as_str).collect();
    district.start_hub_behind(&hub_side);
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    report(&mut staff, &district, &ruiquan);

    run("ip", &["link", "set", "tx0", "down"]);
    (0..CASES).for_each(|_| drop(staff.report_surely("street-light")));
    thread::park_timeout(DOWN);
    run("ip", &["link", "set", "tx0", "up"]);
    district.settled(&ruiquan);

    run("ip", &["addr", "del", "10.213.7.2/24", "dev", "tx0"]);
    run("ip", &["addr", "add", "10.213.7.3/24", "dev", "tx0"]);
    (0..CASES).for_each(|_| drop(staff.report_surely("street-light")));
    // Neither end is told that the old address is gone: the wait for credit tells.
    let began = Instant::now();
    let lags = || district.node_status(RUIQUAN)["acked_seq"] != ruiquan.status()["head_cell_seq"];
    while lags() {
        assert!(began.elapsed() < NOTICED, "the old address is not given up");
        thread::park_timeout(Duration::from_secs(1));
    }
    eprintln!("another address: agreed after {:.0?}", began.elapsed());
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), f64::from(3 * CASES));
}

fn report(staff: &mut Caller, district: &District, ruiquan: &Community) {
    (0..CASES).for_each(|_| drop(staff.report_surely("street-light")));
    district.settled(ruiquan);
}

/// Two ends of a virtual cable, the far one in a namespace that lives as long
/// as a process of ours.
struct Link(Child);

impl Link {
    fn new() -> Link {
        let holder = Command::new("unshare")
            .args(["-n", "cat"])
            .stdin(Stdio::piped())
            .spawn();
        let link = Link(holder.expect("unshare"));
        let pid = link.0.id().to_string();
        let space = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/net")).ok();
        eventually("the hub's namespace", || {
            (space(&pid)? != space("self")?).then_some(())
        });
        run(
            "ip",
            &[
                "link", "add", "tx0", "type", "veth", "peer", "name", "tx1", "netns", &pid,
            ],
        );
        run("ip", &["addr", "add", "10.213.7.2/24", "dev", "tx0"]);
        run("ip", &["link", "set", "tx0", "up"]);
        let address = format!("{HUB}/24");
        link.inside(&["addr", "add", &address, "dev", "tx1"]);
        link.inside(&["link", "set", "tx1", "up"]);
        link.inside(&["link", "set", "lo", "up"]);
        link
    }

    fn hub_side(&self) -> [String; 4] {
        let pid = self.0.id().to_string();
        ["nsenter", "-t", &pid, "-n"].map(str::to_owned)
    }

    fn inside(&self, args: &[&str]) {
        let hub_side = self.hub_side();
        let mut all: Vec<&str> = hub_side[1..].iter().map(String::as_str).collect();
        all.push("ip");
        all.extend(args);
        run("nsenter", &all);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn run(program: &str, args: &[&str]) {
    let status = Command::new(program).args(args).status();
    assert!(status.expect("a program").success(), "{program} {args:?}");
}
