//! A node cut off for a month catches up by itself.

use std::path::Path;

use crate::harness::{District, district::RUIQUAN, process::tongxin_ok};

#[test]
fn a_month_of_events_offline_arrives_whole() {
    let mut district = District::start("offline-month");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let playbook = root.join("deploy/examples/boston/playbook.toml");
    let more = ["--playbook", &playbook.to_string_lossy()];
    let mut ruiquan = district.join(district.community_with(RUIQUAN, &more));
    district.settled(&ruiquan);
    district.kill_hub();
    ruiquan.stop();

    // A month of real requests reaches the node while the line is cut.
    let data = root.join("tests/data/roslindale-2015-03.csv");
    let mapping = root.join("deploy/examples/boston/mapping.toml");
    tongxin_ok(&[
        "node",
        "import",
        "cases",
        "--dir",
        &ruiquan.dir(),
        "--mapping",
        &mapping.to_string_lossy(),
        &data.to_string_lossy(),
        "--rejected",
        &ruiquan.path().join("rejected.csv").to_string_lossy(),
    ]);
    ruiquan.start();
    let rows = std::fs::read_to_string(&data).unwrap().lines().count() as u64 - 1;

    district.start_hub();
    district.settled(&ruiquan);
    // Boston's March runs into Wenjiang's April, so the year is asked for.
    district.counted("QS.R01", "2015", rows as f64);
}
