//! What happens to entries of registers.

use jiff::civil::date;
use node_domain::actor::Pseudonym;
use node_domain::code::Code;
use node_domain::playbook::PlaybookId;
use node_domain::registers::{
    Condition, Form, Happening, Pair, Personal, PlotChange, Post, Registered, Rules, Stage, Term,
    WantedResult,
};
use node_domain::sealed::Sealed;
use node_domain::stored::Day;

use super::*;

#[test]
fn bytes_are_frozen() {
    let on = Day(date(2026, 3, 5));
    let term = Term {
        from: on,
        until: None,
    };
    let rules = Rules {
        playbook: PlaybookId {
            code: "baibuting".parse().unwrap(),
            revision: 1,
        },
        form: Form::Pair,
        groups: vec!["disabled".parse().unwrap()],
        stages: vec![Stage {
            code: "active".parse().unwrap(),
            after: vec!["paused".parse().unwrap()],
            counts: true,
            ends: false,
        }],
        roles: vec![Post {
            role: "lead".parse().unwrap(),
            needed: 1,
            most: 2,
        }],
        is_exclusive: true,
        levels: 5,
        longest_term_days: 300,
        needs_consent: false,
        again_days: 30,
        is_lottery: true,
        warn_days: 14,
    };
    let personal = Some(Personal {
        subject: Pseudonym(9),
        sealed: Sealed([0xab, 0xcd].into()),
    });
    let (role, reason) = ("lead".parse().unwrap(), "moved".parse().unwrap());
    let happenings = vec![
        Happening::Registered(Box::new(Registered {
            register: "pairs".parse().unwrap(),
            rules,
            title: None,
            group: Some("disabled".parse().unwrap()),
            grid: Some("003".parse().unwrap()),
            area: Some("b-1".parse().unwrap()),
            unit: 9_050,
            parent: Some(4),
            level: 2,
            term,
            consented_on: Some(on),
            personal: personal.clone(),
            resident: Some(Pseudonym(9)),
            pair: Some(Pair {
                person: 5,
                helpers: vec![6, 7],
                accepted: vec![],
                again: Some((30, true)),
            }),
            zone: "UTC".into(),
        })),
        Happening::Amended {
            title: Some("园".parse().unwrap()),
            group: None,
            grid: None,
            area: None,
            unit: Some(1),
            personal,
            resident: None,
        },
        Happening::Renewed { term },
        Happening::Joined { on },
        Happening::Left {
            on,
            reason: Code::clone(&reason),
        },
        Happening::Moved {
            to: "active".parse().unwrap(),
            reason: Some("好".parse().unwrap()),
        },
        Happening::Accepted { party: 6 },
        Happening::RoleGranted {
            role: Code::clone(&role),
            holder: Some(3),
            term,
        },
        Happening::RoleBegan {
            role: Code::clone(&role),
            holder: None,
            on,
        },
        Happening::RoleEnded {
            role,
            holder: Some(3),
            on,
            reason: Code::clone(&reason),
        },
        Happening::PlotsAdded {
            count: 70,
            is_school: true,
        },
        Happening::PlotsOpened,
        Happening::PlotAsked {
            by: 300,
            is_school: false,
        },
        Happening::PlotWithdrawn { by: 300 },
        Happening::Drawn { seed: 300 },
        Happening::PlotClaimed { plot: 1, by: 300 },
        Happening::PlotChanged {
            plot: 1,
            change: PlotChange::Cultivated,
        },
        Happening::PlotChanged {
            plot: 1,
            change: PlotChange::Warned,
        },
        Happening::PlotChanged {
            plot: 1,
            change: PlotChange::Released { reason },
        },
        Happening::Bound {
            conditions: vec![Condition {
                stage: "retained".parse().unwrap(),
                least_days: 183,
                wants_reason: true,
                wants_group: false,
                wants_roles: false,
                first: "laid-off".parse().ok(),
                result: Some(WantedResult {
                    kind: "c".parse().unwrap(),
                    points: 60,
                }),
            }],
        },
    ];
    let lines = "
        0102030005706169727309626169627574696e670104010864697361626c656401066163746976650106706175736564010001046c65616401020105ac02001e010e00010864697361626c656401030103622d31da46010402cac0020001cac002010902abcd0109010502060700011e0103555443
        010203010103e59bad0000000101010902abcd00
        01020302cac00200
        01020303cac002
        01020304cac002056d6f766564
        01020305066163746976650103e5a5bd
        0102030606
        01020307046c6561640103cac00200
        01020308046c65616400cac002
        01020309046c6561640103cac002056d6f766564
        0102030a4601
        0102030b
        0102030cac0200
        0102030dac02
        0102030eac02
        0102030f01ac02
        010203100100
        010203100101
        010203100102056d6f766564
        01020311010872657461696e6564b70101000001086c6169642d6f66660101633c
    ";
    frozen(happenings, Happenings::Registers, lines);
}
