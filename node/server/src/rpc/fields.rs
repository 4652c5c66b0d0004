//! Fields of requests as parsed types. Collects what is wrong with all of them,
//! each with what would be right, so that a client hears everything at once.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use node_domain::actor::Grid;
use node_domain::cases::CaseId;
use node_domain::code::{Code, Name};
use node_domain::process::{Engine, ProcessId};
use node_domain::sealed::{Fingerprint, Said, Sealed};
use proto::identity::RequestId;
use proto_edge::problem::Problem;

use super::status;

pub const CASES: &str = "cases/";
pub const ENTRIES: &str = "entries/";
pub const TEXT_CHARS: usize = 4000;

/// One field and what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub field: &'static str,
    pub en: Cow<'static, str>,
    pub zh: Cow<'static, str>,
}

#[derive(Debug, Default)]
pub struct Fields(Vec<Wrong>);

impl Fields {
    /// Notes what `field` should be.
    pub fn wrong<T>(
        &mut self,
        field: &'static str,
        en: impl Into<Cow<'static, str>>,
        zh: impl Into<Cow<'static, str>>,
    ) -> Option<T> {
        let (en, zh) = (en.into(), zh.into());
        self.0.push(Wrong { field, en, zh });
        None
    }

    /// What was built of the fields, if every one of them is right.
    pub fn done<T>(self, built: Option<T>) -> Result<T, Problem> {
        match built {
            Some(built) if self.0.is_empty() => Ok(built),
            _ => Err(status::invalid(&self.0)),
        }
    }

    /// May be left out: then a repeat is another request.
    pub fn request_id(&mut self, text: &str) -> Option<Option<RequestId>> {
        match text.parse() {
            _ if text.is_empty() => Some(None),
            Ok(id) => Some(Some(id)),
            Err(_) => self.wrong(
                "request_id",
                "want at most 36 printable ASCII characters without spaces",
                "最多 36 个可打印的 ASCII 字符，不含空格",
            ),
        }
    }

    pub fn case(&mut self, field: &'static str, name: &str) -> Option<CaseId> {
        number(name, CASES).map(CaseId).or_else(|| {
            self.wrong(
                field,
                "want the name of a case, for example cases/17",
                "应为事项名称，例如 cases/17",
            )
        })
    }

    /// The name of an engine's process, `duties/7`.
    pub fn process(
        &mut self,
        field: &'static str,
        engine: Engine,
        name: &str,
    ) -> Option<ProcessId> {
        let collection = engine.collection();
        number(name, &format!("{collection}/"))
            .map(ProcessId)
            .or_else(|| {
                let (en, zh) = ("want a name such as", "应为名称，例如");
                self.wrong(
                    field,
                    format!("{en} {collection}/17"),
                    format!("{zh} {collection}/17"),
                )
            })
    }

    /// A register's entry, or nothing.
    pub fn optional_entry(&mut self, field: &'static str, name: &str) -> Option<Option<u64>> {
        match name {
            "" => Some(None),
            name => number(name, ENTRIES).map(Some).or_else(|| {
                let (en, zh) = (
                    "want an entry of a register, entries/17",
                    "应为名册条目，例如 entries/17",
                );
                self.wrong(field, en, zh)
            }),
        }
    }

    /// A register's entry.
    pub fn entry(&mut self, field: &'static str, name: &str) -> Option<u64> {
        match self.optional_entry(field, name)? {
            Some(entry) => Some(entry),
            None => self.optional_entry(field, "?")?,
        }
    }

    pub fn day(&mut self, field: &'static str, text: &str) -> Option<Date> {
        text.parse()
            .ok()
            .filter(|_| text.len() == 10)
            .or_else(|| self.wrong(field, "want a day, 2026-03-05", "应为日期，例如 2026-03-05"))
    }

    /// As [`Fields::day`], or nothing.
    pub fn optional_day(&mut self, field: &'static str, text: &str) -> Option<Option<Date>> {
        match text {
            "" => Some(None),
            text => self.day(field, text).map(Some),
        }
    }

    /// As [`Fields::code`], or nothing.
    pub fn optional_code(&mut self, field: &'static str, word: &str) -> Option<Option<Code>> {
        match word {
            "" => Some(None),
            word => self.code(field, word).map(Some),
        }
    }

    pub fn code(&mut self, field: &'static str, word: &str) -> Option<Code> {
        word.parse().ok().or_else(|| {
            self.wrong(
                field,
                "want a code of the playbook: 1 to 40 of a-z, 0-9 and '-'",
                "应为预案中的代码：1 至 40 个 a-z、0-9 或“-”",
            )
        })
    }

    pub fn name(&mut self, field: &'static str, name: &str) -> Option<Name> {
        name.parse().ok().or_else(|| {
            self.wrong(
                field,
                "want the name of an office or organisation, 1 to 64 characters",
                "应为部门或单位名称，1 至 64 字",
            )
        })
    }

    /// As [`Fields::name`], or nothing.
    pub fn optional_name(&mut self, field: &'static str, name: &str) -> Option<Option<Name>> {
        match name {
            "" => Some(None),
            name => self.name(field, name).map(Some),
        }
    }

    pub fn grid(&mut self, field: &'static str, digits: &str) -> Option<Option<Grid>> {
        match digits.parse() {
            _ if digits.is_empty() => Some(None),
            Ok(grid) => Some(Some(grid)),
            Err(_) => self.wrong(
                field,
                "want the grid's three digits, 001 to 999, or nothing",
                "应为网格的三位数字（001 至 999），或留空",
            ),
        }
    }

    /// A generated enumeration's value, which must be a known one.
    pub fn choice<T>(&mut self, field: &'static str, value: Option<T>, of: &str) -> Option<T> {
        value.or_else(|| {
            self.wrong(
                field,
                format!("want one of {of}"),
                format!("应为 {of} 之一"),
            )
        })
    }

    pub fn time(
        &mut self,
        field: &'static str,
        at: Option<prost_types::Timestamp>,
    ) -> Option<Option<Timestamp>> {
        let Some(at) = at else {
            return Some(None);
        };
        let whole = (0..1_000_000_000).contains(&at.nanos);
        match Timestamp::new(at.seconds, at.nanos) {
            Ok(at) if whole => Some(Some(at)),
            _ => self.wrong(
                field,
                "want a time of the years 1 to 9999",
                "应为公元 1 至 9999 年之间的时间",
            ),
        }
    }

    /// What somebody wrote; `None` when that is nothing.
    pub fn text(&mut self, field: &'static str, text: &str) -> Option<Option<Sealed>> {
        let text = self.within(field, text, TEXT_CHARS)?;
        Some((!text.is_empty()).then(|| Sealed(text.as_bytes().into())))
    }

    /// As [`Fields::text`], but something must be said.
    pub fn said(&mut self, field: &'static str, text: &str) -> Option<Said> {
        match self.text(field, text)? {
            Some(text) => Some(Said {
                text,
                fingerprint: Fingerprint(0),
            }),
            None => self.wrong(field, "want a text", "请填写内容"),
        }
    }

    /// The text without blanks around it, when it is short enough and has no
    /// control characters but line ends and tabs.
    pub fn within<'a>(
        &mut self,
        field: &'static str,
        text: &'a str,
        chars: usize,
    ) -> Option<&'a str> {
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        // Bytes first: a long text is not walked to its end.
        let fits = text.len() <= chars * 4 && text.chars().count() <= chars && !text.contains(odd);
        match fits {
            true => Some(text.trim()),
            false => self.wrong(
                field,
                format!("want at most {chars} characters, no control characters"),
                format!("最多 {chars} 字，不含控制字符"),
            ),
        }
    }
}

/// `prefix` and a decimal number in its one spelling.
pub fn number(name: &str, prefix: &str) -> Option<u64> {
    let digits = name.strip_prefix(prefix)?;
    let number: u64 = digits.parse().ok()?;
    (number > 0 && number.to_string() == digits).then_some(number)
}

pub fn wire_time(at: Timestamp) -> prost_types::Timestamp {
    // A time before 1970 counts its fraction backwards here, forwards on the wire.
    let (mut seconds, mut nanos) = (at.as_second(), at.subsec_nanosecond());
    if nanos < 0 {
        (seconds, nanos) = (seconds - 1, nanos + 1_000_000_000);
    }
    prost_types::Timestamp { seconds, nanos }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_field_is_named_with_what_would_be_right() {
        let mut fields = Fields::default();
        let parsed = fields.case("name", "17").is_some()
            | fields.request_id("a b").is_some()
            | fields.grid("grid", "3").is_some()
            | fields.said("text", "  ").is_some();
        assert!(!parsed);
        let problem = fields.done(None::<()>).unwrap_err();
        let named: Vec<&str> = problem
            .fields
            .iter()
            .map(|(field, _)| field.as_str())
            .collect();
        assert_eq!(named, ["name", "request_id", "grid", "text"]);
        assert!(
            problem.message.contains("grid: want"),
            "{}",
            problem.message
        );
        assert!(
            problem.message_zh.contains("grid：应为"),
            "{}",
            problem.message_zh
        );
        assert_eq!(
            problem.metadata,
            [("fields", "name,request_id,grid,text".to_owned())]
        );
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(number("cases/17", CASES), Some(17));
        for name in [
            "cases/0",
            "cases/017",
            "cases/+1",
            "cases/",
            "17",
            "cases/1/",
            "tokens/1",
        ] {
            assert_eq!(number(name, CASES), None, "{name}");
        }
    }

    #[test]
    fn times_survive_a_round_trip_and_odd_ones_are_refused() {
        for at in [
            "2026-03-02T01:00:00.25Z",
            "1969-12-31T23:59:59.75Z",
            "1970-01-01T00:00:00Z",
        ] {
            let at: Timestamp = at.parse().unwrap();
            let wire = wire_time(at);
            assert!((0..1_000_000_000).contains(&wire.nanos), "{wire:?}");
            assert_eq!(Fields::default().time("at", Some(wire)), Some(Some(at)));
        }
        for (seconds, nanos) in [(i64::MAX, 0), (0, -1), (0, 1_000_000_000)] {
            let mut fields = Fields::default();
            let at = prost_types::Timestamp { seconds, nanos };
            assert_eq!(fields.time("at", Some(at)), None);
            assert_eq!(fields.0[0].field, "at");
        }
    }

    #[test]
    fn texts_have_a_length() {
        let mut fields = Fields::default();
        assert!(fields.text("text", &"路".repeat(TEXT_CHARS)).is_some());
        assert_eq!(fields.text("text", &"路".repeat(TEXT_CHARS + 1)), None);
        assert_eq!(fields.text("text", "a\u{0}b"), None);
        assert_eq!(fields.text("text", "\n"), Some(None));
        assert!(fields.text("text", "两行\n字").unwrap().is_some());
    }
}
