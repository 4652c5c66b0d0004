//! 清河: an election of two bodies that supervise each other; a full-sample survey
//! handed to departments.

use proto::pb::node::{NominationRoute, Origin, hand_over_issues_request as hand_over};

use crate::harness::article::{QINGHE, Story, roll};
use crate::harness::calls::Caller;
use crate::harness::engines::{
    elections::votes,
    reason,
    surveys::{close, one_of, sheet, summarise},
};

/// “议事委员通过居委会推举、他人推举、个人自荐等方式参加选举，采用差额选举方式……选举产生
/// 社区议事委员和监督委员。”
#[test]
fn nobody_is_elected_to_deliberate_and_to_supervise() {
    let story = Story::begin("qinghe-election", &QINGHE, "2025-03-03 09:00");
    let mut staff = story.staff();
    let voters: Vec<String> = (0..40)
        .map(|_| staff.enter_person("experts", "other").unwrap().name)
        .collect();
    let council = elected(
        &story,
        &mut staff,
        "deliberation-council",
        &voters[..5],
        &voters,
    );
    // The first of them is elected to supervise, too, and cannot sit there.
    let both = [&voters[..1], &voters[5..8]].concat();
    let supervision = elected(&story, &mut staff, "supervision-committee", &both, &voters);
    story.now_it_is("2025-04-01 09:00");
    staff.seat_elected(&council, "2025-04-01").unwrap();
    let refused = staff.seat_elected(&supervision, "2025-04-01").unwrap_err();
    assert_eq!(reason(&refused), "SITS_ELSEWHERE");
    staff
        .vacate_seat(&council, &voters[0], "改任监督委员")
        .unwrap();
    let seated = staff.seat_elected(&supervision, "2025-04-01").unwrap();
    assert_eq!(seated.phase, "seated");
    // Five for four, and four for three; one of each by itself.
    story.sees_ratio("QH.E01", "202503", 9, 7);
    story.sees_ratio("QH.E02", "202503", 60, 80);
    story.sees_ratio("QH.E03", "202503", 2, 9);
    story.sees_ratio("QH.E04", "202503", 2, 60);

    // Both keep their calendars; the supervisors miss a month.
    let meetings = ["council-meeting", "supervision-meeting"]
        .map(|kind| staff.open_duty(kind, "", "", "2025-04-01").unwrap().name);
    for (month, held) in [(4, 2), (5, 1), (6, 2)] {
        story.now_it_is(&format!("2025-0{month}-15 19:00"));
        for meeting in &meetings[..held] {
            staff.hold_duty(meeting, 3, 4).unwrap();
        }
    }
    story.now_it_is("2025-07-10 09:00");
    story.sees_ratio("QH.C01", "2025Q2", 5, 6);
}

/// Announced, with one seat less than candidates.
fn elected(
    story: &Story,
    staff: &mut Caller,
    kind: &str,
    candidates: &[String],
    voters: &[String],
) -> String {
    let day = if kind == "deliberation-council" {
        3
    } else {
        13
    };
    let (seats, committee) = (candidates.len() as u32 - 1, voters[38..].to_vec());
    let name = staff
        .open_election(kind, "换届选举", seats, committee.clone())
        .unwrap()
        .name;
    let routes = [
        NominationRoute::Committee,
        NominationRoute::Others,
        NominationRoute::Own,
    ];
    for (candidate, route) in candidates.iter().zip(routes.iter().cycle()) {
        staff.nominate(&name, candidate, *route).unwrap();
        staff.review(&name, candidate).unwrap();
    }
    staff.publish_candidates(&name, "公告栏").unwrap();
    staff.freeze_election_roll(&name, roll(voters, "")).unwrap();
    story.now_it_is(&format!("2025-03-{:02} 08:00", day + 9));
    staff
        .open_voting(&name, &format!("2025-03-{:02} 18:00", day + 9))
        .unwrap();
    for voter in &voters[..30] {
        staff.mark_voter(&name, voter).unwrap();
    }
    story.now_it_is(&format!("2025-03-{:02} 19:00", day + 9));
    let tally = candidates.iter().zip(0..);
    let tally = tally.map(|(candidate, place)| votes(candidate, 24 - 3 * place));
    staff
        .count_ballots(&name, tally.collect(), 29, 1, committee.clone())
        .unwrap();
    let announced = staff.announce_result(&name, committee).unwrap();
    let outcome = announced.outcome.unwrap();
    assert_eq!(outcome.elected.len(), candidates.len() - 1);
    name
}

/// “全样本入户调研……将居民提出的具体问题汇总至各职能部门。”
#[test]
fn every_household_is_called_on_and_departments_answer_for_what_is_theirs() {
    let story = Story::begin("qinghe-survey", &QINGHE, "2025-03-03 09:00");
    let mut staff = story.staff();
    let households: Vec<String> = (0..50)
        .map(|_| staff.enter_person("experts", "other").unwrap().name)
        .collect();
    let question = one_of(
        "最想解决什么",
        [("停车", "城管科"), ("加装电梯", "房管科"), ("都好", "")],
    );
    let survey = staff
        .open_survey("full-sample", "全样本入户调研", vec![question], "")
        .unwrap()
        .name;
    staff
        .start_survey(&survey, roll(&households, ""), "2025-03-31")
        .unwrap();
    let at_the_door = |from: usize, to: usize, choice| {
        let sheets = households[from..to].iter();
        let sheets = sheets.map(|household| sheet(household, choice)).collect();
        let mut staff = story.staff();
        staff
            .answer_survey(&survey, Origin::DoorKnock, sheets)
            .unwrap();
    };
    at_the_door(0, 20, 1);
    at_the_door(20, 35, 2);
    at_the_door(35, 45, 3);
    // Five are called on three times, and nobody is at home.
    for household in &households[45..] {
        for _ in 0..3 {
            staff.visit_household(&survey, household).unwrap();
        }
    }
    let closed = staff.conclude(&survey, close()).unwrap();
    assert_eq!((closed.answered, closed.households), (45, 50));
    staff
        .conclude(&survey, summarise("停车和电梯最为集中"))
        .unwrap();
    let compile = hand_over::Act::Compile(hand_over::Compile {});
    let compiled = staff.hand_over(&survey, compile).unwrap();
    let bundles: Vec<_> = compiled
        .bundles
        .iter()
        .map(|bundle| (bundle.department.as_str(), bundle.issues[0].households))
        .collect();
    assert_eq!(bundles.len(), 2);
    assert!(bundles.contains(&("城管科", 20)) && bundles.contains(&("房管科", 15)));
    for department in ["城管科", "房管科"] {
        let department = department.to_owned();
        let send = hand_over::Act::Send(hand_over::Send { department });
        staff.hand_over(&survey, send).unwrap();
    }
    // One department answers in its fifteen days, the other does not.
    story.now_it_is("2025-03-10 09:00");
    let reply = hand_over::Act::Reply(hand_over::Reply {
        department: "城管科".to_owned(),
        text: "四月重新划线".to_owned(),
    });
    let mut department = story.office("城管科");
    department.hand_over(&survey, reply).unwrap();
    story.now_it_is("2025-04-10 09:00");
    story.sees_ratio("QH.D01", "2025Q1", 1, 2);
    // All households are the denominator, not those at home; fives already.
    story.sees_ratio("QH.S02", "2025Q1", 45, 50);
}
