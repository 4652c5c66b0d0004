//! What only the ledger can put into an action on an offer: whether the person is in
//! a register, serves on a council, has completed another; which form a grant has.

use node_domain::funds::Fund;
use node_domain::offers::{Action, COUNCILS, Certificate, Offer};
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
                serves,
                years,
                ..
            } => {
                *serves = self.serves(*entry)?;
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
            Action::Learn(_) | Action::Leave { .. } | Action::Attend { .. } => Ok(None),
        }
    }

    /// The term in which the person holds a role in a council, the longest of several.
    fn serves(&self, person: u64) -> Result<Option<Certificate>, StoreFault> {
        let mut longest: Option<Certificate> = None;
        let Ok(councils) = COUNCILS.parse() else {
            return Ok(None);
        };
        for found in self.entries_in(&councils) {
            let entry = found?;
            if entry.ended {
                continue;
            }
            let grants = entry.grants.iter();
            let held = grants.filter(|grant| grant.is_running && grant.holder == Some(person));
            let terms = held.map(|grant| Certificate {
                from: grant.term.from,
                until: grant.term.until,
            });
            // Without an end is longer than any.
            let ends = |term: &Certificate| (term.until.is_none(), term.until);
            longest = longest.into_iter().chain(terms).max_by_key(ends);
        }
        Ok(longest)
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
