//! Words that records carry: codes for machines, names of offices for people.
//! Knows no list of what exists; playbooks and registers do.

use std::{fmt, str::FromStr, sync::Arc};

use proto::fact::Member;
use serde::{Deserialize, Serialize};

/// A machine's word: 1 to 40 of `a-z`, `0-9`, `-`, no `-` at the ends.
/// Becomes a fact's member without another copy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(Arc<str>);

/// The name of an office, team or organisation: 1 to 64 characters, no control
/// characters, trimmed. Never a resident's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWord {
    #[error("code {0:?}: want 1 to 40 of a-z, 0-9 and '-', no '-' at the ends")]
    Code(String),
    #[error("name {0:?}: want 1 to 64 characters, no control characters")]
    Name(String),
}

impl Code {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn member(&self) -> Member {
        Arc::clone(&self.0)
    }
}

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = InvalidWord;

    fn from_str(word: &str) -> Result<Code, InvalidWord> {
        let fits = (1..=40).contains(&word.len())
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !word.starts_with('-')
            && !word.ends_with('-');
        fits.then(|| Code(Arc::from(word)))
            .ok_or_else(|| InvalidWord::Code(excerpt(word)))
    }
}

impl FromStr for Name {
    type Err = InvalidWord;

    fn from_str(name: &str) -> Result<Name, InvalidWord> {
        let trimmed = name.trim();
        // Bytes first: a long text is not walked to its end.
        let fits = (1..=256).contains(&trimmed.len())
            && trimmed.chars().count() <= 64
            && !trimmed.chars().any(char::is_control);
        fits.then(|| Name(Arc::from(trimmed)))
            .ok_or_else(|| InvalidWord::Name(excerpt(name)))
    }
}

impl TryFrom<String> for Code {
    type Error = InvalidWord;

    fn try_from(word: String) -> Result<Code, InvalidWord> {
        word.parse()
    }
}

impl From<Code> for String {
    fn from(word: Code) -> String {
        word.as_str().to_owned()
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidWord;

    fn try_from(word: String) -> Result<Name, InvalidWord> {
        word.parse()
    }
}

impl From<Name> for String {
    fn from(word: Name) -> String {
        word.as_str().to_owned()
    }
}

fn excerpt(word: &str) -> String {
    word.chars().take(80).collect()
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_outside_their_alphabet_are_refused() {
        for word in ["", "-a", "a-", "A", "路灯", "a b", &"a".repeat(41)] {
            assert!(word.parse::<Code>().is_err(), "{word:?}");
        }
        for name in ["", "  ", "a\nb", &"路".repeat(65)] {
            assert!(name.parse::<Name>().is_err(), "{name:?}");
        }
        assert_eq!(
            " 青和居物业 ".parse::<Name>().unwrap().as_str(),
            "青和居物业"
        );
        assert!("路".repeat(64).parse::<Name>().is_ok());
    }
}
