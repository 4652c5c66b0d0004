//! Adoption of playbooks: what is offered is decided against what is in force, is
//! journalled with its text, and holds from the next command on.

use std::collections::HashMap;
use std::sync::Arc;

use journal::Appender;
use node_domain::event::{Entry, Event};
use node_domain::playbook::adoption::{Decided, decide};

use super::Ledger;
use super::command::{AdoptCommand, Refused};
use crate::store::adopted::in_force;
use crate::store::fault::StoreFault;
use crate::store::record::Record;

impl Ledger {
    /// Whether anything had to be adopted.
    pub(super) fn adopt(
        &mut self,
        command: AdoptCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<bool, Refused>, StoreFault> {
        let versions = self.projection.adopted();
        let ever = versions.iter().map(|(_, row)| (row.id.clone(), row.sha256));
        let ever: HashMap<_, _> = ever.collect();
        let present = in_force(versions.iter().cloned().map(Ok))?;
        let ids = present.iter().map(|(_, row)| (row.id.clone(), row.sha256));
        let ids: Vec<_> = ids.collect();
        // What only the configuration named is not adopted yet.
        let current = (!ids.is_empty()).then_some(&*self.playbooks);
        let known = |id: &_| ever.get(id).copied();
        let AdoptCommand {
            asked,
            offered,
            replaces_all,
        } = command;
        let Decided { adoption, in_force } =
            match decide(offered, replaces_all, &ids, current, known) {
                Ok(Some(decided)) => decided,
                Ok(None) => return Ok(Ok(false)),
                Err(refusal) => return Ok(Err(Refused::Process(refusal))),
            };
        let record = Record {
            token: asked.token,
            ..Record::of(Entry {
                recorded_at: self.now(asked.now),
                event: Event::Adopted(adoption),
                facts: Vec::new(),
            })
        };
        self.append(record, None, log)?;
        self.playbooks = Arc::new(in_force);
        self.playbooks_told.send_replace(self.playbooks.clone());
        Ok(Ok(true))
    }
}
