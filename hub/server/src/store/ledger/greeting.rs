//! What the writer decides about a greeting, and what it says of it.

use hub_domain::{
    event::LineEvent,
    sync::hello::{Decision, decide_hello, returning},
};
use jiff::Timestamp;
use journal::Appender;
use proto::{place::Place, sync::uplink::Hello};

use super::HubLedger;
use crate::store::{applier::Entry, command::Greeted, fault::StoreFault};

impl HubLedger {
    pub(super) fn greet(
        &mut self,
        node: Place,
        hello: &Hello,
        now: Timestamp,
        log: &mut Appender<'_>,
    ) -> Result<Greeted, StoreFault> {
        let assignments = &self.hub.tree.assignments;
        if !assignments.takes(node) {
            let (decision, welcome) = (Decision::Elsewhere, None);
            return Ok(Greeted { decision, welcome });
        }
        let is_back = assignments.is_back(node);
        let line = self.hub.lines.entry(node).or_default();
        let decision = match is_back {
            true => decide_hello(line, &returning(line, hello), self.hub.incarnation, now),
            false => decide_hello(line, hello, self.hub.incarnation, now),
        };
        let welcomed = match &decision {
            Decision::Granted(granted) => {
                let behind = granted
                    .hub_behind
                    .as_ref()
                    .map(|behind| format!("{behind:?}"));
                self.line(node, LineEvent::Granted(granted.clone()), log)?;
                if let Some(alarm) = behind {
                    self.tell(Entry::Alarm(node, alarm))?;
                }
                true
            }
            Decision::Repeated { unheard } => {
                if !unheard.is_empty() {
                    self.line(node, LineEvent::Heard(unheard.clone()), log)?;
                }
                true
            }
            Decision::Quarantined { quarantine, is_new } => {
                if *is_new {
                    self.line(node, LineEvent::Sighted(quarantine.clone()), log)?;
                }
                false
            }
            _ => false,
        };
        let line = self.hub.lines.get(&node).filter(|_| welcomed);
        let welcome = line.map(|line| line.welcome(self.hub.incarnation, now));
        Ok(Greeted { decision, welcome })
    }
}
