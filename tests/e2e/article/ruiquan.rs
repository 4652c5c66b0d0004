//! 瑞泉馨城: 23 seats and their officers; 70 plots fairly allotted.

use proto::pb::node::{NominationRoute, PlotState};

use crate::harness::article::{RUIQUAN, Story, roll};
use crate::harness::calls::Caller;
use crate::harness::engines::{elections::votes, reason};

/// “征集居民骨干意见后，通过公开选举，选出了23名议事会代表……选出了第一届院落议事会主任、
/// 副主任。”
#[test]
fn twenty_three_are_elected_and_elect_their_officers() {
    let story = Story::begin("ruiquan-council", &RUIQUAN, "2025-03-03 09:00");
    let mut staff = story.staff();
    let households = staff.enter_many("households", "anhe", 60);
    let (candidates, committee) = (&households[..25], &households[57..]);
    let election = staff
        .open_election(
            "courtyard-council",
            "安和苑院落议事会选举",
            0,
            committee.to_vec(),
        )
        .unwrap();
    assert_eq!(election.seats, 23);
    let name = election.name;
    staff.gather_views(&name, 40).unwrap();
    for candidate in &candidates[..23] {
        staff
            .nominate(&name, candidate, NominationRoute::Others)
            .unwrap();
        staff.review(&name, candidate).unwrap();
    }
    // 23 candidates for 23 seats would be no election.
    let few = staff.publish_candidates(&name, "公告栏").unwrap_err();
    assert_eq!(reason(&few), "TOO_FEW_CANDIDATES");
    for candidate in &candidates[23..] {
        staff
            .nominate(&name, candidate, NominationRoute::Others)
            .unwrap();
        staff.review(&name, candidate).unwrap();
    }
    staff.publish_candidates(&name, "公告栏").unwrap();
    staff
        .freeze_election_roll(&name, roll(&households, "anhe"))
        .unwrap();
    story.now_it_is("2025-03-12 08:00");
    staff.open_voting(&name, "2025-03-12 18:00").unwrap();
    for voter in &households[..45] {
        staff.mark_voter(&name, voter).unwrap();
    }
    let again = staff.mark_voter(&name, &households[0]).unwrap_err();
    assert_eq!(reason(&again), "ALREADY_VOTED");
    story.now_it_is("2025-03-12 19:00");
    let tally = candidates.iter().zip(0..);
    let tally = tally.map(|(candidate, place)| votes(candidate, 42 - place));
    let own = vec![candidates[0].clone(), committee[0].clone()];
    let own = staff.count_ballots(&name, tally.clone().collect(), 44, 1, own);
    assert_eq!(reason(&own.unwrap_err()), "CANDIDATE_COUNTS");
    staff
        .count_ballots(&name, tally.collect(), 44, 1, committee[..2].to_vec())
        .unwrap();
    let announced = staff.announce_result(&name, committee.to_vec()).unwrap();
    let elected = announced.outcome.unwrap().elected;
    let elected: Vec<String> = elected.into_iter().map(|one| one.entry).collect();
    assert_eq!(elected, candidates[..23]);
    story.now_it_is("2025-03-21 09:00");
    let seated = staff.seat_elected(&name, "2025-03-21").unwrap();
    assert_eq!(seated.phase, "seated");

    let council = staff.enter("councils", "安和苑院落议事会").unwrap().name;
    for member in &elected {
        staff
            .grant_role(&council, "council-member", member)
            .unwrap();
    }
    let one_more = staff.grant_role(&council, "council-member", &candidates[24]);
    assert!(one_more.is_err(), "there is no 24th seat");
    // 主任、副主任由 23 名成员选。
    let director = officer(
        &story,
        &mut staff,
        "courtyard-director",
        &elected,
        &elected[0],
    );
    story.now_it_is("2025-03-23 09:00");
    let deputy = officer(
        &story,
        &mut staff,
        "courtyard-deputy",
        &elected,
        &elected[1],
    );
    for (role, holder) in [("director", &director), ("deputy-director", &deputy)] {
        staff.grant_role(&council, role, holder).unwrap();
    }
    story.now_it_is("2025-04-01 09:00");
    story.sees("WJ.C02.N", "202503", 23.0);
    story.sees("WJ.C02.D", "202503", 23.0);
    story.sees_ratio("WJ.C03", "202503", 45, 60);
    // 25 for 23, one for one, one for one: three elections of the month.
    story.sees_ratio("QH.E01", "202503", 27, 25);
}

/// Elected by the members, within a day.
fn officer(story: &Story, staff: &mut Caller, kind: &str, members: &[String], who: &str) -> String {
    let committee = members[20..].to_vec();
    let name = staff
        .open_election(kind, "院落议事会选举", 1, committee.clone())
        .unwrap()
        .name;
    staff.nominate(&name, who, NominationRoute::Others).unwrap();
    staff.review(&name, who).unwrap();
    staff.publish_candidates(&name, "议事厅").unwrap();
    staff
        .freeze_election_roll(&name, roll(members, ""))
        .unwrap();
    let day = if kind == "courtyard-director" { 21 } else { 23 };
    staff
        .open_voting(&name, &format!("2025-03-{day} 20:00"))
        .unwrap();
    for member in members {
        staff.mark_voter(&name, member).unwrap();
    }
    staff.close_voting(&name).unwrap();
    staff
        .count_ballots(&name, vec![votes(who, 20)], 23, 0, committee[..2].to_vec())
        .unwrap();
    let announced = staff.announce_result(&name, committee).unwrap();
    let elected = announced.outcome.unwrap().elected;
    story.now_it_is(&format!("2025-03-{} 09:00", day + 1));
    staff
        .seat_elected(&name, &format!("2025-03-{}", day + 1))
        .unwrap();
    elected[0].entry.clone()
}

/// “鼓励居民有序认领土地，让70多块土地找到了新的主人，让小区内‘人人都有地种’。”
#[test]
fn seventy_plots_go_round_before_anybody_has_a_second() {
    let story = Story::begin("ruiquan-plots", &RUIQUAN, "2025-03-03 09:00");
    let mut staff = story.staff();
    let households = staff.enter_many("households", "anhe", 75);
    let garden = staff.enter("gardens", "安禾园").unwrap().name;
    staff.add_plots(&garden, 72).unwrap();
    staff.open_plots(&garden).unwrap();
    for household in &households[..71] {
        staff.ask_for_plot(&garden, household).unwrap();
    }
    let allotted = staff.allot_plots(&garden).unwrap();
    let held = |garden: &proto::pb::node::Entry, household: &String| {
        let plots = garden.plots.iter();
        plots.filter(|plot| plot.holder == *household).count()
    };
    assert!(households[..71].iter().all(|one| held(&allotted, one) == 1));
    // One plot is left. The first household asks for a second one before the last
    // asks for its first: the last gets it.
    staff.ask_for_plot(&garden, &households[0]).unwrap();
    staff.ask_for_plot(&garden, &households[71]).unwrap();
    let allotted = staff.allot_plots(&garden).unwrap();
    assert_eq!(
        (
            held(&allotted, &households[0]),
            held(&allotted, &households[71])
        ),
        (1, 1)
    );
    assert_eq!(allotted.waiting, households[..1]);
    story.sees("WJ.G01.N", "202503", 72.0);
    story.sees("WJ.G01.D", "202503", 72.0);

    // A plot lies waste: a warning, fourteen days, and it goes to who has none.
    story.now_it_is("2025-06-02 09:00");
    staff
        .change_plot(&garden, 5, PlotState::Neglected, "")
        .unwrap();
    let early = staff.change_plot(&garden, 5, PlotState::Open, "neglected");
    assert_eq!(reason(&early.unwrap_err()), "STILL_WARNED");
    story.sees("WJ.G02.N", "202506", 1.0);
    story.now_it_is("2025-06-16 09:00");
    staff
        .change_plot(&garden, 5, PlotState::Open, "neglected")
        .unwrap();
    staff.ask_for_plot(&garden, &households[72]).unwrap();
    let allotted = staff.allot_plots(&garden).unwrap();
    assert_eq!(allotted.plots[4].holder, households[72]);
    story.sees("WJ.G02.N", "202506", 0.0);
    story.sees("WJ.G01.N", "202506", 72.0);
}
