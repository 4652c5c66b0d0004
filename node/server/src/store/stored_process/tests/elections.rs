//! What happens in elections.

use jiff::civil::date;
use node_domain::elections::{Ending, Happening, Invalid, Outcome, Route, Rules, Tally, Tie};
use node_domain::playbook::PlaybookId;
use node_domain::roll::{Channel, Line, Roll};
use node_domain::sha256::Sha256;
use node_domain::stored::Day;

use super::*;

fn rules(tie: Tie) -> Rules {
    Rules {
        playbook: PlaybookId {
            code: "qinghe".parse().unwrap(),
            revision: 1,
        },
        body: "council".parse().unwrap(),
        seats: Some(23),
        surplus: 1,
        criteria: ["overview".parse().unwrap()].into(),
        gathers_views: true,
        notice_days: 7,
        quorum: "1/2".parse().ok(),
        majority: None,
        tie,
        counters: 2,
        smallest_box: 10,
        objection_days: 7,
        term_months: 36,
        excludes: Box::default(),
    }
}

fn opened(tie: Tie) -> Happening {
    Happening::Opened {
        kind: "council".parse().unwrap(),
        rules: rules(tie),
        title: "选".parse().unwrap(),
        grid: None,
        seats: 23,
        committee: [901, 902].into(),
        charter: Some(5),
        zone: "UTC".into(),
    }
}

fn announced(ending: Ending) -> Happening {
    Happening::Announced {
        outcome: Outcome {
            ending,
            votes: [(101, 9), (102, 7)].into(),
            elected: [(101, 9)].into(),
            heads: 20,
            voters: 16,
            ballots: 15,
            invalid: 1,
        },
        signers: [901, 902].into(),
        document: Sha256([7; 32]),
        until: Day(date(2026, 3, 5)),
    }
}

#[test]
fn bytes_are_frozen() {
    let on = Day(date(2026, 3, 5));
    let hash = Sha256([7; 32]);
    let line = Line {
        entry: 300,
        unit: None,
        area_cm2: 0,
        resident: None,
    };
    let reason = || "雨".parse().unwrap();
    let nominated = |route| Happening::Nominated { entry: 101, route };
    let happenings = vec![
        opened(Tie::Lot),
        opened(Tie::Vacant),
        Happening::ViewsGathered {
            people: 40,
            document: hash,
        },
        nominated(Route::Committee),
        nominated(Route::Others),
        nominated(Route::Own),
        Happening::Reviewed {
            entry: 101,
            is_accepted: false,
            reason: Some(reason()),
        },
        Happening::StoodDown { entry: 101 },
        Happening::CandidatesPublished {
            place: "栏".parse().unwrap(),
            until: on,
        },
        Happening::RollFrozen {
            roll: Roll::freeze(vec![line], |_| hash).unwrap(),
        },
        Happening::VotingOpened {
            boxes: [("a".parse().unwrap(), Channel::Counter)].into(),
            closes_at: Timestamp::from_microsecond(2).unwrap(),
        },
        Happening::Marked {
            entry: 300,
            ballot_box: 0,
        },
        Happening::Unmarked {
            entry: 300,
            reason: reason(),
        },
        Happening::VotingClosed,
        Happening::Mixed { from: 1, into: 0 },
        Happening::Counted {
            ballot_box: 0,
            tally: Tally {
                votes: [(101, 9), (102, 7)].into(),
                valid: 14,
                invalid: Invalid {
                    blank: 1,
                    too_many: 2,
                    unclear: 3,
                },
            },
            counters: [901, 902].into(),
            document: hash,
        },
        Happening::Voided {
            ballot_box: 0,
            reason: reason(),
        },
        announced(Ending::Elected),
        announced(Ending::PartlyElected),
        announced(Ending::NobodyElected),
        announced(Ending::UnderTurnout),
        Happening::Objected { document: hash },
        Happening::Ruled {
            objection: 0,
            is_upheld: true,
            reason: reason(),
        },
        Happening::Declined { entry: 101 },
        Happening::Seated {
            from: on,
            until: on,
        },
        Happening::Vacated {
            entry: 101,
            on,
            reason: reason(),
        },
        Happening::Cancelled { reason: reason() },
        Happening::TermEnded,
    ];
    frozen(happenings, Happenings::Elections, LINES);
}

const LINES: &str = "
    0102030007636f756e63696c0671696e6768650107636f756e63696c01170101086f766572766965770107010102000000020a07240003e9808900170285078607010503555443
    0102030007636f756e63696c0671696e6768650107636f756e63696c01170101086f766572766965770107010102000001020a07240003e9808900170285078607010503555443
    01020301280707070707070707070707070707070707070707070707070707070707070707
    010203026500
    010203026501
    010203026502
    0102030365000103e99ba8
    0102030465
    0102030503e6a08fcac002
    01020306070707070707070707070707070707070707070707070707070707070707070701ac02000000
    010203070101610104
    01020308ac0200
    01020309ac0203e99ba8
    0102030a
    0102030b0100
    0102030c0002650966070e01020302850786070707070707070707070707070707070707070707070707070707070707070707
    0102030d0003e99ba8
    0102030e00026509660701650914100f0102850786070707070707070707070707070707070707070707070707070707070707070707cac002
    0102030e01026509660701650914100f0102850786070707070707070707070707070707070707070707070707070707070707070707cac002
    0102030e02026509660701650914100f0102850786070707070707070707070707070707070707070707070707070707070707070707cac002
    0102030e03026509660701650914100f0102850786070707070707070707070707070707070707070707070707070707070707070707cac002
    0102030f0707070707070707070707070707070707070707070707070707070707070707
    01020310000103e99ba8
    0102031165
    01020312cac002cac002
    0102031365cac00203e99ba8
    0102031403e99ba8
    01020315
";
