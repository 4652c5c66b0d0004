//! Programmes of the six places as their playbooks list them.

use super::*;

fn sign_up(entry: u64) -> Action {
    Action::SignUp {
        session: 1,
        entry: Some(entry),
    }
}

/// 大食堂、四点半学校、阳光家园：报名、到场；孩子由监护人在窗口报名。
#[test]
fn canteen_school_and_day_centre_are_signed_up_for_and_attended() {
    for kind in ["canteen", "after-school", "sunshine-home"] {
        let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
        trial.act(STAFF, open(kind)).unwrap();
        let today = announce(Size::Small, date(2026, 3, 2), None);
        trial.act(STAFF, today).unwrap();
        // The child has no token of its own.
        trial.act(STAFF, sign_up(11)).unwrap();
        trial.act(STAFF, sign_up(12)).unwrap();
        trial.act(STAFF, hold(1, 20, &[1])).unwrap();
        let held = &programme(&trial).sessions[0];
        assert_eq!(held.sign_ups[0].who, Who::Entry(11), "{kind}");
        assert_eq!(
            [held.sign_ups[0].came, held.sign_ups[1].came],
            [true, false]
        );
        assert_eq!(trial.facts.last().unwrap().measures[..], [20, 2]);
    }
}

/// 银发餐厅、家庭诊所、彩虹屋、自助图书馆、壁球馆；侨之家、英伦英语、论坛。
#[test]
fn services_and_clubs_are_counted_by_what_they_are() {
    let counted = |kind: &str, themes: &[&str]| {
        let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
        trial.act(STAFF, open(kind)).unwrap();
        for theme in themes {
            held_today(&mut trial, Size::Small, Some(theme));
        }
        let elsewhere = announce(Size::Small, date(2026, 3, 2), Some("fitness"));
        assert_eq!(reason(trial.act(STAFF, elsewhere)), "UNKNOWN_THEME");
        let held = trial.members("activity.held");
        themes
            .iter()
            .all(|theme| held.iter().filter(|one| one.contains(theme)).count() == 1)
    };
    let services = [
        "silver-canteen",
        "family-clinic",
        "rainbow-house",
        "library",
        "squash-court",
    ];
    assert!(counted("services", &services));
    let clubs = ["home-of-overseas", "english-corner", "forum"];
    assert!(counted("overseas", &clubs));
}

/// 送花激兴趣、种花达共识、护花重参与。
#[test]
fn three_gardens_go_from_giving_flowers_to_making_gardens() {
    let mut trial = Trial::new(RUIQUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("three-gardens")).unwrap();
    for theme in [
        "giving-flowers",
        "planting-advice",
        "gardening-course",
        "garden-making",
    ] {
        held_today(&mut trial, Size::Small, Some(theme));
    }
    assert_eq!(trial.members("activity.held").len(), 4);
}

/// 第三方培训、参与式规划工作坊：一场一场登记，人数有据。
#[test]
fn third_parties_train_and_planners_hold_workshops() {
    for (kind, themes) in [
        (
            "third-party-training",
            ["rules-of-order", "supervision", "projects"],
        ),
        ("co-design", ["walk", "workshop", "exhibition"]),
    ] {
        let mut trial = Trial::new(QINGHE, "2026-03-02T01:00:00Z");
        trial.act(STAFF, open(kind)).unwrap();
        for theme in themes {
            held_today(&mut trial, Size::Small, Some(theme));
        }
        let other = announce(Size::Small, date(2026, 3, 2), Some("karaoke"));
        assert_eq!(reason(trial.act(STAFF, other)), "UNKNOWN_THEME");
        assert_eq!(programme(&trial).held, 3);
        let held = trial.members("activity.held");
        assert_eq!(held, themes.map(|theme| format!("small,{theme},003")));
    }
}
