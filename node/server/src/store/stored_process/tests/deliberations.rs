//! What happens to topics.

use jiff::civil::date;
use node_domain::cases::Origin;
use node_domain::deliberations::*;
use node_domain::playbook::PlaybookId;
use node_domain::roll::{Line, Roll};
use node_domain::sha256::Sha256;
use node_domain::stored::Day;

use super::*;

fn rules() -> Rules {
    Rules {
        playbook: PlaybookId {
            code: "p".parse().unwrap(),
            revision: 1,
        },
        steps: Step::ALL.into(),
        is_triaged: true,
        parties: ["a".parse().unwrap()].into(),
        quorum: 1,
        presence: "more than 1/2".parse().ok(),
        drafter: "甲".parse().ok(),
        talk_parties: 3,
        notice_days: 7,
        vote: Some(VoteRule {
            turnout: "2/3".parse().unwrap(),
            yes: "all".parse().unwrap(),
            of: Base::Cast,
        }),
        announce_days: 15,
        supervisors: ["乙".parse().unwrap()].into(),
        order_rules: ["b".parse().unwrap()].into(),
        is_yearly: false,
    }
}

#[test]
fn bytes_are_frozen() {
    let on = Day(date(2026, 3, 5));
    let hash = Sha256([7; 32]);
    let word = || "字".parse().unwrap();
    let name = || "名".parse().unwrap();
    let code = || "c".parse().unwrap();
    let line = Line {
        entry: 3,
        unit: None,
        area_cm2: 0,
        resident: None,
    };
    let participant = |entry, seat| Participant { entry, seat };
    let happenings = vec![
        Happening::Proposed {
            kind: code(),
            rules: rules(),
            title: name(),
            source: Source::Calendar,
            grid: "003".parse().ok(),
            case: Some(9),
            supporters: 2,
            proposer: None,
            zone: "UTC".into(),
            year: 2026,
        },
        Happening::Triaged(Triage {
            grade: Grade::Deferrable,
            route: Route::Elsewhere(name()),
            reason: word(),
        }),
        Happening::StepEnded { step: Step::Vote },
        Happening::Talked {
            parties: vec![name()],
            ideas: 2,
        },
        Happening::Drafted {
            by: name(),
            text: word(),
            hash,
        },
        Happening::Posted { from: on },
        Happening::Commented {
            origin: Origin::Meeting,
            case: None,
        },
        Happening::Advised {
            expert: 4,
            discipline: code(),
            has_interest: true,
            text: word(),
        },
        Happening::AdviceAnswered {
            advice: 1,
            adopted: true,
            reason: word(),
        },
        Happening::Fixed { text: word(), hash },
        Happening::SentBack { reason: word() },
        Happening::Surveyed { survey: 5 },
        Happening::Convened {
            on,
            participants: vec![
                participant(1, Seat::Party(code())),
                participant(2, Seat::Stakeholder(word())),
                participant(3, Seat::Grid("003".parse().unwrap())),
                participant(4, Seat::Resident),
                participant(5, Seat::Expert),
            ],
        },
        Happening::Held(Held {
            present: vec![1, 2],
            chair: 1,
            parties_present: 1,
            is_quorate: true,
            votes: 1,
        }),
        Happening::Found { text: word() },
        Happening::TaskSet {
            to: name(),
            what: name(),
        },
        Happening::TaskReported {
            task: 1,
            result: word(),
            survey: Some(5),
        },
        Happening::BreachNoted { rule: code() },
        Happening::MotionLost {
            text: word(),
            yes: 1,
            no: 2,
            abstained: 3,
        },
        Happening::Decided {
            passed: true,
            text: None,
            yes: 3,
            no: 2,
            abstained: 1,
        },
        Happening::VoteOpened {
            hash,
            roll: Roll::freeze(vec![line], |_| hash).unwrap(),
            until: on,
        },
        Happening::VotersMarked {
            voters: vec![3],
            origin: Origin::Online,
        },
        Happening::BallotsCounted(Count {
            origin: Origin::Paper,
            yes: 1,
            no: 2,
            abstained: 3,
            invalid: 4,
            counters: [5, 6],
        }),
        Happening::FollowUpSet {
            owner: name(),
            what: word(),
            due: on,
        },
        Happening::FollowUpDone { follow_up: 1 },
        Happening::FollowUpChecked {
            follow_up: 1,
            by: Some(name()),
            passed: true,
            note: None,
            is_verified: true,
        },
        Happening::FollowUpFellDue { follow_up: 1 },
        Happening::Verified,
        Happening::Announced { channel: code() },
        Happening::AnnouncementFellDue,
        Happening::Withdrawn { reason: word() },
        Happening::Closed,
        Happening::YearTurned { year: 2026 },
        Happening::OrderFixed(Order {
            document: 7,
            version: 2,
            sha256: hash,
            rules: [code()].into(),
        }),
    ];
    let lines = "
        01020300016301700107000102030405060101016101010102010103e794b2030701020300010100010f0103e4b9990101620003e5908d0701030109020003555443d41f
        01020301030203e5908d03e5ad97
        0102030206
        010203030103e5908d02
        0102030403e5908d03e5ad970707070707070707070707070707070707070707070707070707070707070707
        01020305cac002
        010203060700
        010203070401630103e5ad97
        01020308010103e5ad97
        0102030903e5ad970707070707070707070707070707070707070707070707070707070707070707
        0102030a03e5ad97
        0102030b05
        0102030ccac0020501000163020103e5ad9703020304030504
        0102030d02010201010101
        0102030e03e5ad97
        0102030f03e5908d03e5908d
        010203100103e5ad970105
        010203110163
        0102031203e5ad97010203
        010203130100030201
        01020314070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070103000000cac002
        01020315010300
        0102031603010203040506
        0102031703e5908d03e5ad97cac002
        0102031801
        01020319010103e5908d010001
        0102031a01
        0102031b
        0102031c0163
        0102031d
        0102031e03e5ad97
        0102031f
        01020320d41f
        0102032107020707070707070707070707070707070707070707070707070707070707070707010163
    ";
    frozen(happenings, Happenings::Deliberations, lines);
}
