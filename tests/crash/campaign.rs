//! One district under constant load, killed again and again; what it answered is
//! held against what node and hub hold in the end. Knows no place by name.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use super::{
    harness::{
        Community, District,
        calls::Caller,
        catalogue_of_one,
        district::RUIQUAN,
        eventually,
        process::{tongxin, tongxin_ok},
        random::Random,
        this_year,
    },
    points::{Point, Stir, Victim},
};

/// A restarted process answers within this.
const SERVING: Duration = Duration::from_secs(5);
const SIGABRT: i32 = 6;

pub struct Campaign<'a> {
    district: District,
    node: Community,
    desk: Caller,
    /// Who has persons erased.
    office: Caller,
    /// A case that is always there.
    first: String,
    /// How many cases the reporter has had answered.
    answered: &'a AtomicUsize,
    /// Cases of persons who were erased.
    erased: Vec<String>,
    published: u64,
    kills: usize,
    slowest: Duration,
}

/// Runs `work` while cases are reported and accepted, then holds what was
/// answered against what is there.
pub fn under_load(test: &str, work: impl FnOnce(&mut Campaign)) {
    let district = District::start(test);
    let node = district.joined(RUIQUAN);
    let mut desk = Caller::new(&node, "staff", "");
    let office = Caller::new(&node, "admin", "");
    let mut reporter = Caller::new(&node, "staff", "");
    let first = desk.report_surely("street-light");
    let (enough, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _end = SetOnDrop(&enough);
        let reporting = scope.spawn(|| {
            let mut names = Vec::new();
            while !enough.load(Relaxed) {
                names.push(reporter.report_surely("street-light"));
                answered.store(names.len(), Relaxed);
            }
            names
        });
        let mut campaign = Campaign {
            district,
            node,
            desk,
            office,
            first: first.clone(),
            answered: &answered,
            erased: Vec::new(),
            published: 0,
            kills: 0,
            slowest: Duration::ZERO,
        };
        work(&mut campaign);
        enough.store(true, Relaxed);
        let mut names = reporting.join().expect("a reporter that was answered");
        names.push(first);
        campaign.check(&names);
    });
}

/// A campaign that fails must not wait for its reporter for ever.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

impl Campaign<'_> {
    /// Kills the point's process at some moment, and once more at the point.
    pub fn round(&mut self, point: &Point, random: &mut Random) {
        let Point {
            name, victim, stir, ..
        } = *point;
        let visit = 1 + random.below(point.visits);
        self.more_arrive(random.below(8));
        let person = (stir == Stir::Erase).then(|| self.person());
        self.kill(victim);
        if stir == Stir::Certificate {
            self.forget_certificate(victim);
        }
        let armed = format!("{name}={visit}");
        self.spawn(victim, &[("TONGXIN_FAILPOINT", &armed)]);
        match (stir, &person) {
            (Stir::Erase, Some(person)) => self.erase_until_killed(person),
            (Stir::Publish, _) => self.publish(),
            _ => {}
        }
        self.dies(victim, &armed);
        self.serves(victim);
        if let Some(person) = person {
            self.erased_for_good(name, &person);
        }
        if stir == Stir::Publish {
            let (node, want) = (&self.node, self.published);
            eventually("the new item is active", || {
                (node.status()["catalogue_seq"].as_u64()? >= want).then_some(())
            });
        }
    }

    fn kill(&mut self, victim: Victim) {
        self.kills += 1;
        match victim {
            Victim::Node => self.node.kill(),
            Victim::Hub => self.district.kill_hub(),
        }
    }

    fn spawn(&mut self, victim: Victim, environment: &[(&str, &str)]) {
        match victim {
            Victim::Node => self.node.spawn(environment),
            Victim::Hub => self.district.spawn_hub(environment),
        }
    }

    /// Waits until it has ended where it was told to.
    fn dies(&mut self, victim: Victim, armed: &str) {
        let server = match victim {
            Victim::Node => self.node.server(),
            Victim::Hub => self.district.hub(),
        };
        let status = eventually(&format!("{armed} is reached"), || server.ended());
        assert_eq!(status.signal(), Some(SIGABRT), "{armed}: {status}");
        self.kills += 1;
    }

    /// Starts it and waits until it answers.
    fn serves(&mut self, victim: Victim) {
        self.spawn(victim, &[]);
        let began = Instant::now();
        match victim {
            Victim::Node => self.answers(),
            Victim::Hub => {
                let dir = self.district.hub_dir();
                eventually("the hub answers", || {
                    let asked = ["hub", "status", "--dir", &dir, "--output", "json"];
                    tongxin(&asked).status.success().then_some(())
                });
            }
        }
        let took = began.elapsed();
        assert!(took <= SERVING, "{victim:?} served after {took:?}");
        self.slowest = self.slowest.max(took);
    }

    fn answers(&mut self) {
        let (desk, first) = (&mut self.desk, &self.first);
        eventually("the node answers", || desk.get(first).ok());
    }

    /// Waits until the reporter has had `more` cases answered.
    fn more_arrive(&self, more: usize) {
        let want = self.answered.load(Relaxed) + more;
        eventually("cases are answered", || {
            (self.answered.load(Relaxed) >= want).then_some(())
        });
    }

    /// A case whose requester has a name.
    fn person(&mut self) -> String {
        let case = self.desk.report("street-light", "家门口的路灯").unwrap();
        assert!(case.personal.is_some());
        case.name
    }

    fn erase_until_killed(&mut self, person: &str) {
        self.answers();
        // A connection of the process before may fail the first attempt.
        let (office, node) = (&mut self.office, &mut self.node);
        eventually("the erasure kills it", || {
            let answered = office.erase(person).is_ok();
            assert!(!answered, "the erasure was answered");
            node.server().ended()
        });
    }

    /// Whatever the kill left: asked again, the person is gone.
    fn erased_for_good(&mut self, name: &str, person: &str) {
        let before = self.desk.get(person).unwrap();
        let office = &mut self.office;
        if matches!(name, "erase-epoch-replaced" | "erase-unjournalled") {
            assert!(before.erased, "{name}: the key is gone, and nobody says so");
        }
        eventually("the erasure is answered", || office.erase(person).ok());
        self.erased.push(person.to_owned());
    }

    /// Both make it anew when it is missing, as they do when it is due.
    fn forget_certificate(&self, victim: Victim) {
        let path = match victim {
            Victim::Node => self.node.path().join("local.pem"),
            Victim::Hub => Path::new(&self.district.hub_dir()).join("pki/hub.pem"),
        };
        fs::remove_file(path).expect("a certificate");
    }

    fn publish(&mut self) {
        self.answers();
        let before = self.node.status()["catalogue_seq"].as_u64().unwrap();
        self.published = before + 1;
        let text = catalogue_of_one(900 + self.published);
        let file = self.district.path().join("more.toml");
        fs::write(&file, text).expect("a catalogue file");
        let (dir, file) = (self.district.hub_dir(), file.to_string_lossy().into_owned());
        tongxin_ok(&["hub", "catalogue", "publish", "--dir", &dir, &file]);
    }

    fn check(mut self, names: &[String]) {
        self.district.settled(&self.node);
        let count = names.len() as f64;
        self.district.counted("QS.R01", &this_year(), count);
        let all = self.desk.all();
        let here: BTreeSet<&str> = all.iter().map(String::as_str).collect();
        assert_eq!(here.len(), all.len(), "a case is listed twice");
        let lost = names.iter().filter(|name| !here.contains(name.as_str()));
        assert_eq!(lost.collect::<Vec<_>>(), Vec::<&String>::new());
        // The totals speak for all; histories are looked at here and there.
        for name in names.iter().rev().step_by(17) {
            let events = self.desk.events(name);
            assert_eq!(events.len(), 2, "{name}: {events:?}");
        }
        for name in &self.erased {
            let case = self.desk.get(name).unwrap();
            assert!(case.erased && case.personal.is_none(), "{name}");
        }
        self.node.stop();
        let dir = self.node.dir();
        let verified = tongxin_ok(&["node", "verify", "--dir", &dir]);
        eprintln!(
            "crash: {} kills, {} cases answered, 0 lost, 0 doubled; slowest start {:?}\n{verified}",
            self.kills,
            names.len(),
            self.slowest
        );
    }
}
