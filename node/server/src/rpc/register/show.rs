//! An entry as its reader may see it.

use node_domain::actor::{Actor, Pseudonym};
use node_domain::process::{Engine, State};
use node_domain::registers::{Entry, Grant, Plot, PlotState, Term};
use proto::pb::node as pb;

use super::super::case::personal;
use super::super::fields::{ENTRIES, wire_time};
use super::super::process::Shown;
use crate::sealing::SubjectId;
use crate::store::Store;
use crate::store::fault::StoreFault;

impl Shown for pb::Entry {
    const ENGINE: Engine = super::ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Entry> {
        let entry: &Entry = state.try_into().ok()?;
        let pair = entry.pair.as_ref();
        Some(pb::Entry {
            name,
            register: entry.register.to_string(),
            rules: entry.rules.playbook.to_string(),
            title: text(&entry.title),
            group: text(&entry.group),
            grid: text(&entry.grid),
            area: text(&entry.area),
            unit: entry.unit,
            parent: entry.parent.map_or_else(String::new, named),
            level: entry.level.into(),
            personal: None,
            erased: false,
            bound: entry.resident.is_some(),
            consented_on: text(&entry.consented_on),
            stage: entry.stage.to_string(),
            terms: entry.terms.iter().map(term).collect(),
            active: entry.is_active(),
            roles: entry.grants.iter().map(role).collect(),
            pair: pair.map(|pair| pb::EntryPair {
                person: named(pair.person),
                helpers: pair.helpers.iter().copied().map(named).collect(),
                accepted: pair.accepted.iter().copied().map(named).collect(),
            }),
            plots: (1..).zip(&entry.plots).map(plot).collect(),
            waiting: entry.asks.iter().map(|ask| named(ask.by)).collect(),
            ended: entry.ended,
            updated_at: Some(wire_time(entry.acted_at)),
        })
    }

    fn complete(&mut self, store: &Store, state: &State, actor: &Actor) -> Result<(), StoreFault> {
        let Ok(entry) = <&Entry>::try_from(state) else {
            return Ok(());
        };
        let held = entry.personal.as_ref();
        let subject = held.map(|personal| personal.subject).or(entry.resident);
        let subject = subject.map(|Pseudonym(number)| SubjectId(number));
        self.erased = store.is_erased(subject)?;
        if let Some(held) = held.filter(|_| entry.shows_personal_to(actor)) {
            let fault = |detail| StoreFault::row("processes", self.name.as_bytes(), detail);
            self.personal = personal(store, subject, &held.sealed.0, fault)?;
        }
        Ok(())
    }
}

pub fn named(entry: u64) -> String {
    format!("{ENTRIES}{entry}")
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}

fn term(term: &Term) -> pb::EntryTerm {
    pb::EntryTerm {
        from_day: term.from.to_string(),
        until_day: text(&term.until),
    }
}

fn role(grant: &Grant) -> pb::RoleGrant {
    pb::RoleGrant {
        role: grant.role.to_string(),
        holder: grant.holder.map_or_else(String::new, named),
        term: Some(term(&grant.term)),
        granted_by: grant.by.to_string(),
        running: grant.is_running,
    }
}

fn plot((number, plot): (u32, &Plot)) -> pb::Plot {
    let state = match plot.state {
        PlotState::Planned => pb::PlotState::Planned,
        PlotState::Open => pb::PlotState::Open,
        PlotState::Claimed => pb::PlotState::Claimed,
        PlotState::Cultivated => pb::PlotState::Cultivated,
        PlotState::Neglected => pb::PlotState::Neglected,
    };
    pb::Plot {
        number,
        school: plot.is_school,
        state: state.into(),
        holder: plot.holder.map_or_else(String::new, named),
        since: Some(wire_time(plot.since)),
    }
}
