//! What a request or an offer says in words: bounded, plain, about no resident.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// 1 to 2000 characters without blanks around them; of control characters only
/// line ends and tabs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(Arc<str>);

const MOST_CHARS: usize = 2000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want a text of 1 to 2000 characters, no control characters")]
pub struct InvalidText;

impl Text {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Text {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Text, InvalidText> {
        let text = text.trim();
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        // Bytes first: a long text is not walked to its end.
        let fits = (1..=MOST_CHARS * 4).contains(&text.len())
            && text.chars().count() <= MOST_CHARS
            && !text.contains(odd);
        fits.then(|| Text(Arc::from(text))).ok_or(InvalidText)
    }
}

impl TryFrom<String> for Text {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Text, InvalidText> {
        text.parse()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        text.as_str().to_owned()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_length_and_no_odd_characters() {
        for text in ["", " \n", "a\u{0}b", &"楼".repeat(MOST_CHARS + 1)] {
            assert_eq!(text.parse::<Text>(), Err(InvalidText), "{text:?}");
        }
        assert_eq!(" 两行\n字 ".parse::<Text>().unwrap().as_str(), "两行\n字");
    }
}
