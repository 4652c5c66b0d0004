//! Registers of the six places as their playbooks keep them: pledges, posts,
//! cross-appointments, courtyards and their groups.

use super::*;

fn complete(trial: &Trial) -> i64 {
    Stock::of(entry(trial)).0[1]
}

/// 共建单位的承诺：兑现或逾期，一次为定。
#[test]
fn a_pledge_is_delivered_or_lapses() {
    let mut pledge = started(QINGSHAN, body("pledges"));
    pledge.act(Actor::Staff, grant("partner", 4)).unwrap();
    let second = pledge.act(Actor::Staff, grant("partner", 5));
    assert_eq!(reason(second), "SEATS_TAKEN");
    // Partners report; the community confirms.
    let partner = Actor::Handler("桥头小学".parse().unwrap());
    let own = pledge.act(partner, move_to("delivered"));
    assert_eq!(reason(own), "NOT_YOURS");
    pledge.act(Actor::Staff, move_to("delivered")).unwrap();
    let after = pledge.act(Actor::Staff, move_to("lapsed"));
    assert_eq!(reason(after), "ALREADY_OVER");
    let mut other = started(QINGSHAN, body("pledges"));
    other.act(Actor::Staff, move_to("lapsed")).unwrap();
    assert_eq!(
        [&pledge, &other].map(|trial| trial.members("entry.moved").concat()),
        [",003,pledged,delivered", ",003,pledged,lapsed"]
    );
    for group in ["school", "enterprise", "social-organisation"] {
        let partner = Open {
            group: Some(group.parse().unwrap()),
            ..body("partners")
        };
        assert!(entry(&started(QINGSHAN, partner)).is_active());
    }
}

/// 红马甲：注册、活动、暂停、退出，队伍有队长。
#[test]
fn a_red_vest_joins_pauses_and_leaves() {
    let vest = Open {
        group: Some("red-vest".parse().unwrap()),
        ..open("volunteers")
    };
    let mut volunteer = started(QINGSHAN, vest);
    let early = volunteer.act(Actor::Staff, move_to("suspended"));
    assert_eq!(reason(early), "STAGE_ORDER");
    for (stage, counts) in [
        ("active", true),
        ("suspended", false),
        ("active", true),
        ("left", false),
    ] {
        volunteer.act(Actor::Staff, move_to(stage)).unwrap();
        assert_eq!(entry(&volunteer).is_active(), counts, "{stage}");
    }
    assert!(entry(&volunteer).ended);
    let mut team = started(QINGSHAN, body("volunteer-teams"));
    assert_eq!(complete(&team), 0);
    team.act(Actor::Staff, grant("leader", 9)).unwrap();
    assert_eq!(complete(&team), 1);
}

/// 双向融合、交叉任职：一册一种职务，有任期。
#[test]
fn each_way_across_has_its_one_role_and_a_term() {
    let roles = [
        "quality-director",
        "party-organisation-member",
        "residents-committee-member",
    ];
    let ways = [
        "quality-directors",
        "heads-in-the-party",
        "heads-outside-the-party",
    ];
    for (way, own) in ways.into_iter().zip(roles) {
        let five_years = Open {
            until: Some(date(2031, 3, 1)),
            ..open(way)
        };
        let mut person = started(BAIBUTING, five_years);
        for role in roles {
            let granted = person.act(
                Actor::Staff,
                Action::Grant {
                    role: role.parse().unwrap(),
                    holder: None,
                    from: None,
                    until: Some(date(2031, 3, 1)),
                },
            );
            match role == own {
                true => granted.unwrap(),
                false => assert_eq!(reason(granted), "UNKNOWN_ROLE", "{way} {role}"),
            }
        }
        let mut trial = Trial::new(BAIBUTING, START);
        let for_ever = trial.act(Actor::Staff, register(open(way)));
        assert_eq!(reason(for_ever), "TERM_TOO_LONG");
    }
}

/// 志愿服务：一个中心、二十六个站，站到苑区和单元。
#[test]
fn a_centre_and_its_stations_reach_every_court_and_unit() {
    let mut centre = started(BAIBUTING, body("volunteer-centre"));
    centre.act(Actor::Staff, grant("head", 1)).unwrap();
    let second = centre.act(Actor::Staff, grant("head", 2));
    assert_eq!(reason(second), "SEATS_TAKEN");
    let mut station = started(BAIBUTING, body("stations"));
    station.act(Actor::Staff, grant("manager", 3)).unwrap();
    let mut unit = started(BAIBUTING, body("served-areas"));
    assert_eq!(complete(&unit), 0, "not reached yet");
    unit.act(Actor::Staff, grant("station", 17)).unwrap();
    assert_eq!([&centre, &station, &unit].map(complete), [1, 1, 1]);
    let mut volunteer = started(BAIBUTING, open("volunteers"));
    for stage in ["active", "inactive", "active"] {
        volunteer.act(Actor::Staff, move_to(stage)).unwrap();
    }
    assert!(entry(&volunteer).is_active());
}

/// 下岗再就业：登记、推荐、上岗、稳岗；岗位有着落；家庭与钟点工结对。
#[test]
fn a_job_seeker_is_offered_a_post_placed_and_stays() {
    let laid_off = Open {
        group: Some("laid-off".parse().unwrap()),
        ..open("job-seekers")
    };
    let mut seeker = started(BAIBUTING, laid_off);
    let skipped = seeker.act(Actor::Staff, move_to("placed"));
    assert_eq!(reason(skipped), "STAGE_ORDER");
    for stage in ["offered", "placed"] {
        seeker.act(Actor::Staff, move_to(stage)).unwrap();
    }
    // Six months: 183 days from 2 March.
    seeker.pass_to("2026-08-31T15:59:59Z");
    let early = seeker.act(Actor::Staff, move_to("retained"));
    assert_eq!(reason(early), "TOO_SOON");
    seeker.pass_to("2026-08-31T16:00:00Z");
    seeker.act(Actor::Staff, move_to("retained")).unwrap();
    assert_eq!(
        seeker.members("entry.moved"),
        [
            "laid-off,003,registered,offered",
            "laid-off,003,offered,placed",
            "laid-off,003,placed,retained"
        ]
    );
    for group in [
        "property-cleaning",
        "catering",
        "shop-lease",
        "home-work",
        "domestic-service",
    ] {
        let post = Open {
            group: Some(group.parse().unwrap()),
            ..body("job-posts")
        };
        let mut post = started(BAIBUTING, post);
        post.act(Actor::Staff, grant("holder", 8)).unwrap();
        post.act(Actor::Staff, move_to("filled")).unwrap();
        assert!(!entry(&post).is_active(), "{group}: nobody else gets it");
    }
    let pair = Open {
        person: Some(5),
        helpers: vec![8],
        ..open("domestic-matches")
    };
    let mut pair = started(BAIBUTING, pair);
    for party in [5, 8] {
        assert!(!entry(&pair).is_active());
        pair.act(Actor::Staff, Action::Accept { party }).unwrap();
    }
    assert!(entry(&pair).is_active());
}

/// 院落网格：一格一长，一户一格；网格之下有居民小组。
#[test]
fn a_grid_has_one_leader_and_a_household_one_grid() {
    for body_of in ["courtyard-grids", "resident-groups"] {
        let mut grid = started(RUIQUAN, body(body_of));
        grid.act(Actor::Staff, grant("leader", 1)).unwrap();
        let second = grid.act(Actor::Staff, grant("leader", 2));
        assert_eq!(reason(second), "SEATS_TAKEN", "{body_of}");
        assert_eq!(complete(&grid), 1);
    }
    let mut household = started(RUIQUAN, open("households"));
    let moved = Action::Amend(Box::new(Amend {
        grid: Some("004".parse().unwrap()),
        ..Amend::default()
    }));
    household.act(Actor::Staff, moved).unwrap();
    let [old, new] = ["003", "004"].map(|grid| Actor::GridWorker(grid.parse().unwrap()));
    assert!(entry(&household).shows_personal_to(&new));
    assert!(!entry(&household).shows_personal_to(&old), "not in two");
}

/// 三园行动：参与者成为居民骨干，骨干组成志愿者队伍。
#[test]
fn gardeners_become_key_residents_and_form_a_team() {
    let mut gardener = started(RUIQUAN, open("key-residents"));
    assert!(!entry(&gardener).is_active(), "a participant so far");
    gardener.act(Actor::Staff, move_to("key-resident")).unwrap();
    assert!(entry(&gardener).is_active());
    let mut team = started(RUIQUAN, body("volunteer-teams"));
    team.act(Actor::Staff, grant("leader", 1)).unwrap();
    for (member, is_complete) in [(2, 0), (3, 1)] {
        team.act(Actor::Staff, grant("member", member)).unwrap();
        assert_eq!(complete(&team), is_complete);
    }
}

/// 兼职委员：来自单位，有任期，期满自动离任。
#[test]
fn part_time_members_serve_for_a_term() {
    let member = Open {
        group: Some("enterprise".parse().unwrap()),
        until: Some(date(2026, 3, 31)),
        ..open("part-time-members")
    };
    let mut trial = started(RUIQUAN, member);
    trial.pass_to("2026-03-31T15:59:59Z");
    assert!(entry(&trial).is_active());
    trial.pass_to("2026-03-31T16:00:00Z");
    assert!(!entry(&trial).is_active());
    assert_eq!(trial.members("entry.left"), ["enterprise,003,term-over"]);
}

/// 互助会发现需求，引导居民组成社会组织。
#[test]
fn a_mutual_aid_association_has_finders_and_guides() {
    let mut association = started(CUIZHUYUAN, body("mutual-aid"));
    for (role, holder) in [("head", 1), ("need-finder", 2), ("organisation-guide", 3)] {
        association.act(Actor::Staff, grant(role, holder)).unwrap();
    }
    assert_eq!(complete(&association), 1);
    let new = Open {
        group: Some("mutual-aid".parse().unwrap()),
        ..body("organisations")
    };
    let mut organisation = started(CUIZHUYUAN, new);
    assert!(!entry(&organisation).is_active(), "incubating");
    for (role, holder) in [("lead", 4), ("guide", 3)] {
        organisation.act(Actor::Staff, grant(role, holder)).unwrap();
    }
    for stage in ["filed", "active"] {
        organisation.act(Actor::Staff, move_to(stage)).unwrap();
    }
    assert!(entry(&organisation).is_active());
}
