//! `recovery-key`, and `backup`, `verify-backup` and `restore` of node and hub:
//! one encrypted file, taken while the server runs. What a store consists of is
//! its server's to say.

mod archive;
mod fault;
mod key;
mod manifest;
mod missing;
mod restoring;

#[cfg(test)]
mod tests;

use std::path::Path;

use jiff::Timestamp;
use journal::Snapshot;
use proto_edge::gathering::Files;

use crate::{
    cli::{Backup, Output, RecoveryKey, RestoreFrom, VerifyBackup},
    failure::{Exit, Failure},
    output::{Sheet, column},
    progress, say,
};
use fault::BackupFault;
use manifest::{Contents, Manifest};

pub use manifest::Kind;

pub fn recovery_key(make: &RecoveryKey) -> Result<(), Failure> {
    println!("{}", key::make(&make.secret)?);
    say!(
        "私钥在 {}：存到离线介质（至少两处）后从这台机器删去。公钥写进各机器数据目录的 {}",
        "The secret half is in {}: keep it offline in two places, and remove it from this machine. Write the public half into {} of each data directory",
        make.secret.display(),
        key::PUBLIC
    );
    Ok(())
}

/// Makes a pair of keys; the secret half goes into `secret`, the public half is
/// returned.
pub fn make_key(secret: &Path) -> Result<String, Failure> {
    Ok(key::make(secret)?)
}

pub fn secret_key(secret: &Path) -> Result<age::x25519::Identity, Failure> {
    Ok(key::secret(secret)?)
}

pub fn backup(kind: Kind, backup: &Backup) -> Result<(), Failure> {
    let dir = &backup.at.dir;
    let recipients = key::recipients(&backup.recipients, dir)?;
    let contents = collect(kind, dir)?;
    let now = Timestamp::now()
        .round(jiff::Unit::Second)
        .map_err(|error| Failure::new(Exit::Failure, error.to_string()))?;
    let written = archive::write(&contents, &recipients, now.to_string(), &backup.file)?;
    print(&written, backup.output, None)
}

fn collect(kind: Kind, dir: &Path) -> Result<Contents, Failure> {
    let bar = progress::bytes(journal::verify_bytes(&dir.join("journal")).unwrap_or_default());
    let configuration =
        |fault: &dyn std::fmt::Display| Failure::new(Exit::Configuration, fault.to_string());
    let storage = |fault: &dyn std::fmt::Display| Failure::new(Exit::Storage, fault.to_string());
    let of = |owner: String, snapshot: Snapshot, files: Files| Contents {
        kind,
        owner,
        snapshot,
        files,
    };
    let collected = match kind {
        Kind::Node => {
            use node_server::backup::BackupFault;
            let collected = node_server::backup::collect(dir, |bytes| bar.inc(bytes));
            let parts = collected.map_err(|fault| match fault {
                BackupFault::Config(_) | BackupFault::PlaybookOutside(_) => configuration(&fault),
                BackupFault::Restless => Failure::new(Exit::TryLater, fault.to_string()),
                BackupFault::Store(_) => storage(&fault),
            })?;
            of(parts.community, parts.snapshot, parts.files)
        }
        Kind::Hub => {
            use hub_server::backup::BackupFault;
            let collected = hub_server::backup::collect(dir, |bytes| bar.inc(bytes));
            let parts = collected.map_err(|fault| match fault {
                BackupFault::Config(_) => configuration(&fault),
                BackupFault::Files { .. } | BackupFault::Store(_) => storage(&fault),
            })?;
            of(parts.district, parts.snapshot, parts.files)
        }
    };
    bar.finish_and_clear();
    Ok(collected)
}

pub fn verify(kind: Kind, verify: &VerifyBackup) -> Result<(), Failure> {
    let secret = key::secret(&verify.recovery_key)?;
    let manifest = restoring::verify(&verify.file, &secret, kind)?;
    print(&manifest, verify.output, None)?;
    say!(
        "备份完好，可以恢复",
        "The backup is whole and can be restored"
    );
    Ok(())
}

pub fn restore(
    kind: Kind,
    restore: &RestoreFrom,
    expect_head: Option<&str>,
) -> Result<(), Failure> {
    let dir = &restore.at.dir;
    let secret = key::secret(&restore.recovery_key)?;
    let expected = expect_head.map(missing::parse).transpose()?;
    let mut incarnation = 0;
    let finish = || {
        if kind == Kind::Hub {
            let marked = hub_server::backup::mark_restored(dir, Timestamp::now());
            incarnation = marked.map_err(|fault| BackupFault::Journal(fault.to_string()))?;
        }
        Ok(())
    };
    let manifest = restoring::restore(&restore.file, &secret, kind, dir, finish)?;
    let missing = expected
        .map(|head| missing::compare(dir, &head))
        .transpose()?;
    print(&manifest, restore.output, missing.flatten())?;
    match kind {
        Kind::Node => say!(
            "社区 {} 的节点恢复到 {} 的状态，视图在下次启动时重建。运行 tongxin node serve --dir {}；枢纽会把它当作恢复的存储拦下，由操作员决定：tongxin hub adopt（取回枢纽的数并加上此后所记）或 tongxin hub restate（以本机所存为准）。备份之后销毁过密钥的居民须再次 tongxin node erase",
            "Node of community {} is as it was at {}; its view is rebuilt at the next start. Run tongxin node serve --dir {}; the hub turns it away as a restored store until an operator decides: tongxin hub adopt (take the hub's numbers back and add what was recorded since) or tongxin hub restate (what it holds counts). Whoever was erased after the backup has to be erased again: tongxin node erase",
            manifest.owner,
            manifest.taken_at,
            dir.display()
        ),
        Kind::Hub => say!(
            "区 {} 的枢纽恢复到 {} 的状态，新化身 {}。运行 tongxin hub serve --dir {}；各节点会补发此后的数。备份之后的吊销、入网和换证它都不知道：先再次吊销，再给被拒的节点发新邀请",
            "Hub of district {} is as it was at {}, incarnation {}. Run tongxin hub serve --dir {}; nodes send again what came since. It knows of no revocation, enrolment or renewal after the backup: revoke again first, then invite the nodes that it turns away",
            manifest.owner,
            manifest.taken_at,
            incarnation,
            dir.display()
        ),
    }
    Ok(())
}

/// `missing`: the first and the last record that were lost.
fn print(manifest: &Manifest, output: Output, missing: Option<(u64, u64)>) -> Result<(), Failure> {
    let mut sheet = Sheet::new(vec![
        column("kind", "种类", "kind"),
        column("owner", "归属", "owner"),
        column("taken_at", "时间", "taken at"),
        column("log", "日志号", "log"),
        column("records", "记录", "records"),
        column("root", "日志根", "root"),
        column("files", "文件", "files"),
        column("bytes", "字节", "bytes"),
        column("missing_from", "丢失自", "missing from"),
        column("missing_through", "丢失至", "missing through"),
    ]);
    let bound = |bound: Option<u64>| match bound {
        Some(seq) => seq.into(),
        None => crate::output::Cell::Empty,
    };
    sheet.rows.push(vec![
        manifest.kind.word().into(),
        manifest.owner.as_str().into(),
        manifest.taken_at.as_str().into(),
        manifest.journal.log.as_str().into(),
        manifest.journal.size.into(),
        manifest.journal.root.as_str().into(),
        (manifest.files.len() as u64).into(),
        manifest.bytes().into(),
        bound(missing.map(|(from, _)| from)),
        bound(missing.map(|(_, through)| through)),
    ]);
    Ok(sheet.transposed_when(output).print(output, false)?)
}
