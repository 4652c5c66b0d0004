//! A version of a document: its clauses, their hash, and how far it has come.
//! Knows no time and no actor.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::code::{Code, Name};
use crate::process::{Engine, Refusal};
use crate::sha256::Sha256;
use crate::stored::Day;
use crate::words::Words;

pub const MOST_CLAUSES: usize = 200;
/// Of all clauses together.
const MOST_BYTES: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// From 1.
    pub number: u32,
    pub text: Text,
    pub stage: Stage,
    /// Comments that were made while it was posted.
    pub comments: u32,
    pub consult_until: Option<Day>,
    pub grounds: Option<Grounds>,
    pub in_force_from: Option<Day>,
    pub in_force_until: Option<Day>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// Nobody outside has seen it; it can be written again.
    Draft,
    /// Posted for comments.
    Posted,
    Consulted,
    /// Voted, decided.
    Adopted,
    InForce,
    /// Another version followed it.
    Amended,
    Repealed,
    /// Given up before it was in force.
    Dropped,
}

/// What puts it in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grounds {
    /// `consents/7`, where this very text was voted on or signed by all.
    Consent(u64),
    Decision {
        by: Name,
        document: Sha256,
    },
    Publication,
}

/// Public: no resident's name belongs in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Over [`canonical`].
    pub sha256: Sha256,
    clauses: Box<[Clause]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    pub code: Code,
    pub words: Words,
}

/// A clause with this code and a collection's name behind it lists processes by
/// their names, one a line: `about-consents` has lines such as `consents/7`.
const ABOUT: &str = "about-";
const MOST_NAMED: usize = 50;

/// Each clause: its code on a line, its words, an empty line; what the hash is over,
/// so that anybody who has the text can compute it again.
pub fn canonical(clauses: &[Clause]) -> String {
    let mut text = String::new();
    for clause in clauses {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}\n{}\n\n", clause.code, clause.words);
    }
    text
}

impl Text {
    /// `sha256`: makes it of the canonical text.
    pub fn of(clauses: Vec<Clause>, sha256: impl FnOnce(&str) -> Sha256) -> Result<Text, Refusal> {
        let wrong = |reason, zh: String, en: String| Refusal::input("clauses", reason, zh, en);
        if !(1..=MOST_CLAUSES).contains(&clauses.len()) {
            let zh = format!("应有 1 至 {MOST_CLAUSES} 条");
            let en = format!("want 1 to {MOST_CLAUSES} clauses");
            return Err(wrong("CLAUSES", zh, en));
        }
        let mut codes: Vec<&Code> = clauses.iter().map(|clause| &clause.code).collect();
        codes.sort();
        if let Some(pair) = codes.windows(2).find(|pair| pair[0] == pair[1]) {
            let zh = format!("条款 {} 出现了两次", pair[0]);
            let en = format!("clause {} is there twice", pair[0]);
            return Err(wrong("CLAUSE_TWICE", zh, en));
        }
        let text = canonical(&clauses);
        if text.len() > MOST_BYTES {
            let zh = format!("全文最多 {MOST_BYTES} 字节");
            let en = format!("want at most {MOST_BYTES} bytes in all");
            return Err(wrong("TEXT_TOO_LONG", zh, en));
        }
        Ok(Text {
            sha256: sha256(&text),
            clauses: clauses.into(),
        })
    }

    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The processes that clauses name, with their engines.
    pub fn about(&self) -> Result<Vec<(Engine, u64)>, Refusal> {
        let mut named = Vec::new();
        for clause in &self.clauses {
            let collection = clause.code.as_str().strip_prefix(ABOUT);
            let Some(engine) = collection.and_then(Engine::by_collection) else {
                continue;
            };
            for line in clause.words.as_str().lines() {
                let number = line.strip_prefix(engine.collection());
                let number = number.and_then(|rest| rest.strip_prefix('/'));
                let number = number.and_then(|digits| digits.parse::<u64>().ok());
                let Some(number) = number.filter(|number| !named.contains(&(engine, *number)))
                else {
                    return Err(not_a_name(&clause.code, engine));
                };
                named.push((engine, number));
            }
        }
        if named.len() > MOST_NAMED {
            let zh = format!("最多列出 {MOST_NAMED} 项");
            let en = format!("want at most {MOST_NAMED} names");
            return Err(Refusal::input("clauses", "TOO_MANY_NAMED", zh, en));
        }
        Ok(named)
    }
}

fn not_a_name(clause: &Code, engine: Engine) -> Refusal {
    let collection = engine.collection();
    let zh = format!("条款 {clause} 每行写一个不同的名称，例如 {collection}/7");
    let en = format!("clause {clause} has one name a line, each once, such as {collection}/7");
    Refusal::input("clauses", "NOT_A_NAME", zh, en).with("clause", clause)
}

impl Version {
    pub(super) fn new(number: u32, text: Text) -> Version {
        Version {
            number,
            text,
            stage: Stage::Draft,
            comments: 0,
            consult_until: None,
            grounds: None,
            in_force_from: None,
            in_force_until: None,
        }
    }

    /// On its way to be in force.
    pub fn is_pending(&self) -> bool {
        self.stage < Stage::InForce
    }
}

impl Stage {
    pub const fn code(self) -> &'static str {
        self.words().0
    }

    pub const fn zh(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Stage::Draft => ("draft", "草案"),
            Stage::Posted => ("posted", "公开征求意见"),
            Stage::Consulted => ("consulted", "已征求意见"),
            Stage::Adopted => ("adopted", "已通过"),
            Stage::InForce => ("in-force", "生效"),
            Stage::Amended => ("amended", "已被修订"),
            Stage::Repealed => ("repealed", "废止"),
            Stage::Dropped => ("dropped", "放弃"),
        }
    }
}
