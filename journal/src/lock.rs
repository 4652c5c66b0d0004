//! The lock file: one process per directory. The kernel drops the lock when the process ends,
//! however it ends.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::fault::{Fault, OpenFault};
use crate::layout;

/// True when some process has the journal open just now.
pub(crate) fn is_held(dir: &Path) -> bool {
    let Ok(file) = File::open(layout::lock_path(dir)) else {
        return false;
    };
    // The shared lock that was got instead is dropped with the file, at once.
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}

/// Held as long as the journal is open.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    pub fn acquire(dir: &Path) -> Result<Self, OpenFault> {
        let path = layout::lock_path(dir);
        let fault = |source| OpenFault::Unreadable(Fault::io("lock", &path)(source));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(fault)?;
        if let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if error == rustix::io::Errno::WOULDBLOCK {
                let mut text = String::new();
                let holder = file
                    .read_to_string(&mut text)
                    .ok()
                    .and_then(|_| text.trim().parse().ok());
                return Err(OpenFault::Locked {
                    dir: dir.to_owned(),
                    holder,
                });
            }
            return Err(fault(error.into()));
        }
        // The number only helps the person who reads the refusal, so failing to write it is no
        // fault.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}
