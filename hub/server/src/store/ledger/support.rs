//! What the writer decides about letters and at centres' desks.

use hub_domain::{
    event::{Asked, Event},
    hub,
    support::{self, DeskAnswer, Refusal, decide_exchange},
};
use jiff::Timestamp;
use journal::Appender;
use proto::{identity::Label, place::Place, support::Exchange, sync::end::End};

use super::HubLedger;
use crate::store::fault::StoreFault;

impl HubLedger {
    pub(super) fn letters(
        &mut self,
        node: Place,
        exchange: &Exchange,
        log: &mut Appender<'_>,
    ) -> Result<Result<(), End>, StoreFault> {
        let line = self.hub.lines.get(&node);
        match decide_exchange(&self.hub.support, line, node, exchange) {
            Err(end) => Ok(Err(end)),
            Ok(None) => Ok(Ok(())),
            Ok(Some(event)) => {
                let event = Event::Support { asked: None, event };
                self.record(event, None, None, log)?;
                Ok(Ok(()))
            }
        }
    }

    pub(super) fn desk(
        &mut self,
        asked: Asked,
        by: &Label,
        command: support::Command,
        now: Timestamp,
        log: &mut Appender<'_>,
    ) -> Result<Result<DeskAnswer, Refusal>, StoreFault> {
        if let Some(hub::Answer::Desk(earlier)) = self.hub.answered(&asked) {
            return Ok(Ok(earlier));
        }
        let decided = self.hub.support.decide(by, command, now, &self.shared.zone);
        let event = match decided {
            Ok(event) => event,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let answer = event.answer().unwrap_or(DeskAnswer::Card);
        let asked = Some(asked);
        self.record(Event::Support { asked, event }, None, None, log)?;
        Ok(Ok(answer))
    }
}
