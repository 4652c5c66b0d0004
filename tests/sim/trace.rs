//! What happened, as lines: hashed always, so that the same seed can be seen to
//! be the same run; printed only when a seed is replayed.

use std::fmt;

use proto::sync::instant::Instant;

pub struct Trace {
    hash: u64,
    lines: u64,
    is_printed: bool,
}

impl Trace {
    pub fn new(is_printed: bool) -> Trace {
        Trace {
            hash: 0xcbf2_9ce4_8422_2325,
            lines: 0,
            is_printed,
        }
    }

    pub fn line(&mut self, now: Instant, what: fmt::Arguments<'_>) {
        self.lines += 1;
        if self.is_printed {
            eprintln!("{:>14.6} {what}", now.0.as_secs_f64());
        }
        let mut hasher = Hasher(self.hash ^ now.0.as_nanos() as u64);
        // Writing to the hasher cannot fail.
        let _ = fmt::write(&mut hasher, what);
        self.hash = hasher.0;
    }

    pub fn hash(&self) -> u64 {
        self.hash
    }

    pub fn lines(&self) -> u64 {
        self.lines
    }
}

struct Hasher(u64);

impl fmt::Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
