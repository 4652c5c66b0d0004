//! An expected "no" of an engine: a stable reason for programs, Chinese and
//! English words for people, details by name. Knows no transport; the server maps
//! [`Class`] to its status codes.

use std::borrow::Cow;

use jiff::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub class: Class,
    /// UPPER_SNAKE, for clients to branch on.
    pub reason: &'static str,
    pub zh: Cow<'static, str>,
    pub en: Cow<'static, str>,
    pub details: Vec<(&'static str, String)>,
}

/// What kind of "no": the server's status codes follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    NotFound,
    Exists,
    /// A field of the request is wrong.
    Input {
        field: &'static str,
    },
    Denied,
    /// The process is not in a state for it.
    State,
    Exhausted,
}

type Words = Cow<'static, str>;

impl Refusal {
    fn new(class: Class, reason: &'static str, zh: Words, en: Words) -> Refusal {
        let details = Vec::new();
        Refusal {
            class,
            reason,
            zh,
            en,
            details,
        }
    }

    pub fn input(
        field: &'static str,
        reason: &'static str,
        zh: impl Into<Words>,
        en: impl Into<Words>,
    ) -> Refusal {
        Refusal::new(Class::Input { field }, reason, zh.into(), en.into())
    }

    pub fn state(reason: &'static str, zh: impl Into<Words>, en: impl Into<Words>) -> Refusal {
        Refusal::new(Class::State, reason, zh.into(), en.into())
    }

    pub fn denied(reason: &'static str, zh: impl Into<Words>, en: impl Into<Words>) -> Refusal {
        Refusal::new(Class::Denied, reason, zh.into(), en.into())
    }

    pub fn exists(reason: &'static str, zh: impl Into<Words>, en: impl Into<Words>) -> Refusal {
        Refusal::new(Class::Exists, reason, zh.into(), en.into())
    }

    pub fn exhausted(reason: &'static str, zh: impl Into<Words>, en: impl Into<Words>) -> Refusal {
        Refusal::new(Class::Exhausted, reason, zh.into(), en.into())
    }

    /// A detail by name, for programs.
    pub fn with(mut self, name: &'static str, detail: impl ToString) -> Refusal {
        self.details.push((name, detail.to_string()));
        self
    }

    pub fn unknown() -> Refusal {
        let (zh, en) = (
            "没有这一项，或您看不到它",
            "there is no such thing, or not for you",
        );
        Refusal::new(Class::NotFound, "UNKNOWN_PROCESS", zh.into(), en.into())
    }

    pub fn already_open() -> Refusal {
        Refusal::exists("ALREADY_OPEN", "已经建立", "it is there already")
    }

    pub fn over() -> Refusal {
        Refusal::state("ALREADY_OVER", "已经结束", "it is over already")
    }

    /// `needs`: who may, in Chinese and English.
    pub fn not_yours(needs: (&'static str, &'static str)) -> Refusal {
        let (zh, en) = (
            format!("只有{}可以这样做", needs.0),
            format!("only {} may", needs.1),
        );
        Refusal::denied("NOT_YOURS", zh, en)
    }

    /// The adopted playbooks list no such `kind`.
    pub fn unknown_kind(kind: &crate::code::Code) -> Refusal {
        let zh = format!("已采用的预案没有列出“{kind}”");
        let en = format!("no adopted playbook lists {kind}");
        Refusal::input("kind", "UNKNOWN_KIND", zh, en).with("kind", kind)
    }

    pub(super) fn future(now: Timestamp) -> Refusal {
        let (zh, en) = ("时间在将来", "this time lies in the future");
        Refusal::input("happened_at", "IN_THE_FUTURE", zh, en).with("now", now)
    }

    pub(super) fn too_old() -> Refusal {
        let (zh, en) = ("时间在 1970 年之前", "this time lies before 1970");
        Refusal::input("happened_at", "TOO_OLD", zh, en)
    }

    pub(super) fn before_last_act(acted_at: Timestamp) -> Refusal {
        let zh = format!("早于上一次记录的时间（{acted_at}）");
        let en = format!("something was recorded for a later time already, {acted_at}");
        Refusal::input("happened_at", "BEFORE_LAST_ACT", zh, en).with("acted_at", acted_at)
    }
}
