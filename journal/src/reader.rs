//! Reads records in order, beside the writer or on a journal at rest, and verifies every frame that
//! it reads. Knows the log's files, never its lock.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::chain::Link;
use crate::fault::{Fault, Flaw};
use crate::frame;
use crate::head;
use crate::layout;
use crate::log_id::LogId;
use crate::proof::{ConsistencyProof, InclusionProof, ProofFault};
use crate::scan::SegmentScan;
use crate::segment::SegmentHeader;
use crate::tree::{CompactRange, Hash};

const READ_AHEAD_BYTES: usize = 128 << 10;

/// One record as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub seq: u64,
    pub payload: Vec<u8>,
    /// Its leaf in the Merkle tree.
    pub leaf: Hash,
}

/// A handle on an open journal from which any thread makes readers.
#[derive(Debug, Clone)]
pub struct Source {
    dir: PathBuf,
    log_id: LogId,
    committed: Arc<AtomicU64>,
}

impl Source {
    /// Of the journal that it reads.
    pub const fn log_id(&self) -> LogId {
        self.log_id
    }

    pub(crate) fn new(dir: PathBuf, log_id: LogId, committed: Arc<AtomicU64>) -> Self {
        Self {
            dir,
            log_id,
            committed,
        }
    }

    /// On a journal that nobody needs to have open: the records that its head file calls
    /// acknowledged now.
    pub fn at_rest(dir: &Path) -> Result<Self, Fault> {
        let log_id = layout::log_id(dir)?;
        let acknowledged = head::read(dir, &log_id)?.link.seq;
        let committed = Arc::new(AtomicU64::new(acknowledged));
        Ok(Self::new(dir.to_owned(), log_id, committed))
    }

    /// Root of the tree of the first `size` records. Reads their last segment.
    pub fn root(&self, size: u64) -> Result<Hash, ProveFault> {
        self.check_range(size, size)?;
        Ok(self.split_at(size)?.0.root())
    }

    /// Sequence of the last committed record; 0 when there is none.
    pub fn committed_seq(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// Reads committed records from `from_seq` on. At the end the iterator gives `None`, and goes
    /// on when more was committed.
    pub fn reader(&self, from_seq: u64) -> Result<Reader, Fault> {
        Reader::start(self.clone(), from_seq)
    }

    /// Proves that record `seq` is in the tree of the first `size` records. Reads from its segment
    /// on.
    pub fn prove_inclusion(&self, seq: u64, size: u64) -> Result<InclusionProof, ProveFault> {
        self.check_range(seq, size)?;
        let (before, leaves) = self.split_at(seq.saturating_sub(1))?;
        InclusionProof::prove(&before, size, leaves)
    }

    /// Proves that the first `from_size` records are the beginning of the first `to_size`. Reads
    /// from the segment on in which the smaller tree ends.
    pub fn prove_consistency(
        &self,
        from_size: u64,
        to_size: u64,
    ) -> Result<ConsistencyProof, ProveFault> {
        self.check_range(from_size, to_size)?;
        let (before, leaves) = self.split_at(from_size)?;
        ConsistencyProof::prove(&before, to_size, leaves)
    }

    fn check_range(&self, from: u64, to: u64) -> Result<(), ProofFault> {
        if from <= to && to <= self.committed_seq() {
            Ok(())
        } else {
            Err(ProofFault::OutOfRange { from, to })
        }
    }

    /// The tree of the first `size` records, and the leaves after them.
    fn split_at(
        &self,
        size: u64,
    ) -> Result<
        (
            CompactRange,
            impl Iterator<Item = Result<Hash, ProveFault>> + use<>,
        ),
        ProveFault,
    > {
        let first_seq = segment_holding(&self.dir, size + 1)?;
        let (_, header) = open_segment(self, first_seq)?;
        let mut tree = header.before.tree;
        let mut leaves = self.reader(first_seq)?.map(|record| Ok(record?.leaf));
        while tree.size() < size {
            tree.push(leaves.next().ok_or(ProofFault::TooFewLeaves)??);
        }
        Ok((tree, leaves))
    }
}

/// Why a journal gave no proof.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProveFault {
    #[error(transparent)]
    Refused(#[from] ProofFault),
    #[error(transparent)]
    Unreadable(#[from] Fault),
}

/// An iterator over records. After a fault it ends.
pub struct Reader {
    source: Source,
    segment: SegmentScan,
    /// Before the next frame to read.
    link: Link,
    leaves: Vec<Hash>,
    /// Rest of the frame that was read last.
    records: VecDeque<Record>,
    next_seq: u64,
    faulted: bool,
}

impl Reader {
    /// As [`Source::at_rest`] gives it.
    pub fn open(dir: &Path, from_seq: u64) -> Result<Self, Fault> {
        Source::at_rest(dir)?.reader(from_seq)
    }

    /// `from_seq` 0 reads as 1; one beyond the end waits for that record.
    fn start(source: Source, from_seq: u64) -> Result<Self, Fault> {
        let from_seq = from_seq.max(1);
        let (segment, header) = open_segment(&source, segment_holding(&source.dir, from_seq)?)?;
        let link = header.before.link;
        let (leaves, records) = (Vec::new(), VecDeque::new());
        let mut reader = Self {
            source,
            segment,
            link,
            leaves,
            records,
            next_seq: from_seq,
            faulted: false,
        };
        reader.hop()?;
        Ok(reader)
    }

    /// Passes over frames that lie before the wanted record, reading their headers only. The last
    /// of them is read whole: from its header and body follows the link that the first frame with a
    /// wanted record must have.
    fn hop(&mut self) -> Result<(), Fault> {
        let mut before = None;
        while let Ok(header) = self.segment.peek()? {
            let through = header.first_seq + u64::from(header.records) - 1;
            if through >= self.next_seq || through > self.source.committed_seq() {
                break;
            }
            before = Some((self.segment.offset, header));
            self.segment.offset += header.frame_bytes();
        }
        if let Some((offset, header)) = before {
            self.segment.offset = offset;
            self.link = Link {
                seq: header.first_seq - 1,
                frame: header.ordinal - 1,
                chain: header.link,
            };
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<Record>, Fault> {
        loop {
            while let Some(record) = self.records.pop_front() {
                if record.seq >= self.next_seq {
                    self.next_seq = record.seq + 1;
                    return Ok(Some(record));
                }
            }
            // Nothing is read before it is known to be committed.
            if self.source.committed_seq() <= self.link.seq {
                return Ok(None);
            }
            self.read_frame()?;
        }
    }

    fn read_frame(&mut self) -> Result<(), Fault> {
        let mut read = self.segment.next(&self.link, &mut self.leaves)?;
        if read.is_err() {
            // The bytes may have been read ahead before the writer got there.
            self.segment.refresh();
            read = self.segment.next(&self.link, &mut self.leaves)?;
        }
        match read {
            Ok(frame) => {
                let payloads = frame::records(self.segment.bytes(frame.body));
                for ((payload, leaf), seq) in
                    payloads.zip(&self.leaves).zip(frame.header.first_seq..)
                {
                    let payload = payload.expect("the scan has verified the records").to_vec();
                    self.records.push_back(Record {
                        seq,
                        payload,
                        leaf: *leaf,
                    });
                }
                self.link.absorb(&self.leaves);
                Ok(())
            }
            Err(flaw) => self.next_segment(flaw),
        }
    }

    fn next_segment(&mut self, flaw: Flaw) -> Result<(), Fault> {
        let next_seq = self.link.seq + 1;
        let path = layout::segment_path(&self.source.dir, next_seq);
        // A segment ends where its frames end; anything else there is damage, whatever follows.
        if flaw != Flaw::Blank || path == self.segment.path || !path.exists() {
            return Err(Fault::damage(
                &self.segment.path,
                self.segment.offset,
                next_seq,
                flaw,
            ));
        }
        let (segment, header) = open_segment(&self.source, next_seq)?;
        if header.before.link != self.link {
            return Err(Fault::damage(&path, 0, next_seq, Flaw::Predecessor));
        }
        self.segment = segment;
        Ok(())
    }
}

impl Iterator for Reader {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.faulted {
            return None;
        }
        let next = self.advance();
        self.faulted = next.is_err();
        next.transpose()
    }
}

/// First record of the segment in which `seq` lies or will lie.
fn segment_holding(dir: &Path, seq: u64) -> Result<u64, Fault> {
    let found = layout::segments(dir)?
        .into_iter()
        .rfind(|first_seq| *first_seq <= seq);
    found.ok_or_else(|| Fault::damage(&layout::segment_path(dir, 1), 0, 1, Flaw::Missing))
}

fn open_segment(source: &Source, first_seq: u64) -> Result<(SegmentScan, SegmentHeader), Fault> {
    let path = layout::segment_path(&source.dir, first_seq);
    let file = File::open(&path).map_err(Fault::io("open", &path))?;
    let header = SegmentHeader::read(&file, &path, &source.log_id, first_seq)?;
    let scan = SegmentScan::new(file, path, source.log_id.checksum_seed(), READ_AHEAD_BYTES);
    Ok((scan, header))
}
