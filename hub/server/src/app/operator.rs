//! Keeps the membership in `operator/` good while the hub serves: it belongs to
//! whoever sits at the hub, and must not run out between two visits.

use std::{path::PathBuf, sync::Arc, time::Duration};

use hub_domain::issuance::{Command, Serial, Standing};
use proto_edge::membership::Membership;
use tokio_util::sync::CancellationToken;

use crate::{
    pki::{
        PkiFault,
        authority::Authority,
        ledger::{IssuanceLedger, LedgerFault},
        rollover::settle,
    },
    store::Store,
};
const ROUND: Duration = Duration::from_secs(3600);

#[derive(Debug, thiserror::Error)]
enum KeepFault {
    #[error(transparent)]
    Pki(#[from] PkiFault),
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
}

pub struct Keeper {
    pub directory: PathBuf,
    pub store: Store,
    pub authority: Arc<Authority>,
}

impl Keeper {
    /// Tries at once and every hour. A failure is for the log: the old
    /// certificate is good for half its life yet.
    pub async fn run(self, stop: CancellationToken) {
        let rounds = self.authority.rounds(ROUND);
        let mut rounds = tokio::time::interval(rounds);
        let mut rolls = self.authority.rolls();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
                Ok(()) = rolls.changed() => {}
            }
            if let Err(fault) = settle(&self.authority, &self.store).await {
                tracing::error!(%fault, "the district's root is not as it was decided");
            }
            match self.keep().await {
                Ok(true) => tracing::info!("the operator's certificate on this machine renewed"),
                Ok(false) => {}
                Err(fault) => tracing::error!(%fault, "cannot renew the operator's certificate"),
            }
        }
    }

    /// Says whether there is a new certificate. A membership that was moved
    /// away, or shut out, stays as it is.
    async fn keep(&self) -> Result<bool, KeepFault> {
        if !Membership::exists(&self.directory) {
            return Ok(false);
        }
        let old = Membership::load(&self.directory).map_err(PkiFault::from)?;
        let holder = old.holder().map_err(|source| PkiFault::Pem {
            path: self.directory.clone(),
            source,
        })?;
        let Some(shown) = Serial::from_bytes(&holder.serial) else {
            return Ok(false);
        };
        let subject = holder.identity.subject.clone();
        let standing = self.store.state().standing(&subject, Some(shown));
        let is_due = self.authority.clock().now_s() >= holder.leaf().renew_at_s(1.0)
            || old.roots != self.authority.roots();
        if standing != Standing::Member || !is_due {
            return Ok(false);
        }
        let (membership, certificate) = self.authority.appoint(subject.clone())?;
        let renew = Command::Renew {
            subject,
            shown,
            certificate,
            now: self.authority.now()?,
        };
        // Until the file is replaced the shown certificate goes on being good.
        if self.store.submit(renew).await?.is_err() {
            return Ok(false);
        }
        membership.save(&self.directory).map_err(PkiFault::from)?;
        Ok(true)
    }
}
