//! 翠竹园: bins in the garage, two rounds to cancellation; the meeting on the first
//! Thursday of each month.

use proto::pb::node::{
    Origin, TopicGrade, TopicSource, meet_on_topic_request as meet, topic_participant::Seat,
};

use crate::harness::article::{CUIZHUYUAN, Story, roll};
use crate::harness::engines::{
    deliberations::{announce, check, convene, decide, done, follow_up, hold, seat},
    reason,
    surveys::{close, one_of, sheet},
};

const PARTIES: [&str; 4] = [
    "residents-committee",
    "owners-committee",
    "property",
    "social-organisations",
];

/// “以‘垃圾桶下地库’议题为例……”
#[test]
fn bins_in_the_garage_are_cancelled_in_the_second_round() {
    let story = Story::begin("cuizhuyuan-bins", &CUIZHUYUAN, "2025-03-17 09:00");
    let (mut grid, mut staff) = (story.grid_worker("003"), story.staff());
    let mut association = story.office("翠竹园社区互助会");
    let members: Vec<String> = PARTIES
        .iter()
        .map(|party| staff.enter("four-parties", party).unwrap().name)
        .collect();
    let guests = staff.enter_many("households", "", 2);
    let topic = grid
        .propose("four-party", "垃圾桶下地库", TopicSource::Grid, 37)
        .unwrap()
        .name;
    // 诉求居民较多、呼声较高，列为“急办”。
    staff
        .triage(&topic, TopicGrade::Urgent, "提出诉求居民较多、呼声较高")
        .unwrap();

    // 四方，加上网格员代表和利害关系人。
    let seats = || {
        let parties = members.iter().zip(PARTIES);
        let parties = parties.map(|(entry, party)| seat(entry, Seat::Party(party.to_owned())));
        let grid = seat(&guests[0], Seat::Grid("003".to_owned()));
        let resident = seat(&guests[1], Seat::Resident(true));
        parties.chain([grid, resident]).collect::<Vec<_>>()
    };
    staff.meet(&topic, convene("2025-03-20", seats())).unwrap();
    story.now_it_is("2025-03-20 19:00");
    let present = [&members[..], &guests[..]].concat();
    staff
        .meet(&topic, hold(present.clone(), &members[0]))
        .unwrap();
    let task = meet::Act::SetTask(meet::SetTask {
        to: "翠竹园社区互助会".to_owned(),
        what: "开展问卷调查".to_owned(),
    });
    staff.meet(&topic, task).unwrap();

    // 互助会开展问卷调查，摸清情况。
    let households = staff.enter_many("households", "", 60);
    let questions = vec![one_of(
        "垃圾桶放在地库",
        [("赞成", ""), ("反对，气味难闻", "")],
    )];
    let survey = association
        .open_survey("questionnaire", "垃圾桶下地库问卷", questions, &topic)
        .unwrap()
        .name;
    association
        .start_survey(&survey, roll(&households, ""), "2025-03-31")
        .unwrap();
    let sheets = households[..50].iter().zip(0..);
    let sheets = sheets.map(|(household, n)| sheet(household, if n < 8 { 1 } else { 2 }));
    association
        .answer_survey(&survey, Origin::Paper, sheets.collect())
        .unwrap();
    story.now_it_is("2025-04-01 09:00");
    let closed = association.conclude(&survey, close()).unwrap();
    assert_eq!(closed.totals[0].chosen, [8, 42]);

    // 第二轮：四月的第一个星期四。
    let report = meet::Act::ReportTask(meet::ReportTask {
        task: 1,
        result: "五十户答复，四十二户反对".to_owned(),
        survey: survey.clone(),
    });
    staff.meet(&topic, report).unwrap();
    staff.meet(&topic, convene("2025-04-03", seats())).unwrap();
    story.now_it_is("2025-04-03 19:00");
    // 三方在场，缺物业公司：什么也定不下来。
    let without: Vec<String> = present
        .iter()
        .filter(|entry| **entry != members[2])
        .cloned()
        .collect();
    let held = staff.meet(&topic, hold(without, &members[0])).unwrap();
    assert!(!held.rounds.last().unwrap().quorate);
    staff.meet(&topic, convene("2025-04-08", seats())).unwrap();
    story.now_it_is("2025-04-08 19:00");
    staff.meet(&topic, hold(present, &members[0])).unwrap();
    let decided = staff
        .meet(&topic, decide("取消“垃圾桶下地库”试点", 5, 0))
        .unwrap();
    assert!(decided.decision.unwrap().passed);

    // 督促物业公司调整摆放位置，及时清理。
    let what = "调整垃圾桶摆放位置，及时清理";
    staff
        .follow(&topic, follow_up("物业公司", what, "2025-04-18"))
        .unwrap();
    staff.follow(&topic, announce("wechat")).unwrap();
    let mut property = story.office("物业公司");
    property.follow(&topic, done(1)).unwrap();
    let own = property.follow(&topic, check(1, "物业公司")).unwrap_err();
    assert_eq!(reason(&own), "OWN_WORK");
    story.now_it_is("2025-04-16 09:00");
    for supervisor in ["社区两委", "业委会"] {
        staff.follow(&topic, check(1, supervisor)).unwrap();
    }
    story.now_it_is("2025-07-02 09:00");
    story.sees("CZY.T01", "2025Q1", 1.0);
    story.sees_ratio("CZY.T02", "2025S1", 1, 1);
    story.sees_ratio("CZY.T04", "2025S1", 2, 1);
    story.sees_ratio("CZY.T05", "2025", 1, 1);
    story.sees_ratio("CZY.F01", "2025Q2", 1, 1);
    story.sees_ratio("BBT.M03", "2025Q2", 1, 1);
    // Four of four, three of four, four of four.
    story.sees_ratio("CZY.M02", "2025Q1", 4, 4);
    story.sees_ratio("CZY.M02", "2025Q2", 7, 8);
}

/// “每月第一个星期四召开‘四方平台’联席会议。”
#[test]
fn the_first_thursday_falls_on_a_holiday_and_is_never_moved_in_silence() {
    let story = Story::begin("cuizhuyuan-thursdays", &CUIZHUYUAN, "2025-03-03 09:00");
    let mut staff = story.staff();
    let duty = staff
        .open_duty("four-party-meeting", "社区党总支", "", "2025-03-03")
        .unwrap()
        .name;
    for thursday in ["03-06", "04-03"] {
        story.now_it_is(&format!("2025-{thursday} 19:00"));
        staff.hold_duty(&duty, 4, 4).unwrap();
    }
    // 2025-05-01 is Labour Day.
    story.now_it_is("2025-04-28 09:00");
    staff
        .postpone_duty(&duty, "2025-05-01", "2025-05-08", "劳动节放假")
        .unwrap();
    story.now_it_is("2025-05-08 19:00");
    staff.hold_duty(&duty, 4, 4).unwrap();
    // In June nobody comes.
    story.now_it_is("2025-06-16 09:00");
    story.sees_ratio("CZY.M01", "2025", 2, 4);
}
