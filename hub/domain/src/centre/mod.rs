//! The centres of the support cloud: who they are, who answers for them, what
//! they may see, how far their feeds have come. Knows no certificate, no call
//! and no cell.

mod fixed;
mod inbox;
mod scope;

use std::collections::BTreeMap;

use jiff::Timestamp;
use proto::{identity::Label, period::Grain, place::Place};

pub use fixed::{FIXED, Fixed, fixed};
pub use inbox::{Inbox, InvalidInbox};
pub use scope::{Group, InvalidGroup, Reader, Scope};

pub const CONTACT_CHARS: usize = 200;
pub const READS: usize = 64;
pub const PLACES: usize = 256;

/// What operators decide about a centre.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Who answers for it, and how to reach them.
    pub contact: String,
    pub reads: Vec<Group>,
    pub places: Vec<Place>,
    pub finest: Option<Grain>,
}

/// How far a centre's feed has come, as it last said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fed {
    /// Position in the hub's journal.
    pub seq: u64,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Set {
        centre: Label,
        settings: Settings,
        at: Timestamp,
    },
    /// Where the hub delivers the feed from now on; `None`: the centre follows.
    Inbox {
        centre: Label,
        inbox: Option<Inbox>,
        at: Timestamp,
    },
    /// Told now and then, and at the end of a session.
    Fed { centre: Label, fed: Fed },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are nine, with fixed codes; others are extensions.
    UnknownCentre,
}

/// A fold of events over the nine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(BTreeMap<Label, Centre>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Centre {
    pub fixed: &'static Fixed,
    pub settings: Settings,
    /// Rises when what it sees has changed: its feed is then listed anew.
    pub scope_version: u64,
    pub fed: Option<Fed>,
    /// Its own server, which the hub dials.
    pub inbox: Option<Inbox>,
}

impl Default for State {
    fn default() -> State {
        let centres = FIXED.iter().filter_map(|fixed| {
            let reads = fixed.reads.iter().flat_map(|group| group.parse());
            let settings = Settings {
                reads: reads.collect(),
                ..Settings::default()
            };
            let centre = Centre {
                fixed,
                settings,
                scope_version: 0,
                fed: None,
                inbox: None,
            };
            Some((fixed.code.parse().ok()?, centre))
        });
        State(centres.collect())
    }
}

impl State {
    pub fn centre(&self, code: &Label) -> Option<&Centre> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn centres(&self) -> impl Iterator<Item = (&Label, &Centre)> {
        self.0.iter()
    }

    /// `None`: it is so already.
    pub fn set(
        &self,
        centre: Label,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        let known = self.centre(&centre).ok_or(Refusal::UnknownCentre)?;
        Ok((known.settings != settings).then_some(Event::Set {
            centre,
            settings,
            at: now,
        }))
    }

    /// `None`: it is so already.
    pub fn deliver(
        &self,
        centre: Label,
        inbox: Option<Inbox>,
        now: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        let known = self.centre(&centre).ok_or(Refusal::UnknownCentre)?;
        Ok((known.inbox != inbox).then_some(Event::Inbox {
            centre,
            inbox,
            at: now,
        }))
    }

    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Set {
                centre, settings, ..
            } => {
                if let Some(known) = self.0.get_mut(centre) {
                    known.scope_version += u64::from(known.settings.is_seen_apart(settings));
                    known.settings = settings.clone();
                }
            }
            Event::Inbox { centre, inbox, .. } => {
                if let Some(known) = self.0.get_mut(centre) {
                    known.inbox = inbox.clone();
                }
            }
            Event::Fed { centre, fed } => {
                if let Some(known) = self.0.get_mut(centre) {
                    known.fed = Some(*fed);
                }
            }
        }
    }
}

impl Settings {
    fn is_seen_apart(&self, other: &Settings) -> bool {
        (&self.reads, &self.places, self.finest) != (&other.reads, &other.places, other.finest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_so_and_a_new_scope_is_another_version() {
        let mut state = State::default();
        let care: Label = "care".parse().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let mut settings = state.centre(&care).unwrap().settings.clone();
        assert_eq!(state.set(care.clone(), settings.clone(), now), Ok(None));
        settings.contact = "周敏 028-82720000".into();
        for (version, reads) in [(0, "BBT.V"), (1, "WJ")] {
            settings.reads[0] = reads.parse().unwrap();
            let event = state.set(care.clone(), settings.clone(), now);
            state.apply(&event.unwrap().unwrap());
            let centre = state.centre(&care).unwrap();
            assert_eq!(
                (&centre.settings, centre.scope_version),
                (&settings, version)
            );
        }
        let fed = Fed { seq: 7, at: now };
        state.apply(&Event::Fed {
            centre: care.clone(),
            fed,
        });
        assert_eq!(state.centre(&care).unwrap().fed, Some(fed));
        let weather: Label = "weather".parse().unwrap();
        let refused = state.set(weather.clone(), settings, now);
        assert_eq!(refused, Err(Refusal::UnknownCentre));
        let inbox: Option<Inbox> = "care.example:7444".parse().ok();
        let refused = state.deliver(weather, inbox.clone(), now);
        assert_eq!(refused, Err(Refusal::UnknownCentre));
        let event = state.deliver(care.clone(), inbox.clone(), now);
        state.apply(&event.unwrap().unwrap());
        // Where it listens is no matter of what it sees.
        let centre = state.centre(&care).unwrap();
        assert_eq!((&centre.inbox, centre.scope_version), (&inbox, 1));
        assert_eq!(state.deliver(care, inbox, now), Ok(None));
        assert_eq!(state.centres().count(), 9);
    }
}
