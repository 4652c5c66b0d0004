//! What stages ask beside their order: days, reasons, roles, results, who goes first.

use super::*;

pub fn move_because(stage: &str, why: &str) -> Action {
    Action::Move {
        to: stage.parse().unwrap(),
        reason: why.parse().ok(),
        seen: Seen::default(),
    }
}

fn move_seeing(stage: &str, seen: Seen) -> Action {
    Action::Move {
        to: stage.parse().unwrap(),
        reason: None,
        seen,
    }
}

fn of_group(register: &str, group: &str) -> Open {
    let group = Some(group.parse().unwrap());
    match register {
        "job-seekers" => Open {
            group,
            ..open(register)
        },
        _ => Open {
            group,
            ..body(register)
        },
    }
}

/// 下岗居民优先：还有下岗的在等待时推荐别人，须写明理由。
#[test]
fn laid_off_residents_are_offered_posts_first() {
    let three_wait = Seen {
        waiting: 3,
        ..Seen::default()
    };
    let offer = || move_seeing("offered", three_wait);
    let mut laid_off = started(BAIBUTING, of_group("job-seekers", "laid-off"));
    laid_off.act(Actor::Staff, offer()).unwrap();
    for group in [Some("other"), None] {
        let seeker = match group {
            Some(group) => of_group("job-seekers", group),
            None => open("job-seekers"),
        };
        let mut other = started(BAIBUTING, seeker.clone());
        assert_eq!(reason(other.act(Actor::Staff, offer())), "OTHERS_FIRST");
        let because = Action::Move {
            to: "offered".parse().unwrap(),
            reason: "等待的三人都不要夜班".parse().ok(),
            seen: three_wait,
        };
        other.act(Actor::Staff, because).unwrap();
        let mut alone = started(BAIBUTING, seeker);
        let offered = move_seeing("offered", Seen::default());
        alone.act(Actor::Staff, offered).unwrap();
    }
}

/// 随着本地能力提升而逐步退出：每降一级都要有新的评估结果。
#[test]
fn outside_help_withdraws_as_local_capacity_grows() {
    let mut help = started(QINGHE, body("outside-support"));
    let seen = |day: i8, reaches| Seen {
        result: Some((Day(date(2026, 3, day)), reaches)),
        waiting: 0,
    };
    let two_down = help.act(Actor::Staff, move_seeing("level-1", seen(2, true)));
    assert_eq!(reason(two_down), "STAGE_ORDER");
    let unseen = help.act(Actor::Staff, move_to("level-2"));
    assert_eq!(reason(unseen), "RESULT_MISSING");
    let low = help.act(Actor::Staff, move_seeing("level-2", seen(2, false)));
    let low = low.unwrap_err();
    assert_eq!(low.reason, "RESULT_TOO_LOW");
    assert_eq!(low.details, [("points", "60".to_owned())]);
    for (day, stage) in [(10, "level-2"), (20, "level-1"), (30, "withdrawn")] {
        help.pass_to(&format!("2026-03-{day}T01:00:00Z"));
        // What was published for the level before says nothing of this one.
        let old = help.act(Actor::Staff, move_seeing(stage, seen(1, true)));
        assert_eq!(reason(old), "RESULT_MISSING", "{stage}");
        let now = seen(day, true);
        help.act(Actor::Staff, move_seeing(stage, now)).unwrap();
        assert_eq!(entry(&help).stage_since_day(), Day(date(2026, 3, day)));
    }
    assert!(entry(&help).ended);
    assert_eq!(
        help.members("entry.moved"),
        [
            ",003,level-3,level-2",
            ",003,level-2,level-1",
            ",003,level-1,withdrawn"
        ]
    );
}

/// 专家意见：谁提的、有无利害关系、采纳与否及理由。
#[test]
fn advice_states_its_interest_and_is_declined_with_a_reason() {
    let mut advice = started(QINGHE, body("expert-advice"));
    let given = || move_to("given");
    assert_eq!(reason(advice.act(Actor::Staff, given())), "GROUP_MISSING");
    let interest = Action::Amend(Box::new(Amend {
        group: Some("interest-declared".parse().unwrap()),
        ..Amend::default()
    }));
    advice.act(Actor::Staff, interest).unwrap();
    assert_eq!(reason(advice.act(Actor::Staff, given())), "ROLES_MISSING");
    advice.act(Actor::Staff, grant("expert", 4)).unwrap();
    advice.act(Actor::Staff, given()).unwrap();
    let silent = advice.act(Actor::Staff, move_to("declined"));
    assert_eq!(reason(silent), "REASON_MISSING");
    let because = move_because("declined", "预算之外");
    advice.act(Actor::Staff, because).unwrap();
    assert!(entry(&advice).ended);
    let resident = Actor::Resident(crate::actor::Pseudonym(4));
    let state = advice.state.as_ref().unwrap();
    assert!(state.is_visible_to(&resident), "advice is public");
}

/// 微更新：调研、共同设计、选定、建成、评估；规划师在场。
#[test]
fn a_site_is_surveyed_designed_together_chosen_built_and_reviewed() {
    let mut site = started(QINGHE, body("renewal-sites"));
    let alone = site.act(Actor::Staff, move_to("co-design"));
    assert_eq!(reason(alone), "ROLES_MISSING");
    site.act(Actor::Staff, grant("planner", 9)).unwrap();
    let skipped = site.act(Actor::Staff, move_to("built"));
    assert_eq!(reason(skipped), "STAGE_ORDER");
    site.act(Actor::Staff, move_to("co-design")).unwrap();
    let silent = site.act(Actor::Staff, move_to("chosen"));
    assert_eq!(reason(silent), "REASON_MISSING");
    let because = move_because("chosen", "topics/7 第二方案");
    site.act(Actor::Staff, because).unwrap();
    site.act(Actor::Staff, move_to("built")).unwrap();
    let unseen = site.act(Actor::Staff, move_to("reviewed"));
    assert_eq!(reason(unseen), "RESULT_MISSING");
    let seen = Seen {
        result: Some((Day(date(2026, 3, 2)), true)),
        waiting: 0,
    };
    site.act(Actor::Staff, move_seeing("reviewed", seen))
        .unwrap();
    assert!(entry(&site).ended);
}

/// 社会组织：互助会有人指导、有负责人才备案；休眠可以复苏，解散为止。
#[test]
fn an_organisation_is_guided_filed_active_dormant_and_dissolved() {
    for field in ["arts-sports", "elders", "youth", "mutual-aid", "other"] {
        let mut organisation = started(CUIZHUYUAN, of_group("organisations", field));
        for (role, missing) in [("lead", "2"), ("guide", "1")] {
            let early = organisation.act(Actor::Staff, move_to("filed"));
            let early = early.unwrap_err();
            assert_eq!(early.reason, "ROLES_MISSING");
            assert_eq!(early.details, [("missing", missing.to_owned())]);
            organisation.act(Actor::Staff, grant(role, 9)).unwrap();
        }
        for (stage, counts) in [
            ("filed", false),
            ("active", true),
            ("dormant", false),
            ("active", true),
            ("dissolved", false),
        ] {
            organisation.act(Actor::Staff, move_to(stage)).unwrap();
            assert_eq!(entry(&organisation).is_active(), counts, "{field} {stage}");
        }
    }
}

/// 竹韵、竹风、竹节：品牌项目有负责人，结束时说明结果。
#[test]
fn brand_projects_are_planned_run_and_ended() {
    for brand in ["zhuyun", "zhufeng", "zhujie"] {
        let mut project = started(CUIZHUYUAN, of_group("brand-projects", brand));
        let early = project.act(Actor::Staff, move_to("running"));
        assert_eq!(reason(early), "ROLES_MISSING");
        project.act(Actor::Staff, grant("lead", 3)).unwrap();
        project.act(Actor::Staff, move_to("running")).unwrap();
        assert!(entry(&project).is_active());
        let silent = project.act(Actor::Staff, move_to("ended"));
        assert_eq!(reason(silent), "REASON_MISSING");
        let because = move_because("ended", "已经完成");
        project.act(Actor::Staff, because).unwrap();
        assert!(entry(&project).ended);
    }
}
