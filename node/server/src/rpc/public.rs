//! Fields that hold public words, entries of registers and numbers of neighbours'
//! processes, as parsed types.

use node_domain::cases::Origin;
use node_domain::sha256::Sha256;
use node_domain::words::Words;
use proto::pb::node as pb;
use sha2::Digest as _;

use super::case::to_origin;
use super::fields::{ENTRIES, Fields, number};

impl Fields {
    pub fn words(&mut self, field: &'static str, text: &str) -> Option<Words> {
        text.parse().ok().or_else(|| {
            self.wrong(
                field,
                "want a text of 1 to 4000 characters, no control characters",
                "应为 1 至 4000 字，不含控制字符",
            )
        })
    }

    /// As [`Fields::words`], or nothing.
    pub fn optional_words(&mut self, field: &'static str, text: &str) -> Option<Option<Words>> {
        match text.trim() {
            "" => Some(None),
            text => self.words(field, text).map(Some),
        }
    }

    pub fn entries(&mut self, field: &'static str, names: &[String]) -> Option<Vec<u64>> {
        let parsed: Option<Vec<u64>> = names.iter().map(|name| number(name, ENTRIES)).collect();
        parsed.or_else(|| {
            let odd = names.iter().find(|name| number(name, ENTRIES).is_none());
            let odd: String = odd
                .into_iter()
                .flat_map(|name| name.chars())
                .take(40)
                .collect();
            let en = format!("want entries such as entries/17, found {odd:?}");
            let zh = format!("应为名册条目，例如 entries/17；有一项是“{odd}”");
            self.wrong(field, en, zh)
        })
    }

    /// `prefix` and a number: `surveys/3`.
    pub fn numbered(&mut self, field: &'static str, prefix: &str, name: &str) -> Option<u64> {
        number(name, prefix).or_else(|| {
            let (en, zh) = (format!("want {prefix}17"), format!("应为 {prefix}17"));
            self.wrong(field, format!("{en} or the like"), format!("{zh} 之类"))
        })
    }

    /// As [`Fields::numbered`], or nothing.
    pub fn optional_numbered(
        &mut self,
        field: &'static str,
        prefix: &str,
        name: &str,
    ) -> Option<Option<u64>> {
        match name {
            "" => Some(None),
            name => self.numbered(field, prefix, name).map(Some),
        }
    }

    pub fn origin(&mut self, field: &'static str, origin: i32) -> Option<Origin> {
        let origin = pb::Origin::try_from(origin).ok().and_then(to_origin);
        let choices = "ONLINE, COUNTER, PHONE, PAPER, DOOR_KNOCK, HOTLINE, PATROL, MEETING";
        self.choice(field, origin, choices)
    }
}

/// Of a text's UTF-8 bytes.
pub fn sha256(text: &str) -> Sha256 {
    Sha256(sha2::Sha256::digest(text.as_bytes()).into())
}

/// As resource names spell it, or nothing.
pub fn named(prefix: &str, number: Option<u64>) -> String {
    number.map_or_else(String::new, |number| format!("{prefix}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_entries_and_numbers_are_named() {
        let mut fields = Fields::default();
        let names = ["entries/1".to_owned(), "2".to_owned()];
        assert_eq!(fields.entries("roll", &names), None);
        assert_eq!(fields.entries("roll", &names[..1]), Some(vec![1]));
        assert_eq!(
            fields.optional_numbered("survey", "surveys/", ""),
            Some(None)
        );
        assert_eq!(fields.numbered("survey", "surveys/", "cases/3"), None);
        assert_eq!(fields.entry("chair", ""), None);
        assert_eq!(fields.origin("origin", 0), None);
        let problem = fields.done(None::<()>).unwrap_err();
        assert!(
            problem.message.contains("found \"2\""),
            "{}",
            problem.message
        );
        assert_eq!(problem.fields.len(), 4);
        assert_eq!(
            (named("cases/", Some(3)), named("cases/", None)),
            ("cases/3".into(), "".into())
        );
    }

    #[test]
    fn a_text_is_hashed_as_everybody_hashes_it() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256("").to_string(), empty);
    }
}
