//! Which records are gone: a restored journal against the last head of it that
//! somebody else has seen.

use std::{fs, path::Path};

use journal::{SignedHead, Source};
use node_server::identity::heads::HeadKey;

use super::{fault::BackupFault, manifest::hex};
use crate::failure::{Exit, Failure};

/// `head1.…` as `tongxin hub head` prints it, or `file:PATH` of it.
pub fn parse(text: &str) -> Result<SignedHead, Failure> {
    let line = match text.strip_prefix("file:") {
        None => text.to_owned(),
        Some(path) => fs::read_to_string(path).map_err(BackupFault::file(Path::new(path)))?,
    };
    let parsed = line.trim().parse();
    parsed.map_err(|bad: journal::BadSignedHead| Failure::new(Exit::Usage, bad.to_string()))
}

/// The first and the last record that the restored store in `dir` lacks; `None`
/// when it has all that the head names. A journal that the head is not of is a
/// failure: nothing can be said then.
pub fn compare(dir: &Path, expected: &SignedHead) -> Result<Option<(u64, u64)>, Failure> {
    let fault = |error: &dyn std::fmt::Display| BackupFault::Journal(error.to_string());
    let differs = |zh: &str, en: &str| Failure::new(Exit::BadData, crate::locale::pick(zh, en));
    let source = Source::at_rest(&dir.join("journal")).map_err(|error| fault(&error))?;
    if source.log_id() != expected.log_id {
        return Err(differs(
            "已恢复，但给出的头属于另一本日志",
            "Restored, but the head that was given is of another journal",
        ));
    }
    // An older backup may have no key, and then nothing to tell a false head by.
    let key = HeadKey::open(dir).map_err(|error| fault(&error))?;
    if key.is_some_and(|key| expected.verify(key.public_key()).is_err()) {
        return Err(differs(
            "已恢复，但给出的头不是本节点签的",
            "Restored, but the head that was given was not signed by this node",
        ));
    }
    let size = source.committed_seq();
    if size < expected.size {
        return Ok(Some((size + 1, expected.size)));
    }
    let root = source.root(expected.size).map_err(|error| fault(&error))?;
    match hex(&root) == hex(&expected.root) {
        true => Ok(None),
        false => Err(differs(
            "已恢复，但备份与给出的头不是同一历史",
            "Restored, but the backup and the head that was given are of two histories",
        )),
    }
}
