//! Stored events: frozen bytes, round trips, refusal of what is newer or broken.

use hub_domain::{event::Founded, sync::batch::Accepted};
use proto::identity::LogId;

use super::*;

fn founded() -> Event {
    Event::Founded(Founded {
        district: "wenjiang".parse().unwrap(),
        incarnation: 1,
        catalogue_log: LogId([7; 16]),
        zone: "Asia/Shanghai".to_owned(),
        at: "2026-03-01T04:00:00Z".parse().unwrap(),
    })
}

#[test]
fn the_bytes_are_frozen() {
    let hex: String = encode(&founded(), None)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "010a350a0877656e6a69616e6710011a1007070707070707070707070707070707220d417369612f5368616e676861692a060880e79d9a0d"
    );
}

#[test]
fn events_survive_a_round_trip() {
    let node: Place = "510115003064".parse().unwrap();
    let accepted = Accepted {
        from: 3,
        through: 9,
        stale: 2,
        ..Accepted::default()
    };
    for event in [founded(), Event::Line(node, LineEvent::Accepted(accepted))] {
        let read = decode(&encode(&event, None)).unwrap();
        assert_eq!(format!("{read:?}"), format!("{event:?}"));
    }
}

#[test]
fn what_cannot_be_read_is_a_fault() {
    let mut newer = encode(&founded(), None);
    newer[0] = FORMAT + 1;
    assert_eq!(decode(&newer).unwrap_err(), Unreadable::Newer(FORMAT + 1));
    for broken in [&[][..], &[FORMAT], &[FORMAT, 0x0a, 0x7f]] {
        assert!(matches!(decode(broken), Err(Unreadable::Malformed(_))));
    }
}
