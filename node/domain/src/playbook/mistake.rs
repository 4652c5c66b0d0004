//! What is wrong in a playbook file, where, and how to put it right. Knows how to
//! say it in Chinese and English, not how it was found.

use std::fmt;

/// One mistake; lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub line: usize,
    /// Where in the file's structure, for example `kind.street-light.complete`.
    pub field: String,
    pub zh: String,
    pub en: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "第 {} 行 {}:{} · line {}: {}",
            self.line, self.field, self.zh, self.line, self.en
        )
    }
}
