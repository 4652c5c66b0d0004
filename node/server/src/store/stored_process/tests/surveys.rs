//! What happens to surveys.

use jiff::civil::date;
use node_domain::actor::Pseudonym;
use node_domain::cases::Origin;
use node_domain::playbook::PlaybookId;
use node_domain::roll::{Line, Roll};
use node_domain::sha256::Sha256;
use node_domain::stored::Day;
use node_domain::surveys::*;

use super::*;

#[test]
fn bytes_are_frozen() {
    let day = Day(date(2026, 3, 5));
    let word = || "字".parse().unwrap();
    let name = || "名".parse().unwrap();
    let code = || "c".parse().unwrap();
    let choice = |department: Option<&str>| Choice {
        text: name(),
        department: department.map(|name| name.parse().unwrap()),
    };
    let question = |form| Question { text: word(), form };
    let line = Line {
        entry: 3,
        unit: None,
        area_cm2: 0,
        resident: Some(Pseudonym(4)),
    };
    let sheet = || Sheet {
        household: 3,
        marks: vec![
            Mark::Nothing,
            Mark::One(1),
            Mark::Several(3),
            Mark::Number(300),
        ],
    };
    let happenings = vec![
        Happening::Opened {
            kind: code(),
            rules: Rules {
                playbook: PlaybookId {
                    code: "p".parse().unwrap(),
                    revision: 1,
                },
                runner: Some(name()),
                visits: 3,
                record_days: 5,
                has_scheme: true,
                reply_days: 15,
            },
            title: name(),
            questions: vec![
                question(Form::One(vec![choice(None), choice(Some("科"))])),
                question(Form::Several(vec![choice(None)], 1)),
                question(Form::Number(9)),
            ],
            topic: Some(7),
            zone: "UTC".into(),
        },
        Happening::Started {
            roll: Roll::freeze(vec![line], |_| Sha256([7; 32])).unwrap(),
            until: day,
        },
        Happening::Answered {
            origin: Origin::Paper,
            sheets: vec![sheet()],
        },
        Happening::Corrected {
            sheet: sheet(),
            reason: word(),
        },
        Happening::Visited {
            household: 3,
            visit: Visit::Declined,
        },
        Happening::Closed,
        Happening::Summarised { text: word() },
        Happening::SchemeMade { text: word() },
        Happening::Compiled {
            issues: vec![(
                name(),
                vec![Issue {
                    question: 1,
                    choice: 2,
                    households: 300,
                }],
            )],
        },
        Happening::Sent {
            department: name(),
            due: day,
        },
        Happening::Replied {
            department: name(),
            text: word(),
        },
        Happening::ReplyFellDue { department: name() },
        Happening::Tracked {
            department: name(),
            is_settled: true,
            note: word(),
        },
        Happening::Withdrawn { reason: word() },
    ];
    let lines = "
        0102030001630170010103e5908d0305010f03e5908d0303e5ad97000203e5908d0003e5908d0103e7a79103e5ad97010103e5908d000103e5ad970209010703555443
        010203010707070707070707070707070707070707070707070707070707070707070707010300000104cac002
        0102030203010304000101020303ac02
        010203030304000101020303ac0203e5ad97
        010203040301
        01020305
        0102030603e5ad97
        0102030703e5ad97
        010203080103e5908d010102ac02
        0102030903e5908dcac002
        0102030a03e5908d03e5ad97
        0102030b03e5908d
        0102030c03e5908d0103e5ad97
        0102030d03e5ad97
    ";
    frozen(happenings, Happenings::Surveys, lines);
}
