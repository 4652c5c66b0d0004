//! What happens to support requests.

use jiff::civil::date;
use node_domain::stored::Day;
use node_domain::support::{Happening, Rating};
use proto::support::{Asked, Attachment, RequestKey};

use super::*;

fn at() -> Timestamp {
    Timestamp::from_microsecond(2).unwrap()
}

fn asked(is_whole: bool) -> Happening {
    let asked = Asked {
        request: RequestKey(7),
        centre: is_whole.then(|| "care".parse().unwrap()),
        text: "求".parse().unwrap(),
        attachment: is_whole.then(|| Attachment {
            centre: "care".parse().unwrap(),
            ciphertext: [1, 2].into(),
        }),
        asked_at: at(),
        accept_by: at(),
        wanted_by: is_whole.then(|| date(2026, 3, 5)),
    };
    Happening::Asked {
        asked: Box::new(asked),
        zone: "UTC".into(),
    }
}

#[test]
fn bytes_are_frozen() {
    let (key, centre) = (RequestKey(7), || "care".parse().unwrap());
    let words = || Some("满".parse().unwrap());
    let happenings = vec![
        asked(true),
        asked(false),
        Happening::Withdrawn { key },
        Happening::Rated {
            key,
            rating: Rating {
                stars: 5,
                comment: words(),
                is_shared: true,
            },
        },
        Happening::Routed {
            centre: centre(),
            at: at(),
        },
        Happening::Accepted {
            centre: centre(),
            at: at(),
            deliver_by: Some(Day(date(2026, 3, 5))),
        },
        Happening::Declined {
            centre: centre(),
            at: at(),
            words: words(),
        },
        Happening::Begun { at: at() },
        Happening::Done {
            at: at(),
            words: None,
        },
        Happening::AnswerLate,
        Happening::DeliveryLate,
    ];
    frozen(happenings, Happenings::Support, LINES);
}

const LINES: &str = "
    010203000701046361726503e6b1820104636172650201020404010a323032362d30332d303503555443
    01020300070003e6b1820004040003555443
    0102030107
    0102030207050103e6bba101
    01020303046361726504
    0102030404636172650401cac002
    010203050463617265040103e6bba1
    0102030604
    010203070400
    01020308
    01020309
";
