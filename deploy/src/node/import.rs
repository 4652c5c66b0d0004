//! Importing another ticket system's history into a node that is stopped.

use std::fs;

use node_server::{
    import::{ImportFault, ImportOptions, Imported, Mapping, import},
    store::Setup,
};

use super::serve::config;
use crate::{
    cli::ImportCases,
    client,
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    progress, say,
};

pub fn cases(cases: &ImportCases) -> Result<(), Failure> {
    let bad = |error: &dyn std::fmt::Display| Failure::new(Exit::BadData, error.to_string());
    let text = fs::read_to_string(&cases.mapping)
        .map_err(|error| bad(&format!("{}: {error}", cases.mapping.display())))?;
    let mapping = Mapping::from_toml(&text).map_err(|error| bad(&error))?;
    let size = fs::metadata(&cases.file)
        .map_err(|error| bad(&format!("{}: {error}", cases.file.display())))?
        .len();
    let setup = Setup::of(&config(&cases.at.dir).map_err(client::configuration)?);
    let options = ImportOptions {
        dry_run: cases.dry_run,
        all_or_nothing: cases.all_or_nothing,
        rejected: cases.rejected.clone(),
    };
    let bar = progress::bytes(size);
    let imported = import(
        &cases.at.dir,
        &setup,
        &mapping,
        &cases.file,
        &options,
        &mut |progress| {
            bar.set_position(progress.bytes.min(size));
        },
    )
    .map_err(failure)?;
    bar.finish_and_clear();
    report(cases, &imported)
}

fn report(cases: &ImportCases, imported: &Imported) -> Result<(), Failure> {
    let mut sheet = Sheet::new(vec![
        column("rows", "行", "rows"),
        column("added", "新增", "added"),
        column("already", "已有", "already here"),
        column("rejected", "不合格", "rejected"),
        column("written", "已写入", "written"),
    ]);
    let written = if imported.nothing_written {
        "no"
    } else {
        "yes"
    };
    sheet.rows.push(vec![
        imported.rows.into(),
        imported.added.into(),
        imported.already.into(),
        imported.rejected.into(),
        Cell::from(written),
    ]);
    sheet
        .transposed_when(cases.output)
        .print(cases.output, false)?;
    if imported.rejected > 0 {
        say!(
            "不合格的 {} 行连同原因在 {}",
            "The {} rejected rows are in {}, with reasons",
            imported.rejected,
            cases.rejected.display()
        );
    }
    if cases.all_or_nothing && imported.rejected > 0 {
        let text = crate::text!(
            "有不合格的行，什么也没有写入",
            "Nothing was written: some rows are rejected"
        );
        return Err(Failure::new(Exit::BadData, text));
    }
    Ok(())
}

fn failure(fault: ImportFault) -> Failure {
    let exit = match fault {
        ImportFault::NodeRunning(_) => Exit::TryLater,
        ImportFault::Read(_) => Exit::BadData,
        _ => Exit::Failure,
    };
    Failure::new(exit, fault.to_string())
}
