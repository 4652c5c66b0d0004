//! The limit: a write and an fdatasync per batch into a file of zeros made beforehand. No checksum,
//! no hash, no order.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use tokio::sync::{mpsc, oneshot};

use crate::RECORD_BYTES;
use crate::measure::{Contender, Slice, closed_loop, open_loop};

const FILE_BYTES: u64 = 512 << 20;

struct RawFile {
    file: File,
    end: u64,
}

impl RawFile {
    fn create(path: &Path) -> Self {
        let file = File::create(path).expect("create");
        let zeros = vec![0; 1 << 20];
        for at in (0..FILE_BYTES).step_by(zeros.len()) {
            file.write_all_at(&zeros, at).expect("write");
        }
        file.sync_all().expect("sync");
        Self { file, end: 0 }
    }

    fn append(&mut self, batch: &[u8]) {
        // Begins anew rather than grow: growth would cost metadata.
        if self.end + batch.len() as u64 > FILE_BYTES {
            self.end = 0;
        }
        self.file.write_all_at(batch, self.end).expect("write");
        self.file.sync_data().expect("sync");
        self.end += batch.len() as u64;
    }
}

pub struct Direct(RawFile);

impl Direct {
    pub fn new(path: &Path) -> Self {
        Self(RawFile::create(path))
    }
}

impl Contender for Direct {
    fn slice(&mut self, batch: usize) -> Slice {
        let bytes = vec![7; batch * RECORD_BYTES];
        open_loop(batch, || self.0.append(&bytes))
    }
}

/// The same queue, hand-over and grouping as the group writer's.
pub struct Queued {
    writers: usize,
    sender: mpsc::Sender<(Vec<u8>, oneshot::Sender<()>)>,
}

impl Queued {
    pub fn new(path: &Path, writers: usize) -> Self {
        let (sender, queue) = mpsc::channel(1024);
        let raw = RawFile::create(path);
        // The thread ends with its sender.
        std::thread::spawn(move || serve(raw, queue));
        Self { writers, sender }
    }
}

fn serve(mut raw: RawFile, mut queue: mpsc::Receiver<(Vec<u8>, oneshot::Sender<()>)>) {
    let (mut batch, mut waiting) = (Vec::new(), Vec::new());
    while let Some((payload, answer)) = queue.blocking_recv() {
        batch.extend(payload);
        waiting.push(answer);
        while let Ok((payload, answer)) = queue.try_recv() {
            batch.extend(payload);
            waiting.push(answer);
        }
        raw.append(&batch);
        batch.clear();
        waiting
            .drain(..)
            .for_each(|answer: oneshot::Sender<()>| answer.send(()).expect("somebody waits"));
    }
}

impl Contender for Queued {
    fn slice(&mut self, _: usize) -> Slice {
        closed_loop(self.writers, |payload| {
            let (answer, receiver) = oneshot::channel();
            self.sender.blocking_send((payload, answer)).expect("room");
            receiver.blocking_recv().expect("an answer");
        })
    }
}
