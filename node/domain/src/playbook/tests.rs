//! The shipped playbook, and what a broken one is told.

use jiff::tz::TimeZone;

use super::*;
use crate::calendar::Limit;

const QINGSHAN: &str = include_str!("../../../../deploy/playbooks/qingshan.toml");

fn code(word: &str) -> Code {
    word.parse().unwrap()
}

fn qingshan() -> Playbook {
    Playbook::parse(QINGSHAN).unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

#[test]
fn the_shipped_playbook_holds() {
    let playbook = qingshan();
    assert_eq!(playbook.id.to_string(), "qingshan@1");
    assert_eq!(playbook.kinds().count(), 31);
    let light = playbook.kind(&code("street-light")).unwrap();
    assert_eq!(
        (&*light.title.zh, light.category.as_str()),
        ("路灯", "facilities")
    );
    assert_eq!(light.rules.complete, Some(Limit::Days(7)));
    assert_eq!(light.rules.rework, Some(Limit::WorkingDays(5)));
    assert_eq!(light.rules.complete_since, Since::Dispatched);
    assert_eq!(light.rules.max_bounces, Some(2));
    let danger = playbook.kind(&code("danger")).unwrap();
    assert!(!danger.rules.needs_accepting && danger.rules.pause_causes.is_empty());
    assert_eq!(danger.rules.complete, Some(Limit::Hours(2)));
    assert_eq!(danger.rules.complete_since, Since::Accepted);
    for kind in playbook.kinds() {
        assert!(
            playbook.categories.contains_key(&kind.category),
            "{}",
            kind.code
        );
        assert_eq!(kind.rules.settle_days, 30, "{}", kind.code);
    }
}

#[test]
fn every_shipped_playbook_holds_and_all_can_be_adopted_together() {
    let others = [
        include_str!("../../../../deploy/playbooks/tianning.toml"),
        include_str!("../../../../deploy/playbooks/baibuting.toml"),
        include_str!("../../../../deploy/playbooks/ruiquan.toml"),
        include_str!("../../../../deploy/playbooks/cuizhuyuan.toml"),
        include_str!("../../../../deploy/playbooks/qinghe.toml"),
    ];
    let mut adopted = Playbooks::new(qingshan());
    for text in others {
        let playbook = Playbook::parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        assert_eq!(playbook.calendar, qingshan().calendar, "{}", playbook.id);
        adopted.adopt(playbook).unwrap();
    }
    // A code of two playbooks is the first one's.
    let households = adopted.register(&code("households")).unwrap();
    assert_eq!(households.rules.playbook.to_string(), "qingshan@1");
    assert!(adopted.register(&code("gardens")).is_some());
    assert!(adopted.fund(&code("lift-cost")).is_some());
    assert!(adopted.assessment(&code("property-year")).is_some());
}

#[test]
fn what_is_wrong_in_a_register_a_fund_or_an_assessment_is_named() {
    let wrong = [
        ("form = \"grant\"", "form = \"loan\"", ".form"),
        (
            "approved_stage = \"granted\"",
            "approved_stage = \"gone\"",
            "approved_stage",
        ),
        ("levels = 5", "levels = 50", ".levels"),
        (
            "after = [\"pledged\"]",
            "after = [\"dreamt\"]",
            "stage.after",
        ),
        ("needed = 2", "needed = 2\nmost = 1", "role"),
    ];
    for (right, wrong, field) in wrong {
        assert!(QINGSHAN.contains(right), "{right}");
        let mistakes = Playbook::parse(&QINGSHAN.replacen(right, wrong, 1)).unwrap_err();
        let named = mistakes.iter().any(|mistake| mistake.field.contains(field));
        assert!(named, "{wrong}: {mistakes:?}");
    }
}

#[test]
fn the_shipped_calendar_knows_the_new_year_of_2026() {
    let playbook = qingshan();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let at = |civil: &str| {
        let civil: jiff::civil::DateTime = civil.parse().unwrap();
        zone.to_timestamp(civil).unwrap()
    };
    // Saturday the 14th is worked, then nine days are off.
    let due = playbook
        .calendar
        .due(at("2026-02-13T16:30:00"), Limit::WorkingHours(9));
    assert_eq!(due, at("2026-02-24T09:30:00"));
}

/// Line, field and the English text's start.
fn mistakes(text: &str) -> Vec<(usize, String, String)> {
    let mistakes = Playbook::parse(text).unwrap_err();
    for mistake in &mistakes {
        assert!(
            !mistake.zh.is_empty() && mistake.zh != mistake.en,
            "{mistake}"
        );
    }
    let brief = |m: Mistake| (m.line, m.field, m.en.chars().take(24).collect());
    mistakes.into_iter().map(brief).collect()
}

const BROKEN: &str = r#"code = "Qing Shan"
revision = 0
zh = "青山"

[calendar]
zone = "Asia/Wuhan"
monday = ["12:00-08:30"]
mondays = []

[[calendar.year]]
year = 2026
holidays = ["2025-01-01", "2026-02-30", "2026-03-01"]

[[category]]
code = "facilities"
zh = "设施"
en = "Facilities"

[defaults]
rate = "soon"

[[kind]]
code = "street-light"
category = "facility"
zh = "路灯"
en = "Street light"
reporters = ["resident", "mayor"]
complete = "7 dayz"
complete_since = "yesterday"
reopen_rounds = 10
pause_causes = ["rain"]
colour = "red"

[[kind]]
zh = ""
en = "Nameless"
category = "facilities"
"#;

#[test]
fn every_mistake_is_listed_with_its_line() {
    let found = mistakes(BROKEN);
    let at: Vec<(usize, &str)> = found
        .iter()
        .map(|(line, field, _)| (*line, &**field))
        .collect();
    assert_eq!(
        at,
        [
            (1, "code"),
            (1, "en"),
            (2, "revision"),
            (6, "calendar.zone"),
            (7, "calendar.monday"),
            (8, "calendar.mondays"),
            (12, "calendar.year.holidays"),
            (12, "calendar.year.holidays"),
            (20, "defaults.rate"),
            (24, "kind.street-light.category"),
            (27, "kind.street-light.reporters"),
            (28, "kind.street-light.complete"),
            (29, "kind.street-light.complete_since"),
            (30, "kind.street-light.reopen_rounds"),
            (31, "kind.street-light.pause_causes"),
            (32, "kind.street-light.colour"),
            (34, "kind.code"),
            (34, "kind.reporters"),
            (35, "kind.zh"),
        ]
    );
    assert_eq!(found[11].2, "\"7 dayz\": want a limit s");
}

/// In `planted.toml` each line with a mistake says which field is to be named.
#[test]
fn every_planted_mistake_is_named_at_once_with_its_line() {
    let text = include_str!("tests/planted.toml");
    let planted = text.lines().zip(1..).filter_map(|(line, number)| {
        let (_, field) = line.split_once(" # wrong: ")?;
        Some((number, field.to_owned()))
    });
    let planted: Vec<(usize, String)> = planted.collect();
    assert!(planted.len() >= 48, "{}", planted.len());
    let found = mistakes(text).into_iter().map(|(at, field, _)| (at, field));
    let mut found: Vec<(usize, String)> = found.collect();
    // A step may be wrong in two ways.
    found.dedup();
    assert_eq!(found, planted);
}

#[test]
fn syntax_is_named_first() {
    let found = mistakes("code = \"a\"\nrevision = = 1\n");
    assert_eq!(found[0].0, 2, "{found:?}");
    assert!(found[0].2.starts_with("TOML syntax: "), "{found:?}");
}

#[test]
fn a_code_is_taken_once_per_file() {
    let text = QINGSHAN.replace("code = \"greenery\"", "code = \"litter\"");
    let found = mistakes(&text);
    assert_eq!((found.len(), &*found[0].1), (1, "kind.litter"), "{found:?}");
}

#[test]
fn an_office_that_never_works_is_refused() {
    let closed = QINGSHAN
        .lines()
        .filter(|line| !line.contains("\"08:30-12:00\""))
        .collect::<Vec<_>>()
        .join("\n");
    let found = mistakes(&closed);
    assert_eq!((found.len(), &*found[0].1), (1, "calendar"), "{found:?}");
}

#[test]
fn only_newer_revisions_of_a_playbook_are_adopted() {
    let mut playbooks = Playbooks::new(qingshan());
    let same = playbooks.adopt(qingshan()).unwrap_err();
    assert!(
        matches!(same, AdoptionRefused::NotNewer { adopted: 1, .. }),
        "{same}"
    );
    let second = QINGSHAN
        .replace("revision = 1", "revision = 2")
        .replace("complete = \"7 days\"", "complete = \"9 days\"");
    playbooks.adopt(Playbook::parse(&second).unwrap()).unwrap();
    let light = playbooks.kind(&code("street-light")).unwrap();
    assert_eq!(light.rules.complete, Some(Limit::Days(9)));
    assert_eq!(light.rules.playbook.to_string(), "qingshan@2");
    let other = QINGSHAN.replace("code = \"qingshan\"", "code = \"tianning\"");
    let taken = playbooks
        .adopt(Playbook::parse(&other).unwrap())
        .unwrap_err();
    assert!(
        matches!(taken, AdoptionRefused::KindTaken { .. }),
        "{taken}"
    );
    assert!(taken.zh().contains("qingshan") && same.zh().contains("qingshan@1"));
}

#[test]
fn a_dropped_playbook_borrows_the_first_calendar() {
    let playbooks = Playbooks::new(qingshan());
    assert_eq!(
        playbooks.calendar(&code("gone")),
        playbooks.calendar(&code("qingshan"))
    );
}
