//! Rollouts at the writer: decided by the domain, recorded, answered.

use hub_domain::{
    event::{Asked, Event},
    hub::Rolled,
    rollout::{self, Draft, Refusal, Taking, Tried},
};
use jiff::Timestamp;
use journal::Appender;
use proto::{indicator::cell::Revision, place::Place};

use super::HubLedger;
use crate::store::fault::StoreFault;

pub enum RolloutCommand {
    Draft {
        asked: Asked,
        draft: Draft,
        now: Timestamp,
    },
    Approve {
        asked: Asked,
        code: String,
        now: Timestamp,
    },
    Retire {
        asked: Asked,
        code: String,
        revision: Option<Revision>,
        now: Timestamp,
    },
    Tried {
        number: u32,
        node: Place,
        tried: Tried,
        now: Timestamp,
    },
    Took(Taking),
    Advance {
        now: Timestamp,
    },
}

impl HubLedger {
    pub(super) fn rollout(
        &mut self,
        command: RolloutCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<Rolled, Refusal>, StoreFault> {
        let hub = &self.hub;
        let drafted = match &command {
            RolloutCommand::Draft { asked, now, .. } => Some((asked.clone(), *now)),
            _ => None,
        };
        let decided = match command {
            RolloutCommand::Draft { asked, draft, now } => match hub.rolled(&asked) {
                Some(earlier) => return Ok(Ok(earlier)),
                None => {
                    let was_here = |node| hub.uptake.knows(node);
                    (hub.rollouts).draft(&hub.catalogue, was_here, asked, draft, now)
                }
            },
            RolloutCommand::Approve { asked, code, now } => match hub.rolled(&asked) {
                Some(earlier) => return Ok(Ok(earlier)),
                None => hub.rollouts.approve(&code, asked, now),
            },
            RolloutCommand::Retire {
                asked,
                code,
                revision,
                now,
            } => match hub.rolled(&asked) {
                Some(earlier) => return Ok(Ok(earlier)),
                None => (hub.rollouts).retire(&hub.catalogue, (&code, revision), asked, now),
            },
            RolloutCommand::Tried {
                number,
                node,
                tried,
                now,
            } => {
                let rollout = hub.rollouts.get(number);
                if rollout.is_some_and(|rollout| rollout.waits_for(node)) {
                    let at = now;
                    let event = rollout::Event::Tried {
                        number,
                        node,
                        tried,
                        at,
                    };
                    self.record(Event::Rollout(event), None, None, log)?;
                }
                return Ok(Ok(Rolled::default()));
            }
            RolloutCommand::Took(taking) => {
                if hub.uptake.is_news(&taking, &hub.catalogue) {
                    self.record(Event::Took(taking), None, None, log)?;
                }
                return Ok(Ok(Rolled::default()));
            }
            RolloutCommand::Advance { now } => {
                self.end(now, log)?;
                let hub = &self.hub;
                for due in hub.rollouts.due(&hub.catalogue, &hub.uptake, now) {
                    self.record(Event::Rollout(due), None, None, log)?;
                }
                return Ok(Ok(Rolled::default()));
            }
        };
        let event = match decided {
            Ok(event) => event,
            Err(refusal) => {
                if let (Some((asked, at)), Refusal::AlreadyAsked { code, by, .. }) =
                    (drafted, &refusal)
                {
                    let turned = rollout::Event::Turned {
                        asked,
                        code: code.clone(),
                        by: by.clone(),
                        at,
                    };
                    self.record(Event::Rollout(turned), None, None, log)?;
                }
                return Ok(Err(refusal));
            }
        };
        let answer = Rolled::of(&event);
        self.record(Event::Rollout(event), None, None, log)?;
        Ok(Ok(answer))
    }
}
