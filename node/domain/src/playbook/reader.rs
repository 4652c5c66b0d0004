//! Reads TOML tables by key and collects every mistake with its line. Knows value
//! types, not what a playbook means.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Mistake, Title};
use crate::code::{Code, Name};

/// All mistakes of one file.
pub(super) struct Mistakes<'a> {
    text: &'a str,
    found: Vec<Mistake>,
}

/// A table, and another that stands in for what it leaves out.
#[derive(Clone)]
pub(super) struct Section<'a> {
    pub path: String,
    pub span: Range<usize>,
    table: &'a DeTable<'a>,
    fallback: Option<Box<Section<'a>>>,
}

/// What the table of every kind begins with.
pub(super) struct Head {
    pub code: Code,
    pub title: Title,
}

/// Of a code that is quoted, whatever stands there.
const MOST_CODE_CHARS: usize = 40;
const HEAD_KEYS: [&str; 3] = ["code", "zh", "en"];

/// A value with the place to blame when it is wrong.
pub(super) struct Entry<'a> {
    pub field: String,
    pub span: Range<usize>,
    pub value: &'a DeValue<'a>,
}

impl<'a> Mistakes<'a> {
    pub fn new(text: &'a str) -> Mistakes<'a> {
        Mistakes {
            text,
            found: Vec::new(),
        }
    }

    pub fn add(&mut self, span: &Range<usize>, field: &str, zh: String, en: String) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        self.found.push(Mistake {
            line: before.matches('\n').count() + 1,
            field: field.to_owned(),
            zh,
            en,
        });
    }

    /// In the file's order, each once.
    pub fn finish(mut self) -> Vec<Mistake> {
        self.found.sort_by_key(|mistake| mistake.line);
        let mut seen = BTreeSet::new();
        let named = |one: &Mistake| (one.line, one.field.clone(), one.en.clone());
        self.found.retain(|one| seen.insert(named(one)));
        self.found
    }
}

impl<'a> Section<'a> {
    pub fn root(table: &'a DeTable<'a>) -> Section<'a> {
        Section {
            path: String::new(),
            span: 0..0,
            table,
            fallback: None,
        }
    }

    pub fn with_fallback(mut self, fallback: &Section<'a>) -> Section<'a> {
        self.fallback = Some(Box::new(fallback.clone()));
        self
    }

    pub fn entry(&self, key: &str) -> Option<Entry<'a>> {
        let Some((name, value)) = self.table.get_key_value(key) else {
            return self.fallback.as_ref()?.entry(key);
        };
        // An empty span would point at the file's start.
        let span = if value.span().is_empty() {
            name.span()
        } else {
            value.span()
        };
        Some(Entry {
            field: self.field(key),
            span,
            value: value.get_ref(),
        })
    }

    fn field(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Names every key that is not `known`: a misspelt key must not pass unseen.
    pub fn check_keys(&self, known: &[&str], mistakes: &mut Mistakes<'_>) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let allowed = known.join(", ");
                mistakes.add(
                    &key.span(),
                    &self.field(name),
                    format!("没有这个键,可用的键:{allowed}"),
                    format!("no such key; there are {allowed}"),
                );
            }
        }
    }

    pub fn required(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Entry<'a>> {
        let entry = self.entry(key);
        if entry.is_none() {
            mistakes.add(
                &self.span,
                &self.field(key),
                format!("缺少 {key}"),
                format!("{key} is missing"),
            );
        }
        entry
    }

    pub fn section(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Section<'a>> {
        let entry = self.required(key, mistakes)?;
        let DeValue::Table(table) = entry.value else {
            entry.wants("一个表", "a table", mistakes);
            return None;
        };
        Some(Section {
            path: entry.field,
            span: entry.span,
            table,
            fallback: None,
        })
    }

    /// How many tables `[[key]]` has.
    pub fn count(&self, key: &str) -> usize {
        match self.entry(key).map(|entry| entry.value) {
            Some(DeValue::Array(items)) => items.len(),
            _ => 0,
        }
    }

    /// The tables of `[[key]]`.
    pub fn sections(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Vec<Section<'a>> {
        let Some(entry) = self.entry(key) else {
            return Vec::new();
        };
        let section = |item: &'a Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::Table(table) => Some(Section {
                path: entry.field.clone(),
                span: item.span(),
                table,
                fallback: None,
            }),
            _ => None,
        };
        let sections = match entry.value {
            DeValue::Array(items) => items.iter().map(section).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        sections.unwrap_or_else(|| {
            entry.wants("若干个表([[…]])", "tables ([[…]])", mistakes);
            Vec::new()
        })
    }

    /// The tables of `[[key]]`, by their codes. Each has a code of its own and a title,
    /// by which its mistakes are named; `read` takes the rest, whose keys are `known`.
    /// Goes on after a mistake, so that `read` sees every table.
    pub fn kinds<T>(
        &self,
        key: &str,
        known: &[&str],
        mistakes: &mut Mistakes<'_>,
        mut read: impl FnMut(&Section<'a>, Option<Head>, &mut Mistakes<'_>) -> Option<T>,
    ) -> BTreeMap<Code, T> {
        let known = [&HEAD_KEYS, known].concat();
        let (mut kinds, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for mut section in self.sections(key, mistakes) {
            let code = section.entry("code").and_then(|entry| entry.value.as_str());
            if let Some(code) = code {
                let code: String = code.chars().take(MOST_CODE_CHARS).collect();
                section.path = format!("{key}.{code}");
            }
            section.check_keys(&known, mistakes);
            let code = section.code("code", mistakes);
            let title = section.title(mistakes);
            if let Some(code) = &code
                && !taken.insert(code.clone())
            {
                let (zh, en) = ("这个代码已经用过", "this code is taken");
                mistakes.add(&section.span, &section.path, zh.to_owned(), en.to_owned());
            }
            let head = code.clone().zip(title);
            let head = head.map(|(code, title)| Head { code, title });
            if let Some((code, kind)) = code.zip(read(&section, head, mistakes)) {
                kinds.insert(code, kind);
            }
        }
        kinds
    }

    /// A code that must be there.
    pub fn code(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Code> {
        self.required(key, mistakes)?.code(mistakes)
    }

    pub fn title(&self, mistakes: &mut Mistakes<'_>) -> Option<Title> {
        let zh = self.required("zh", mistakes);
        let en = self.required("en", mistakes);
        let mut text = |entry: Option<Entry<'a>>| {
            let entry = entry?;
            let text = entry.text(mistakes)?.trim();
            if text.is_empty() {
                entry.wants("文字", "some text", mistakes);
                return None;
            }
            Some(Box::from(text))
        };
        let (zh, en) = (text(zh), text(en));
        Some(Title { zh: zh?, en: en? })
    }

    pub fn number(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<u32> {
        let entry = self.entry(key)?;
        let number = entry
            .value
            .as_integer()
            .and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (from, to) = range.into_inner();
            entry.wants(
                &format!("{from} 到 {to} 的整数"),
                &format!("a whole number from {from} to {to}"),
                mistakes,
            );
        }
        number
    }
}

impl<'a> Entry<'a> {
    /// Says what should stand here, and what does if that is text.
    pub fn wants(&self, zh: &str, en: &str, mistakes: &mut Mistakes<'_>) {
        let (mut zh, mut en) = (format!("应为{zh}"), format!("want {en}"));
        if let DeValue::String(text) = self.value {
            let text: String = text.chars().take(40).collect();
            (zh, en) = (format!("“{text}”{zh}"), format!("{text:?}: {en}"));
        }
        mistakes.add(&self.span, &self.field, zh, en);
    }

    pub fn text(&self, mistakes: &mut Mistakes<'_>) -> Option<&'a str> {
        let text = match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        };
        if text.is_none() {
            self.wants("带引号的文字", "text in quotes", mistakes);
        }
        text
    }

    pub fn code(&self, mistakes: &mut Mistakes<'_>) -> Option<Code> {
        let code = self.text(mistakes)?.parse().ok();
        if code.is_none() {
            let (zh, en) = (
                "1 到 40 个小写字母、数字或连字符,首尾不是连字符",
                "1 to 40 of a-z, 0-9 and '-', no '-' at the ends",
            );
            self.wants(zh, en, mistakes);
        }
        code
    }

    pub fn name(&self, mistakes: &mut Mistakes<'_>) -> Option<Name> {
        let name = self.text(mistakes)?.parse().ok();
        if name.is_none() {
            self.wants(
                "1 到 64 个字的名称",
                "a name of 1 to 64 characters",
                mistakes,
            );
        }
        name
    }

    /// The items of an array, each to be blamed by itself.
    pub fn items(&self, mistakes: &mut Mistakes<'_>) -> Vec<Entry<'a>> {
        let DeValue::Array(items) = self.value else {
            self.wants("方括号里的列表", "a list in brackets", mistakes);
            return Vec::new();
        };
        let item = |item: &'a Spanned<DeValue<'a>>| Entry {
            field: self.field.clone(),
            span: item.span(),
            value: item.get_ref(),
        };
        items.iter().map(item).collect()
    }
}
