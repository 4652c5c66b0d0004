//! The stories of the first issue, from the report to the numbers.

use proto::fact::case as fact;

use super::*;

#[test]
fn report_rate_badly_reopened_counted_once() {
    let mut desk = Desk::reopened();
    let case = desk.case();
    assert_eq!(case.lifecycle, Lifecycle::Dispatched);
    assert_eq!(case.handler, Some(name("物业")));
    assert_eq!(case.first_completed_at, Some(at("2026-03-04T11:00:00")));
    assert_eq!((case.reopenings, case.outcome.clone()), (1, None));
    desk.act(property(), "2026-03-06T15:00:00", complete());
    desk.act(REQUESTER, "2026-03-07T08:00:00", rate(Level::Good));
    desk.tick("2026-12-01T00:00:00");
    assert_eq!(
        desk.happenings(),
        [
            "REPORTED",
            "ACCEPTED",
            "DISPATCHED",
            "COMPLETED",
            "RATED",
            "REOPENED",
            "COMPLETED",
            "RATED",
            "CLOSED",
            "FELL_DUE",
            "SETTLED"
        ]
    );
    assert_eq!(desk.case().lifecycle, Lifecycle::Closed);
    assert_eq!(
        desk.case().first_completed_at,
        Some(at("2026-03-04T11:00:00"))
    );
    // One report, one first completion, one due time, one settling.
    assert_eq!(desk.count(fact::REPORTED, &[]), 1);
    assert_eq!(desk.count(fact::COMPLETED, &["resolved", "yes"]), 1);
    assert_eq!(desk.count(fact::COMPLETED, &["resolved", "no"]), 1);
    assert_eq!(desk.count(fact::FELL_DUE, &["yes"]), 1);
    assert_eq!(desk.count(fact::SETTLED, &["yes"]), 1);
    assert_eq!(desk.count(fact::REOPENED, &[]), 1);
    assert_eq!(desk.count(fact::RATED, &["2", "yes"]), 1);
    assert_eq!(desk.count(fact::RATED, &["4", "no"]), 1);
    assert_eq!(desk.count(fact::BAD_REVIEW_RIGHTED, &[]), 1);
}

#[test]
fn the_reopening_names_its_handler_and_round() {
    let desk = Desk::reopened();
    let last = desk.journal.last().unwrap();
    let reopened = Happening::Reopened {
        round: 1,
        handler: Some(name("物业")),
    };
    assert_eq!(
        (&last.event.happening, &last.event.by),
        (&reopened, &Actor::System)
    );
    assert_eq!(desk.due(ClockKind::Rework), at("2026-03-12T17:30:00"));
}

#[test]
fn facts_fit_the_published_schema() {
    let mut desk = Desk::reopened();
    desk.tick("2026-12-01T00:00:00");
    for fact in desk.journal.iter().flat_map(|recorded| &recorded.facts) {
        let schema = fact.fact_type.schema().unwrap();
        assert_eq!(
            fact.members.len(),
            schema.dimensions.len(),
            "{}",
            schema.code
        );
        assert_eq!(
            fact.measures.len(),
            schema.measures.len(),
            "{}",
            schema.code
        );
        let of: Vec<&str> = fact.members[..4].iter().map(|member| &**member).collect();
        assert_eq!(of, ["street-light", "facilities", "online", "003"]);
    }
}

#[test]
fn measures_are_what_the_resident_waited() {
    let mut desk = Desk::reopened();
    desk.act(property(), "2026-03-05T12:00:00", complete());
    let measures: Vec<_> = desk
        .journal
        .iter()
        .flat_map(|recorded| &recorded.facts)
        .map(|fact| (fact.fact_type, fact.measures.to_vec()))
        .collect();
    let hours = |hours: i64| vec![hours * 3_600];
    assert_eq!(
        measures,
        [
            (fact::REPORTED, vec![]),
            (fact::ACCEPTED, hours(1)),
            (fact::COMPLETED, hours(50)),
            (fact::RATED, vec![]),
            (fact::COMPLETION_RATED, vec![]),
            (fact::REOPENED, vec![]),
            // Since it came back.
            (fact::COMPLETED, hours(3)),
        ]
    );
}

#[test]
fn a_danger_is_accepted_as_it_comes_in() {
    let mut desk = Desk::new();
    desk.act(REQUESTER, "2026-03-01T23:00:00", report("danger"));
    assert_eq!(desk.happenings(), ["REPORTED", "ACCEPTED"]);
    assert_eq!(desk.journal[1].event.by, Actor::System);
    assert_eq!(desk.due(ClockKind::Complete), at("2026-03-02T01:00:00"));
    assert_eq!(desk.count(fact::ACCEPTED, &[]), 1);
}
