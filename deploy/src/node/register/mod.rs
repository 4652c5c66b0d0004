//! Registers as workbooks: a template to fill in, and the import of what was
//! filled in. Knows which register is meant; columns, files and calls are its
//! parts'.

mod check;
mod column;
mod import;
mod read;
mod send;
mod standing;
mod write;

use std::fs;
use std::path::Path;

use node_domain::code::Code;
use node_domain::playbook::Playbooks;
use node_domain::registers::{Form, Kind};

use self::column::Column;
use self::write::Book;
use super::playbook;
use crate::cli::RegisterTemplate;
use crate::failure::{Exit, Failure};
use crate::say;

pub use self::import::import;

/// Writes an empty workbook of a register, as the node's playbooks keep it or, for
/// whoever has no node at hand, as those named do.
pub fn template(asked: &RegisterTemplate) -> Result<(), Failure> {
    let playbooks = match &asked.dir {
        Some(dir) => playbook::adoption::in_force(dir)?,
        None => named(&asked.playbooks)?,
    };
    if ending(&asked.file) != "xlsx" {
        let text = crate::text!(
            "{}：文件名要以 .xlsx 结尾",
            "{}: the name must end with .xlsx",
            asked.file.display()
        );
        return Err(Failure::new(Exit::Usage, text));
    }
    let kind = register(&playbooks, asked.register.as_deref(), &asked.file)?;
    let columns = Column::of(&kind.rules);
    let book = Book::empty(kind, &columns);
    fs::write(&asked.file, book.bytes()?)?;
    say!(
        "名册“{}”的模板：{}。填好后用 tongxin node import register 导入",
        "Template of the register {}: {}. Once it is filled in, run tongxin node import register",
        kind.code,
        asked.file.display()
    );
    Ok(())
}

fn named(codes_or_files: &[String]) -> Result<Playbooks, Failure> {
    let texts = codes_or_files.iter().map(|named| playbook::text(named));
    playbook::together(&texts.collect::<Result<Vec<_>, _>>()?)
}

fn ending(file: &Path) -> String {
    let ending = file.extension().unwrap_or_default();
    ending.to_string_lossy().to_lowercase()
}

/// The register that is named, else the one after which the file is: `owners.xlsx`;
/// `grids.xlsx` also means `courtyard-grids` where there are no others.
fn register<'a>(
    playbooks: &'a Playbooks,
    named: Option<&str>,
    file: &Path,
) -> Result<&'a Kind, Failure> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = named.unwrap_or(stem.split('.').next().unwrap_or_default());
    let code: Option<Code> = name.parse().ok();
    let exact = code.and_then(|code| playbooks.register(&code));
    let all = || {
        playbooks
            .iter()
            .flat_map(|playbook| playbook.registers.values())
    };
    let found = exact.or_else(|| {
        let ending = format!("-{name}");
        let mut alike = all().filter(|kind| kind.code.as_str().ends_with(&ending));
        alike.next().filter(|_| alike.next().is_none())
    });
    let listed = || {
        let taken = all().filter(|kind| takes_rows(kind));
        let titles = taken.map(|kind| format!("{} {}", kind.code, kind.title.zh));
        titles.collect::<Vec<_>>().join(", ")
    };
    let refused = |zh: String, en: String| Failure::new(Exit::Usage, crate::locale::pick(zh, en));
    let kind = found.ok_or_else(|| {
        let codes = listed();
        refused(
            format!("没有名册“{name}”，请用 --register 指明：{codes}"),
            format!("there is no register {name:?}; name one with --register: {codes}"),
        )
    })?;
    if !takes_rows(kind) {
        return Err(refused(
            format!("名册“{}”的条目牵涉别的条目，不能成批导入", kind.code),
            format!("entries of {} are made of others, not of rows", kind.code),
        ));
    }
    Ok(kind)
}

/// Pairs and gardens are made of other entries.
fn takes_rows(kind: &Kind) -> bool {
    matches!(kind.rules.form, Form::Person | Form::Household | Form::Body)
}

#[cfg(test)]
mod tests;
