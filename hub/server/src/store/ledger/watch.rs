//! What the writer decides about watch rules and warnings.

use hub_domain::{
    event::{Asked, Event},
    hub,
    watch::{self, Observed, Rule, WarningId, judge},
};
use jiff::Timestamp;
use journal::Appender;
use proto::identity::Label;

use super::HubLedger;
use crate::store::fault::StoreFault;

pub enum WatchCommand {
    Set {
        asked: Asked,
        rule: Rule,
    },
    Retire {
        asked: Asked,
        rule: Label,
        now: Timestamp,
    },
    Acknowledge {
        asked: Asked,
        warning: WarningId,
        note: String,
        now: Timestamp,
    },
    /// What was observed for a rule, as it then stood.
    Judge {
        rule: Rule,
        observed: Vec<Observed>,
        now: Timestamp,
    },
}

impl HubLedger {
    pub(super) fn watch(
        &mut self,
        command: WatchCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<(), watch::Refusal>, StoreFault> {
        let book = &self.hub.watch;
        let events = match command {
            WatchCommand::Judge {
                rule,
                observed,
                now,
            } => match book.rule(&rule.code) == Some(&rule) {
                true => judge(book, &rule, &observed, now),
                false => Vec::new(),
            },
            WatchCommand::Set { asked, .. }
            | WatchCommand::Retire { asked, .. }
            | WatchCommand::Acknowledge { asked, .. }
                if self.hub.answered(&asked) == Some(hub::Answer::Watched) =>
            {
                Vec::new()
            }
            WatchCommand::Set { asked, rule } => match book.set(asked, rule) {
                Ok(event) => vec![event],
                Err(refusal) => return Ok(Err(refusal)),
            },
            WatchCommand::Retire { asked, rule, now } => match book.retire(asked, rule, now) {
                Ok(event) => vec![event],
                Err(refusal) => return Ok(Err(refusal)),
            },
            WatchCommand::Acknowledge {
                asked,
                warning,
                note,
                now,
            } => match book.acknowledge(asked, warning, note, now) {
                Ok(event) => event.into_iter().collect(),
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        for event in events {
            self.record(Event::Watch(event), None, None, log)?;
        }
        Ok(Ok(()))
    }
}
