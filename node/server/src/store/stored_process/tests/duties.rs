//! What happens to duties.

use jiff::civil::date;
use node_domain::duties::{Happening, Outcome, Rule, Rules, Window};
use node_domain::playbook::PlaybookId;
use node_domain::stored::Day;

use super::*;

#[test]
fn bytes_are_frozen() {
    let on = Day(date(2026, 3, 5));
    let rules = Rules {
        playbook: PlaybookId {
            code: "qingshan".parse().unwrap(),
            revision: 1,
        },
        rule: Rule::OnNthWeekday { nth: 1, weekday: 4 },
        record_days: 3,
        alert_after: 2,
        is_mandatory: false,
    };
    let happenings = vec![
        Happening::Opened {
            kind: "meeting".parse().unwrap(),
            rules,
            grid: Some("003".parse().unwrap()),
            owed_by: Some("两委".parse().unwrap()),
            owed_to: Some(7),
            from: on,
            until: None,
            zone: "UTC".into(),
        },
        Happening::Concluded {
            on,
            outcome: Outcome::Held {
                present: 3,
                seats: 4,
            },
        },
        Happening::Concluded {
            on,
            outcome: Outcome::Declined,
        },
        Happening::Concluded {
            on,
            outcome: Outcome::NoAnswer,
        },
        Happening::Concluded {
            on,
            outcome: Outcome::Missed,
        },
        Happening::Attempted { on },
        Happening::Alerted { no_answers: 3 },
        Happening::Postponed {
            on,
            to: on,
            reason: "雨".parse().unwrap(),
        },
        Happening::Triggered {
            window: Window { on, until: on },
            cause: "illness".parse().unwrap(),
        },
        Happening::HeldExtra {
            present: 1,
            seats: 1,
        },
        Happening::Ended {
            reason: "雨".parse().unwrap(),
        },
    ];
    let lines = "
        01020300076d656574696e670871696e677368616e0108010403020001030106e4b8a4e5a7940107cac0020003555443
        01020301cac002000304
        01020301cac00201
        01020301cac00202
        01020301cac00203
        01020302cac002
        0102030303
        01020304cac002cac00203e99ba8
        01020305cac002cac00207696c6c6e657373
        010203060101
        0102030703e99ba8
    ";
    frozen(happenings, Happenings::Duties, lines);
}
