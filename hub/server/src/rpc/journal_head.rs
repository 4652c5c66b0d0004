//! Journal heads that nodes sign: whether one is what its key has signed, and how
//! people are shown it. What a head means is the domain's.

use journal::{LogId, SignedHead};
use proto::{
    place::Place,
    sync::{
        end::{End, Reason},
        head::JournalHead,
        uplink::Up,
    },
};
use ring::signature::{ED25519, UnparsedPublicKey};

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

/// A message whose head nobody has signed so is refused; so is a release in the name
/// of another than `node`.
pub fn check(node: Place, up: &Up) -> Result<(), End> {
    let head = match up {
        Up::Hello(hello) => hello.journal_head.as_deref(),
        Up::Batch(batch) => batch.journal_head.as_deref(),
        _ => None,
    };
    let verified = head.map_or(Ok(()), |head| signed(head).verify(&head.public_key));
    let malformed = |detail: String| End::of(Reason::Malformed, None, detail);
    verified.map_err(|bad| malformed(format!("journal_head: {bad}")))?;
    let Some(head) = head else { return Ok(()) };
    let (Some(release), Some(bytes)) = (head.release.as_deref(), head.release_bytes()) else {
        return Ok(());
    };
    if release.node != node {
        return Err(malformed("release.community: not the sender's".to_owned()));
    }
    UnparsedPublicKey::new(&ED25519, head.public_key)
        .verify(&bytes, &release.signature)
        .map_err(|_| malformed("release.signature: it does not match".to_owned()))
}
