//! A new indicator on its way: tried out, approved, handed on in waves, halted
//! where a node refuses, retired. Real processes.

use std::{fs, process::Output};

use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Caller,
    catalogue_of_one,
    district::{HEPING, RUIQUAN},
    eventually,
    process::{tongxin, tongxin_ok},
    this_month, this_year,
};

impl District {
    fn draft(&self, catalogue: &str, more: &[&str]) {
        let drafted = self.drafted(catalogue, more);
        let said = String::from_utf8_lossy(&drafted.stderr);
        assert!(drafted.status.success(), "{said}");
    }

    fn drafted(&self, catalogue: &str, more: &[&str]) -> Output {
        let file = self.path().join("new.toml");
        fs::write(&file, catalogue).unwrap();
        let (dir, file) = (self.hub_dir(), file.to_string_lossy().into_owned());
        let mut all = vec!["hub", "indicator", "publish", "--dir", &dir, &file];
        all.extend(more);
        tongxin(&all)
    }

    fn decide(&self, what: &str, code: &str) {
        tongxin_ok(&["hub", "indicator", what, "--dir", &self.hub_dir(), code]);
    }

    fn rollout(&self, code: &str) -> Value {
        let dir = self.hub_dir();
        let args = [
            "hub",
            "indicator",
            "status",
            "--dir",
            &dir,
            code,
            "--output",
            "json",
        ];
        let rows: Vec<Value> = serde_json::from_str(&tongxin_ok(&args)).unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows[0].clone()
    }

    fn reaches(&self, code: &str, stage: &str) -> Value {
        eventually(&format!("{code} is {stage}"), || {
            let rollout = self.rollout(code);
            (rollout["stage"] == stage).then_some(rollout)
        })
    }
}

fn reports_a_case(community: &Community) {
    let mut staff = Caller::new(community, "staff", "");
    let case = staff.report("street-light", "路灯").unwrap().name;
    staff.accept(&case).unwrap();
}

#[test]
fn a_new_indicator_is_tried_out_handed_on_and_retired() {
    let district = District::start("rollout");
    let (ruiquan, heping) = (district.joined(RUIQUAN), district.joined(HEPING));
    reports_a_case(&ruiquan);
    reports_a_case(&heping);
    district.settled(&ruiquan);
    district.settled(&heping);
    let follows = |code: &str| {
        eventually("its node follows the catalogue", || {
            let shipped = district.rollout("QS.R01");
            (shipped["nodes_done"].as_i64()? == 2).then_some(())
        });
        code.to_owned()
    };
    let (year, code) = (this_year(), follows("QS.X9001"));
    // Nobody counts yet what was reported, accepted or not.
    let reported = catalogue_of_one(9001).replace("case.accepted", "case.reported");
    let trial = ["--wave-hold", "1s", "--dry-run-on", RUIQUAN];
    // What QS.R01 has is not asked for again: the asker is pointed to it.
    let again = district.drafted(&catalogue_of_one(9001), &trial);
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(
        !again.status.success() && said.contains("QS.R01@1"),
        "{said}"
    );
    let asks = tongxin(&[
        "hub",
        "asks",
        "--dir",
        &district.hub_dir(),
        "--output",
        "json",
    ]);
    let said = String::from_utf8_lossy(&asks.stderr).into_owned();
    assert!(
        said.contains("HUB.B02") && said.contains("QS.X9001 → QS.R01@1"),
        "{said}"
    );
    assert!(said.contains("WJ.N03") && said.contains(" %"), "{said}");
    district.counted("HUB.B02", &year, 1.0);
    let enrolled = district
        .query(&["WJ.N01", "--from", &this_month()])
        .remove(0);
    let (numerator, denominator) = (&enrolled["numerator"], &enrolled["denominator"]);
    assert_eq!(
        (numerator, denominator),
        (&2.into(), &95.into()),
        "{enrolled}"
    );

    district.draft(&reported, &trial);

    // One node counts what it has, and nobody takes anything.
    let drafted = district.reaches(&code, "draft");
    let tried = &drafted["dry_runs"][0];
    assert_eq!(
        (&tried["state"], &tried["cells"]),
        (&"counted".into(), &1.into()),
        "{tried}"
    );
    assert_eq!(tried["smallest"], 1);
    let dir = district.hub_dir();
    let early = tongxin(&["hub", "query", "--dir", &dir, &code, "--from", &year]);
    assert!(!early.status.success(), "it is not in the catalogue yet");

    district.decide("approve", &code);
    let live = district.reaches(&code, "live");
    assert_eq!(
        (&live["nodes_done"], &live["nodes_behind"]),
        (&2.into(), &0.into()),
        "{live}"
    );
    district.counted(&code, &year, 2.0);

    district.decide("retire", &code);
    eventually("both nodes have let it go", || {
        (district.reaches(&code, "retired")["nodes_done"] == 2).then_some(())
    });
    reports_a_case(&ruiquan);
    district.counted("QS.R01", &year, 3.0);
    district.counted(&code, &year, 2.0);
}

#[test]
fn a_node_that_refuses_halts_the_wave_and_is_never_taken_for_a_zero() {
    let district = District::start("rollout-refused");
    let few = district.community_with(RUIQUAN, &["--residents", "12"]);
    let _ruiquan = district.join(few);
    eventually("its node follows the catalogue", || {
        (district.rollout("QS.R01")["nodes_done"].as_i64()? == 1).then_some(())
    });
    let protected = catalogue_of_one(9002).replace("protection = \"A\"", "protection = \"B\"");
    district.draft(&protected, &["--wave-hold", "1s"]);
    let code = "QS.X9002";
    district.decide("approve", code);
    let halted = eventually("the wave halts", || {
        let rollout = district.rollout(code);
        let said = rollout["halted"].as_str()?.to_owned();
        said.contains("POPULATION_TOO_SMALL").then_some(rollout)
    });
    assert_eq!(
        (&halted["stage"], &halted["nodes_refused"]),
        (&"wave_1".into(), &1.into())
    );
    assert_eq!(halted["refusals"][0]["community"], RUIQUAN);
    let year = this_year();
    let row = district
        .query(&[code, "--place", RUIQUAN, "--from", &year])
        .remove(0);
    assert_eq!(
        (&row["value"], &row["reporting"]),
        (&Value::Null, &0.into()),
        "{row}"
    );
}
