//! What the writer decides about the register of communities.

use hub_domain::{
    event::{Asked, Event, Imported},
    hub,
    register::{Refusal, Row},
};
use jiff::civil::Date;
use journal::Appender;

use super::HubLedger;
use crate::store::fault::StoreFault;

impl HubLedger {
    pub(super) fn import(
        &mut self,
        asked: Asked,
        rows: &[Row],
        today: Date,
        log: &mut Appender<'_>,
    ) -> Result<Result<Imported, Refusal>, StoreFault> {
        if let Some(hub::Answer::Imported(earlier)) = self.hub.answered(&asked) {
            return Ok(Ok(earlier));
        }
        let imported = match self.hub.register.import(rows, today) {
            Ok(imported) => imported,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let answer = Imported {
            added: imported.added,
            changed: imported.changed,
            unchanged: imported.unchanged,
        };
        let events = imported.events;
        self.record(
            Event::Registered {
                asked,
                events,
                answer,
            },
            None,
            None,
            log,
        )?;
        Ok(Ok(answer))
    }
}
