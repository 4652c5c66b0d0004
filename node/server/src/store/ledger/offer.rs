//! What only the ledger can put into an action on an offer: whether the person is in
//! a register, sits on a council, has completed another; which form a grant has.

use node_domain::funds::Fund;
use node_domain::offers::{Action, COUNCILS, Offer};
use node_domain::process::{Engine, ProcessId, Refusal, State};
use proto::support::OfferKind;

use super::Ledger;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::process::Processes;

impl Ledger {
    pub(super) fn taking_part(
        &self,
        action: &mut Action,
        before: Option<&State>,
    ) -> Result<Option<Refusal>, StoreFault> {
        match action {
            Action::Enrol { entry } => self.first_unknown(&[("entry", *entry)]),
            Action::Complete {
                entry,
                is_council,
                years,
                ..
            } => {
                *is_council = self.sits_on_a_council(*entry)?;
                let offer = before.and_then(|state| <&Offer>::try_from(state).ok());
                if let Some(offer) = offer {
                    *years = self.completed(offer.offer.kind, *entry)?;
                }
                Ok(None)
            }
            Action::Apply { fund, form } => {
                let key = (Engine::Funds, ProcessId(*fund));
                let state = self.projection.load::<Processes>(&key)?;
                let held = state
                    .as_ref()
                    .and_then(|state| <&Fund>::try_from(state).ok());
                match held {
                    Some(held) if held.funding.is_some() => {
                        let code = held.funding.as_ref();
                        *form = code.and_then(|code| code.as_str().parse().ok());
                        Ok(None)
                    }
                    _ => Ok(Some(no_grant(*fund))),
                }
            }
            Action::Learn(_) | Action::Leave { .. } => Ok(None),
        }
    }

    fn sits_on_a_council(&self, person: u64) -> Result<bool, StoreFault> {
        let Ok(councils) = COUNCILS.parse() else {
            return Ok(false);
        };
        for found in self.entries_in(&councils) {
            let entry = found?;
            let mut grants = entry.grants.iter();
            if !entry.ended && grants.any(|grant| grant.is_running && grant.holder == Some(person))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The years in which the person completed an offer of the kind.
    fn completed(&self, kind: OfferKind, person: u64) -> Result<Vec<i16>, StoreFault> {
        let mut years = Vec::new();
        for found in self.projection.processes(Engine::Offers) {
            let (_, state) = found?;
            let Ok(offer) = <&Offer>::try_from(&state) else {
                continue;
            };
            let enrolment = offer.enrolments.get(&person);
            let on = enrolment.and_then(|enrolment| enrolment.completed_on);
            years.extend(
                on.filter(|_| offer.offer.kind == kind)
                    .map(|on| on.0.year()),
            );
        }
        Ok(years)
    }
}

fn no_grant(fund: u64) -> Refusal {
    let zh = format!("没有资助 funds/{fund}：请先立项");
    let en = format!("funds/{fund} is no grant of this community: open one first");
    Refusal::input("fund", "UNKNOWN_GRANT", zh, en).with("fund", format!("funds/{fund}"))
}
