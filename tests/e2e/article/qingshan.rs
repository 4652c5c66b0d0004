//! 青山: a report from 微邻里 to 差评 and put right; a week of door-knocking; the
//! lawyer on Thursdays.

use proto::pb::node::{Lifecycle, RatingLevel};

use crate::harness::article::{QINGSHAN, Story};
use crate::harness::eventually;

/// “有困难，上‘微邻里’‘报事’，从受理到处理再到完成全程监控，不满意还可以给个‘差评’。”
#[test]
fn a_report_on_weilinli_gets_a_bad_review_and_is_put_right() {
    let story = Story::begin("qingshan-report", &QINGSHAN, "2025-03-03 09:00");
    let (mut wang, mut staff) = (story.resident("wx-wang"), story.staff());
    let mut property = story.office("物业公司");

    let case = wang
        .report("street-light", "三栋楼下路灯不亮")
        .unwrap()
        .name;
    story.now_it_is("2025-03-03 10:30");
    staff.accept(&case).unwrap();
    staff.dispatch(&case, "物业公司").unwrap();
    story.now_it_is("2025-03-05 16:00");
    property.complete(&case).unwrap();
    // The light still does not burn.
    let back = wang.rate(&case, RatingLevel::Bad).unwrap();
    assert_eq!(
        (back.lifecycle(), back.reopenings),
        (Lifecycle::Dispatched, 1)
    );
    story.now_it_is("2025-03-07 11:00");
    property.complete(&case).unwrap();
    let settled = wang.rate(&case, RatingLevel::Good).unwrap();
    assert_eq!(settled.rating(), RatingLevel::Good);
    // Followed from end to end, by the resident herself.
    let told = wang.events(&case);
    for step in [
        "REPORTED",
        "ACCEPTED",
        "DISPATCHED",
        "COMPLETED",
        "REOPENED",
    ] {
        assert!(told.iter().any(|event| event == step), "{step}: {told:?}");
    }

    // A month later the case is settled for good.
    story.now_it_is("2025-04-30 09:00");
    story.sees("QS.R01", "202503", 1.0);
    story.sees_ratio("QS.R02", "202503", 1, 1);
    story.sees_ratio("QS.R04", "202503", 1, 2);
    story.sees_ratio("QS.R05", "202503", 2, 2);
    story.sees_ratio("QS.R06", "2025Q1", 1, 1);
    // Put right, and yet not solved the first time.
    story.sees_ratio("QS.R07", "2025Q1", 0, 1);
}

/// “天天敲门组，重点关照那些需要帮助的孤寡、空巢老人。”
#[test]
fn a_week_of_door_knocking_raises_an_alert_where_nobody_answers() {
    let story = Story::begin("qingshan-knock", &QINGSHAN, "2025-03-03 09:00");
    let (mut staff, mut team) = (story.staff(), story.office("三网格敲门组"));
    // 组长一人，组员二人。
    let members: Vec<String> = (0..3)
        .map(|_| staff.enter_person("party-members", "here").unwrap().name)
        .collect();
    let group = staff.enter("knock-teams", "三网格敲门组").unwrap().name;
    staff.grant_role(&group, "leader", &members[0]).unwrap();
    for member in &members[1..] {
        staff.grant_role(&group, "member", member).unwrap();
    }
    let duties: Vec<String> = (0..30)
        .map(|_| {
            let elder = staff.enter_person("care-list", "solitary").unwrap().name;
            let duty = staff.open_duty("door-knock", "三网格敲门组", &elder, "2025-03-03");
            duty.unwrap().name
        })
        .collect();
    for day in ["2025-03-03 10:00", "2025-03-04 10:00", "2025-03-05 10:00"] {
        story.now_it_is(day);
        team.attempt_duty(&duties[0]).unwrap();
    }
    let silent = team.duty(&duties[0]);
    assert_eq!((silent.alerts, silent.held), (1, 0));
    // What the alert is for: somebody goes and looks.
    let found = team
        .report_from_the_door("care-visit", "三天敲门无人应")
        .unwrap();
    staff.accept(&found.name).unwrap();
    story.now_it_is("2025-03-06 10:00");
    for duty in &duties[1..] {
        team.hold_duty(duty, 1, 1).unwrap();
    }
    story.now_it_is("2025-04-08 09:00");
    eventually("five weeks without an answer", || {
        let silent = team.duty(&duties[0]);
        ((silent.held, silent.unheld) == (0, 5)).then_some(())
    });
    // Households are rounded to fives before they leave, those that were visited and
    // those that were not: of 150 visits due in the five weeks of March, 29 were made.
    let row = story.row("QS.K01", "202503", |row| {
        [145, 150, 155].iter().any(|due| row["denominator"] == *due)
    });
    let visited = row["numerator"].as_i64().unwrap();
    assert!(visited == 25 || visited == 30, "{row}");
    story.sees("QS.K03.N", "202503", 1.0);
    story.sees("QS.R01", "202503", 1.0);
}

/// “公益律师每周四上门。”
#[test]
fn the_lawyer_comes_on_thursdays_and_one_is_missed() {
    let story = Story::begin("qingshan-lawyer", &QINGSHAN, "2025-03-03 09:00");
    let (mut staff, mut lawyer) = (story.staff(), story.office("公益律师"));
    let duty = staff
        .open_duty("lawyer-clinic", "公益律师", "", "2025-03-03")
        .unwrap();
    for thursday in ["2025-03-06", "2025-03-13"] {
        story.now_it_is(&format!("{thursday} 15:00"));
        lawyer.hold_duty(&duty.name, 1, 1).unwrap();
    }
    // The list of the 20th comes to the desk on paper, two days later.
    story.now_it_is("2025-03-22 10:00");
    staff
        .hold_duty_late(&duty.name, "2025-03-20", "2025-03-20 15:00")
        .unwrap();
    story.now_it_is("2025-04-02 09:00");
    story.sees_ratio("QS.M03", "202503", 3, 4);
}
