//! Public texts that a process bears: what a draft says, why something was put
//! off. Plain and bounded; nobody's name belongs there. Knows no meaning.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// 1 to 4000 characters without blanks around them; of control characters only
/// line ends and tabs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words(Arc<str>);

pub const MOST_CHARS: usize = 4000;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want a text of 1 to 4000 characters, no control characters")]
pub struct InvalidWords;

impl Words {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Words {
    type Err = InvalidWords;

    fn from_str(text: &str) -> Result<Words, InvalidWords> {
        let text = text.trim();
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        // Bytes first: a long text is not walked to its end.
        let fits = (1..=MOST_CHARS * 4).contains(&text.len())
            && text.chars().count() <= MOST_CHARS
            && !text.contains(odd);
        fits.then(|| Words(Arc::from(text))).ok_or(InvalidWords)
    }
}

impl TryFrom<String> for Words {
    type Error = InvalidWords;

    fn try_from(text: String) -> Result<Words, InvalidWords> {
        text.parse()
    }
}

impl From<Words> for String {
    fn from(words: Words) -> String {
        words.as_str().to_owned()
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_length_and_no_odd_characters() {
        for text in ["", " \n", "a\u{0}b", &"路".repeat(MOST_CHARS + 1)] {
            assert_eq!(text.parse::<Words>(), Err(InvalidWords), "{text:?}");
        }
        assert_eq!(" 两行\n字 ".parse::<Words>().unwrap().as_str(), "两行\n字");
        assert!("路".repeat(MOST_CHARS).parse::<Words>().is_ok());
    }
}
