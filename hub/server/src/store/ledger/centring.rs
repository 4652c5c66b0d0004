//! What the writer decides about centres.

use hub_domain::{
    centre::{self, Fed, Inbox, Settings},
    event::{Asked, Event},
    hub,
};
use jiff::Timestamp;
use journal::Appender;
use proto::identity::Label;

use super::HubLedger;
use crate::store::fault::StoreFault;

impl HubLedger {
    pub(super) fn set_centre(
        &mut self,
        asked: Asked,
        centre: Label,
        settings: Settings,
        now: Timestamp,
        log: &mut Appender<'_>,
    ) -> Result<Result<(), centre::Refusal>, StoreFault> {
        let decided = self.hub.centres.set(centre, settings, now);
        self.carry(asked, decided, log)
    }

    pub(super) fn set_inbox(
        &mut self,
        asked: Asked,
        centre: Label,
        inbox: Option<Inbox>,
        now: Timestamp,
        log: &mut Appender<'_>,
    ) -> Result<Result<(), centre::Refusal>, StoreFault> {
        let decided = self.hub.centres.deliver(centre, inbox, now);
        self.carry(asked, decided, log)
    }

    /// What was asked before is answered alike, and nothing is done again.
    fn carry(
        &mut self,
        asked: Asked,
        decided: Result<Option<centre::Event>, centre::Refusal>,
        log: &mut Appender<'_>,
    ) -> Result<Result<(), centre::Refusal>, StoreFault> {
        if self.hub.answered(&asked) == Some(hub::Answer::CentreSet) {
            return Ok(Ok(()));
        }
        let event = match decided {
            Ok(Some(event)) => event,
            Ok(None) => return Ok(Ok(())),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let asked = Some(asked);
        self.record(Event::Centre { asked, event }, None, None, log)?;
        Ok(Ok(()))
    }

    pub(super) fn fed(
        &mut self,
        centre: Label,
        fed: Fed,
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        let known = self.hub.centres.centre(&centre).and_then(|held| held.fed);
        if known.is_some_and(|known| known.seq == fed.seq) {
            return Ok(());
        }
        let event = centre::Event::Fed { centre, fed };
        self.record(Event::Centre { asked: None, event }, None, None, log)
    }
}
