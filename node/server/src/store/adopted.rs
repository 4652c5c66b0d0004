//! The playbooks that a store's journal says are in force, and their texts. Knows no
//! configuration.

use node_domain::event::Event;
use node_domain::playbook::adoption::follow;
use node_domain::playbook::{Playbook, Playbooks};

use super::fault::StoreFault;
use super::keyspace::playbook::{AdoptedRow, Place};
use super::record::Record;

pub type Version = (Place, AdoptedRow);

/// In their order; none before the first adoption.
pub fn in_force(
    versions: impl Iterator<Item = Result<Version, StoreFault>>,
) -> Result<Vec<Version>, StoreFault> {
    let mut in_force: Vec<Version> = Vec::new();
    for found in versions {
        let version = found?;
        let is_first = version.1.replaces_all && version.0.index == 0;
        follow(&mut in_force, version, is_first, |(_, row)| &row.id);
    }
    Ok(in_force)
}

/// The text of one, as it was adopted.
pub fn text(source: &journal::Source, place: Place) -> Result<Box<str>, StoreFault> {
    let fault = |detail: &str| StoreFault::record(place.position, detail);
    let record = source.reader(place.position)?.next().transpose()?;
    let record = record.filter(|record| record.seq == place.position);
    let record = record.ok_or_else(|| fault("not in the journal"))?;
    let record = Record::decode(&record.payload).map_err(|detail| fault(&detail))?;
    let Event::Adopted(adoption) = record.entry.event else {
        return Err(fault("no adoption of playbooks"));
    };
    let adopted = adoption.playbooks.into_iter().nth(place.index as usize);
    let adopted = adopted.ok_or_else(|| fault("fewer playbooks were adopted here"))?;
    Ok(adopted.text)
}

/// `None`: none was ever adopted.
pub fn playbooks(
    versions: &[Version],
    source: &journal::Source,
) -> Result<Option<Playbooks>, StoreFault> {
    let mut adopted: Option<Playbooks> = None;
    for (place, row) in versions {
        let fault = |detail: String| {
            let detail = format!("playbook {}: {detail}", row.id);
            StoreFault::record(place.position, detail)
        };
        let text = text(source, *place)?;
        let playbook = Playbook::parse(&text).map_err(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            fault(lines.join("\n"))
        })?;
        match &mut adopted {
            None => adopted = Some(Playbooks::new(playbook)),
            Some(adopted) => adopted
                .adopt(playbook)
                .map_err(|refused| fault(refused.to_string()))?,
        }
    }
    Ok(adopted)
}
