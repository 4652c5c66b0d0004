//! 百步亭: a covenant through six steps; a property company's year to the red list
//! and another's to the black; pairs that are greeted every day.

use proto::pb::node::{
    Listing, Origin, TopicSource, advance_topic_request as step, vote_on_topic_request as vote,
};

use crate::harness::article::{BAIBUTING, Story};
use crate::harness::calls::Caller;
use crate::harness::engines::{deliberations::announce, reason};

/// “多种渠道提议题、多方恳谈出主意、议事组织拟方案、张榜公示开言路、专家审查定公约、居民表决
/// 说了算。”
#[test]
fn a_covenant_goes_through_six_steps_and_none_is_skipped() {
    let story = Story::begin("baibuting-covenant", &BAIBUTING, "2025-03-03 09:00");
    let (mut resident, mut staff) = (story.resident("wx-zhao"), story.staff());
    let mut council = story.office("议事会");
    let people: Vec<String> = (0..60)
        .map(|_| staff.enter("volunteers", "").unwrap().name)
        .collect();

    // 一、多种渠道提议题
    let topic = resident
        .propose("six-step", "小区停车公约", TopicSource::Resident, 12)
        .unwrap()
        .name;
    let draft = |text: &str| {
        step::Act::Draft(step::Draft {
            by: "议事会".to_owned(),
            text: text.to_owned(),
        })
    };
    let skipped = council
        .advance(&topic, draft("每户一个车位。"))
        .unwrap_err();
    assert_eq!(reason(&skipped), "STEP_NOT_COMPLETE");
    // 二、多方恳谈出主意
    let talk = step::Act::Talk(step::Talk {
        parties: ["居民", "居委会", "物业公司"].map(str::to_owned).into(),
        ideas: 5,
    });
    staff.advance(&topic, talk).unwrap();
    // 三、议事组织拟方案
    council.advance(&topic, draft("每户一个车位。")).unwrap();
    // 四、张榜公示开言路
    story.now_it_is("2025-03-10 09:00");
    staff
        .advance(&topic, step::Act::Post(step::Post {}))
        .unwrap();
    for origin in [Origin::Paper, Origin::Phone, Origin::Counter] {
        staff.comment(&topic, origin).unwrap();
    }
    resident.comment(&topic, Origin::Online).unwrap();
    let advise = || {
        step::Act::Advise(step::Advise {
            expert: people[0].clone(),
            discipline: "law".to_owned(),
            has_interest: false,
            text: "写明访客车位".to_owned(),
        })
    };
    let early = staff.advance(&topic, advise()).unwrap_err();
    assert_eq!(reason(&early), "STEP_NOT_COMPLETE");
    // 五、专家审查定公约
    story.now_it_is("2025-03-19 09:00");
    staff.advance(&topic, advise()).unwrap();
    let adopted = step::Act::AnswerAdvice(step::AnswerAdvice {
        advice: 1,
        adopted: true,
        reason: "合理".to_owned(),
    });
    staff.advance(&topic, adopted).unwrap();
    let covenant = "每户一个车位，访客车位另划。";
    let fix = step::Act::Fix(step::Fix {
        text: covenant.to_owned(),
    });
    staff.advance(&topic, fix).unwrap();
    // 六、居民表决说了算
    let open = |text: &str| {
        vote::Act::Open(vote::Open {
            text: text.to_owned(),
            roll: people.clone(),
            until_day: "2025-03-28".to_owned(),
        })
    };
    let other = staff.vote(&topic, open("每户一个车位。")).unwrap_err();
    assert_eq!(reason(&other), "TEXT_DIFFERS");
    staff.vote(&topic, open(covenant)).unwrap();
    let mark = vote::Act::Mark(vote::Mark {
        voters: people[..40].to_vec(),
        origin: Origin::Paper.into(),
    });
    staff.vote(&topic, mark).unwrap();
    story.now_it_is("2025-03-29 09:00");
    let count = vote::Act::Count(vote::Count {
        origin: Origin::Paper.into(),
        yes: 31,
        no: 8,
        invalid: 1,
        counters: people[58..].to_vec(),
        ..Default::default()
    });
    staff.vote(&topic, count).unwrap();
    let decided = staff
        .vote(&topic, vote::Act::Close(vote::Close {}))
        .unwrap();
    let decision = decided.decision.unwrap();
    assert_eq!((decision.passed, decision.yes, decision.no), (true, 31, 8));
    staff.follow(&topic, announce("notice-board")).unwrap();

    story.now_it_is("2025-04-20 09:00");
    story.sees_ratio("BBT.D01", "2025Q1", 1, 1);
    story.sees("BBT.D03", "2025Q1", 4.0);
    story.sees_ratio("CZY.F01", "2025Q1", 1, 1);
}

/// “每季度对物业企业进行测评，每半年进行群众满意度测评，年底由社区居民、社区和第三方进行综合
/// 考评，考评结果向社会公布并纳入物业企业诚信榜。”
#[test]
fn a_year_of_two_companies_ends_on_the_red_and_on_the_black_list() {
    let story = Story::begin("baibuting-companies", &BAIBUTING, "2025-01-01 09:00");
    let mut staff = story.staff();
    let mut person = || staff.enter("volunteers", "").unwrap().name;
    let assessors: Vec<String> = (0..3).map(|_| person()).collect();
    let director = person();
    let [good, bad] = ["安居物业", "百步物业"]
        .map(|title| staff.enter("property-companies", title).unwrap().name);
    // A committee member directs the good company's quality, and scores it nowhere.
    staff
        .grant_role(&good, "quality-director", &director)
        .unwrap();
    let calendars: Vec<[String; 3]> = [&good, &bad]
        .into_iter()
        .map(|company| {
            ["property-quarter", "property-survey", "property-year"].map(|kind| {
                let duty = staff.open_duty(kind, "社区", company, "2025-01-01");
                duty.unwrap().name
            })
        })
        .collect();

    let quarters = ["2025-03-20", "2025-06-20", "2025-09-22", "2025-12-08"];
    for (quarter, day) in (1..).zip(quarters) {
        story.now_it_is(&format!("{day} 09:00"));
        for (company, points) in [(&good, 88), (&bad, 55)] {
            let name = opened(&mut staff, "property-quarter", company, quarter);
            staff
                .appoint_assessor(&name, "community", &assessors[0])
                .unwrap();
            staff.score(&name, &assessors[0], points).unwrap();
            published(&mut staff, &name);
        }
        for [due, ..] in &calendars {
            staff.hold_duty(due, 1, 1).unwrap();
        }
        if quarter % 2 == 0 {
            for (company, satisfied) in [(&good, 180), (&bad, 70)] {
                let name = opened(&mut staff, "property-survey", company, quarter / 2);
                staff.count_satisfied(&name, satisfied, 200).unwrap();
                published(&mut staff, &name);
            }
            for [_, due, _] in &calendars {
                staff.hold_duty(due, 1, 1).unwrap();
            }
        }
    }
    story.now_it_is("2025-12-15 09:00");
    let mut lists = Vec::new();
    for (company, points) in [(&good, [90, 84, 80]), (&bad, [50, 66, 66])] {
        let name = opened(&mut staff, "property-year", company, 1);
        let parts = ["residents", "community", "third-party"];
        for ((part, by), points) in parts.into_iter().zip(&assessors).zip(points) {
            staff.appoint_assessor(&name, part, by).unwrap();
            staff.score(&name, by, points).unwrap();
        }
        let tied = staff.appoint_assessor(&name, "third-party", &director);
        if company == &good {
            assert_eq!(reason(&tied.unwrap_err()), "SCORER_IS_SCORED");
        }
        lists.push(published(&mut staff, &name));
    }
    for [.., due] in &calendars {
        staff.hold_duty(due, 1, 1).unwrap();
    }
    // 36 + 25.2 + 24 and 20 + 19.8 + 19.8: above 85, below 60.
    assert_eq!(lists, [(8_520, Listing::Red), (5_960, Listing::Black)]);
    story.now_it_is("2026-02-02 09:00");
    story.sees("BBT.P03.R", "2025", 1.0);
    story.sees("BBT.P03.B", "2025", 1.0);
    story.sees("BBT.P02.N", "2025S1", 250.0);
    story.sees("BBT.P02.D", "2025S1", 400.0);
    // 88 and 55, of two companies.
    story.sees_ratio("BBT.P01", "2025Q1", 14_300, 2);
    story.sees_ratio("BBT.P04", "2025", 14, 14);
    story.sees_ratio("BBT.P05", "2025", 14, 14);
}

fn opened(staff: &mut Caller, kind: &str, company: &str, number: u32) -> String {
    let opened = staff.open_assessment(kind, company, 2025, number);
    opened.unwrap().name
}

/// The company is told, replies, and it is published: hundredths of a point and
/// the list.
fn published(staff: &mut Caller, name: &str) -> (i64, Listing) {
    staff.notify(name).unwrap();
    staff.reply_to(name, "收到").unwrap();
    staff.finalise(name).unwrap();
    let published = staff.publish(name).unwrap();
    let outcome = published.versions.into_iter().last().unwrap().outcome;
    let outcome = outcome.unwrap();
    (outcome.centipoints, outcome.listing())
}

/// “全部结成了亲情关爱对子，坚持每天送问候。”
#[test]
fn a_pair_is_greeted_every_day_of_a_month() {
    let story = Story::begin("baibuting-pairs", &BAIBUTING, "2025-03-31 09:00");
    let (mut staff, mut volunteer) = (story.staff(), story.office("志愿服务站"));
    let duties: Vec<String> = (0..5)
        .map(|_| {
            let elder = staff.enter_person("care-list", "empty-nest").unwrap().name;
            let duty = staff.open_duty("care-greeting", "志愿服务站", &elder, "2025-04-01");
            duty.unwrap().name
        })
        .collect();
    for day in 1..=30 {
        story.now_it_is(&format!("2025-04-{day:02} 09:00"));
        // The fifth pair's volunteer is away for the last five days.
        let greeted = if day > 25 { 4 } else { 5 };
        for duty in &duties[..greeted] {
            volunteer.hold_duty(duty, 1, 1).unwrap();
        }
    }
    story.now_it_is("2025-05-03 09:00");
    // 145 of 150: fives already, so rounding leaves them.
    story.sees_ratio("BBT.V02", "202504", 145, 150);
}
