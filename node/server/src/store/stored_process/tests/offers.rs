//! What happens to offers.

use jiff::civil::date;
use node_domain::offers::{Certificate, Happening};
use node_domain::stored::Day;
use proto::support::{Form, Offer, OfferKey, OfferKind};

use super::*;

fn offer(kind: OfferKind) -> Box<Offer> {
    let at = Timestamp::from_microsecond(2).unwrap();
    let is_grant = kind == OfferKind::Grant;
    Box::new(Offer {
        key: OfferKey(7),
        centre: "care".parse().unwrap(),
        kind,
        title: "题".parse().unwrap(),
        text: "文".parse().unwrap(),
        published_at: at,
        until: Some(date(2026, 3, 5)),
        places: 3,
        form: is_grant.then_some(Form::Venture),
        fen: if is_grant { 500 } else { 0 },
        closed_at: is_grant.then_some(at),
    })
}

#[test]
fn bytes_are_frozen() {
    let happenings = vec![
        Happening::Published {
            offer: offer(OfferKind::Course),
            zone: "UTC".into(),
        },
        Happening::Changed {
            offer: offer(OfferKind::Grant),
        },
        Happening::Enrolled { entry: 9 },
        Happening::Left { entry: 9 },
        Happening::Completed {
            entry: 9,
            on: Day(date(2026, 3, 5)),
            is_council: true,
            is_first: false,
        },
        Happening::Applied { fund: 4 },
        Happening::Attended {
            entry: 9,
            on: Day(date(2026, 3, 5)),
        },
        Happening::Certified {
            entry: 9,
            certificate: Certificate {
                from: Day(date(2026, 3, 5)),
                until: Some(Day(date(2026, 3, 5))),
            },
        },
    ];
    frozen(happenings, Happenings::Offers, LINES);
}

const LINES: &str = "
    010203000704636172650003e9a29803e6968704010a323032362d30332d30350300000003555443
    010203010704636172650103e9a29803e6968704010a323032362d30332d3035030103f4030104
    0102030209
    0102030309
    0102030409cac0020100
    0102030504
    0102030609cac002
    0102030709cac00201cac002
";
