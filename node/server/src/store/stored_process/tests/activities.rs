//! What happens to programmes.

use jiff::civil::date;
use node_domain::activities::*;
use node_domain::actor::Pseudonym;
use node_domain::playbook::PlaybookId;
use node_domain::stored::Day;

use super::*;

#[test]
fn bytes_are_frozen() {
    let day = Day(date(2026, 3, 5));
    let word = || "字".parse().unwrap();
    let name = || "名".parse().unwrap();
    let code = || "c".parse().unwrap();
    let session = 1;
    let money = |income| Money {
        income,
        fen: 300,
        what: name(),
    };
    let happenings = vec![
        Happening::Opened {
            kind: code(),
            rules: Rules {
                playbook: PlaybookId {
                    code: "p".parse().unwrap(),
                    revision: 1,
                },
                small_every_days: 3,
                is_large_weekly: true,
                record_days: 7,
                publish_days: 15,
                themes: [code()].into(),
                crops: [code()].into(),
            },
            title: name(),
            team: Some(name()),
            grid: "003".parse().ok(),
            from: day,
            zone: "UTC".into(),
        },
        Happening::Announced {
            title: name(),
            size: Size::Large,
            theme: Some(code()),
            on: day,
            capacity: 20,
        },
        Happening::Postponed {
            session,
            to: day,
            reason: word(),
        },
        Happening::CalledOff {
            session,
            reason: word(),
        },
        Happening::SignedUp {
            session,
            who: Who::Resident(Pseudonym(4)),
        },
        Happening::SignUpCancelled {
            session,
            who: Who::Entry(5),
        },
        Happening::Held {
            session,
            attended: 30,
            came: vec![1, 2],
        },
        Happening::Lapsed { session },
        Happening::HoursLogged {
            session,
            volunteer: 7,
            minutes: 90,
            logged_by: 8,
        },
        Happening::HoursConfirmed {
            session,
            hours: 1,
            confirmed_by: 9,
            is_right: true,
        },
        Happening::Booked {
            session,
            money: money(Some(Income::Purchase)),
        },
        Happening::Booked {
            session,
            money: money(None),
        },
        Happening::AccountsPublished {
            session,
            channel: code(),
        },
        Happening::AccountsFellDue { session },
        Happening::Harvested {
            session,
            harvest: Harvest {
                crop: code(),
                grams: 4500,
                homes: 3,
            },
        },
        Happening::DayJudged { day, is_kept: true },
        Happening::WeekJudged {
            sunday: day,
            is_kept: false,
        },
        Happening::Ended { reason: word() },
    ];
    let lines = "
        0102030001630170010301070f01016301016303e5908d0103e5908d0103cac00203555443
        0102030103e5908d01010163cac00214
        0102030201cac00203e5ad97
        010203030103e5ad97
        01020304010004
        01020305010105
        01020306011e020102
        0102030701
        0102030801075a08
        0102030901010901
        0102030a010103d80403e5908d
        0102030a0100d80403e5908d
        0102030b010163
        0102030c01
        0102030d010163942303
        0102030ecac00201
        0102030fcac00200
        0102031003e5ad97
    ";
    frozen(happenings, Happenings::Activities, lines);
}
