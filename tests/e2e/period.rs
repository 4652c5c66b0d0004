//! A month is approved and locked; paper that comes in afterwards is counted, and
//! named as a revision of what was approved.

use std::fs;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::json;

use crate::harness::{
    District,
    calls::Caller,
    catalogue_of_one,
    district::{RUIQUAN, rows},
    process::{tongxin, tongxin_ok},
};

#[test]
fn late_paper_revises_a_locked_month_in_sight() {
    let mut district = District::start("period");
    let hub = district.hub_dir();
    let reports = catalogue_of_one(9_400)
        .replace("case.accepted", "case.reported")
        .replace("\"year\"", "\"month\"");
    let catalogue = district.path().join("reports.toml");
    fs::write(&catalogue, reports).unwrap();
    let file = catalogue.to_string_lossy();
    tongxin_ok(&["hub", "catalogue", "publish", "--dir", &hub, &file]);
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let day = zone.to_datetime(Timestamp::now()).date().first_of_month() - 15.days();
    let month = format!("{}{:02}", day.year(), day.month());
    let then = zone.to_timestamp(day.at(9, 0, 0, 0)).unwrap();
    for _ in 0..3 {
        staff.report_of("street-light", then).unwrap();
    }
    district.settled(&ruiquan);
    district.counted("QS.X9400", &month, 3.0);

    let period = |args: &[&str]| {
        let args: Vec<&str> = [&["hub", "period"], args, &["--dir", &hub]].concat();
        tongxin_ok(&args)
    };
    period(&["lock", &month, "--note", "已核"]);
    let again = tongxin(&["hub", "period", "lock", &month, "--dir", &hub]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    staff.report_of("street-light", then).unwrap();
    district.settled(&ruiquan);
    district.counted("QS.X9400", &month, 4.0);
    let seen = |district: &District| {
        let row = district
            .query(&["QS.X9400", "--from", &month, "--as", "now"])
            .remove(0);
        let of = |key: &str| row[key].clone();
        [of("approved"), of("value"), of("revised"), of("lock")]
    };
    assert_eq!(
        seen(&district),
        [json!(3), json!(4), json!("yes"), json!("1")]
    );

    // Nothing of it is forgotten over a kill.
    district.kill_hub();
    district.start_hub();
    let revisions = [
        "revisions",
        "--period",
        &month,
        "--locked",
        "--output",
        "json",
    ];
    let found = rows(&period(&revisions));
    let of_ours = found.iter().filter(|row| row["indicator"] == "QS.X9400@1");
    let of_ours: Vec<_> = of_ours.collect();
    assert_eq!(of_ours.len(), 1, "{found:?}");
    let row = of_ours[0];
    assert_eq!((&row["before"], &row["after"]), (&json!(3), &json!(4)));
    assert_eq!(
        (&row["community"], &row["lock"]),
        (&json!(RUIQUAN), &json!("1"))
    );
    assert_eq!(row["reason"], "late entry");

    period(&["reopen", "1", "--note", "漏报"]);
    period(&["lock", &month]);
    assert_eq!(seen(&district)[..3], [json!(4), json!(4), json!("no")]);
    let locks = rows(&period(&["list", "--output", "json"]));
    assert_eq!(
        (locks.len(), &locks[1]["reopening_note"]),
        (2, &json!("漏报"))
    );
}
