//! The district's root over the days of a fleet: it is replaced, and somebody
//! tries all the time to be rid of the old one. Who may go is asked of the rules
//! that the hub has.

use hub_domain::issuance::{Certificate, Event, RootHash, Serial, State};
use jiff::Timestamp;

use crate::{
    district::{DAY, NOW},
    fleet::{DAYS, HOUR, LEAF_S, NODES},
};

/// A node gets a leaf from the hub.
pub struct Contact {
    pub at: u64,
    pub number: usize,
    /// Somebody had to let it in again.
    pub is_approved: bool,
}

/// When a new root is made.
pub const ROLLS: [u64; 2] = [NOW + 130 * DAY, NOW + 260 * DAY];

/// Whether the old root may go, which was replaced at the first of the times.
pub type May = fn(&State, u64, u64) -> bool;

pub fn is_free(state: &State, _since: u64, now: u64) -> bool {
    state.holders(time(now)).is_empty()
}

/// Every hour somebody tries to remove the old root. How often that was refused;
/// `Err`: a member that nobody shut out knows no root that the hub still has.
pub fn roll_over(mut contacts: Vec<Contact>, may: May) -> Result<u32, String> {
    contacts.sort_by_key(|contact| contact.at);
    let mut contacts = contacts.into_iter().peekable();
    let mut state = State::default();
    // Roots by number, of the hub and of each node.
    let mut trusted = vec![0u8];
    let mut known = vec![trusted.clone(); NODES];
    let mut serials = vec![0u64; NODES];
    let (mut rolls, mut rolled_at, mut refused) = (ROLLS.iter(), None, 0);
    let mut next = rolls.next();
    let mut now = NOW;
    while now < NOW + DAYS * DAY {
        while let Some(contact) = contacts.next_if(|contact| contact.at <= now) {
            let Contact {
                at,
                number,
                is_approved,
            } = contact;
            if !is_approved && !known[number].iter().any(|root| trusted.contains(root)) {
                return Err(format!(
                    "node {number} knows no root on day {}",
                    (at - NOW) / DAY
                ));
            }
            let shown = serials[number];
            serials[number] += 1;
            let event = leaf(number, at, shown, is_approved);
            state.apply(&event);
            known[number].clone_from(&trusted);
        }
        if next.is_some_and(|at| *at <= now) && rolled_at.is_none() {
            let newest = trusted[0] + 1;
            trusted.insert(0, newest);
            rolled_at = Some(now);
            next = rolls.next();
            state.apply(&Event::RootRolled {
                old: RootHash([newest - 1; 32]),
                new: RootHash([newest; 32]),
                by: None,
                at: time(now),
            });
        }
        if let Some(since) = rolled_at {
            if may(&state, since, now) {
                trusted.truncate(1);
                rolled_at = None;
                state.apply(&Event::RootRetired {
                    root: RootHash([trusted[0] - 1; 32]),
                    lost: 0,
                    by: None,
                    at: time(now),
                });
            } else {
                refused += 1;
            }
        }
        now += HOUR;
    }
    match (trusted.len(), trusted[0]) {
        (1, 2) => Ok(refused),
        left => Err(format!("an old root was never free: {left:?}")),
    }
}

/// The first leaf of a node, or one of an approval, is an enrolment's.
fn leaf(number: usize, at: u64, shown: u64, is_approved: bool) -> Event {
    let serial = |count: u64| {
        let mut bytes = [0; 16];
        bytes[4..8].copy_from_slice(&(number as u32).to_be_bytes());
        bytes[8..].copy_from_slice(&count.to_be_bytes());
        Serial::from_entropy(bytes)
    };
    let subject = format!("community/510115001{number:03}").parse();
    let subject = subject.expect("a subject");
    let certificate = Certificate {
        serial: serial(shown + 1),
        key_sha256: [0; 32],
        not_after: time(at + LEAF_S),
    };
    let at = time(at);
    match shown == 0 || is_approved {
        true => Event::Enrolled {
            subject,
            invite: None,
            certificate,
            at,
        },
        false => Event::Renewed {
            subject,
            shown: serial(shown),
            certificate,
            at,
        },
    }
}

fn time(second: u64) -> Timestamp {
    Timestamp::from_second(second as i64).expect("a time")
}
