//! Stored rollouts: frozen bytes and round trips.

use hub_domain::{
    event::{Asked, Event},
    rollout::{Cause, Event as Rolled, Halt, Taking, Terms, Tried, Wave},
};
use jiff::{SignedDuration, Timestamp};
use proto::{
    indicator::catalogue::{Catalogue, Item},
    sync::{downlink::Refused, trial::Trial},
};
use sha2::{Digest as _, Sha256};

use super::{decode, encode};

/// One record of every kind.
fn samples() -> Vec<Rolled> {
    let asked = || Asked {
        by: "operator/li".parse().unwrap(),
        request: "r-9".parse().unwrap(),
    };
    let at = Timestamp::UNIX_EPOCH;
    let first = include_str!("../../../../../deploy/catalogue/first.toml");
    let items: Vec<Item> = Catalogue::from_toml(first).unwrap().items().collect();
    let node = "510115001001".parse().unwrap();
    let number = 3;
    let terms = Terms {
        hold: SignedDuration::from_secs(60),
        trial: vec![node],
    };
    let trial = Trial {
        rollout: 3,
        facts: 12,
        took_ms: 5,
        counts: Vec::new(),
        unrecorded: vec!["duty.alerted".into()],
    };
    let refused = Tried::Refused {
        reason: "KIND_UNSUPPORTED".into(),
        detail: "item kind 5".into(),
    };
    let halt = |cause| Halt {
        cause,
        details: vec!["d".into()],
    };
    vec![
        Rolled::Drafted {
            asked: asked(),
            number,
            items: items[2..3].into(),
            unchanged: 1,
            terms,
            at,
        },
        Rolled::Tried {
            number,
            node,
            tried: Tried::Counted(trial),
            at,
        },
        Rolled::Tried {
            number,
            node,
            tried: refused,
            at,
        },
        Rolled::Approved {
            asked: asked(),
            number,
            at,
        },
        Rolled::Widened {
            number,
            wave: Wave::TenPercent,
            through: 1 << 60,
            at,
        },
        Rolled::Halted {
            number,
            halt: halt(Cause::Refusals { refused: 2, of: 9 }),
            at,
        },
        Rolled::Halted {
            number,
            halt: halt(Cause::Contradicts),
            at,
        },
        Rolled::Settled { number, at },
        Rolled::Retired {
            asked: asked(),
            items: vec![items[5].id()].into(),
            at,
        },
    ]
}

fn taking() -> Taking {
    Taking {
        node: "510115001001".parse().unwrap(),
        seq: 12,
        relisted: true,
        refused: vec![Refused {
            seq: 11,
            item_id: "indicator/QS.X01@1".into(),
            reason: "POPULATION_UNKNOWN".into(),
            detail: "nobody said".into(),
        }],
    }
}

#[test]
fn rollouts_survive_the_journal_and_their_bytes_are_frozen() {
    let mut hash = Sha256::new();
    for rolled in samples() {
        let record = encode(&Event::Rollout(rolled.clone()), None);
        hash.update(&record);
        match decode(&record) {
            Ok(Event::Rollout(read)) => assert_eq!(read, rolled),
            other => panic!("{other:?}"),
        }
    }
    let hex: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "87407a19c9bf97078b90afffb73da217c5ec211713f61482c8b07524aa943b5c"
    );
    let settled = encode(&Event::Rollout(samples()[7].clone()), None);
    assert_eq!(settled, [1, 0xf2, 1, 6, 0x32, 4, 8, 3, 0x12, 0]);

    let record = encode(&Event::Took(taking()), None);
    match decode(&record) {
        Ok(Event::Took(read)) => assert_eq!(read, taking()),
        other => panic!("{other:?}"),
    }
}
