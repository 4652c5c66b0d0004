//! Power cuts: the server is stopped in mid-write, what its disk holds at that
//! moment is mounted as another machine would after the cut, and everything that
//! was answered is there. Lives begin anew again and again, because the first
//! minute is the worst.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

use super::{
    failing::library,
    held::{Answered, HubHeld, assert_node_holds, assert_node_verifies, hub_holds, node_lacks},
    image::{Image, may_mount},
};
use crate::harness::{
    Community, District,
    calls::Caller,
    district::RUIQUAN,
    eventually,
    process::{Scratch, Server, tongxin, tongxin_ok},
    random::{Random, count, seed},
};

const CUTS_PER_LIFE: usize = 5;
const IMAGE_MIB: u64 = 128;

/// Ends reporting when a test is over, also by a failure.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Where copies are mounted.
struct After {
    file: PathBuf,
    at: PathBuf,
}

impl After {
    fn of(scratch: &Path) -> After {
        After {
            file: scratch.join("cut.ext4"),
            at: scratch.join("cut"),
        }
    }

    fn mounted(&self, mark: &str) -> Image {
        let image = Image::mounted(&self.file, &self.at);
        another_boot(&self.at.join(mark));
        image
    }
}

/// The machine that finds the disk has booted since, and says so to the view.
fn another_boot(mark: &Path) {
    let Ok(text) = fs::read_to_string(mark) else {
        return;
    };
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("a boot id");
    fs::write(mark, text.replace(boot.trim(), "another-boot")).expect("a mark");
}

/// Stops every thread of it, and returns when they have stopped.
fn stop(server: &Server) {
    server.signal("STOP");
    let tasks = format!("/proc/{}/task", server.pid());
    eventually("every thread has stopped", || {
        let mut tasks = fs::read_dir(&tasks).expect("a process");
        tasks
            .all(|task| {
                let stat = task.expect("a thread").path().join("stat");
                let stat = fs::read_to_string(stat).unwrap_or_default();
                stat.rsplit(')')
                    .next()
                    .is_some_and(|rest| rest.starts_with(" T"))
            })
            .then_some(())
    });
}

#[test]
fn a_node_that_loses_power_has_what_it_answered() {
    let scratch = Scratch::new("power-node");
    if !may_mount(scratch.path(), "power cuts of a node") {
        return;
    }
    let cuts = count("TONGXIN_POWER_CUTS", 15);
    let mut random = Random(seed("power cuts of a node"));
    let (mut done, mut answered) = (0, 0);
    while done < cuts {
        let lives = CUTS_PER_LIFE.min(cuts - done);
        answered += node_life(scratch.path(), lives, &mut random);
        done += lives;
    }
    eprintln!("power cuts of a node: {done} images, {answered} answers held against them, 0 lost");
}

fn node_life(scratch: &Path, cuts: usize, random: &mut Random) -> usize {
    let disk = Image::new(&scratch.join("disk.ext4"), &scratch.join("disk"), IMAGE_MIB);
    let after = After::of(scratch);
    let mut node = Community::in_dir(scratch.join("disk/node"), RUIQUAN, &[]);
    // Made, and the power goes.
    disk.cut(&after.file);
    let cut = after.mounted("node/view.open");
    assert_node_holds(&after.at.join("node"), &Answered::default(), "after init");
    drop(cut);

    node.start();
    let callers: Vec<Desk> = (0..2).map(|_| Desk::of(&node)).collect();
    let (enough, answered) = (AtomicBool::new(false), Mutex::new(Answered::default()));
    let mut total = 0;
    thread::scope(|scope| {
        let _end = SetOnDrop(&enough);
        for caller in callers {
            scope.spawn(|| report(caller, &enough, &answered));
        }
        for number in 1..cuts {
            let more = answered.lock().unwrap().cases.len() + random.below(25);
            eventually("more is answered", || {
                (answered.lock().unwrap().cases.len() > more).then_some(())
            });
            stop(node.server());
            disk.cut(&after.file);
            // With every answer that came before the stop.
            let known = answered.lock().unwrap().clone();
            node.server().signal("CONT");
            let cut = after.mounted("node/view.open");
            let at = format!("cut {number} of a life, {} answers", known.cases.len());
            assert_node_holds(&after.at.join("node"), &known, &at);
            if number == cuts - 1 {
                assert_node_verifies(&after.at.join("node"), &at);
            }
            total += known.cases.len() + known.erased.len();
            drop(cut);
        }
    });
    node.kill();
    total
}

/// Who reports, and who has persons erased.
struct Desk {
    staff: Caller,
    office: Caller,
}

impl Desk {
    fn of(node: &Community) -> Desk {
        Desk {
            staff: Caller::new(node, "staff", ""),
            office: Caller::new(node, "admin", ""),
        }
    }
}

/// The control: the same cuts find what a disk loses that only says it has synced.
#[test]
fn a_disk_that_lies_loses_answers_and_is_caught() {
    let scratch = Scratch::new("power-lie");
    if !may_mount(scratch.path(), "power cuts of a disk that lies") {
        return;
    }
    let library = library(scratch.path());
    let disk = Image::new(
        &scratch.path().join("disk.ext4"),
        &scratch.path().join("disk"),
        IMAGE_MIB,
    );
    let after = After::of(scratch.path());
    let mut node = Community::in_dir(scratch.path().join("disk/node"), RUIQUAN, &[]);
    let preload = library.to_string_lossy().into_owned();
    node.spawn(&[("LD_PRELOAD", &preload), ("FAULT_CALL", "lie")]);
    let mut desk = eventually("the node answers", || {
        let asked = ["node", "status", "--dir", &node.dir()];
        tongxin(&asked).status.success().then(|| Desk::of(&node))
    });
    let mut answered = Answered::default();
    for _ in 0..40 {
        let case = desk.staff.report("street-light", "楼下路灯不亮").unwrap();
        answered.cases.push(case.name);
    }
    stop(node.server());
    disk.cut(&after.file);
    node.server().signal("CONT");
    node.kill();
    let _cut = after.mounted("node/view.open");
    let lacks = node_lacks(&after.at.join("node"), &answered);
    assert!(
        !lacks.is_ok_and(|lacks| lacks.is_empty()),
        "nothing was lost"
    );
}

fn report(mut desk: Desk, enough: &AtomicBool, answered: &Mutex<Answered>) {
    for turn in 1.. {
        if enough.load(Relaxed) {
            return;
        }
        let case = desk
            .staff
            .report("street-light", "楼下路灯不亮")
            .unwrap()
            .name;
        answered.lock().unwrap().cases.push(case.clone());
        desk.staff.accept(&case).unwrap();
        if turn % 8 == 0 {
            desk.office.erase(&case).unwrap();
            answered.lock().unwrap().erased.push(case);
        }
    }
}

#[test]
fn a_hub_that_loses_power_has_what_it_answered() {
    let scratch = Scratch::new("power-hub-probe");
    if !may_mount(scratch.path(), "power cuts of a hub") {
        return;
    }
    let cuts = count("TONGXIN_POWER_CUTS", 15);
    let mut random = Random(seed("power cuts of a hub"));
    let mut done = 0;
    while done < cuts {
        let lives = CUTS_PER_LIFE.min(cuts - done);
        hub_life(scratch.path(), lives, &mut random);
        done += lives;
    }
    eprintln!("power cuts of a hub: {done} images, 0 lost");
}

fn hub_life(scratch: &Path, cuts: usize, random: &mut Random) {
    let (file, at) = (scratch.join("disk.ext4"), scratch.join("disk"));
    let disk = Image::new(&file, &at, IMAGE_MIB);
    let after = After::of(scratch);
    let (dir, cut_dir) = (at.join("hub"), after.at.join("hub"));
    let mut district = District::made_in(Scratch::new("power-hub"), dir);
    disk.cut(&after.file);
    let cut = after.mounted("hub/view.mark");
    let first = hub_holds(&cut_dir, RUIQUAN).unwrap_or_else(|fault| panic!("after init: {fault}"));
    assert!(first.members == 95 && first.catalogue > 0, "{first:?}");
    drop(cut);

    district.start_hub();
    let node = district.joined(RUIQUAN);
    let desk = Desk::of(&node);
    let enough = AtomicBool::new(false);
    let reported = Mutex::new(Answered::default());
    thread::scope(|scope| {
        let _end = SetOnDrop(&enough);
        scope.spawn(|| report(desk, &enough, &reported));
        let mut answered = first;
        for number in 1..cuts {
            answered.catalogue = publish(&district, answered.catalogue);
            let more = answered.acked + 1 + random.below(20) as u64;
            answered.acked = eventually("the hub acknowledges more", || {
                let acked = node.status()["acked_cell_seq"].as_u64()?;
                (acked >= more).then_some(acked)
            });
            stop(district.hub());
            disk.cut(&after.file);
            answered.acked = node.status()["acked_cell_seq"].as_u64().unwrap();
            district.hub().signal("CONT");
            let cut = after.mounted("hub/view.mark");
            let held = hub_holds(&cut_dir, RUIQUAN);
            let held = held.unwrap_or_else(|fault| panic!("cut {number}: {fault}"));
            assert_covers(&held, &answered, number);
            drop(cut);
        }
        enough.store(true, Relaxed);
    });
    district.kill_hub();
}

fn assert_covers(held: &HubHeld, answered: &HubHeld, number: usize) {
    let covers = held.acked >= answered.acked
        && held.catalogue >= answered.catalogue
        && held.members >= answered.members;
    assert!(covers, "cut {number}: answered {answered:?}, held {held:?}");
}

/// Publishes one more item; the catalogue's head after it.
fn publish(district: &District, head: u64) -> u64 {
    let file = district.path().join("more.toml");
    fs::write(&file, crate::harness::catalogue_of_one(900 + head)).expect("a catalogue");
    let (dir, file) = (district.hub_dir(), file.to_string_lossy().into_owned());
    tongxin_ok(&["hub", "catalogue", "publish", "--dir", &dir, &file]);
    head + 1
}
