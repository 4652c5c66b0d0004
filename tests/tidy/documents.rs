//! Rules for documents: the glossary holds, every seed system has its row, and
//! what a row calls a test exists.

use std::{collections::BTreeSet, fs};

use crate::sources::{files, root};

/// Systems of `reference/seed-systems.md`: prefix and how many.
const SYSTEMS: [(&str, u32); 6] = [
    ("QS", 15),
    ("TN", 9),
    ("BBT", 13),
    ("WJ", 12),
    ("CZY", 14),
    ("QH", 14),
];

fn rows(document: &str) -> Vec<Vec<String>> {
    fs::read_to_string(root().join(document))
        .unwrap_or_else(|fault| panic!("{document}: {fault}"))
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

#[test]
fn every_system_of_the_article_has_its_row() {
    let rows = rows("docs/systems.md");
    let sources = files(&["rs"]);
    for (prefix, count) in SYSTEMS {
        for number in 1..=count {
            let id = format!("{prefix}-{number}");
            let found: Vec<_> = rows.iter().filter(|row| row[0] == id).collect();
            assert_eq!(found.len(), 1, "docs/systems.md: one row for {id}");
            let state = found[0].last().unwrap();
            if state == "not yet" {
                continue;
            }
            let tests = state
                .strip_prefix("works: ")
                .or_else(|| state.strip_prefix("in part: "));
            let tests = tests.unwrap_or_else(|| {
                panic!("{id}: want `works: tests`, `in part: tests` or `not yet`")
            });
            for test in tests.split(", ").map(|test| test.trim_matches('`')) {
                let signature = format!("fn {test}(");
                let exists = sources
                    .iter()
                    .any(|source| source.text.contains(&signature));
                assert!(exists, "{id}: no test named {test}");
            }
        }
    }
}

/// Rows of the glossary: Chinese, code word, words never used for it.
fn glossary() -> Vec<(String, String, Vec<String>)> {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let section = text
        .split("## ")
        .find(|section| section.starts_with("词汇"))
        .expect("a glossary");
    section
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| 中文") && !line.starts_with("| ---")
        })
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let never = cells[2]
                .split(", ")
                .filter(|word| !word.is_empty() && *word != "–");
            (
                cells[0].to_owned(),
                cells[1].to_owned(),
                never.map(str::to_owned).collect(),
            )
        })
        .collect()
}

#[test]
fn one_english_word_per_chinese_term() {
    let glossary = glossary();
    assert!(
        glossary.len() >= 30,
        "the glossary has {} rows",
        glossary.len()
    );
    let words: BTreeSet<_> = glossary.iter().map(|(_, word, _)| word).collect();
    assert_eq!(
        words.len(),
        glossary.len(),
        "a code word stands for one term"
    );
    for source in files(&["proto", "rs"])
        .iter()
        .filter(|source| !source.path.starts_with("tests/tidy"))
    {
        for (at, line) in source.text.lines().enumerate() {
            for (chinese, word, never) in &glossary {
                for synonym in never {
                    let declared = declares(line, synonym);
                    assert!(
                        !declared,
                        "{}:{}: {chinese} is `{word}`, never `{synonym}`",
                        source.path,
                        at + 1
                    );
                }
            }
        }
    }
}

/// Whether the line declares something named by the word: a type, a message, a
/// module or a field.
fn declares(line: &str, word: &str) -> bool {
    let line = line.trim();
    let capitalised = word[..1].to_uppercase() + &word[1..];
    ["struct", "enum", "message", "trait", "service", "type"]
        .iter()
        .any(|keyword| {
            let of = |name: &str| {
                line.contains(&format!("{keyword} {name} "))
                    || line.ends_with(&format!("{keyword} {name}"))
            };
            of(&capitalised)
        })
        || [
            format!("mod {word};"),
            format!("pub mod {word}s;"),
            format!("pub {word}: "),
        ]
        .iter()
        .any(|declaration| line.contains(declaration.as_str()))
}

#[test]
fn a_declaration_is_seen() {
    assert!(declares("pub struct Ticket {", "ticket") && declares("message Ticket {", "ticket"));
    assert!(declares("pub ticket: u8,", "ticket") && !declares("// a ticket system", "ticket"));
}

#[test]
fn the_readme_shows_the_two_commands() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("cargo run --release -- demo") && readme.contains("./tests/run"));
}
