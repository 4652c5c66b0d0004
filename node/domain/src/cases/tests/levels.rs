//! Levels of responsibility: a case that one level does not solve moves up to the
//! next, however late time is told.

use super::*;

const BAIBUTING: &str = include_str!("../../../../../deploy/playbooks/baibuting.toml");

/// 五级负责：家庭、楼栋、片区、苑区、社区，一级办不了，到时限就上一级。
#[test]
fn an_unsolved_case_moves_up_the_chain_level_by_level() {
    let levels = ["党员张家", "3栋", "二片区", "怡康苑", "百步亭社区"];
    let chain = Chain {
        area: 7,
        levels: levels.into_iter().map(name).collect(),
    };
    let Action::Report(plain) = report("neighbourhood-matter") else {
        unreachable!("a report")
    };
    let matter = Action::Report(Report {
        chain: Some(chain),
        ..plain
    });
    let mut desk = Desk::with(BAIBUTING);
    desk.act(REQUESTER, "2026-03-02T09:00:00", matter.clone());
    desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    assert_eq!(desk.case().handler, Some(name("党员张家")));
    assert_eq!(desk.due(ClockKind::Level), at("2026-03-05T10:00:00"));
    // At the due moment itself the level is still in time.
    desk.act(
        Actor::Handler(name("党员张家")),
        "2026-03-05T10:00:00",
        Action::Start,
    );
    desk.tick("2026-03-05T10:00:00");
    assert_eq!(desk.case().handler, Some(name("3栋")));
    // Nobody ticked for a week: two levels have passed when somebody acts.
    let property = Actor::Handler(name("怡康苑"));
    desk.act(property.clone(), "2026-03-12T09:00:00", Action::Start);
    let moved: Vec<_> = desk
        .journal
        .iter()
        .filter_map(|one| match &one.event.happening {
            Happening::Dispatched { handler } => Some((handler.to_string(), one.event.happened_at)),
            _ => None,
        })
        .collect();
    let wanted = [
        ("党员张家", "2026-03-02T10:00:00"),
        ("3栋", "2026-03-05T10:00:00"),
        ("二片区", "2026-03-08T10:00:00"),
        ("怡康苑", "2026-03-11T10:00:00"),
    ];
    assert_eq!(moved, wanted.map(|(who, when)| (who.to_owned(), at(when))));
    desk.act(property, "2026-03-13T09:00:00", complete());
    desk.tick("2026-06-01T00:00:00");
    assert_eq!(
        desk.case().handler,
        Some(name("怡康苑")),
        "it was solved there"
    );

    // Whom the office gives it to keeps it; the last level has nobody above.
    let mut given = Desk::with(BAIBUTING);
    given.act(REQUESTER, "2026-03-02T09:00:00", matter.clone());
    given.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    given.act(Actor::Staff, "2026-03-02T11:00:00", dispatch());
    given.tick("2026-03-20T00:00:00");
    assert_eq!(given.case().handler, Some(name("物业")));
    let mut last = Desk::with(BAIBUTING);
    last.act(REQUESTER, "2026-03-02T09:00:00", matter);
    last.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
    last.tick("2026-03-30T00:00:00");
    assert_eq!(last.case().handler, Some(name("百步亭社区")));
    assert_eq!(next_alarm(last.case()), None, "nothing more is due");
}
