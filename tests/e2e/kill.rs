//! Processes killed in the middle of a sync: nothing is lost, nothing doubled.

use crate::harness::{Community, District, calls::Caller, district::RUIQUAN, this_year};

const KILLS: u64 = 20;

/// Reports and accepts; whoever was killed meanwhile gets the rest of it later.
fn report(community: &Community) {
    let mut staff = Caller::new(community, "staff", "");
    let case = staff.report("street-light", "路灯不亮").unwrap().name;
    staff.accept(&case).unwrap();
}

#[test]
fn a_node_killed_in_the_middle_of_a_sync_loses_and_doubles_nothing() {
    let district = District::start("kill-node");
    let mut ruiquan = district.joined(RUIQUAN);
    for _ in 0..KILLS {
        report(&ruiquan);
        ruiquan.kill();
        ruiquan.start();
    }
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), KILLS as f64);
}

#[test]
fn a_hub_killed_in_the_middle_of_a_sync_loses_and_doubles_nothing() {
    let mut district = District::start("kill-hub");
    let ruiquan = district.joined(RUIQUAN);
    for _ in 0..KILLS {
        report(&ruiquan);
        district.kill_hub();
        district.start_hub();
    }
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), KILLS as f64);
}
