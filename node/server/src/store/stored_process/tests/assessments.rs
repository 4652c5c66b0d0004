//! What happens to assessments.

use jiff::civil::date;
use node_domain::assessments::{Average, Form, Happening, Listing, Outcome, Part, Rules, Span};
use node_domain::code::{Code, Name};
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
            code: code("baibuting"),
            revision: 1,
        },
        form: Form::Score,
        span: Span::Quarter,
        parts: vec![Part {
            code: code("residents"),
            weight: 40,
        }],
        most_points: 100,
        red_from: 85,
        black_below: 60,
        notice_days: 7,
        publish_days: 15,
    };
    let finalised = |outcome| Happening::Finalised { outcome };
    let average = Average {
        points: 25_500,
        of: 300,
    };
    let scored = |listing| finalised(Outcome::Scored { average, listing });
    let happenings = vec![
        Happening::Opened {
            kind: code("q"),
            rules,
            subject: 40,
            grid: Some("003".parse().unwrap()),
            year: 2026,
            number: 1,
        },
        Happening::Appointed {
            part: code("residents"),
            by: 7,
        },
        Happening::Scored { by: 7, points: 85 },
        Happening::Counted {
            satisfied: 800,
            valid: 1_000,
        },
        Happening::Judged {
            by: 7,
            unsuitable: Some(code("no-room")),
        },
        Happening::Noticed { on },
        Happening::Replied { text: word("好") },
        scored(Listing::Red),
        scored(Listing::Neither),
        scored(Listing::Black),
        finalised(Outcome::Surveyed {
            satisfied: 800,
            valid: 1_000,
        }),
        finalised(Outcome::Suitable),
        finalised(Outcome::Unsuitable {
            reason: code("no-room"),
        }),
        Happening::Published { on },
        Happening::Corrected {
            reason: word("错")
        },
    ];
    let lines = "
        01020300017109626169627574696e6701000001097265736964656e74732864553c070f280103d41f01
        01020301097265736964656e747307
        010203020755
        01020303a006e807
        010203040701076e6f2d726f6f6d
        01020305cac002
        0102030603e5a5bd
        01020307009cc701ac0200
        01020307009cc701ac0201
        01020307009cc701ac0202
        0102030701a006e807
        0102030702
        0102030703076e6f2d726f6f6d
        01020308cac002
        0102030903e99499
    ";
    frozen(happenings, Happenings::Assessments, lines);
}
