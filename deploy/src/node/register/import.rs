//! `tongxin node import register`: rows read, checked, sent, and what is wrong with
//! them written back beside the file. Knows the order of it, no column.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;

use super::check::{Against, Mark, Ready};
use super::column::Column;
use super::read::{self, Row};
use super::register;
use super::send::send;
use super::standing::{Known, Standing};
use super::write::{Book, Outcome, Results};
use crate::cli::ImportRegister;
use crate::client;
use crate::failure::{Exit, Failure};
use crate::node::{playbook, serve};
use crate::output::{Cell, Sheet, column};
use crate::{progress, say};

#[derive(Debug, Default)]
struct Counts {
    rows: usize,
    added: usize,
    already: usize,
    rejected: usize,
    written: bool,
}

pub fn import(asked: &ImportRegister) -> Result<(), Failure> {
    let config = serve::config(&asked.at.dir)?;
    let playbooks = playbook::adoption::in_force(&asked.at.dir)?;
    let kind = register(&playbooks, asked.register.as_deref(), &asked.file)?;
    let columns = Column::of(&kind.rules);
    let rows = read::rows(&asked.file, kind.code.as_str(), &columns)?;
    let against = Against {
        kind,
        columns: &columns,
        playbooks: &playbooks,
        zone: &config.zone,
        now: Timestamp::now(),
    };
    let mut counts = Counts {
        rows: rows.len(),
        ..Counts::default()
    };
    let (mut results, sent) = client::block_on(async {
        let door = serve::door(&asked.at.dir)?;
        let code = kind.code.as_str();
        let standing = Standing::read(&door, code, kind.rules.form).await?;
        let (mut results, ready) = sorted(&rows, &against, &standing);
        counts.already = results.values().filter(|one| is_done(one)).count();
        let stops = asked.all_or_nothing && counts.already < results.len();
        if asked.dry_run || stops {
            counts.added = ready.len();
            return Ok((results, Ok(())));
        }
        counts.written = true;
        let bar = progress::count(ready.len() as u64, kind.title.zh.to_string());
        let sent = send(&door, ready, &mut results, &bar).await;
        bar.finish_and_clear();
        counts.added = results.values().filter(|one| is_done(one)).count() - counts.already;
        Ok((results, sent))
    })?;
    counts.rejected = results.values().filter(|one| !is_done(one)).count();
    let checked = match counts.rejected {
        0 => None,
        _ => Some(write_back(asked, &rows, &mut results, &against)?),
    };
    report(asked, &counts, checked)?;
    sent
}

fn is_done(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Done(_))
}

/// Rows that are wrong or there already, and those that can be registered.
fn sorted(rows: &[Row], against: &Against<'_>, standing: &Standing) -> (Results, Vec<Ready>) {
    let mut results = Results::new();
    let mut ready: Vec<Ready> = Vec::new();
    let mut first: HashMap<String, u32> = HashMap::new();
    for row in rows {
        let one = match against.check(row) {
            Ok(one) => one,
            Err(marks) => {
                results.insert(row.line, Outcome::Wrong(marks));
                continue;
            }
        };
        if let Some(line) = first.insert(one.identity.clone(), row.line) {
            let (zh, en) = (
                format!("与第 {line} 行相同"),
                format!("the same as row {line}"),
            );
            let mark = Mark::new(None, zh, en);
            results.insert(row.line, Outcome::Wrong(vec![mark]));
            first.insert(one.identity, line);
            continue;
        }
        match standing.knows(&one) {
            Known::New => ready.push(one),
            Known::Same(name) => {
                results.insert(row.line, Outcome::Done(name));
            }
            Known::Otherwise(marks) => {
                results.insert(row.line, Outcome::Wrong(marks));
            }
        }
    }
    (results, ready)
}

/// The same rows in a workbook beside the file, wrong cells marked.
fn write_back(
    asked: &ImportRegister,
    rows: &[Row],
    results: &mut Results,
    against: &Against<'_>,
) -> Result<PathBuf, Failure> {
    for row in rows {
        // Good rows that were not sent: a dry run, all or nothing, a fault.
        let left = || Outcome::Done("可以导入，尚未写入 · good, not written".to_owned());
        results.entry(row.line).or_insert_with(left);
    }
    let told = rows.iter().map(|row| (row, &results[&row.line]));
    let bytes = Book::checked(against.kind, against.columns, told).bytes()?;
    let beside = asked.checked.clone().unwrap_or_else(|| {
        let stem = asked.file.file_stem().unwrap_or_default().to_string_lossy();
        let stem = stem.trim_end_matches(".checked");
        asked.file.with_file_name(format!("{stem}.checked.xlsx"))
    });
    fs::write(&beside, bytes)
        .map_err(|error| Failure::new(Exit::Failure, format!("{}: {error}", beside.display())))?;
    Ok(beside)
}

fn report(
    asked: &ImportRegister,
    counts: &Counts,
    checked: Option<PathBuf>,
) -> Result<(), Failure> {
    let mut sheet = Sheet::new(vec![
        column("rows", "行", "rows"),
        column("added", "新增", "added"),
        column("already", "已有", "already here"),
        column("rejected", "不合格", "rejected"),
        column("written", "已写入", "written"),
    ]);
    let written = if counts.written { "yes" } else { "no" };
    let numbers = [counts.rows, counts.added, counts.already, counts.rejected];
    let mut row: Vec<Cell> = numbers.map(|n| Cell::Whole(n as i64)).into();
    row.push(Cell::from(written));
    sheet.rows.push(row);
    sheet
        .transposed_when(asked.output)
        .print(asked.output, false)?;
    if let Some(checked) = checked {
        say!(
            "不合格的 {} 行已在 {} 标出，改好后再导入这个文件",
            "The {} rejected rows are marked in {}: put them right and import that file",
            counts.rejected,
            checked.display()
        );
    }
    if asked.all_or_nothing && counts.rejected > 0 && !counts.written {
        let text = crate::text!(
            "有不合格的行，什么也没有写入",
            "Nothing was written: some rows are rejected"
        );
        return Err(Failure::new(Exit::BadData, text));
    }
    Ok(())
}
