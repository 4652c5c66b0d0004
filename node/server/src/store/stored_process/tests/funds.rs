//! What happens to funds.

use jiff::civil::date;
use node_domain::code::{Code, Name};
use node_domain::funds::{Answer, Form, Happening, Rules, Tier};
use node_domain::playbook::PlaybookId;
use node_domain::stored::Day;

use super::*;

#[test]
fn bytes_are_frozen() {
    let on = Day(date(2026, 3, 5));
    let code = |word: &str| -> Code { word.parse().unwrap() };
    let word = |word: &str| -> Name { word.parse().unwrap() };
    let rules = Rules {
        playbook: PlaybookId {
            code: code("tianning"),
            revision: 1,
        },
        form: Form::Scheme,
        incomes: vec![code("aa")],
        approvals: 2,
        is_countersigned: true,
        first_percent: 70,
        stages: vec![code("paid")],
        approved_stage: Some(code("paid")),
        paid_stage: None,
        fundings: vec![code("direct")],
    };
    let answered = |answer| Happening::Answered {
        expense: 1,
        by: 2,
        answer,
    };
    let happenings = vec![
        Happening::Opened {
            kind: code("facade"),
            rules: Box::new(rules),
            title: word("楼"),
            grid: Some("003".parse().unwrap()),
            tiers: vec![Tier {
                percent: 70,
                places: 3,
                agreed_by: Some(on),
            }],
            eligible: 300,
            recipient: Some(5),
            funding: Some(code("direct")),
            amount: 300,
        },
        Happening::Appointed {
            payer: 1,
            auditor: 2,
        },
        Happening::Planned {
            total: 101,
            shares: vec![(1, 51), (2, 50)],
        },
        Happening::Agreed {
            owner: 1,
            agrees: true,
        },
        Happening::Started,
        Happening::SharePaid { owner: 1, fen: 51 },
        Happening::Received {
            from: code("aa"),
            fen: 300,
        },
        Happening::Requested {
            fen: 60,
            purpose: word("料"),
            by: 3,
        },
        answered(Answer::Approved),
        answered(Answer::Countersigned),
        answered(Answer::Paid),
        answered(Answer::Rejected {
            reason: word("贵")
        }),
        Happening::Published {
            expenses: vec![1, 2],
        },
        Happening::Applied {
            building: code("b-1"),
            agreed_on: on,
            applied_on: on,
            tier: 1,
            percent: 70,
            total: 1_000_000,
        },
        Happening::Pledged {
            building: code("b-1"),
            fen: 300,
        },
        Happening::BuildingStarted {
            building: code("b-1"),
        },
        Happening::BuildingDone {
            building: code("b-1"),
        },
        Happening::SubsidyPaid {
            building: code("b-1"),
            fen: 300,
        },
        Happening::GrantApproved { by: 8 },
        Happening::Moved { to: code("paid") },
        Happening::Closed {
            reason: word("完")
        },
    ];
    let lines = "
        0102030006666163616465087469616e6e696e6701010102616102014601047061696401047061696400010664697265637403e6a5bc010301460301cac002ac0201050106646972656374d804
        010203010102
        01020302ca010201660264
        010203030101
        01020304
        010203050166
        01020306026161d804
        010203077803e6969903
        01020308010200
        01020308010201
        01020308010202
        0102030801020303e8b4b5
        01020309020102
        0102030a03622d31cac002cac002014680897a
        0102030b03622d31d804
        0102030c03622d31
        0102030d03622d31
        0102030e03622d31d804
        0102030f08
        010203100470616964
        0102031103e5ae8c
    ";
    frozen(happenings, Happenings::Funds, lines);
}
