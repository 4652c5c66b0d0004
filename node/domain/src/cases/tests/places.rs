//! What the six places bring before the desk beside ordinary reports: mediation,
//! booked services, findings of patrols, queries of supervisors. Each in the
//! words of its playbook, and as the number that the district asks for.

use std::collections::BTreeMap;

use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::calendar::Limit;
use crate::indicators::{Evaluator, backfill};

const TIANNING: &str = include_str!("../../../../../deploy/playbooks/tianning.toml");
const BAIBUTING: &str = include_str!("../../../../../deploy/playbooks/baibuting.toml");
const CUIZHUYUAN: &str = include_str!("../../../../../deploy/playbooks/cuizhuyuan.toml");
const QINGHE: &str = include_str!("../../../../../deploy/playbooks/qinghe.toml");
const CATALOGUE: &str = include_str!("../../../../../deploy/catalogue/cases.toml");

/// By code and period, a number or a numerator and a denominator; before any
/// rounding.
fn numbers(desks: &[&Desk]) -> BTreeMap<String, (i128, Option<u128>)> {
    let exact = ["B", "C"].iter().fold(CATALOGUE.to_owned(), |text, class| {
        text.replace(&format!("protection = \"{class}\""), "protection = \"A\"")
    });
    let catalogue = Catalogue::from_toml(&exact).unwrap_or_else(|wrong| panic!("{wrong}"));
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let evaluator = Evaluator::new(&catalogue, zone);
    let journals = desks.iter().flat_map(|desk| &desk.journal);
    let facts: Vec<_> = journals.flat_map(|one| one.facts.clone()).collect();
    let tally = backfill(&evaluator, &facts).unwrap();
    let code = |id| {
        let mut all = catalogue.definitions();
        all.find(|one| one.id == id).unwrap().code.to_string()
    };
    let value = |cell: &Accumulator| match cell.fraction() {
        Some((numerator, denominator)) => (numerator, Some(denominator)),
        None => (cell.number().unwrap(), None),
    };
    let cells = tally.cells.iter();
    cells
        .map(|(key, cell)| {
            let name = format!("{} {}", code(key.indicator), key.period);
            (name, value(cell))
        })
        .collect()
}

fn report_as(kind: &str, origin: Origin, due_at: Option<&str>) -> Action {
    let Action::Report(plain) = report(kind) else {
        unreachable!("a report")
    };
    Action::Report(Report {
        origin,
        due_at: due_at.map(at),
        ..plain
    })
}

fn to(handler: &str) -> Action {
    Action::Dispatch {
        handler: name(handler),
    }
}

fn referred(to: &str) -> Action {
    Action::Complete {
        completion: Completion::Referred(Some(name(to))),
        text: None,
    }
}

fn outcome(desk: &Desk) -> Completion {
    match desk.case().outcome.clone() {
        Some(Outcome::Completed(completion)) => completion,
        other => panic!("not completed: {other:?}"),
    }
}

/// 顺顺吧：街道司法所干部调解；成了记一件协议到期看履行，不成转诉讼代理、信访代理。
#[test]
fn a_mediation_is_agreed_and_kept_or_referred() {
    let cadre = Actor::Handler(name("街道司法所"));
    let mediated = |completed: Action| {
        let mut desk = Desk::new();
        desk.act(REQUESTER, "2026-03-02T09:00:00", report("mediation"));
        desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
        desk.act(Actor::Staff, "2026-03-02T11:00:00", to("街道司法所"));
        desk.act(cadre.clone(), "2026-03-05T09:00:00", Action::Start);
        // The parties asked for time to think.
        let cause = "consultation".parse().unwrap();
        desk.act(
            cadre.clone(),
            "2026-03-05T10:00:00",
            Action::Pause { cause },
        );
        desk.act(cadre.clone(), "2026-03-09T10:00:00", completed);
        desk
    };
    let agreed = mediated(complete());
    assert_eq!(outcome(&agreed), Completion::Resolved);
    let mut failed = mediated(referred("诉讼代理"));
    // Who is not content with it is not mediated again, and the street hears of it.
    failed.act(REQUESTER, "2026-03-10T09:00:00", rate(Level::Bad));
    assert_eq!(failed.happenings().last(), Some(&"ESCALATED"));

    let kept_by = |day: &str, how: Action| {
        let mut desk = Desk::new();
        let agreement = report_as(
            "mediation-agreement",
            Origin::Meeting,
            Some("2026-04-09T18:00:00"),
        );
        desk.act(cadre.clone(), "2026-03-09T10:30:00", agreement);
        assert_eq!(desk.due(ClockKind::Complete), at("2026-04-09T18:00:00"));
        desk.act(Actor::Staff, day, how);
        assert_eq!(desk.case().lifecycle, Lifecycle::Closed, "nobody rates it");
        desk
    };
    let kept = kept_by("2026-04-01T09:00:00", complete());
    let broken = kept_by("2026-04-20T09:00:00", referred("诉讼代理"));
    let numbers = numbers(&[&agreed, &failed, &kept, &broken]);
    assert_eq!(numbers["QS.M01 2026Q1"], (1, Some(2)));
    assert_eq!(numbers["QS.M02 2026S1"], (1, Some(2)));
}

/// 预约在网上、代办在网格、服务在社区。
#[test]
fn six_services_are_booked_for_a_time_and_done_by_the_grid() {
    let services = ["government", "living", "legal", "culture", "care", "party"];
    let mut desks = Vec::new();
    for (service, served) in services.into_iter().zip(9..) {
        let kind = format!("service-{service}");
        let mut desk = Desk::new();
        let booked = report_as(&kind, Origin::Online, Some("2026-03-04T11:00:00"));
        desk.act(REQUESTER, "2026-03-02T08:00:00", booked);
        desk.act(Actor::Staff, "2026-03-02T09:00:00", Action::Accept);
        desk.act(Actor::Staff, "2026-03-02T09:30:00", to("grid-003"));
        // As agreed, whatever the playbook gives otherwise.
        assert_eq!(desk.due(ClockKind::Complete), at("2026-03-04T11:00:00"));
        let worker = Actor::GridWorker("003".parse().unwrap());
        desk.act(worker.clone(), "2026-03-04T08:30:00", Action::Start);
        desk.act(worker, &format!("2026-03-04T{served:02}:00:00"), complete());
        desk.tick("2026-03-05T00:00:00");
        desks.push(desk);
    }
    // Served at 9, 10 and, at the agreed moment, 11; three came later.
    let desks: Vec<&Desk> = desks.iter().collect();
    assert_eq!(numbers(&desks)["QS.S01 202603"], (3, Some(6)));
}

#[test]
fn a_time_is_agreed_only_where_the_playbook_takes_appointments() {
    let mut desk = Desk::new();
    let booked = |kind, due: &str| report_as(kind, Origin::Online, Some(due));
    let light = booked("street-light", "2026-03-04T11:00:00");
    let refusal = desk.refuse(REQUESTER, "2026-03-02T09:00:00", light);
    assert_eq!(refusal, Refusal::PromiseNotAllowed);
    for due in ["2026-03-02T08:59:59", "2027-03-04T09:00:01"] {
        let service = booked("service-legal", due);
        let refusal = desk.refuse(REQUESTER, "2026-03-02T09:00:00", service);
        assert_eq!(refusal, Refusal::InvalidDue, "{due}");
    }
    // Without a time, as the playbook says.
    desk.act(REQUESTER, "2026-03-02T09:00:00", report("service-legal"));
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    assert_eq!(desk.due(ClockKind::Complete), at("2026-03-09T17:30:00"));
}

/// 红色物业便民项目：下单、办完、评价。
#[test]
fn extras_are_ordered_done_and_rated() {
    for extra in ["errand", "finance", "repair", "care"] {
        let mut desk = Desk::new();
        let order = report(&format!("extra-{extra}"));
        desk.act(REQUESTER, "2026-03-02T09:00:00", order);
        desk.act(Actor::Staff, "2026-03-02T09:10:00", dispatch());
        desk.act(property(), "2026-03-03T09:00:00", complete());
        desk.act(REQUESTER, "2026-03-03T20:00:00", rate(Level::VeryGood));
        assert_eq!(
            desk.happenings(),
            [
                "REPORTED",
                "ACCEPTED",
                "DISPATCHED",
                "COMPLETED",
                "RATED",
                "CLOSED"
            ]
        );
    }
}

/// 发现问题—通知—整改—复核：谁发现，谁复核。
#[test]
fn a_finding_is_fixed_and_verified_by_who_found_it() {
    let supervisor = Actor::Resident(Pseudonym(31));
    let mut desk = Desk::with(BAIBUTING);
    let finding = report_as("patrol-finding", Origin::Patrol, None);
    desk.act(supervisor.clone(), "2026-03-02T09:00:00", finding);
    desk.act(Actor::Staff, "2026-03-02T10:00:00", dispatch());
    let committee = Actor::Handler(name("社区党委"));
    for (by, fixed, verified, level, follows) in [
        (property(), "03-04", "03-05", Level::Bad, "REOPENED"),
        (property(), "03-06", "03-07", Level::Bad, "REOPENED"),
        (property(), "03-08", "03-09", Level::VeryBad, "ESCALATED"),
        (committee, "03-10", "03-11", Level::Fair, "CLOSED"),
    ] {
        desk.act(by.clone(), &format!("2026-{fixed}T09:00:00"), complete());
        let verified = format!("2026-{verified}T09:00:00");
        let own = desk.refuse(by, &verified, rate(Level::VeryGood));
        assert_eq!(own.reason(), "NOT_YOURS", "who fixed it does not verify it");
        desk.act(supervisor.clone(), &verified, rate(level));
        assert_eq!(desk.happenings().last(), Some(&follows));
    }
}

/// 质询—限期答复—认可或上报街道。
#[test]
fn a_query_is_answered_in_time_or_goes_to_the_street() {
    let member = Actor::Resident(Pseudonym(32));
    let asked = |answered: &str| {
        let mut desk = Desk::with(QINGHE);
        desk.act(
            member.clone(),
            "2026-03-02T09:00:00",
            report_as("oversight-query", Origin::Meeting, None),
        );
        assert_eq!(desk.due(ClockKind::Complete), at("2026-03-16T17:30:00"));
        desk.act(Actor::Staff, answered, complete());
        desk
    };
    let mut accepted = asked("2026-03-10T09:00:00");
    accepted.act(member.clone(), "2026-03-11T09:00:00", rate(Level::Good));
    assert_eq!(accepted.happenings().last(), Some(&"CLOSED"));
    let mut escalated = asked("2026-03-17T09:00:00");
    escalated.act(member.clone(), "2026-03-18T09:00:00", rate(Level::Bad));
    assert_eq!(escalated.happenings().last(), Some(&"ESCALATED"));
    accepted.tick("2026-04-01T00:00:00");
    assert_eq!(
        numbers(&[&accepted, &escalated])["QH.S01 2026Q1"],
        (1, Some(2))
    );
    // Others do not ask in the committee's name.
    let mut desk = Desk::with(QINGHE);
    let query = report("oversight-query");
    let refusal = desk.refuse(Actor::Staff, "2026-03-02T09:00:00", query);
    assert_eq!(refusal.reason(), "MAY_NOT_REPORT");
}

/// 互助会发现需求，引导居民组成社会组织。
#[test]
fn a_need_found_is_met_or_handed_to_an_organisation() {
    for (how, wanted) in [
        (complete(), Completion::Resolved),
        (
            referred("亲子读书会"),
            Completion::Referred(Some(name("亲子读书会"))),
        ),
    ] {
        let mut desk = Desk::with(CUIZHUYUAN);
        let association = Actor::Handler(name("互助会"));
        let need = report_as("need-found", Origin::Meeting, None);
        desk.act(association.clone(), "2026-03-02T09:00:00", need);
        desk.act(Actor::Staff, "2026-03-02T10:00:00", to("互助会"));
        desk.act(association, "2026-03-20T09:00:00", how);
        assert_eq!(outcome(&desk), wanted);
    }
}

/// 公约违约：举报—确认—改正，或走民事途径。
#[test]
fn a_breach_of_the_covenant_is_confirmed_and_put_right_or_goes_to_court() {
    let ended = |confirmed: bool, how: Action| {
        let mut desk = Desk::with(TIANNING);
        let breach = report("lift-covenant-breach");
        desk.act(REQUESTER, "2026-03-02T09:00:00", breach);
        if confirmed {
            desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
        }
        desk.act(Actor::Staff, "2026-03-09T10:00:00", how);
        desk
    };
    let remedied = ended(true, complete());
    let in_court = ended(true, referred("民事途径"));
    let unfounded = Action::Refuse {
        by: name("业主小组"),
        refer_to: name("社区管家"),
        text: None,
    };
    let unfounded = ended(false, unfounded);
    let numbers = numbers(&[&remedied, &in_court, &unfounded]);
    assert_eq!(numbers["TN.E05 2026"], (1, Some(2)));
}

/// 管家记下的意见转出去；邻里纠纷有人化解。
#[test]
fn a_stewards_note_is_passed_on_and_a_dispute_is_settled() {
    let steward = Actor::Handler(name("社区管家"));
    let mut note = Desk::with(TIANNING);
    let opinion = report_as("steward-note", Origin::DoorKnock, None);
    note.act(steward, "2026-03-02T09:00:00", opinion.clone());
    note.act(Actor::Staff, "2026-03-03T09:00:00", referred("议题"));
    assert_eq!(outcome(&note), Completion::Referred(Some(name("议题"))));
    let refusal = Desk::with(TIANNING).refuse(REQUESTER, "2026-03-02T09:00:00", opinion);
    assert_eq!(refusal.reason(), "MAY_NOT_REPORT");

    let dispute = |how: Action| {
        let mut desk = Desk::with(TIANNING);
        desk.act(
            REQUESTER,
            "2026-03-02T09:00:00",
            report("neighbour-dispute"),
        );
        desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
        desk.act(Actor::Staff, "2026-03-05T10:00:00", how);
        desk
    };
    let numbers = numbers(&[&dispute(complete()), &dispute(referred("调解委员会"))]);
    assert_eq!(numbers["TN.D02 2026Q1"], (1, Some(2)));
}

/// 线上双向平台：问了就答。
#[test]
fn a_question_on_the_channel_is_answered() {
    let mut desk = Desk::with(BAIBUTING);
    desk.act(REQUESTER, "2026-03-02T09:00:00", report("online-question"));
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    desk.act(Actor::Staff, "2026-03-03T10:00:00", Action::Reply(said(1)));
    desk.act(Actor::Staff, "2026-03-03T11:00:00", complete());
    desk.act(REQUESTER, "2026-03-03T12:00:00", rate(Level::Good));
    assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
}

/// 四全：力量全介入、问题全收集、分类分级全解决、成效和过程全评价。
#[test]
fn all_forces_all_needs_all_grades_and_all_results() {
    let playbook = Playbook::parse(QINGSHAN).unwrap();
    for force in [
        "party-organisations",
        "party-members",
        "volunteers",
        "volunteer-teams",
        "partners",
    ] {
        assert!(playbook.registers.contains_key(&force.parse().unwrap()));
    }
    let mut asked = Vec::new();
    for origin in Origin::ALL {
        let mut desk = Desk::new();
        let need = report_as("street-light", origin, None);
        desk.act(REQUESTER, "2026-03-02T09:00:00", need);
        asked.push(desk);
    }
    let asked: Vec<&Desk> = asked.iter().collect();
    assert_eq!(numbers(&asked)["QS.K02 202603"], (1, None), "by knocking");
    let danger = playbook.kind(&"danger".parse().unwrap()).unwrap();
    assert_eq!(danger.rules.complete, Some(Limit::Hours(2)));
    for kind in playbook.kinds() {
        assert!(playbook.categories.contains_key(&kind.category));
        assert!(kind.rules.complete.is_some(), "{} has a grade", kind.code);
        let by_residents = kind.reporters.contains(&crate::actor::Role::Resident);
        let is_rated = kind.rules.rate.is_some();
        assert!(is_rated || !by_residents, "{} is rated", kind.code);
    }
}
