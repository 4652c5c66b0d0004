//! The mapping file: which column of an export means what. Refuses what it does
//! not know, naming the key.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use node_domain::{cases::Origin, code::Code};
use serde::Deserialize;

/// A mapping that cannot be wrong in itself; whether the columns exist is seen
/// when a file is opened.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Civil times without an offset are of this zone.
    pub zone: TimeZone,
    pub columns: Columns,
    pub kind: Codes<Code>,
    pub origin: Codes<Origin>,
    /// Only rows that have these values.
    pub only: Vec<Only>,
}

/// Headings of the export; those that are absent mean nothing is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    pub source_id: String,
    pub reported_at: String,
    pub kind: String,
    pub due_at: Option<String>,
    pub closed_at: Option<String>,
    pub origin: Option<String>,
    pub grid: Option<String>,
    pub handler: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub text: Option<String>,
}

/// How the other system's words become ours: by a table, else by spelling (when
/// allowed), else the default.
#[derive(Clone, Debug)]
pub struct Codes<T> {
    table: HashMap<String, T>,
    slugify: Option<fn(&str) -> Option<T>>,
    default: Option<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    pub column: String,
    pub equals: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMapping {
    #[error("mapping: {0}")]
    Syntax(String),
    #[error("zone {0:?}: want a name such as Asia/Shanghai")]
    Zone(String),
    #[error("{section}: {text:?} is not a code of ours; want {want}")]
    Code {
        section: &'static str,
        text: String,
        want: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    zone: String,
    columns: Columns,
    kind: CodesTable,
    #[serde(default)]
    origin: CodesTable,
    #[serde(default)]
    only: Vec<Only>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodesTable {
    #[serde(default)]
    slugify: bool,
    default: Option<String>,
    #[serde(default)]
    codes: HashMap<String, String>,
}

const CODE: &str = "a-z, 0-9 and '-'";
const ORIGIN: &str = "online, counter, phone, paper, door-knock, hotline, patrol or meeting";

impl Mapping {
    pub fn from_toml(text: &str) -> Result<Mapping, InvalidMapping> {
        let file: File =
            toml::from_str(text).map_err(|error| InvalidMapping::Syntax(error.to_string()))?;
        let zone =
            TimeZone::get(&file.zone).map_err(|_| InvalidMapping::Zone(file.zone.clone()))?;
        Ok(Mapping {
            zone,
            columns: file.columns,
            kind: file
                .kind
                .parsed("kind", CODE, |code| code.parse().ok(), spelled)?,
            origin: file
                .origin
                .parsed("origin", ORIGIN, Origin::by_code, Origin::by_code)?,
            only: file.only,
        })
    }
}

impl CodesTable {
    fn parsed<T>(
        self,
        section: &'static str,
        want: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        slugify: fn(&str) -> Option<T>,
    ) -> Result<Codes<T>, InvalidMapping> {
        let code = |text: String| {
            let code = parse(&text);
            code.ok_or(InvalidMapping::Code {
                section,
                text,
                want,
            })
        };
        let table = self
            .codes
            .into_iter()
            .map(|(word, text)| Ok((word, code(text)?)));
        Ok(Codes {
            table: table.collect::<Result<_, InvalidMapping>>()?,
            slugify: self.slugify.then_some(slugify),
            default: self.default.map(code).transpose()?,
        })
    }
}

impl<T: Clone> Codes<T> {
    /// Our code for the other system's word.
    pub fn of(&self, word: &str) -> Option<T> {
        let listed = self.table.get(word).cloned();
        let spelled = || self.slugify.and_then(|slugify| slugify(word));
        listed.or_else(spelled).or_else(|| self.default.clone())
    }
}

/// `Signs & Signals` → `signs-signals`.
fn spelled(word: &str) -> Option<Code> {
    let mut slug = String::with_capacity(word.len());
    for letter in word.chars().map(|letter| letter.to_ascii_lowercase()) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
zone = "America/New_York"
only = [{ column = "neighborhood", equals = "Roslindale" }]
[columns]
source_id = "case_id"
reported_at = "opened_at"
kind = "reason"
[kind]
slugify = true
[kind.codes]
"Street Lights" = "lamp"
[origin]
default = "phone"
codes = { "Self Service" = "online" }
"#;

    #[test]
    fn words_become_codes_by_table_then_spelling_then_default() {
        let mapping = Mapping::from_toml(MAPPING).unwrap();
        let kind = |word: &str| mapping.kind.of(word).map(|code| code.to_string());
        assert_eq!(kind("Street Lights").as_deref(), Some("lamp"));
        assert_eq!(kind("Signs & Signals").as_deref(), Some("signs-signals"));
        assert_eq!(kind("路灯"), None);
        assert_eq!(mapping.origin.of("Self Service"), Some(Origin::Online));
        assert_eq!(mapping.origin.of("Twitter"), Some(Origin::Phone));
    }

    #[test]
    fn mistakes_name_the_key() {
        for (from, to, named) in [
            ("slugify", "slug", "slug"),
            ("America/New_York", "Boston", "zone"),
            ("\"phone\"", "\"telephone\"", "origin"),
            ("reported_at", "opened", "opened"),
        ] {
            let error = Mapping::from_toml(&MAPPING.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
