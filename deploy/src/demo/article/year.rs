//! What a year holds in each of the six places, and what should be seen of it. What
//! the article gives no number for is drawn.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

use super::deed::Deed;
use super::plan::{Plan, Thing};

mod reports;
mod votes;

use reports::reports;
use votes::{council, survey};

/// Every such weekday of the year.
fn each(weekday: Weekday) -> impl Iterator<Item = Date> {
    days().filter(move |day| day.weekday() == weekday)
}

fn days() -> impl Iterator<Item = Date> {
    Plan::day(1, 1).series(1.day()).take(365)
}

fn entries(
    plan: &mut Plan,
    register: &'static str,
    titles: impl IntoIterator<Item = &'static str>,
) -> Vec<Thing> {
    let mut made = Vec::new();
    for title in titles {
        let entry = plan.thing();
        plan.first(
            Plan::day(1, 1),
            Deed::Enter {
                entry,
                register,
                title,
            },
        );
        made.push(entry);
    }
    made
}

fn people(plan: &mut Plan, register: &'static str, count: usize) -> Vec<Thing> {
    entries(plan, register, std::iter::repeat_n("", count))
}

fn duty(plan: &mut Plan, kind: &'static str, owed_to: Option<Thing>) -> Thing {
    let duty = plan.thing();
    let open = Deed::OpenDuty {
        duty,
        kind,
        owed_to,
    };
    plan.first(Plan::day(1, 1), open);
    duty
}

/// Held on all of these days but a few; how many were.
fn held(plan: &mut Plan, duty: Thing, days: impl Iterator<Item = Date>, percent: u64) -> i64 {
    let mut count = 0;
    for day in days {
        if plan.by_chance(percent) {
            plan.add(plan.time(day, 15, 0), Deed::Hold(duty));
            count += 1;
        }
    }
    count
}

/// 报事, the lawyer on Thursdays, the doors of eight who live alone.
pub fn qingshan(plan: &mut Plan) {
    reports(plan, 100);
    let clinic = duty(plan, "lawyer-clinic", None);
    let thursdays = || each(Weekday::Thursday);
    let count = held(plan, clinic, thursdays(), 92);
    plan.expect_of("QS.M03", count, thursdays().count() as i64);
    let tuesdays = || each(Weekday::Tuesday).filter(|day| *day > Plan::day(1, 5));
    for elder in people(plan, "care-list", 8) {
        let visit = duty(plan, "door-knock", Some(elder));
        for day in tuesdays() {
            let answers = plan.by_chance(85);
            let deed = match answers {
                true => Deed::Hold(visit),
                false => Deed::NoAnswer(visit),
            };
            plan.add(plan.time(day, 10, 0), deed);
            plan.expect_of("QS.K01", i64::from(answers), 1);
        }
    }
    plan.rounded("QS.K01", 12);
}

/// Lifts: two drives that are met and built, one that fails at 11 of 12. A street
/// of four façades, of which three agree.
pub fn tianning(plan: &mut Plan) {
    reports(plan, 40);
    for (unit, month, signs) in [("1-1", 2, 12), ("2-1", 3, 11), ("3-2", 5, 12)] {
        let owners = people(plan, "owners", 12);
        let (lift, start) = (plan.thing(), Plan::day(month, 3));
        let until = Plan::day(month + 3, 20);
        plan.first(start, Deed::OpenLift { lift, unit });
        let freeze = Deed::FreezeLift {
            lift,
            owners: owners.clone(),
            unit,
            until,
        };
        plan.add(plan.time(start, 9, 0), freeze);
        for owner in owners.into_iter().take(signs) {
            let day = start + plan.below(60).days();
            plan.add(plan.time(day, 10, 0), Deed::Sign { lift, owner });
        }
        let is_met = signs == 12;
        plan.expect_of("TN.E01", i64::from(is_met), 1);
        if !is_met {
            continue;
        }
        plan.expect("TN.E03", 1);
        let steps = [
            Deed::Publicise(lift),
            Deed::Approve(lift),
            Deed::StartLift(lift),
            Deed::Inspect(lift),
            Deed::PutInUse(lift),
        ];
        for (deed, after) in steps.into_iter().zip([62, 72, 80, 160, 170]) {
            plan.add(plan.time(start + after.days(), 11, 0), deed);
        }
    }
    let scheme = plan.thing();
    let (tiers, eligible) = ([70, 60, 50], 4);
    let open = Deed::OpenScheme {
        scheme,
        tiers,
        eligible,
    };
    plan.first(Plan::day(3, 1), open);
    plan.expect("TN.F04.D", 4);
    for ((building, month), percent) in [("b-1", 4), ("b-2", 5), ("b-3", 6)].iter().zip(tiers) {
        let total = 80_000_000 + plan.below(40_000_000);
        // What does not divide is the households'.
        let household_part = total - total * i64::from(percent) / 100;
        let agreed_on = Plan::day(*month, 10);
        let apply = Deed::Apply {
            scheme,
            building,
            agreed_on,
            total,
            household_part,
        };
        plan.first(agreed_on, apply);
        plan.expect("TN.F04.N", 1);
        plan.expect("TN.F02.N", household_part);
        plan.expect("TN.F02.D", total);
        plan.expect("TN.F03", total - household_part);
        let finish = Deed::FinishBuilding { scheme, building };
        plan.first(Plan::day(*month + 5, 20), finish);
        plan.expect("TN.F01", 1);
    }
}

/// Meetings of the three parties, two pairs greeted every day, two companies'
/// year to the red and to the black list.
pub fn baibuting(plan: &mut Plan) {
    reports(plan, 60);
    let weekly = duty(plan, "three-party-meeting", None);
    let wednesdays = || each(Weekday::Wednesday).filter(|day| *day > Plan::day(1, 5));
    let count = held(plan, weekly, wednesdays(), 90);
    plan.expect_of("BBT.M01", count, wednesdays().count() as i64);
    let hearing = duty(plan, "democratic-hearing", None);
    let months = (1..=12).map(|month| Plan::day(month, 18));
    let count = held(plan, hearing, months, 90);
    plan.expect_of("BBT.M02", count, 12);
    for elder in people(plan, "care-list", 2) {
        let greeting = duty(plan, "care-greeting", Some(elder));
        let count = held(plan, greeting, days(), 97);
        plan.expect_of("BBT.V02", count, 365);
    }
    plan.rounded("BBT.V02", 12);
    let assessors = people(plan, "volunteers", 3);
    let companies = entries(plan, "property-companies", ["安居物业", "百步物业"]);
    for (subject, base) in companies.into_iter().zip([86, 50]) {
        for (number, month) in (1..).zip([3, 6, 9, 12]) {
            let points = base + plan.below(8) as u32;
            let scores = vec![("community", assessors[0], points)];
            let kind = "property-quarter";
            let assess = Deed::Assess {
                kind,
                subject,
                number,
                scores,
            };
            plan.first(Plan::day(month, 20), assess);
            plan.expect_of("BBT.P01", i64::from(points) * 100, 1);
        }
        let parts = ["residents", "community", "third-party"];
        let scores = parts.into_iter().zip(assessors.clone());
        let scores = scores.map(|(part, by)| (part, by, base));
        let assess = Deed::Assess {
            kind: "property-year",
            subject,
            number: 1,
            scores: scores.collect(),
        };
        plan.first(Plan::day(12, 22), assess);
    }
    plan.expect("BBT.P03.R", 1);
    plan.expect("BBT.P03.B", 1);
}

/// 23 seats, and the plots of 安禾园.
pub fn ruiquan(plan: &mut Plan) {
    reports(plan, 50);
    let households = people(plan, "households", 75);
    council(plan, "courtyard-council", 23, &households, 3);
    let turnout = plan.expected["QH.E02"];
    plan.expected.insert("WJ.C03", turnout);
    let body = entries(plan, "councils", ["安和苑院落议事会"])[0];
    for member in &households[..23] {
        let grant = Deed::Grant {
            body,
            role: "council-member",
            holder: *member,
        };
        plan.first(Plan::day(4, 1), grant);
    }
    plan.expect("WJ.C02.N", 23);
    plan.expect("WJ.C02.D", 23);
    let garden = entries(plan, "gardens", ["安禾园"])[0];
    plan.first(Plan::day(4, 7), Deed::AddPlots { garden, count: 72 });
    for by in &households[..72] {
        let day = Plan::day(4, 8) + plan.below(20).days();
        let ask = Deed::AskForPlot { garden, by: *by };
        plan.add(plan.time(day, 9, 0), ask);
    }
    plan.first(Plan::day(5, 6), Deed::Allot(garden));
    plan.expect("WJ.G01.N", 72);
    plan.expect("WJ.G01.D", 72);
}

/// The first Thursday of every month, what the four parties decide there, and what
/// social organisations do.
pub fn cuizhuyuan(plan: &mut Plan) {
    reports(plan, 40);
    let meeting = duty(plan, "four-party-meeting", None);
    let parties = ["居委会", "业委会", "物业公司", "社区社会组织"];
    let members = entries(plan, "four-parties", parties);
    let thursdays = each(Weekday::Thursday).filter(|day| day.day() <= 7);
    for thursday in thursdays {
        // Labour Day and the National Day are moved by a week, and said to be.
        let is_free = matches!((thursday.month(), thursday.day()), (5, 1) | (10, 2));
        let on = if is_free {
            thursday + 7.days()
        } else {
            thursday
        };
        if is_free {
            let postpone = Deed::Postpone {
                duty: meeting,
                on: thursday,
                to: on,
            };
            plan.first(thursday - 3.days(), postpone);
        }
        plan.add(plan.time(on, 19, 0), Deed::Hold(meeting));
        plan.expect_of("CZY.M01", i64::from(!is_free), 1);
        if on.month() % 2 == 0 {
            topic(plan, on, &members);
        }
    }
    let programme = plan.thing();
    let open = Deed::OpenProgramme {
        programme,
        kind: "organisation",
    };
    plan.first(Plan::day(1, 1), open);
    let saturdays = each(Weekday::Saturday).filter(|day| day.month() < 12);
    for (session, on) in (1..).zip(saturdays) {
        let attended = 20 + plan.below(60) as u32;
        let hold = Deed::HoldSession {
            programme,
            session,
            on,
            attended,
        };
        plan.add(plan.time(on, 16, 0), hold);
        plan.expect("CZY.O02", 1);
        plan.expect("CZY.O02P", i64::from(attended));
    }
}

/// Proposed a week before it is on the agenda; what follows is checked, or not.
fn topic(plan: &mut Plan, on: Date, members: &[Thing]) {
    let topic = plan.thing();
    let propose = Deed::Propose {
        topic,
        kind: "four-party",
        title: "小区公共环境",
        on,
        members: members.to_vec(),
    };
    plan.first(on - 7.days(), propose);
    let decide = Deed::Decide {
        topic,
        members: members.to_vec(),
        due: on + 14.days(),
    };
    plan.add(plan.time(on, 20, 0), decide);
    let is_verified = plan.by_chance(80);
    if is_verified {
        plan.first(on + 10.days(), Deed::Verify(topic));
    }
    plan.expect_of("CZY.T02", i64::from(is_verified), 1);
    plan.expect_of("CZY.F01", 1, 1);
}

/// A council that is elected, two bodies that meet, every household called on.
pub fn qinghe(plan: &mut Plan) {
    reports(plan, 40);
    let households = people(plan, "experts", 60);
    council(plan, "deliberation-council", 7, &households, 3);
    let mut count = 0;
    for kind in ["council-meeting", "supervision-meeting"] {
        let meeting = duty(plan, kind, None);
        let months = (1..=12).map(|month| Plan::day(month, 12));
        count += held(plan, meeting, months, 90);
    }
    plan.expect_of("QH.C01", count, 24);
    survey(plan, &households, 5);
}
