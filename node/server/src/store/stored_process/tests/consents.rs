//! What happens to consents.

use jiff::civil::date;
use node_domain::consents::{Base, Course, Given, Happening, Of, Rules, Says, Threshold, When};
use node_domain::playbook::PlaybookId;
use node_domain::roll::{Channel, Line, Roll};
use node_domain::sha256::Sha256;
use node_domain::stored::Day;

use super::*;

fn rules() -> Rules {
    let threshold = |when, of, base| Threshold {
        when,
        of,
        base,
        quorum_heads: "2/3".parse().ok(),
        quorum_area: None,
        heads: "all".parse().ok(),
        area: "more than 1/2".parse().ok(),
    };
    Rules {
        playbook: PlaybookId {
            code: "tianning".parse().unwrap(),
            revision: 1,
        },
        profile: "p".parse().ok(),
        course: Course::Works,
        thresholds: [
            threshold(When::Always, Of::Unit, Base::Roll),
            threshold(When::CommonArea, Of::Estate, Base::Participants),
            threshold(When::Special, Of::Estate, Base::Roll),
            threshold(When::Ordinary, Of::Estate, Base::Roll),
        ]
        .into(),
        is_written: true,
        needs_text: false,
        collect_days: 365,
        recollect_days: 30,
        notice_days: 7,
        proxy_principals: 1,
    }
}

#[test]
fn bytes_are_frozen() {
    let on = Day(date(2026, 3, 5));
    let hash = Sha256([7; 32]);
    let line = Line {
        entry: 300,
        unit: "3-1".parse().ok(),
        area_cm2: 1_000_000,
        resident: Some(node_domain::actor::Pseudonym(4)),
    };
    let given = |says, channel| Given {
        says,
        channel,
        proxy: Some(9),
        signed_on: on,
    };
    let answered = |given| Happening::Answered {
        entry: 300,
        given,
        document: Some(hash),
        proxy_document: None,
    };
    let (kind, title) = ("lift".parse().unwrap(), "梯".parse().unwrap());
    let happenings = vec![
        Happening::Opened {
            kind,
            rules: rules(),
            title,
            grid: "003".parse().ok(),
            unit: "3-1".parse().ok(),
            takes_common_area: true,
            is_special: false,
            text: Some(hash),
            zone: "UTC".into(),
        },
        Happening::Granted {
            kind: "legal-errand".parse().unwrap(),
            rules: Rules {
                profile: None,
                course: Course::Mandate,
                thresholds: Box::default(),
                ..rules()
            },
            title: "梯".parse().unwrap(),
            grid: None,
            mandatary: "组".parse().unwrap(),
            principal: Some(7),
            document: None,
            until: Some(on),
            zone: "UTC".into(),
        },
        Happening::RollFrozen {
            roll: Roll::freeze(vec![line], |_| hash).unwrap(),
            on,
            until: on,
        },
        answered(given(Says::Yes, Channel::Online)),
        answered(given(Says::No, Channel::Counter)),
        answered(given(Says::Abstains, Channel::Phone)),
        answered(given(Says::Yes, Channel::Paper)),
        answered(given(Says::Yes, Channel::DoorKnock)),
        answered(given(Says::Yes, Channel::Meeting)),
        Happening::Withdrawn {
            entry: 300,
            channel: Channel::Paper,
            document: None,
        },
        Happening::Met { on },
        Happening::Undone { until: on },
        Happening::Lapsed,
        Happening::Carried,
        Happening::Rejected,
        Happening::Publicised {
            place: "门".parse().unwrap(),
            until: on,
        },
        Happening::Approved {
            by: "局".parse().unwrap(),
            document: hash,
        },
        Happening::WorksStarted,
        Happening::Inspected {
            by: "院".parse().unwrap(),
            document: hash,
            has_passed: true,
        },
        Happening::PutInUse,
        Happening::CovenantAttached { document: 3 },
        Happening::ActingBegun,
        Happening::ActingFinished,
        Happening::Revoked { document: None },
        Happening::Expired,
        Happening::Ended {
            reason: "雨".parse().unwrap(),
        },
    ];
    frozen(happenings, Happenings::Consents, LINES);
}

const LINES: &str = "
    01020300046c696674087469616e6e696e67010101700004000000010203000001010100010102010101010102030000010101000101020102010001020300000101010001010201030100010203000001010100010102010100ed021e070103e6a2af01030103332d31010001070707070707070707070707070707070707070707070707070707070707070703555443
    010203010c6c6567616c2d657272616e64087469616e6e696e67010002000100ed021e070103e6a2af0003e7bb8401070001cac00203555443
    01020302070707070707070707070707070707070707070707070707070707070707070701ac020103332d31c0843d0104cac002cac002
    01020303ac0200000109cac00201070707070707070707070707070707070707070707070707070707070707070700
    01020303ac0201010109cac00201070707070707070707070707070707070707070707070707070707070707070700
    01020303ac0202020109cac00201070707070707070707070707070707070707070707070707070707070707070700
    01020303ac0200030109cac00201070707070707070707070707070707070707070707070707070707070707070700
    01020303ac0200040109cac00201070707070707070707070707070707070707070707070707070707070707070700
    01020303ac0200050109cac00201070707070707070707070707070707070707070707070707070707070707070700
    01020304ac020300
    01020305cac002
    01020306cac002
    01020307
    01020308
    01020309
    0102030a03e997a8cac002
    0102030b03e5b1800707070707070707070707070707070707070707070707070707070707070707
    0102030c
    0102030d03e999a2070707070707070707070707070707070707070707070707070707070707070701
    0102030e
    0102030f03
    01020310
    01020311
    0102031200
    01020313
    0102031403e99ba8
";
