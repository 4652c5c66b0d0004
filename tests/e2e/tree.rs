//! A tree of real hubs: a case reported at the bottom is counted at the top, the
//! definitions come down the same line, and the middle may die at any moment.

use std::{fs, path::Path};

use crate::harness::{
    District,
    calls::Caller,
    district::RUIQUAN,
    eventually, this_year,
    upper::{Upper, hurry},
};

const KILLS: usize = 5;

#[test]
fn a_case_at_the_bottom_is_counted_at_the_top() {
    let mut district = District::start("tree");
    let empty = district.path().join("empty.toml");
    fs::write(&empty, "").expect("a file");
    let mut province = Upper::new(district.path(), "sichuan", None);
    let mut city = Upper::new(district.path(), "chengdu", Some(&empty));
    province.start();
    province.adopts("5101", &city.dir());
    city.start();
    city.adopts("510115", &district.hub_dir());
    hurry(Path::new(&district.hub_dir()));
    district.kill_hub();
    district.start_hub();

    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let mut reported = 3;
    for _ in 0..reported {
        staff.report_surely("street-light");
    }
    province.counted(f64::from(reported));

    for _ in 0..KILLS {
        staff.report_surely("street-light");
        city.kill();
        staff.report_surely("street-light");
        city.start();
        reported += 2;
    }
    let total = province.counted(f64::from(reported));
    district.settled(&ruiquan);

    // The register of the district says how many communities there should be.
    let below = district
        .query(&["QS.R01", "--from", &this_year()])
        .remove(0);
    assert_eq!(total["expected"], below["expected"]);
    eventually("the province knows who is complete", || {
        let total = province
            .query(&["QS.R01", "--from", &this_year()])
            .remove(0);
        (total["reporting"] == 1).then_some(())
    });
    let by_district = province.query(&["QS.R01", "--from", &this_year(), "--by", "district"]);
    assert_eq!(by_district.len(), 1);
    assert_eq!(by_district[0]["place"], "5101", "no finer than its child");
}
