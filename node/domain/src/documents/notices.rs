//! What followers of a document are told. A draft is told to nobody.

use super::{Document, Happening};
use crate::notices::{Notice, sentences};
use crate::process::Happened;

sentences! {
    POSTED: "文件 {} 公开征求意见", "Document {} is posted for comments";
    CONSULTED: "文件 {} 征求意见结束", "Comments on document {} were gathered";
    ADOPTED: "文件 {} 通过", "Document {} was adopted";
    IN_FORCE: "文件 {} 生效", "A version of document {} is put in force";
    DROPPED: "文件 {} 的待定版本不再推进", "The pending version of document {} was dropped";
    REPEALED: "文件 {} 废止", "Document {} was repealed";
}

pub(super) fn notice(document: &Document, happened: &Happened<Happening>) -> Option<Notice> {
    let says = match &happened.what {
        Happening::Opened { .. } | Happening::Drafted { .. } => return None,
        Happening::Posted { .. } => &POSTED,
        Happening::Consulted { .. } => &CONSULTED,
        Happening::Adopted { .. } => &ADOPTED,
        Happening::PutInForce { .. } => &IN_FORCE,
        // Dropped as a draft, nobody had seen it.
        Happening::Dropped { .. } => match document.versions.last() {
            Some(version) if version.is_public() => &DROPPED,
            _ => return None,
        },
        Happening::Repealed { .. } => &REPEALED,
    };
    Some(Notice::public(says, []))
}
