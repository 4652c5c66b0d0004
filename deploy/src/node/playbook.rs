//! `tongxin node playbook …`: the playbooks that ship with the binary, and what is
//! wrong with one that a community has written. Knows no rule of theirs.

pub mod adoption;
#[cfg(test)]
mod schema;

use std::fs;
use std::path::Path;

use node_domain::playbook::{AdoptionRefused, Playbook, Playbooks};

use crate::{
    cli::{Output, PlaybookCommand},
    failure::{Exit, Failure},
    output::{Sheet, column},
    say,
};

/// By code; each realises what the article says of one place.
pub const SHIPPED: &[(&str, &str)] = &[
    ("qingshan", include_str!("../../playbooks/qingshan.toml")),
    ("tianning", include_str!("../../playbooks/tianning.toml")),
    ("baibuting", include_str!("../../playbooks/baibuting.toml")),
    ("ruiquan", include_str!("../../playbooks/ruiquan.toml")),
    (
        "cuizhuyuan",
        include_str!("../../playbooks/cuizhuyuan.toml"),
    ),
    ("qinghe", include_str!("../../playbooks/qinghe.toml")),
];

pub fn run(command: &PlaybookCommand) -> Result<(), Failure> {
    match command {
        PlaybookCommand::Check { file } => check(file),
        PlaybookCommand::List { output } => list(*output),
        PlaybookCommand::Show { code, dir } => {
            match dir {
                None => print!("{}", shipped(code)?),
                Some(dir) => print!("{}", adoption::text(dir, code)?),
            }
            Ok(())
        }
        PlaybookCommand::Adopt { at, playbooks } => adoption::adopt(&at.dir, playbooks),
        PlaybookCommand::Amend { at, playbook } => adoption::amend(&at.dir, playbook),
        PlaybookCommand::History(history) => adoption::history(history),
    }
}

/// A shipped playbook's text by its code, else a file's.
pub fn text(code_or_file: &str) -> Result<String, Failure> {
    if let Ok(text) = shipped(code_or_file) {
        return Ok(text.to_owned());
    }
    fs::read_to_string(code_or_file).map_err(|error| {
        let text = crate::text!(
            "{}：既不是随附的预案（{}），也不是可读的文件：{}",
            "{}: no playbook that ships ({}), and no file that can be read: {}",
            code_or_file,
            codes(),
            error
        );
        Failure::new(Exit::Usage, text)
    })
}

fn shipped(code: &str) -> Result<&'static str, Failure> {
    let found = SHIPPED.iter().find(|(shipped, _)| *shipped == code);
    found.map(|(_, text)| *text).ok_or_else(|| {
        let text = crate::text!(
            "没有随附名为 {} 的预案，随附的有：{}",
            "no playbook {} ships; these do: {}",
            code,
            codes()
        );
        Failure::new(Exit::Usage, text)
    })
}

fn codes() -> String {
    let codes: Vec<&str> = SHIPPED.iter().map(|(code, _)| *code).collect();
    codes.join(", ")
}

fn check(file: &Path) -> Result<(), Failure> {
    let text = text(&file.to_string_lossy())?;
    let playbook = parsed(&text)?;
    say!(
        "预案 {} 无误：事项 {} 类，职责 {} 类，其余 {} 类",
        "Playbook {} is sound: {} kinds of cases, {} of duties, {} others",
        playbook.id,
        playbook.kinds().count(),
        playbook.duties.len(),
        others(&playbook)
    );
    Ok(())
}

/// Kinds of the engines that have no column of their own.
fn others(playbook: &Playbook) -> usize {
    let talks = playbook.deliberations.len() + playbook.surveys.len() + playbook.activities.len();
    let votes = playbook.consents.len() + playbook.elections.len() + playbook.documents.len();
    let books = playbook.registers.len() + playbook.funds.len() + playbook.assessments.len();
    talks + votes + books
}

/// The first one's codes before the others'.
pub fn together(texts: &[String]) -> Result<Playbooks, Failure> {
    let mut all: Option<Playbooks> = None;
    for text in texts {
        let playbook = parsed(text)?;
        let refused = |refusal: AdoptionRefused| Failure::new(Exit::BadData, refusal.to_string());
        match &mut all {
            None => all = Some(Playbooks::new(playbook)),
            Some(all) => all.adopt(playbook).map_err(refused)?,
        }
    }
    all.ok_or_else(|| Failure::new(Exit::Usage, "--playbook: want at least one"))
}

pub fn parsed(text: &str) -> Result<Playbook, Failure> {
    Playbook::parse(text).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::new(Exit::BadData, lines.join("\n"))
    })
}

fn list(output: Output) -> Result<(), Failure> {
    let mut sheet = Sheet::new(vec![
        column("code", "代码", "code"),
        column("revision", "版次", "revision"),
        column("name_zh", "名称", "name (zh)"),
        column("name_en", "英文名", "name"),
        column("case_kinds", "事项", "case kinds"),
        column("duties", "职责", "duties"),
        column("others", "其余", "other kinds"),
    ]);
    for (_, text) in SHIPPED {
        let playbook = parsed(text)?;
        sheet.rows.push(vec![
            playbook.id.code.as_str().into(),
            playbook.id.revision.into(),
            (*playbook.title.zh).into(),
            (*playbook.title.en).into(),
            (playbook.kinds().count() as u64).into(),
            (playbook.duties.len() as u64).into(),
            (others(&playbook) as u64).into(),
        ]);
    }
    Ok(sheet.print(output, false)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_sound_and_can_be_taken_together() {
        let mut adopted: Option<node_domain::playbook::Playbooks> = None;
        for (code, text) in SHIPPED {
            let playbook =
                Playbook::parse(text).unwrap_or_else(|wrong| panic!("{code}: {wrong:?}"));
            assert_eq!(playbook.id.code.as_str(), *code);
            match &mut adopted {
                None => adopted = Some(node_domain::playbook::Playbooks::new(playbook)),
                Some(adopted) => adopted.adopt(playbook).unwrap(),
            }
        }
    }
}
