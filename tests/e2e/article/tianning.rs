//! 天宁: a lift that fails at 11 of 12 owners and is built later; a street of façades
//! with a declining subsidy; a needs survey.

use proto::pb::node::{BuildingState, ExpenseAnswer, Origin};

use crate::harness::article::{Story, TIANNING, roll};
use crate::harness::engines::{
    documents::clauses,
    funds::tier,
    reason,
    surveys::{close, one_of, sheet, summarise},
};
use crate::harness::eventually;

/// “需要电梯所在单元楼全体业主的书面同意，且占用小区公共部位的还需要小区三分之二以上业主
/// 同意。”
#[test]
fn a_lift_fails_at_eleven_of_twelve_owners_and_is_built_a_year_later() {
    let story = Story::begin("tianning-lift", &TIANNING, "2024-03-04 09:00");
    let mut staff = story.staff();
    let stairwell = staff.enter_many("owners", "3-1", 12);
    let others = staff.enter_many("owners", "9-9", 24);
    let owners = || [roll(&stairwell, "3-1"), roll(&others, "9-9")].concat();

    let first = staff
        .open_lift("三幢一单元加装电梯", "3-1", true)
        .unwrap()
        .name;
    staff
        .freeze_consent_roll(&first, owners(), "2024-06-30")
        .unwrap();
    for owner in stairwell[..11].iter().chain(&others) {
        staff.sign(&first, owner).unwrap();
    }
    // 35 of 36 are for it, and the twelfth of the stairwell is not: nothing is met,
    // and when the time is over the drive has lapsed. Silence was never consent.
    let short = staff.consent(&first);
    let counts: Vec<_> = short
        .thresholds
        .iter()
        .map(|one| (one.yes_heads, one.heads, one.is_met))
        .collect();
    assert_eq!(counts, [(11, 12, false), (35, 36, true)]);
    story.now_it_is("2024-07-01 09:00");
    let late = staff.sign(&first, &stairwell[11]).unwrap_err();
    assert_eq!(reason(&late), "WRONG_PHASE");
    story.sees_ratio("TN.E01", "2024", 0, 1);

    // The next spring all twelve sign, and with twelve of the others exactly two
    // thirds of the estate.
    story.now_it_is("2025-03-03 09:00");
    let lift = staff
        .open_lift("三幢一单元加装电梯", "3-1", true)
        .unwrap()
        .name;
    staff
        .freeze_consent_roll(&lift, owners(), "2025-06-30")
        .unwrap();
    story.now_it_is("2025-04-14 09:00");
    for owner in stairwell.iter().chain(&others[..11]) {
        staff.sign(&lift, owner).unwrap();
    }
    assert_eq!(staff.consent(&lift).phase, "collecting");
    let met = staff.sign(&lift, &others[11]).unwrap();
    assert_eq!(
        (met.phase.as_str(), met.met_day.as_str()),
        ("met", "2025-04-14")
    );
    staff.publicise(&lift, "小区公告栏").unwrap();
    assert_eq!(
        reason(&staff.approve(&lift, "住建局").unwrap_err()),
        "NOTICE_RUNS"
    );
    story.now_it_is("2025-04-23 09:00");
    staff.approve(&lift, "住建局").unwrap();

    // 全部由业主自筹，分摊比例自行协商；另设两人分别负责工程监督和资金使用核查。
    let group = staff
        .enter("project-groups", "三幢一单元业主小组")
        .unwrap()
        .name;
    for (role, holder) in ["liaison", "works-supervisor", "fund-auditor"]
        .iter()
        .zip(0..)
    {
        staff.grant_role(&group, role, &stairwell[holder]).unwrap();
    }
    let twice = staff.grant_role(&group, "fund-auditor", &stairwell[0]);
    assert!(twice.is_err(), "the auditor is somebody else");
    let cost = staff.open_fund("lift-cost", "三幢一单元电梯").unwrap().name;
    let planned = staff
        .plan_equal_shares(&cost, 45_000_000, &stairwell)
        .unwrap();
    assert_eq!(
        reason(&staff.start_works(&cost).unwrap_err()),
        "SHARES_NOT_AGREED"
    );
    for share in &planned.shares {
        staff.agree_share(&cost, &share.owner).unwrap();
    }
    staff.start_works(&cost).unwrap();
    for share in &planned.shares {
        staff.pay_share(&cost, &share.owner, share.fen).unwrap();
    }
    staff
        .appoint_posts(&cost, &stairwell[0], &stairwell[2])
        .unwrap();
    staff
        .request_expense(&cost, 45_000_000, "设备与安装", &stairwell[1])
        .unwrap();
    let unsigned = staff.answer_expense(&cost, 1, &stairwell[0], ExpenseAnswer::Pay);
    assert_eq!(reason(&unsigned.unwrap_err()), "NOT_COUNTERSIGNED");
    staff
        .answer_expense(&cost, 1, &stairwell[2], ExpenseAnswer::Countersign)
        .unwrap();
    let paid = staff
        .answer_expense(&cost, 1, &stairwell[0], ExpenseAnswer::Pay)
        .unwrap();
    assert_eq!(paid.balance, 0);

    // 达成一致再开工。
    staff.start_lift(&lift).unwrap();
    story.now_it_is("2025-09-01 09:00");
    staff.inspect(&lift, "市场监管局").unwrap();
    let covenant = signed_covenant(&story, &stairwell);
    staff.attach_covenant(&lift, &covenant).unwrap();
    staff.put_in_use(&lift).unwrap();

    story.sees_ratio("TN.E01", "2025", 1, 1);
    // Forty-two days from the frozen roll: between 30 and 60.
    story.row("TN.E02", "2025", |row| {
        row["buckets"].as_array().is_some_and(|buckets| {
            buckets.first().is_some_and(|none| none == 0 || none == "0")
                && buckets.get(1).is_some_and(|one| one == 1 || one == "1")
        })
    });
    story.sees("TN.E03", "2025", 1.0);
    story.sees_ratio("TN.E04", "2025", 1, 1);
    story.sees("TN.E06.N", "2025Q2", 45_000_000.0);
    story.sees("TN.E06.D", "2025Q2", 45_000_000.0);
}

/// “制定了一份电梯使用公约，写明电梯不能运大件、卫生怎么打扫、违约如何处理。”
fn signed_covenant(story: &Story, stairwell: &[String]) -> String {
    let mut staff = story.staff();
    let bare = clauses([("bulky-goods", "不运大件"), ("cleaning", "轮流打扫")]);
    let bare = staff.open_document("lift-covenant", "电梯使用公约", bare);
    assert_eq!(reason(&bare.unwrap_err()), "CLAUSE_MISSING");
    let whole = clauses([
        ("bulky-goods", "电梯不运大件"),
        ("cleaning", "每周轮流打扫"),
        ("breach", "违约的，由小组核实后在楼栋公示"),
    ]);
    let document = staff
        .open_document("lift-covenant", "电梯使用公约", whole)
        .unwrap();
    staff.post_version(&document.name, "单元门口").unwrap();
    staff.consult_version(&document.name, 2).unwrap();
    let text = &document.versions[0].sha256;
    let vote = staff
        .open_vote("lift-covenant-signing", "电梯使用公约签字", text)
        .unwrap()
        .name;
    staff
        .freeze_consent_roll(&vote, roll(stairwell, "3-1"), "2025-09-10")
        .unwrap();
    for owner in stairwell {
        staff.sign_text(&vote, owner, text).unwrap();
    }
    story.now_it_is("2025-09-12 09:00");
    eventually("the vote is closed", || {
        (staff.consent(&vote).phase == "carried").then_some(())
    });
    staff.adopt_by_vote(&document.name, &vote).unwrap();
    let in_force = staff.put_in_force(&document.name).unwrap();
    assert_eq!(in_force.in_force, 1);
    document.name
}

/// “30%的费用由社区各家协商出资，剩余的70%由街道补贴……越早达成一致申请改造的楼栋，补贴的
/// 比例越高。”
#[test]
fn a_street_of_facades_is_subsidised_the_more_the_earlier() {
    let story = Story::begin("tianning-facade", &TIANNING, "2025-03-03 09:00");
    let mut staff = story.staff();
    let rising = vec![tier(70, 1), tier(75, 1)];
    let rising = staff.open_scheme("facade-subsidy", "外立面改造", rising, 4);
    assert_eq!(reason(&rising.unwrap_err()), "TIERS_RISE");
    let tiers = vec![tier(70, 1), tier(60, 1), tier(50, 0)];
    let scheme = staff
        .open_scheme("facade-subsidy", "外立面改造", tiers, 4)
        .unwrap()
        .name;
    // Three of four buildings agree, one after the other; the costs do not divide.
    let mut parts = Vec::new();
    for (building, agreed, total) in [
        ("b-1", "2025-03-10", 1_000_001),
        ("b-2", "2025-04-10", 2_000_000),
        ("b-3", "2025-05-12", 3_000_000),
    ] {
        story.now_it_is(&format!("{agreed} 17:00"));
        let applied = staff
            .apply_for_subsidy(&scheme, building, agreed, total)
            .unwrap();
        let one = applied.applications.into_iter().last().unwrap();
        parts.push((one.percent, one.subsidy, one.household_part));
        let early = staff.change_building(&scheme, building, BuildingState::Started);
        assert_eq!(reason(&early.unwrap_err()), "NOT_PLEDGED");
        staff.pledge(&scheme, building, one.household_part).unwrap();
        staff
            .change_building(&scheme, building, BuildingState::Started)
            .unwrap();
        staff.pay_subsidy(&scheme, building, one.subsidy).unwrap();
    }
    assert_eq!(
        parts,
        [
            (70, 700_000, 300_001),
            (60, 1_200_000, 800_000),
            (50, 1_500_000, 1_500_000)
        ]
    );
    story.now_it_is("2025-10-20 09:00");
    for building in ["b-1", "b-2"] {
        staff
            .change_building(&scheme, building, BuildingState::Done)
            .unwrap();
    }
    story.sees("TN.F01", "2025", 2.0);
    story.sees("TN.F02.N", "2025", 2_600_001.0);
    story.sees("TN.F02.D", "2025", 6_000_001.0);
    story.sees("TN.F03", "2025", 3_400_000.0);
    story.sees("TN.F04.N", "2025", 3.0);
    story.sees("TN.F04.D", "2025", 4.0);
}

/// “问需于民……广泛征求群众意见，确定治理改造内容，形成治理方案。”
#[test]
fn what_people_need_is_asked_first_and_a_scheme_follows() {
    let story = Story::begin("tianning-needs", &TIANNING, "2025-03-03 09:00");
    let mut staff = story.staff();
    let households = staff.enter_many("owners", "", 40);
    let questions = vec![one_of("最需要什么", [("加装电梯", ""), ("翻新外墙", "")])];
    let survey = staff
        .open_survey("needs", "问需于民", questions, "")
        .unwrap()
        .name;
    staff
        .start_survey(&survey, roll(&households, ""), "2025-03-20")
        .unwrap();
    let sheets = |from: usize, to: usize, choice| {
        let asked = households[from..to].iter();
        asked.map(|household| sheet(household, choice)).collect()
    };
    staff
        .answer_survey(&survey, Origin::Paper, sheets(0, 20, 1))
        .unwrap();
    staff
        .answer_survey(&survey, Origin::DoorKnock, sheets(20, 30, 2))
        .unwrap();
    let twice = staff.answer_survey(&survey, Origin::Phone, sheets(0, 1, 2));
    assert!(twice.is_err(), "a household answers once");
    story.now_it_is("2025-03-21 09:00");
    let closed = staff.conclude(&survey, close()).unwrap();
    assert_eq!(closed.totals[0].chosen, [20, 10]);
    staff
        .conclude(&survey, summarise("先装电梯，再修外墙"))
        .unwrap();
    let scheme = proto::pb::node::conclude_survey_request::Scheme {
        text: "成熟一台增设一台".to_owned(),
    };
    let scheme = proto::pb::node::conclude_survey_request::Act::Scheme(scheme);
    assert_eq!(
        staff.conclude(&survey, scheme).unwrap().scheme,
        "成熟一台增设一台"
    );
    // Households are rounded to fives; these are fives already.
    story.sees_ratio("TN.D01", "2025Q1", 30, 40);
}
