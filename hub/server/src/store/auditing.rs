//! Decisions about calls at the store: written in batches, read by auditors from
//! rows of their own. Knows no caller.

use hub_domain::{audit::Decision, event::Event};

use super::{
    Store,
    command::{Answer, Command},
    crossed,
    fault::ViewFault,
    key::{self, AUDIT},
    stored,
};
use crate::pki::ledger::LedgerFault;

/// Records that one reading looks at, at most.
const LOOKED_AT: usize = 2_000;

/// One decision, with the record that holds it.
pub struct Audited {
    pub seq: u64,
    pub decision: Decision,
}

/// Decisions, and where to go on when there may be more.
pub type AuditedPage = (Vec<Audited>, Option<(u64, u32)>);

impl Store {
    /// Gives them back when they could not be written.
    pub async fn audit(
        &self,
        decisions: Vec<Decision>,
    ) -> Result<(), (LedgerFault, Vec<Decision>)> {
        let command = Command::Audit(decisions.clone());
        match self.call(command).await {
            Ok(Answer::Done) => Ok(()),
            Ok(_) => Err((crossed(), decisions)),
            Err(fault) => Err((fault, decisions)),
        }
    }

    /// Decisions from a place on that `wanted` says yes to, at most `limit`, and
    /// where to go on when there may be more. Reads the view: blocks.
    pub fn audited(
        &self,
        from: (u64, u32),
        limit: usize,
        wanted: impl Fn(&Decision) -> bool,
    ) -> Result<AuditedPage, ViewFault> {
        let (mut found, mut next, mut looked_at) = (Vec::new(), None, 0);
        let start = key::audit(from.0);
        self.view.scan_from(&start, AUDIT, |key, record| {
            let seq = key::number(key).ok_or_else(|| ViewFault::damaged(key, "seq"))?;
            let event = stored::decode(record).map_err(|cause| ViewFault::damaged(key, cause))?;
            let Event::Audited(decisions) = event else {
                return Err(ViewFault::damaged(key, "no decisions"));
            };
            for (at, decision) in (0..).zip(decisions) {
                if (seq, at) < from || !wanted(&decision) {
                    continue;
                }
                if found.len() == limit {
                    next = Some((seq, at));
                    return Ok(false);
                }
                found.push(Audited { seq, decision });
            }
            looked_at += 1;
            if looked_at == LOOKED_AT {
                next = Some((seq + 1, 0));
            }
            Ok(next.is_none())
        })?;
        Ok((found, next))
    }
}
