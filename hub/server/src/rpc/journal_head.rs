//! Journal heads that nodes sign: whether one is what its key has signed, and how
//! people are shown it. What a head means is the domain's.

use journal::{LogId, SignedHead};
use proto::sync::{
    end::{End, Reason},
    head::JournalHead,
    uplink::Up,
};

/// As the node signed it; its text is what `hub head` prints.
pub fn signed(head: &JournalHead) -> SignedHead {
    SignedHead {
        log_id: LogId(head.log.0),
        size: head.point.size,
        root: head.point.root,
        chain: head.chain,
        time_ms: head.time_ms,
        signature: head.signature,
    }
}

/// A message whose head nobody has signed so is refused.
pub fn check(up: &Up) -> Result<(), End> {
    let head = match up {
        Up::Hello(hello) => hello.journal_head.as_deref(),
        Up::Batch(batch) => batch.journal_head.as_deref(),
        _ => None,
    };
    let verified = head.map_or(Ok(()), |head| signed(head).verify(&head.public_key));
    verified.map_err(|bad| End::of(Reason::Malformed, None, format!("journal_head: {bad}")))
}
