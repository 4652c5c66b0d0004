//! What goes up the line, byte by byte: no word of a resident is in it.

use prost::Message as _;
use proto::pb::sync as pb;
use proto::sync::uplink::{Batch, Up};
use proto_child::uplink::action::{Attach, Scan};

use super::protection::{LAST, busy};
use super::*;

/// Of everything that the line asks for: batches, and the listing of a bucket.
#[test]
fn no_word_of_a_resident_is_in_what_goes_up() {
    let town = busy();
    let records = (0..1_000).map(|n| imported(&format!("canary-{n}"), LAST));
    let command = Command::Import {
        now: at(LAST),
        records: records.collect(),
    };
    assert!(matches!(town.ask(command), Answer::Imported(_)));
    let (mut sent, mut after) = (Vec::new(), 0);
    loop {
        let scan = Scan {
            after,
            cells: 500,
            retry: Vec::new(),
            attach: Attach::Bucket(7),
        };
        let command = Command::Scan {
            now: at(LAST),
            scan,
        };
        let Answer::Scanned(scanned, _) = town.ask(command) else {
            unreachable!()
        };
        let (reached, listed) = (scanned.through == scanned.head, scanned.attached);
        let batch = Batch {
            from: after,
            through: scanned.through,
            cells: scanned.cells,
            withheld: Vec::new(),
            checkpoint: None,
            complete_until: scanned.complete_until,
            coverage: None,
            journal_head: None,
        };
        let message = pb::UplinkRequest::try_from(&Up::Batch(batch)).unwrap();
        sent.extend(message.encode_to_vec());
        sent.extend(format!("{listed:?}").into_bytes());
        after = scanned.through;
        if reached {
            break;
        }
    }
    assert!(sent.len() > 500, "{} bytes", sent.len());
    let holds = |bytes: &[u8], word: &str| {
        let word = word.as_bytes();
        bytes.windows(word.len()).any(|window| window == word)
    };
    for word in ["canary", "lives here", "wx-", "路灯", "灯泡", "线路"] {
        assert!(!holds(&sent, word), "{word}");
    }
    sent.extend(b"canary-7 lives here");
    assert!(holds(&sent, "lives here"), "the search finds what is there");
}
