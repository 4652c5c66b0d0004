//! Documents of the places: handbooks in editions, and texts that name what they are
//! about.

use super::*;
use crate::process::Engine;

fn publish(trial: &mut Trial) {
    let grounds = Grounds::Publication;
    let adopt = Action::Adopt {
        grounds,
        voted: None,
    };
    act(trial, adopt).unwrap();
    act(trial, Action::PutInForce { from: None }).unwrap();
}

fn report(projects: &str) -> Text {
    text(&[
        ("about-consents", projects),
        ("technique", "贯通式与错层式"),
        ("participation", "先议后建"),
        ("law", "民法典第二百七十八条"),
    ])
}

/// 加装电梯经验报告：比较哪些项目，写在文本里，一版一版公开。
#[test]
fn a_comparative_report_names_the_lift_projects_that_it_compares() {
    let all = [
        ("about-consents", "consents/7"),
        ("technique", "一"),
        ("participation", "二"),
        ("law", "三"),
    ];
    for left_out in 0..4 {
        let mut some = all.to_vec();
        some.remove(left_out);
        let refusal = open(QINGHE, "lift-report", text(&some));
        assert_eq!(refusal.map(drop).unwrap_err().reason, "CLAUSE_MISSING");
    }
    for wrong in [
        "两部电梯",
        "entries/7",
        "consents/7\nconsents/7",
        "consents/",
    ] {
        let refusal = open(QINGHE, "lift-report", report(wrong));
        let refusal = refusal.map(drop).unwrap_err();
        assert_eq!(refusal.reason, "NOT_A_NAME", "{wrong}");
    }
    let mut trial = open(QINGHE, "lift-report", report("consents/7\nconsents/9")).unwrap();
    publish(&mut trial);
    let about = document(&trial).in_force().unwrap().text.about();
    let consents = Engine::Consents;
    assert_eq!(about.unwrap(), [(consents, 7), (consents, 9)]);
    act(
        &mut trial,
        draft(report("consents/7\nconsents/9\nconsents/12")),
    )
    .unwrap();
    publish(&mut trial);
    assert_eq!(stages(&trial), [(1, Stage::Amended), (2, Stage::InForce)]);
    let first = document(&trial).versions[0].text.about().unwrap();
    assert_eq!(first.len(), 2, "the first edition stays what it was");
}

/// 专家意见书：问题、意见、利害关系，公开。
#[test]
fn advice_is_published_with_its_question_and_its_interest() {
    let all = [
        ("about-entries", "entries/12"),
        ("question", "坡道坡度"),
        ("advice", "一比十二"),
        ("interest", "无利害关系"),
    ];
    let silent = open(QINGHE, "expert-advice", text(&all[..3]));
    assert_eq!(silent.map(drop).unwrap_err().reason, "CLAUSE_MISSING");
    let mut trial = open(QINGHE, "expert-advice", text(&all)).unwrap();
    publish(&mut trial);
    let resident = Actor::Resident(Pseudonym(1));
    assert!(trial.state.as_ref().unwrap().is_visible_to(&resident));
}

/// 《社区互助参与手册》2.0：征求意见，由联席会议决定；旧版留存。品牌项目方案公开。
#[test]
fn the_second_edition_of_the_handbook_follows_the_first() {
    let edition = |number: &str| text(&[("edition", number), ("purpose", "互助参与")]);
    let nameless = open(CUIZHUYUAN, "mutual-aid-handbook", covenant("一"));
    assert_eq!(nameless.map(drop).unwrap_err().reason, "CLAUSE_MISSING");
    let mut trial = open(CUIZHUYUAN, "mutual-aid-handbook", edition("1.0")).unwrap();
    for (number, posted, decided) in [
        ("1.0", "2026-03-02T01:00:00Z", "2026-03-12T01:00:00Z"),
        ("2.0", "2026-05-02T01:00:00Z", "2026-05-12T01:00:00Z"),
    ] {
        trial.pass_to(posted);
        act(&mut trial, draft(edition(number))).unwrap();
        act(&mut trial, post()).unwrap();
        trial.pass_to(decided);
        act(&mut trial, Action::Consult { comments: 3 }).unwrap();
        let grounds = Grounds::Decision {
            by: name("四方平台联席会议"),
            document: PAPER,
        };
        let adopt = Action::Adopt {
            grounds,
            voted: None,
        };
        act(&mut trial, adopt).unwrap();
        act(&mut trial, Action::PutInForce { from: None }).unwrap();
        let in_force = document(&trial).in_force().unwrap();
        assert_eq!(in_force.text.clauses()[0].words.as_str(), number);
    }
    assert_eq!(stages(&trial), [(1, Stage::Amended), (2, Stage::InForce)]);
    let plan = text(&[("about-entries", "entries/3"), ("plan", "竹韵：社区文化季")]);
    let mut project = open(CUIZHUYUAN, "brand-project", plan).unwrap();
    publish(&mut project);
    assert_eq!(stages(&project), [(1, Stage::InForce)]);
}
