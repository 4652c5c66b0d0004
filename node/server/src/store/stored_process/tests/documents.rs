//! What happens to documents.

use jiff::civil::date;
use node_domain::documents::{Adoption, Clause, Grounds, Happening, Rules, Text};
use node_domain::playbook::PlaybookId;
use node_domain::sha256::Sha256;
use node_domain::stored::Day;

use super::*;

fn text() -> Text {
    let clause = Clause {
        code: "cleaning".parse().unwrap(),
        words: "轮流".parse().unwrap(),
    };
    Text::of(vec![clause], |_| Sha256([7; 32])).unwrap()
}

fn opened(adoption: Adoption) -> Happening {
    Happening::Opened {
        kind: "covenant".parse().unwrap(),
        rules: Rules {
            playbook: PlaybookId {
                code: "tianning".parse().unwrap(),
                revision: 1,
            },
            clauses: ["cleaning".parse().unwrap()].into(),
            consult_days: 7,
            adoption,
        },
        title: "约".parse().unwrap(),
        grid: None,
        text: text(),
        zone: "UTC".into(),
    }
}

#[test]
fn bytes_are_frozen() {
    let on = Day(date(2026, 3, 5));
    let reason = || "雨".parse().unwrap();
    let decision = Grounds::Decision {
        by: "会".parse().unwrap(),
        document: Sha256([7; 32]),
    };
    let happenings = vec![
        opened(Adoption::Vote),
        opened(Adoption::Decision),
        opened(Adoption::Publication),
        Happening::Drafted {
            number: 2,
            text: text(),
            reason: reason(),
        },
        Happening::Posted {
            place: "栏".parse().unwrap(),
            until: on,
        },
        Happening::Consulted { comments: 12 },
        Happening::Adopted {
            grounds: Grounds::Consent(7),
        },
        Happening::Adopted { grounds: decision },
        Happening::PutInForce { from: on },
        Happening::Dropped { reason: reason() },
        Happening::Repealed {
            on,
            grounds: Grounds::Publication,
            reason: reason(),
        },
    ];
    frozen(happenings, Happenings::Documents, LINES);
}

const LINES: &str = "
    0102030008636f76656e616e74087469616e6e696e67010108636c65616e696e67070003e7baa60007070707070707070707070707070707070707070707070707070707070707070108636c65616e696e6706e8bdaee6b58103555443
    0102030008636f76656e616e74087469616e6e696e67010108636c65616e696e67070103e7baa60007070707070707070707070707070707070707070707070707070707070707070108636c65616e696e6706e8bdaee6b58103555443
    0102030008636f76656e616e74087469616e6e696e67010108636c65616e696e67070203e7baa60007070707070707070707070707070707070707070707070707070707070707070108636c65616e696e6706e8bdaee6b58103555443
    010203010207070707070707070707070707070707070707070707070707070707070707070108636c65616e696e6706e8bdaee6b58103e99ba8
    0102030203e6a08fcac002
    010203030c
    010203040007
    010203040103e4bc9a0707070707070707070707070707070707070707070707070707070707070707
    01020305cac002
    0102030603e99ba8
    01020307cac0020203e99ba8
";
