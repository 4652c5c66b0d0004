//! A community goes on under another hub of the same province, and comes back.
//! Nobody tells the hub that it leaves; the province counts it once all the same.

use std::{fs, path::Path};

use crate::harness::{
    Community, District,
    calls::Caller,
    district::{HEPING, RUIQUAN},
    eventually,
    process::{tongxin, tongxin_ok},
    this_year,
    upper::{Upper, hurry},
};

#[test]
fn a_community_that_moves_is_counted_once() {
    let mut old = District::start("moved");
    let mut province = Upper::new(old.path(), "sichuan", None);
    let mut new = Upper::new(old.path(), "xindu", None);
    province.start();
    province.adopts("510115", &old.hub_dir());
    hurry(Path::new(&old.hub_dir()));
    old.kill_hub();
    old.start_hub();
    province.adopts("510114", &new.dir());
    new.start();

    let (stays, mut moves) = (old.joined(HEPING), old.joined(RUIQUAN));
    Caller::new(&stays, "staff", "").report_surely("street-light");
    report(&moves, 3);
    province.counted(4.0);
    // A child of which nothing was heard yet counts for one that is expected.
    eventually("the new hub has said that it has nobody", || {
        let rows = province.query(&["QS.R01", "--from", &this_year()]);
        (rows[0]["expected"] == 95).then_some(())
    });

    go(&mut moves, &new.invite(RUIQUAN));
    report(&moves, 2);
    province.counted(6.0);
    old.counted("QS.R01", &this_year(), 1.0);
    new.counted(5.0);
    let total = province.counted(6.0);
    assert_eq!(total["expected"], 95, "expected once as well");
    let moved = tongxin_ok(&["hub", "moves", "--dir", &province.dir(), "--output", "json"]);
    assert_eq!(moved.trim(), "[]", "nothing is on its way any more");

    // What was decided is of the journals, not of the views.
    province.kill();
    new.kill();
    old.kill_hub();
    for dir in [&province.dir, &new.dir, Path::new(&old.hub_dir())] {
        fs::remove_dir_all(dir.join("view")).expect("a view");
    }
    province.start();
    new.start();
    old.start_hub();
    report(&moves, 1);
    province.counted(7.0);
    new.counted(6.0);
    old.counted("QS.R01", &this_year(), 1.0);

    // And back; this time it is let go first.
    tongxin_ok(&[
        "hub",
        "release",
        "--dir",
        &new.dir(),
        "--community",
        RUIQUAN,
    ]);
    go(&mut moves, &old.invite(RUIQUAN));
    report(&moves, 1);
    province.counted(8.0);
    old.counted("QS.R01", &this_year(), 8.0);
    eventually("the other hub has nothing left", || {
        let rows = new.query(&["QS.R01", "--from", &this_year()]);
        rows.iter().all(|row| row["value"].is_null()).then_some(())
    });
}

#[test]
fn a_hub_takes_nothing_from_a_community_that_it_let_go() {
    let district = District::start("released");
    let mut community = district.joined(RUIQUAN);
    report(&community, 2);
    district.counted("QS.R01", &this_year(), 2.0);
    let release = [
        "hub",
        "release",
        "--dir",
        &district.hub_dir(),
        "--community",
    ];
    let released = |code| tongxin(&[&release[..], &[code]].concat());
    let unknown = released("110101001001");
    assert!(!unknown.status.success(), "{unknown:?}");
    assert!(released(RUIQUAN).status.success());

    eventually("the node is told", || {
        let status = community.status();
        let detail = status["link_detail"].as_str()?.to_owned();
        detail.contains("counted by another hub").then_some(())
    });
    Caller::new(&community, "staff", "").report_surely("street-light");
    let rows = district.query(&["QS.R01", "--from", &this_year()]);
    assert!(rows[0]["value"].is_null(), "{rows:?}");

    // Somebody thought better of it.
    let invite = district.invite(RUIQUAN);
    community.stop();
    let dir = community.dir();
    tongxin_ok(&["node", "join", "--dir", &dir, &invite]);
    community.start();
    district.counted("QS.R01", &this_year(), 3.0);
}

fn report(community: &Community, cases: usize) {
    let mut staff = Caller::new(community, "staff", "");
    for _ in 0..cases {
        staff.report_surely("street-light");
    }
}

/// The node goes on under the hub that made the invite.
fn go(community: &mut Community, invite: &str) {
    let dir = community.dir();
    let refused = tongxin(&["node", "move", "--dir", &dir, invite]);
    assert!(!refused.status.success(), "it must not run: {refused:?}");
    community.stop();
    tongxin_ok(&["node", "move", "--dir", &dir, invite]);
    community.start();
}
