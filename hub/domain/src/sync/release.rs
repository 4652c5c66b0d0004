//! Releases: what a node puts its name to at a checkpoint, whether the hub keeps it,
//! and what the hub puts its own name to. Makes and verifies no signature.

use proto::sync::{
    head::{LastRelease, ReleaseId},
    uplink::Batch,
};

use super::line::Line;

/// What a hub has signed about a release that it keeps: since when, and as which
/// incarnation. It cannot show somebody else another past afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countersignature {
    /// Unix time by the hub's clock.
    pub time_ms: u64,
    pub incarnation: u64,
    /// Ed25519, over [`Countersignature::signed_bytes`].
    pub public_key: [u8; 32],
    pub signature: [u8; 64],
}

const CONTEXT: &[u8; 24] = b"tongxin countersign v1\0\0";

impl Countersignature {
    /// Context, the release's id, time, incarnation; integers big-endian.
    pub fn signed_bytes(release: &ReleaseId, time_ms: u64, incarnation: u64) -> Vec<u8> {
        let mut out = CONTEXT.to_vec();
        out.extend(release);
        out.extend(time_ms.to_be_bytes());
        out.extend(incarnation.to_be_bytes());
        out
    }
}

/// Whether a batch's release, if it has one, says what the batch says and follows
/// the one kept last.
pub fn check(line: &Line, batch: &Batch) -> Result<(), &'static str> {
    let Some(head) = batch.journal_head.as_deref() else {
        return Ok(());
    };
    let Some(release) = head.release.as_deref() else {
        return Ok(());
    };
    if batch.checkpoint != Some(release.cells) {
        return Err("release.cells: not the checkpoint's");
    }
    if release.through != batch.through {
        return Err("release.through: not the batch's");
    }
    if release.records > head.point.size {
        return Err("release.records: more than the journal has");
    }
    if release.lineage != line.lineage {
        return Err("release.lineage: not the one granted");
    }
    if release.previous != line.released.id {
        return Err("release.previous: another was kept last");
    }
    Ok(())
}

impl Line {
    pub(super) fn keep(&mut self, head: &proto::sync::head::JournalHead) {
        if let Some((id, release)) = head.release_id().zip(head.release.as_deref()) {
            self.released = LastRelease {
                id,
                through: release.through,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::sync::{
        head::{JournalHead, Release},
        uplink::Checkpoint,
    };

    use super::*;
    use crate::sync::samples::head;

    const CELLS: Checkpoint = Checkpoint {
        count: 1,
        root: [2; 32],
    };

    fn batch(previous: ReleaseId) -> Batch {
        let release = Release {
            node: "510115003064".parse().expect("a place"),
            records: 9,
            previous,
            lineage: 3,
            through: 20,
            cells: CELLS,
            catalogue_seq: 4,
            software: "x".to_owned(),
            signature: [5; 64],
        };
        Batch {
            through: 20,
            checkpoint: Some(CELLS),
            journal_head: Some(Box::new(JournalHead {
                release: Some(Box::new(release)),
                ..*head(9, 1)
            })),
            ..Batch::default()
        }
    }

    fn line() -> Line {
        Line {
            lineage: 3,
            ..Line::default()
        }
    }

    #[test]
    fn signed_bytes_are_frozen() {
        let mut golden = b"tongxin countersign v1\0\0".to_vec();
        golden.extend([7; 32]);
        golden.extend([0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(Countersignature::signed_bytes(&[7; 32], 8, 9), golden);
    }

    #[test]
    fn a_release_follows_the_one_kept_last() {
        let mut line = line();
        let first = batch([0; 32]);
        assert_eq!(check(&line, &first), Ok(()));
        line.keep(first.journal_head.as_deref().expect("a head"));
        assert_eq!(line.released.through, 20);
        assert_eq!(check(&line, &batch(line.released.id)), Ok(()));
        let again = "release.previous: another was kept last";
        assert_eq!(check(&line, &first), Err(again));
    }

    #[test]
    fn a_release_says_what_its_batch_says() {
        type Change = (fn(&mut Batch), &'static str);
        let changes: [Change; 5] = [
            (|batch| batch.checkpoint = None, "release.cells"),
            (
                |batch| batch.checkpoint = Some(Checkpoint { count: 2, ..CELLS }),
                "release.cells",
            ),
            (|batch| batch.through = 21, "release.through"),
            (|batch| release(batch).records = 10, "release.records"),
            (|batch| release(batch).lineage = 2, "release.lineage"),
        ];
        for (change, field) in changes {
            let mut changed = batch([0; 32]);
            change(&mut changed);
            let refused = check(&line(), &changed).expect_err(field);
            assert!(refused.starts_with(field), "{refused}");
        }
        assert_eq!(check(&line(), &Batch::default()), Ok(()));
    }

    fn release(batch: &mut Batch) -> &mut Release {
        let head = batch.journal_head.as_deref_mut().expect("a head");
        head.release.as_deref_mut().expect("a release")
    }
}
