//! Processes killed at whatever moment of a sync, while cases keep coming:
//! nothing answered is lost, nothing repeated is doubled.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use crate::harness::{District, calls::Caller, district::RUIQUAN, eventually, this_year};

const KILLS: usize = 20;

#[test]
fn a_node_killed_in_the_middle_of_a_sync_loses_and_doubles_nothing() {
    let district = District::start("kill-node");
    let mut ruiquan = district.joined(RUIQUAN);
    let answered = reporting(Caller::new(&ruiquan, "staff", ""), || {
        for _ in 0..KILLS {
            more_arrives(&district);
            ruiquan.kill();
            ruiquan.start();
        }
    });
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), f64::from(answered));
}

#[test]
fn a_hub_killed_in_the_middle_of_a_sync_loses_and_doubles_nothing() {
    let mut district = District::start("kill-hub");
    let ruiquan = district.joined(RUIQUAN);
    let answered = reporting(Caller::new(&ruiquan, "staff", ""), || {
        for _ in 0..KILLS {
            more_arrives(&district);
            district.kill_hub();
            district.start_hub();
        }
    });
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), f64::from(answered));
}

/// Cases reported and accepted, one after the other, while `meanwhile` runs.
fn reporting(mut caller: Caller, meanwhile: impl FnOnce()) -> u32 {
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        let _end = SetOnDrop(&enough);
        let reporter = scope.spawn(|| {
            let mut answered = 0;
            while !enough.load(Relaxed) {
                caller.report_surely("street-light");
                answered += 1;
            }
            answered
        });
        meanwhile();
        enough.store(true, Relaxed);
        reporter.join().expect("a reporter that was answered")
    })
}

/// A story that fails must not wait for its reporter for ever.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Waits until the hub has acknowledged more than it had.
fn more_arrives(district: &District) {
    let acked = || district.node_status(RUIQUAN)["acked_seq"].as_u64();
    let before = acked();
    eventually("the sync goes on", || (acked() > before).then_some(()));
}
