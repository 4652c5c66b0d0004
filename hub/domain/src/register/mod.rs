//! The register of communities in valid time: which communities there were on
//! a date, what they were called, what became of them. It decides imports and
//! answers "as it was then" and "as it is now". Knows nothing of who has
//! reported, and reads no file.

mod community;
mod entry;
mod import;

use std::collections::BTreeMap;

use jiff::civil::Date;
use proto::{
    period::Period,
    place::{Level, Place},
};

pub use community::{Closing, Community, CommunityType, Description, UnknownType};
pub use entry::{Entry, InvalidEntry, NAME_LIMIT, Row, SUCCESSOR_LIMIT};
pub use import::{Imported, Refusal, RowProblem};

/// What has happened to the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A community is listed for the first time.
    Opened {
        code: Place,
        opened: Option<Date>,
        description: Description,
    },
    /// From a day on (`None`: from the beginning) it is described otherwise.
    Described {
        code: Place,
        from: Option<Date>,
        description: Description,
    },
    /// The opening day was wrong or missing.
    Redated { code: Place, opened: Option<Date> },
    /// It ended, or the record of its ending is corrected.
    Closed { code: Place, closing: Closing },
}

impl Event {
    pub const fn code(&self) -> Place {
        match self {
            Event::Opened { code, .. }
            | Event::Described { code, .. }
            | Event::Redated { code, .. }
            | Event::Closed { code, .. } => *code,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    communities: BTreeMap<Place, Community>,
    version: u64,
}

impl Register {
    /// Applies what was decided. Total: an event about a community that is not
    /// listed changes nothing.
    pub fn apply(&mut self, event: &Event) {
        self.version += 1;
        if let Event::Opened {
            code,
            opened,
            description,
        } = event
        {
            let community = Community::new(*code, *opened, description.clone());
            self.communities.entry(*code).or_insert(community);
        } else if let Some(community) = self.communities.get_mut(&event.code()) {
            community.apply(event);
        }
    }

    /// Counts the events applied, so that whoever derives something from the
    /// register can tell when it is out of date.
    pub const fn version(&self) -> u64 {
        self.version
    }

    pub fn get(&self, code: Place) -> Option<&Community> {
        self.communities.get(&code)
    }

    pub fn len(&self) -> usize {
        self.communities.len()
    }

    pub fn is_empty(&self) -> bool {
        self.communities.is_empty()
    }

    /// All communities inside `place`, by code, whether open or not.
    pub fn inside(&self, place: Place) -> impl Iterator<Item = &Community> {
        self.communities
            .range(place..)
            .map(|(_, community)| community)
            .take_while(move |community| community.code.aligned() < place.aligned_end())
    }

    /// The communities inside `place` that were open on `day`.
    pub fn open_on(&self, place: Place, day: Date) -> impl Iterator<Item = &Community> {
        self.inside(place)
            .filter(move |community| community.open_on(day))
    }

    /// The communities expected to report for `period`: open on any of its days.
    pub fn expected(&self, place: Place, period: Period) -> impl Iterator<Item = &Community> {
        let (first, last) = (period.first_day(), period.last_day());
        self.inside(place)
            .filter(move |community| community.open_between(first, last))
    }

    /// What a community or a street is called on `day`; nothing above has names.
    pub fn name_of(&self, place: Place, day: Date) -> Option<String> {
        match place.level() {
            Level::Community => Some(self.get(place)?.described_on(day).name.to_string()),
            Level::Street => {
                let mut inside = self.inside(place);
                Some(inside.next()?.described_on(day).street.to_string())
            }
            _ => None,
        }
    }

    /// The community to which `code` counts in the register as of `day`: a
    /// community that had ended by then counts to its one successor. After a
    /// split, or without a successor, it stays itself.
    pub fn as_of(&self, code: Place, day: Date) -> Place {
        let mut at = code;
        // An import refuses circles; the bound keeps this total all the same.
        for _ in 0..self.communities.len() {
            let closing = self.get(at).and_then(|community| community.closed.as_ref());
            match closing {
                Some(closing) if closing.on <= day && closing.successors.len() == 1 => {
                    at = closing.successors[0];
                }
                _ => break,
            }
        }
        at
    }
}

#[cfg(test)]
mod tests;
