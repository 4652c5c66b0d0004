//! Extensions at the writer: decided by the domain, recorded, answered; and what
//! ends by its date.

use hub_domain::{
    event::{Asked, Event},
    extension::{Refusal, Wanted},
    hub,
    rollout::{self, sunset},
};
use jiff::{Timestamp, civil::Date};
use journal::Appender;
use proto::identity::Label;

use super::HubLedger;
use crate::store::fault::StoreFault;

pub enum ExtensionCommand {
    Register {
        asked: Asked,
        wanted: Box<Wanted>,
        now: Timestamp,
    },
    Approve {
        asked: Asked,
        code: Label,
        now: Timestamp,
    },
    Retire {
        asked: Asked,
        code: Label,
        now: Timestamp,
    },
}

impl HubLedger {
    pub(super) fn extension(
        &mut self,
        command: ExtensionCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<(), Refusal>, StoreFault> {
        let hub = &self.hub;
        let parts = (&*hub.catalogue, &*hub.rollouts);
        let is_repeated = |asked: &Asked| hub.answered(asked) == Some(hub::Answer::Extension);
        let decided = match command {
            ExtensionCommand::Register { asked, .. }
            | ExtensionCommand::Approve { asked, .. }
            | ExtensionCommand::Retire { asked, .. }
                if is_repeated(&asked) =>
            {
                return Ok(Ok(()));
            }
            ExtensionCommand::Register { asked, wanted, now } => {
                let was_here = |node| hub.uptake.knows(node);
                let when = (self.day(now), now);
                let decided =
                    hub.extensions
                        .register(parts, was_here, asked.clone(), *wanted, when);
                if let Err(Refusal::Definitions(rollout::Refusal::AlreadyAsked {
                    code, by, ..
                })) = &decided
                {
                    let turned = rollout::Event::Turned {
                        asked,
                        code: code.clone(),
                        by: by.clone(),
                        at: now,
                    };
                    self.record(Event::Rollout(turned), None, None, log)?;
                }
                decided
            }
            ExtensionCommand::Approve { asked, code, now } => {
                hub.extensions.approve(&code, asked, now)
            }
            ExtensionCommand::Retire { asked, code, now } => {
                hub.extensions.retire(parts, &code, asked, now)
            }
        };
        match decided {
            Ok(event) => self
                .record(Event::Extension(event), None, None, log)
                .map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Extensions and definitions whose last day is over are retired.
    pub(super) fn end(&mut self, now: Timestamp, log: &mut Appender<'_>) -> Result<(), StoreFault> {
        let today = self.day(now);
        let hub = &self.hub;
        let parts = (&*hub.catalogue, &*hub.rollouts);
        for event in hub.extensions.due(parts, (today, now)) {
            self.record(Event::Extension(event), None, None, log)?;
        }
        if let Some(event) = sunset(&self.hub.catalogue, today, now) {
            self.record(Event::Rollout(event), None, None, log)?;
        }
        Ok(())
    }

    fn day(&self, now: Timestamp) -> Date {
        self.shared.zone.to_datetime(now).date()
    }
}
