//! Walks the frames of segments. What a segment begins with stands in its header, so that several
//! are walked at once; whether one ends as the next begins is for `recovery` to compare.

use std::fs::File;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use crate::chain::{Link, State};
use crate::fault::{Fault, Flaw};
use crate::recovery::Segment;
use crate::scan::SegmentScan;

const READ_AHEAD_BYTES: usize = 1 << 20;
/// More would only wait for the disk.
const MOST_THREADS: usize = 8;

/// Where the frames of a segment end.
pub(crate) struct Walked {
    /// After the last intact frame.
    pub state: State,
    /// End of the last intact frame.
    pub end: u64,
    /// End of the last acknowledged frame, or of the header.
    pub acknowledged_end: u64,
    /// Why no frame follows; in a finished segment it must be the end of the file.
    pub flaw: Flaw,
}

/// What all walks of one log share.
#[derive(Clone, Copy)]
pub(crate) struct Walks {
    pub seed: u32,
    pub acknowledged: Link,
}

enum Told {
    Read(u64),
    Walked(usize, Result<Walked, Fault>),
}

impl Walks {
    /// Walks segments side by side, as many as there are processors; gives what each came to, in
    /// their order, up to the first fault.
    pub fn all(
        self,
        segments: &[Segment],
        progress: &mut impl FnMut(u64),
    ) -> Result<Vec<Result<Walked, Fault>>, Fault> {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = processors.min(segments.len()).min(MOST_THREADS);
        let Some(first) = segments.first() else {
            return Ok(Vec::new());
        };
        let mut walked: Vec<_> = segments.iter().map(|_| None).collect();
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            let (sender, told) = sync_channel(2 * threads);
            for _ in 0..threads {
                let (sender, next) = (sender.clone(), &next);
                thread::Builder::new()
                    .name("verify".to_owned())
                    .spawn_scoped(scope, move || self.some(segments, next, &sender))
                    .map_err(Fault::io("start a thread for", &first.path))?;
            }
            drop(sender);
            for told in told {
                match told {
                    Told::Read(bytes) => progress(bytes),
                    Told::Walked(index, outcome) => walked[index] = Some(outcome),
                }
            }
            Ok::<(), Fault>(())
        })?;
        Ok(walked.into_iter().map_while(|outcome| outcome).collect())
    }

    /// One thread's share.
    fn some(self, segments: &[Segment], next: &AtomicUsize, told: &SyncSender<Told>) {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(segment) = segments.get(index) else {
                return;
            };
            // Nobody listens any more: the caller is gone.
            let mut progress = |bytes| drop(told.send(Told::Read(bytes)));
            let outcome = self.one(segment, &mut progress);
            if outcome.is_err() {
                // Those before it are under way; those after it do not matter any more.
                next.store(segments.len(), Ordering::Relaxed);
            }
            if told.send(Told::Walked(index, outcome)).is_err() {
                return;
            }
        }
    }

    /// Walks one segment up to the first flaw.
    pub fn one(self, segment: &Segment, progress: &mut impl FnMut(u64)) -> Result<Walked, Fault> {
        let file = File::open(&segment.path).map_err(Fault::io("open", &segment.path))?;
        let path = segment.path.clone();
        let mut scan = SegmentScan::new(file, path, self.seed, READ_AHEAD_BYTES);
        let mut state = segment.header.before.clone();
        let mut leaves = Vec::new();
        let (mut reported, mut acknowledged_end) = (0, scan.offset);
        loop {
            let link = &state.link;
            if link.frame == self.acknowledged.frame && *link != self.acknowledged {
                return Err(Fault::damage(
                    &segment.path,
                    scan.offset,
                    link.seq,
                    Flaw::HeadMismatch,
                ));
            }
            if link.frame <= self.acknowledged.frame {
                acknowledged_end = scan.offset;
            }
            let flaw = scan.next(link, &mut leaves)?.err();
            if flaw.is_some() || scan.offset - reported >= READ_AHEAD_BYTES as u64 {
                progress(scan.offset - reported);
                reported = scan.offset;
            }
            if let Some(flaw) = flaw {
                return Ok(Walked {
                    end: scan.offset,
                    state,
                    acknowledged_end,
                    flaw,
                });
            }
            state.absorb(&leaves);
        }
    }
}
