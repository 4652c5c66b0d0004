//! Verifies a store that nobody has open: the whole journal, then every row of
//! the view against one rebuilt beside it.

use std::path::Path;

use journal::{Check, Journal};

use super::fault::{StoreFault, hex};
use super::opening::{Setup, catch_up, journal_dir, keys_dir, options, view_dir};
use super::view::{Direction, Found, View, ViewWriter};
use crate::sealing::Keyring;

/// Differences that are named; all are counted.
const NAMED: usize = 100;

#[derive(Debug)]
pub struct Verified {
    pub journal: journal::Report,
    pub rows: u64,
    pub differences: u64,
    pub named: Vec<Difference>,
    /// The view could not be read at all; the next start rebuilds it.
    pub unusable: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Hex, the space's tag first.
    pub key: String,
    /// Hex; `None`: the row is missing.
    pub live: Option<String>,
    pub rebuilt: Option<String>,
}

/// `progress` is told how many more bytes of the journal were verified.
pub fn verify(
    dir: &Path,
    setup: &Setup,
    progress: impl FnMut(u64),
) -> Result<Verified, StoreFault> {
    // Held throughout: refuses while the node runs.
    let (journal, _) = Journal::open(&journal_dir(dir), Check::Tail, options())?;
    let report = journal::verify(&journal_dir(dir), progress)?;
    let keyring = Keyring::open(&keys_dir(dir))?;
    let mut verified = Verified {
        journal: report,
        rows: 0,
        differences: 0,
        named: Vec::new(),
        unusable: None,
    };
    let (live, found) = ViewWriter::open(&view_dir(dir))?;
    if let Found::Empty {
        set_aside: Some((_, why)),
    } = found
    {
        verified.unusable = Some(why);
    }
    match caught_up(&live, &journal, setup, &keyring) {
        Ok(true) => {}
        Ok(false) => verified.unusable = Some("the view is not of this journal".to_owned()),
        Err(fault @ (StoreFault::Row { .. } | StoreFault::View(_))) => {
            verified.unusable = Some(fault.to_string());
        }
        Err(fault) => return Err(fault),
    }
    if verified.unusable.is_none() {
        let beside = tempfile_beside(dir)?;
        let (rebuilt, _) = ViewWriter::open(&beside.join("view"))?;
        caught_up(&rebuilt, &journal, setup, &keyring)?;
        compare(live.view(), rebuilt.view(), &mut verified)?;
        rebuilt.close()?;
        std::fs::remove_dir_all(&beside).map_err(StoreFault::io("remove", &beside))?;
    }
    live.close()?;
    Ok(verified)
}

fn tempfile_beside(dir: &Path) -> Result<std::path::PathBuf, StoreFault> {
    let beside = dir.join("verify");
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(StoreFault::io("remove", &beside))?;
    }
    std::fs::create_dir(&beside).map_err(StoreFault::io("create", &beside))?;
    Ok(beside)
}

fn caught_up(
    writer: &ViewWriter,
    journal: &Journal,
    setup: &Setup,
    keyring: &Keyring,
) -> Result<bool, StoreFault> {
    let Some((mut projection, _)) = catch_up(writer, journal, setup, keyring)? else {
        return Ok(false);
    };
    projection.write_cells();
    projection.publish(writer)?;
    Ok(true)
}

fn compare(live: &View, rebuilt: &View, verified: &mut Verified) -> Result<(), StoreFault> {
    let all = |view: &View| view.scan(&[], &[0xff], Direction::Ascending);
    let (mut live, mut rebuilt) = (all(live), all(rebuilt));
    let (mut a, mut b) = (live.next().transpose()?, rebuilt.next().transpose()?);
    loop {
        let ordering = match (&a, &b) {
            (None, None) => return Ok(()),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let left = ordering.is_le().then(|| a.take()).flatten();
        let right = ordering.is_ge().then(|| b.take()).flatten();
        if ordering.is_le() {
            a = live.next().transpose()?;
        }
        if ordering.is_ge() {
            b = rebuilt.next().transpose()?;
        }
        verified.rows += 1;
        let key = left.as_ref().or(right.as_ref()).map(|(key, _)| hex(key));
        let (left, right) = (left.map(|(_, row)| row), right.map(|(_, row)| row));
        if left == right {
            continue;
        }
        verified.differences += 1;
        if verified.named.len() < NAMED {
            verified.named.push(Difference {
                key: key.unwrap_or_default(),
                live: left.map(|row| hex(&row)),
                rebuilt: right.map(|row| hex(&row)),
            });
        }
    }
}
