//! What a topic means for statistics. What follows from a decision counts in the
//! decision's period.

use jiff::Timestamp;
use jiff::civil::Date;
use proto::fact::{Fact, FactTypeId, Member, deliberation as fact_type};

use super::decide::parties;
use super::{Happening, Held, Source, Step, Topic};
use crate::actor::Grid;
use crate::code::Code;
use crate::process::Happened;

pub(super) fn facts(before: Option<&Topic>, happened: &Happened<Happening>) -> Vec<Fact> {
    let at = happened.at;
    if let Happening::Proposed {
        kind,
        source,
        grid,
        supporters,
        ..
    } = &happened.what
    {
        let grid = grid.map_or_else(|| Member::from(""), Grid::member);
        let members = [source.code().into(), grid];
        let measures = [i64::from(*supporters)];
        return vec![fact(kind, fact_type::PROPOSED, at, members, measures)];
    }
    let Some(topic) = before else {
        return Vec::new();
    };
    let one = |fact_type, at, members: &[&str]| {
        let members: Vec<Member> = members.iter().map(|code| Member::from(*code)).collect();
        vec![fact(&topic.kind, fact_type, at, members, [])]
    };
    match &happened.what {
        Happening::Triaged(triage) => {
            let members = [triage.grade.code(), triage.route.code()];
            one(fact_type::TRIAGED, at, &members)
        }
        Happening::Commented { origin, .. } => one(fact_type::COMMENTED, at, &[origin.code()]),
        Happening::Advised { has_interest, .. } => {
            one(fact_type::ADVICE_GIVEN, at, &[yes_no(*has_interest)])
        }
        Happening::AdviceAnswered {
            advice, adopted, ..
        } => {
            let given = nth(&topic.advice, *advice).map(|one| one.given_at);
            one(
                fact_type::ADVICE_ANSWERED,
                given.unwrap_or(at),
                &[yes_no(*adopted)],
            )
        }
        Happening::Held(held) => session(topic, held, at),
        Happening::Decided { passed, .. } => decided(topic, *passed, at),
        Happening::Announced { .. } | Happening::AnnouncementFellDue => {
            let decision = topic.decision.as_ref().filter(|one| !one.clock_read);
            let Some(decision) = decision else {
                return Vec::new();
            };
            let is_on_time = matches!(happened.what, Happening::Announced { .. });
            one(fact_type::ANNOUNCED, decision.at, &[yes_no(is_on_time)])
        }
        Happening::Verified => {
            let decided_at = topic.decision.as_ref().map_or(at, |one| one.at);
            one(fact_type::VERIFIED, decided_at, &[])
        }
        Happening::FollowUpFellDue { follow_up } => {
            let found = nth(&topic.follow_ups, *follow_up);
            let Some(follow_up) = found else {
                return Vec::new();
            };
            let is_done = follow_up.done_at.is_some();
            one(
                fact_type::FOLLOW_UP_DUE,
                topic.noon(follow_up.due.0),
                &[yes_no(is_done)],
            )
        }
        Happening::YearTurned { year } => {
            let last = Date::new(*year, 12, 31).unwrap_or(Date::MIN);
            let is_decided = topic.decision.is_some();
            let turned = [yes_no(is_decided)];
            let mut facts = one(fact_type::YEAR_TURNED, topic.noon(last), &turned);
            if is_decided {
                // Next year's.
                let grid = topic.grid.map_or_else(|| Member::from(""), Grid::member);
                let members = [Source::Calendar.code().into(), grid];
                facts.push(fact(&topic.kind, fact_type::PROPOSED, at, members, [0]));
            }
            facts
        }
        _ => Vec::new(),
    }
}

fn session(topic: &Topic, held: &Held, at: Timestamp) -> Vec<Fact> {
    let kind = &topic.kind;
    let Some(round) = topic.rounds.last() else {
        return Vec::new();
    };
    let measures = [held.present.len() as i64, round.participants.len() as i64];
    let quorate = Member::from(yes_no(held.is_quorate));
    let mut facts = vec![fact(kind, fact_type::SESSION_HELD, at, [quorate], measures)];
    let here = |entry: u64| held.present.binary_search(&entry).is_ok();
    let seats = round.participants.iter().filter(|one| here(one.entry));
    let represented = parties(seats);
    for party in &topic.rules.parties {
        let members = [party.member(), yes_no(represented.contains(party)).into()];
        facts.push(fact(kind, fact_type::PARTY_SEAT, at, members, []));
    }
    if held.is_quorate && topic.rounds_held() == 0 {
        let waited = [days_between(topic, topic.proposed_at, at)];
        facts.push(fact(kind, fact_type::HEARD, at, [], waited));
    }
    facts
}

fn decided(topic: &Topic, passed: bool, at: Timestamp) -> Vec<Fact> {
    let kind = &topic.kind;
    let grade = topic.triage.as_ref().map_or("", |one| one.grade.code());
    let done = topic.steps_done.iter().map(|done| done.step);
    let is_whole = done.eq(topic.rules.steps.iter().copied());
    let members = [topic.source.code(), grade, yes_no(passed), yes_no(is_whole)];
    let measures = [
        topic.rounds_held() as i64,
        days_between(topic, topic.proposed_at, at),
    ];
    let members = members.map(Member::from);
    let mut facts = vec![fact(kind, fact_type::DECIDED, at, members, measures)];
    if topic.rules.steps.last() == Some(&Step::Vote)
        && let Some(vote) = &topic.vote
    {
        let noon = topic.noon(vote.until.0);
        let (yes, no, abstained, cast) = vote.sums();
        let measures = [vote.roll.heads() as i64, cast.into(), yes.into(), no.into()];
        let measures = measures.into_iter().chain([i64::from(abstained)]);
        let passed = Member::from(yes_no(passed));
        facts.push(fact(kind, fact_type::VOTE_HELD, noon, [passed], measures));
        let [voted, silent] = ["yes", "no"].map(Member::from);
        facts.extend(vote.voted.iter().map(|mark| {
            let member = if *mark == 0 { &silent } else { &voted };
            fact(kind, fact_type::VOTER, noon, [Member::clone(member)], [])
        }));
    }
    facts
}

/// From 1, as people count.
fn nth<T>(list: &[T], number: u32) -> Option<&T> {
    list.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

fn days_between(topic: &Topic, from: Timestamp, to: Timestamp) -> i64 {
    let span = topic.day_of(from).until(topic.day_of(to));
    span.map_or(0, |span| span.get_days().into())
}

fn fact(
    kind: &Code,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: impl IntoIterator<Item = Member>,
    measures: impl IntoIterator<Item = i64>,
) -> Fact {
    Fact {
        fact_type,
        occurred_at,
        members: [kind.member()].into_iter().chain(members).collect(),
        measures: measures.into_iter().collect(),
    }
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
