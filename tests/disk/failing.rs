//! A disk that fails: one write, sync, rename or truncation of the real server
//! goes wrong. Nothing is acknowledged after a failed write of the journal, the
//! process ends with words and a code, and a clean start finds what was answered.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use proto_edge::problem::reason_of;

use super::held::{Answered, HubHeld, assert_node_holds, hub_holds};
use crate::harness::{
    Community, District,
    calls::Caller,
    catalogue_of_one,
    district::RUIQUAN,
    process::{Scratch, Server, tongxin},
    random::count,
};

const FAULTS: [(&str, &str); 9] = [
    ("write", "EIO"),
    ("write", "ENOSPC"),
    ("write", "SHORT"),
    ("fdatasync", "EIO"),
    ("fdatasync", "ENOSPC"),
    ("fsync", "EIO"),
    ("fsync", "ENOSPC"),
    ("rename", "EIO"),
    ("ftruncate", "EIO"),
];
/// The store cannot be read or written; docs/storage.md.
const LAST: usize = 200;
const STORAGE: i32 = 74;
const TRY_LATER: i32 = 75;
/// Anything else went wrong before the store was open.
const FAILURE: i32 = 1;

/// Which calls fail: the first ones are those of a start, later ones those of
/// commands. Each until the 200th, or those that are powers of two.
fn places() -> impl Iterator<Item = usize> {
    let places = count("TONGXIN_FAULTS", 8);
    let nth = move |at: usize| if places < LAST { 1 << at } else { at + 1 };
    (0..places).map(nth).take_while(|nth| *nth <= LAST)
}

/// The library that makes calls fail, compiled once.
pub fn library(scratch: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/failing.c");
    let library = scratch.join("failing.so");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .args([&library, &source])
        .status();
    assert!(compiled.expect("a C compiler").success());
    library
}

struct Fault<'a> {
    library: &'a Path,
    below: &'a Path,
    report: PathBuf,
    call: &'a str,
    kind: &'a str,
    nth: usize,
}

impl Fault<'_> {
    fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        vec![
            ("LD_PRELOAD", path(self.library)),
            ("FAULT_BELOW", path(self.below)),
            ("FAULT_REPORT", path(&self.report)),
            ("FAULT_CALL", self.call.to_owned()),
            ("FAULT_KIND", self.kind.to_owned()),
            ("FAULT_NTH", self.nth.to_string()),
        ]
    }

    /// Which file it was, once it happened.
    fn happened(&self) -> Option<String> {
        let told = fs::read_to_string(&self.report).ok()?;
        Some(told.trim().to_owned())
    }

    fn told(&self) -> String {
        let (call, kind, nth) = (self.call, self.kind, self.nth);
        format!("{call} {kind} {nth} at {:?}", self.happened())
    }

    /// Nothing may be answered after this. Room ahead of the last frame for which the
    /// disk has none is done without: what is answered then must be there like all else.
    fn ends_answers(&self) -> bool {
        let is_room = self.call == "write" && self.kind != "EIO";
        !is_room && self.is_journals()
    }

    fn is_journals(&self) -> bool {
        self.happened()
            .is_some_and(|path| path.contains("/journal/") && !path.ends_with("/lock"))
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    let copied = Command::new("cp").args(["-a".as_ref(), from, to]).status();
    assert!(copied.expect("cp").success());
}

/// It ended, with a code that says why and words that name a file.
fn assert_words(server: &mut Server, fault: &Fault) {
    let (code, log) = (server.ends(), server.log());
    let at = fault.told();
    let allowed = match fault.is_journals() {
        true => code == Some(STORAGE),
        false => matches!(code, Some(STORAGE | FAILURE)),
    };
    assert!(allowed, "{at}: exit code {code:?}\n{log}");
    assert!(
        log.lines().any(|line| line.starts_with("tongxin: ")),
        "{at}\n{log}"
    );
}

#[test]
fn a_node_whose_disk_fails_answers_nothing_that_it_does_not_hold() {
    let scratch = Scratch::new("failing-node");
    let library = library(scratch.path());
    let base = scratch.path().join("base");
    let mut made = Community::in_dir(base.clone(), RUIQUAN, &[]);
    made.start();
    let tokens = [made.token("staff", ""), made.token("admin", "")];
    made.stop();
    let dir = scratch.path().join("node");
    let (mut runs, mut ended, mut answers) = (0, 0, 0);
    for (call, kind) in FAULTS {
        for nth in places() {
            copy(&base, &dir);
            let report = scratch.path().join("happened");
            let _ = fs::remove_file(&report);
            let _ = fs::remove_file(dir.with_extension("log"));
            let fault = Fault {
                library: &library,
                below: &dir,
                report,
                call,
                kind,
                nth,
            };
            let mut node = Community::again(dir.clone(), &made);
            let (answered, has_ended) = work_at_node(&mut node, &tokens, &fault);
            runs += 1;
            ended += usize::from(has_ended);
            answers += answered.cases.len() + answered.erased.len();
            let at = fault.told();
            assert_node_holds(&dir, &answered, &at);
            if fault.happened().is_none() {
                break;
            }
        }
    }
    eprintln!("failing disk of a node: {runs} faults, {ended} ended it, {answers} answers, 0 lost");
    assert!(ended > 0, "no fault was felt");
}

fn work_at_node(
    node: &mut Community,
    [staff, admin]: &[String; 2],
    fault: &Fault,
) -> (Answered, bool) {
    let environment = fault.environment();
    let environment: Vec<_> = environment
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    node.spawn(&environment);
    let mut answered = Answered::default();
    if !serves(node.server(), "node") {
        assert_words(node.server(), fault);
        return (answered, true);
    }
    let mut caller = Caller::with_token(node, staff.clone());
    let mut office = Caller::with_token(node, admin.clone());
    // Long enough that a segment of the test build fills up.
    let text = "楼下路灯不亮".repeat(250);
    let mut is_full = false;
    for turn in 1..=36 {
        let too_late = fault.ends_answers();
        match caller.report("street-light", &text) {
            Ok(case) => {
                assert!(!too_late, "answered after {}", fault.told());
                answered.cases.push(case.name);
            }
            Err(status) => {
                is_full = is_disk_full(&status);
                break;
            }
        }
        if turn % 12 == 0 {
            let name = answered.cases.last().expect("a case").clone();
            match office.erase(&name) {
                Ok(()) => answered.erased.push(name),
                Err(status) => {
                    is_full = is_disk_full(&status);
                    break;
                }
            }
        }
    }
    let has_ended = !is_full && answered.erased.len() < 3;
    if has_ended {
        assert_words(node.server(), fault);
    } else {
        node.kill();
    }
    (answered, has_ended)
}

/// Refused before anything was torn: it goes on.
fn is_disk_full(status: &tonic::Status) -> bool {
    reason_of(status).as_deref() == Some("DISK_FULL")
}

/// Waits until it says that it serves; `false` when it ended instead.
fn serves(server: &mut Server, what: &str) -> bool {
    let said = format!("The {what} serves on");
    crate::harness::eventually("it serves or ends", || match server.ended() {
        Some(_) => Some(false),
        None => server.log().contains(&said).then_some(true),
    })
}

#[test]
fn a_hub_whose_disk_fails_answers_nothing_that_it_does_not_hold() {
    let scratch = Scratch::new("failing-hub-base");
    let library = library(scratch.path());
    let (base, dir) = (scratch.path().join("base"), scratch.path().join("hub"));
    let district = District::made_in(Scratch::new("failing-hub"), base.clone());
    let first = hub_holds(&base, RUIQUAN).expect("a hub");
    let (mut runs, mut ended, mut answers) = (0, 0, 0);
    for (call, kind) in FAULTS {
        for nth in places() {
            copy(&base, &dir);
            let report = scratch.path().join("happened");
            let _ = fs::remove_file(&report);
            let _ = fs::remove_file(dir.with_extension("log"));
            let fault = Fault {
                library: &library,
                below: &dir,
                report,
                call,
                kind,
                nth,
            };
            let (answered, has_ended) = work_at_hub(&district, &dir, first, &fault);
            runs += 1;
            ended += usize::from(has_ended);
            answers += answered.catalogue - first.catalogue;
            let at = fault.told();
            let held = hub_holds(&dir, RUIQUAN).unwrap_or_else(|fault| panic!("{at}: {fault}"));
            assert!(
                held.catalogue >= answered.catalogue,
                "{at}: {answered:?} {held:?}"
            );
            if fault.happened().is_none() {
                break;
            }
        }
    }
    eprintln!("failing disk of a hub: {runs} faults, {ended} ended it, {answers} answers, 0 lost");
    assert!(ended > 0, "no fault was felt");
}

fn work_at_hub(
    district: &District,
    dir: &Path,
    mut answered: HubHeld,
    fault: &Fault,
) -> (HubHeld, bool) {
    let log = dir.with_extension("log");
    let dir = dir.to_string_lossy();
    let environment = fault.environment();
    let environment: Vec<_> = environment
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let mut server = Server::start_in(&["hub", "serve", "--dir", &dir], &log, &environment);
    if !serves(&mut server, "hub") {
        assert_words(&mut server, fault);
        return (answered, true);
    }
    let file = district.path().join("more.toml");
    let path = file.to_string_lossy().into_owned();
    for _ in 0..4 {
        fs::write(&file, catalogue_of_one(900 + answered.catalogue)).expect("a catalogue");
        let too_late = fault.ends_answers();
        let published = tongxin(&["hub", "catalogue", "publish", "--dir", &dir, &path]);
        if published.status.code() == Some(TRY_LATER)
            && String::from_utf8_lossy(&published.stderr).contains("disk is full")
        {
            break;
        }
        if !published.status.success() {
            assert_words(&mut server, fault);
            return (answered, true);
        }
        assert!(!too_late, "answered after {}", fault.told());
        answered.catalogue += 1;
    }
    server.kill();
    (answered, false)
}
