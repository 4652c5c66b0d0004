//! The order in which files and journal follow each other when the root is
//! replaced, so that a kill in between is made good at the next start: a new root
//! is on disk before it is journalled, an old one is journalled as retired before
//! it is gone from disk. Decides nothing.

use hub_domain::issuance::{Command, Refusal, RootHash};
use proto::identity::Subject;

use super::{
    PkiFault,
    authority::Authority,
    ledger::{IssuanceLedger, LedgerFault},
};

#[derive(Debug, thiserror::Error)]
pub enum RollFault {
    #[error("{0:?}")]
    Refused(Refusal),
    #[error(transparent)]
    Pki(#[from] PkiFault),
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
}

pub async fn roll(
    authority: &Authority,
    ledger: &impl IssuanceLedger,
    by: Subject,
) -> Result<(), RollFault> {
    ledger.state().may_roll().map_err(RollFault::Refused)?;
    authority.roll()?;
    record(authority, ledger, Some(by)).await
}

pub async fn retire(
    authority: &Authority,
    ledger: &impl IssuanceLedger,
    is_forced: bool,
    by: Option<Subject>,
) -> Result<(), RollFault> {
    let now = authority.now()?;
    let command = Command::RetireRoot { is_forced, by, now };
    let retired = ledger.submit(command).await?;
    retired.map_err(RollFault::Refused)?;
    Ok(authority.retire()?)
}

/// What a kill has left half done.
pub async fn settle(authority: &Authority, ledger: &impl IssuanceLedger) -> Result<(), RollFault> {
    let state = ledger.state();
    match (authority.rolling(), state.roll_over()) {
        (Some((old, _)), None) if state.retired_root() == Some(RootHash(old)) => {
            Ok(authority.retire()?)
        }
        (Some(_), None) => record(authority, ledger, None).await,
        // Files of after, with a journal of before.
        (None, Some(_)) => retire(authority, ledger, true, None).await,
        _ => Ok(()),
    }
}

async fn record(
    authority: &Authority,
    ledger: &impl IssuanceLedger,
    by: Option<Subject>,
) -> Result<(), RollFault> {
    let Some((old, new)) = authority.rolling() else {
        return Ok(());
    };
    let command = Command::RollRoot {
        old: RootHash(old),
        new: RootHash(new),
        by,
        now: authority.now()?,
    };
    let rolled = ledger.submit(command).await?;
    rolled.map(drop).map_err(RollFault::Refused)
}
