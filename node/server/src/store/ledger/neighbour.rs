//! What a decision is to know of other processes: whether those that a text names are
//! there, which rules of order are in force, what a stage's condition is held
//! against. Reads the view; decides nothing.

use node_domain::assessments::Assessment;
use node_domain::code::Code;
use node_domain::deliberations::Order;
use node_domain::documents::{Document, Text};
use node_domain::process::{Engine, ProcessId, Refusal};
use node_domain::registers::{Condition, Entry, Seen};

use super::Ledger;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::process::Processes;

impl Ledger {
    /// Whatever a text says it is about must be there; what is no name, the document
    /// itself refuses.
    pub(super) fn named_in(&self, text: &Text) -> Result<Option<Refusal>, StoreFault> {
        for (engine, id) in text.about().unwrap_or_default() {
            let known = self
                .projection
                .load::<Processes>(&(engine, ProcessId(id)))?;
            if known.is_none() {
                let name = format!("{}/{id}", engine.collection());
                let (zh, en) = (format!("没有 {name}"), format!("there is no {name}"));
                let refusal = Refusal::input("clauses", "UNKNOWN_NAME", zh, en);
                return Ok(Some(refusal.with("name", name)));
            }
        }
        Ok(None)
    }

    /// The rules of order in force, where a kind of topic goes by a document of them;
    /// of several the one that was adopted last.
    pub(super) fn order(&self, kind: &Code) -> Result<Option<Order>, StoreFault> {
        let kind = self.playbooks.deliberation(kind);
        let Some(wanted) = kind.and_then(|kind| kind.order_document.as_ref()) else {
            return Ok(None);
        };
        let mut newest = None;
        for found in self.projection.processes(Engine::Documents) {
            let ((_, ProcessId(document)), state) = found?;
            let Ok(one) = <&Document>::try_from(&state) else {
                continue;
            };
            let Some(version) = one.in_force().filter(|_| one.kind == *wanted) else {
                continue;
            };
            let clauses = version.text.clauses().iter();
            let order = Order {
                document,
                version: version.number,
                sha256: version.text.sha256,
                rules: clauses.map(|clause| clause.code.clone()).collect(),
            };
            let since = (version.in_force_from, document);
            if newest.as_ref().is_none_or(|(known, _)| *known < since) {
                newest = Some((since, order));
            }
        }
        Ok(newest.map(|(_, order)| order))
    }

    /// What a stage's condition is held against. Looks at every assessment, or entry of
    /// the register: few stages ask.
    pub(super) fn seen(
        &self,
        id: ProcessId,
        entry: &Entry,
        condition: &Condition,
    ) -> Result<Seen, StoreFault> {
        let mut seen = Seen::default();
        if let Some(wanted) = &condition.result {
            for found in self.projection.processes(Engine::Assessments) {
                let (_, state) = found?;
                let one = <&Assessment>::try_from(&state).ok();
                let own = one.filter(|one| one.subject == id.0 && one.kind == wanted.kind);
                let reached = own.and_then(|one| one.reached(wanted.points));
                if reached.is_some_and(|(on, _)| seen.result.is_none_or(|(last, _)| last <= on)) {
                    seen.result = reached;
                }
            }
        }
        let Some(first) = &condition.first else {
            return Ok(seen);
        };
        for found in self.entries_in(&entry.register) {
            let other = found?;
            let waits = other.stage == entry.stage && other.is_member && !other.ended;
            seen.waiting += u32::from(waits && other.group.as_ref() == Some(first));
        }
        Ok(seen)
    }
}
