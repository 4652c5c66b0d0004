//! Plain texts: bounded, for people to read. Knows no meaning.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// 1 to `MOST` characters without blanks around them; of control characters only
/// line ends and tabs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Plain<const MOST: usize>(Arc<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want a text of 1 to {most} characters, no control characters")]
pub struct InvalidPlain {
    pub most: usize,
}

impl<const MOST: usize> Plain<MOST> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> FromStr for Plain<MOST> {
    type Err = InvalidPlain;

    fn from_str(text: &str) -> Result<Plain<MOST>, InvalidPlain> {
        let text = text.trim();
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        // Bytes first: a long text is not walked to its end.
        let fits = (1..=MOST * 4).contains(&text.len())
            && text.chars().count() <= MOST
            && !text.contains(odd);
        fits.then(|| Plain(Arc::from(text)))
            .ok_or(InvalidPlain { most: MOST })
    }
}

impl<const MOST: usize> TryFrom<String> for Plain<MOST> {
    type Error = InvalidPlain;

    fn try_from(text: String) -> Result<Plain<MOST>, InvalidPlain> {
        text.parse()
    }
}

impl<const MOST: usize> From<Plain<MOST>> for String {
    fn from(text: Plain<MOST>) -> String {
        text.as_str().to_owned()
    }
}

impl<const MOST: usize> fmt::Display for Plain<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MOST: usize> fmt::Debug for Plain<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_bounded_and_plain() {
        type Short = Plain<2000>;
        for text in ["", " \n", "a\u{0}b", &"路".repeat(2001)] {
            let invalid = InvalidPlain { most: 2000 };
            assert_eq!(text.parse::<Short>(), Err(invalid), "{text:?}");
        }
        assert_eq!(" 两行\n字 ".parse::<Short>().unwrap().as_str(), "两行\n字");
        assert!("路".repeat(2000).parse::<Short>().is_ok());
        assert!("路".repeat(2001).parse::<Plain<4000>>().is_ok());
    }
}
